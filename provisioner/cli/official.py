"""``provisioner official``: the accounts of the office's own people, from the machine itself."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

import click

from provisioner.cli.handing_over import Destination, destination_options
from provisioner.cli.opened import Command, Opened
from provisioner.office import PostId
from provisioner.provisioning.officials import OfficialProfile

POSTS = click.Choice([post.value for post in PostId])
SHOW = click.option(
    "--show-password",
    is_flag=True,
    help="Show a first password on this screen; whoever sees the screen or its record then knows it.",
)


@click.group("official")
def group() -> None:
    """Officials' own accounts: add, extend, disable, enable, reset, envelope, list."""


@group.command("add", cls=Command)
@click.argument("username")
@click.option("--name", required=True, help="Full name without titles.")
@click.option("--post", "posts", type=POSTS, multiple=True, required=True, help="Post; may be given several times.")
@click.option("--title-prefix", default="", help='Title before the name, e.g. "Drs.".')
@click.option("--title-suffix", default="", help='Title after the name, e.g. "M.Si.".')
@click.option("--nip", default="", help="Staff number, 18 digits.")
@click.option("--nik", default="", help="Population number; only a keyed digest is kept.")
@click.option("--rank", default="", help='Rank and grade, e.g. "Penata (III/c)".')
@click.option("--position", default="", help="The own post in words, as papers print it.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the account. An auditor's needs one.")
@destination_options
@SHOW
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def add(opened: Opened, /, username: str, name: str, posts: tuple[str, ...], **more: object) -> None:
    """Add an official. The first password comes in a sealed letter: with --output or --printer at once, otherwise
    later with "provisioner official envelope"."""
    wanted = Wanted.read(more)
    expires = more["expires"]
    profile = OfficialProfile(
        username=username,
        full_name=name,
        posts=posts,
        title_prefix=str(more["title_prefix"]),
        title_suffix=str(more["title_suffix"]),
        staff_number="".join(str(more["nip"]).split()),
        nik="".join(str(more["nik"]).split()),
        rank=str(more["rank"]),
        position=str(more["position"]),
        expires_on=date.fromisoformat(str(expires)[:10]) if expires else None,
    )
    with closing(wanted):
        wanted.open()
        opened.provisioner.officials.add(profile)
        wanted.give(opened, username, f"{username} is added.")


@group.command("reset", cls=Command)
@click.argument("username")
@destination_options
@SHOW
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def reset(opened: Opened, /, username: str, **more: object) -> None:
    """Take password and second factor away; every session ends. A new first password comes as after "add"."""
    wanted = Wanted.read(more)
    with closing(wanted):
        wanted.open()
        opened.provisioner.officials.reset(username)
        wanted.give(opened, username, f"{username} is reset: what was known before lets nobody in.")


@group.command("envelope", cls=Command)
@click.argument("username")
@destination_options
@click.pass_obj
def envelope(opened: Opened, username: str, output: str | None, printer: str | None) -> None:
    """Make the letter with a first password, to be folded, sealed and handed over. It makes every one before worthless.

    For whoever was added or reset and has chosen no password since.
    """
    destination = Destination(output, printer)
    with closing(destination):
        destination.open()
        destination.hand_over(opened.provisioner.first_passwords.envelope(username))


@group.command("disable", cls=Command)
@click.argument("username")
@click.option("--reason", default="", help="Why, for the audit trail.")
@click.pass_obj
def disable(opened: Opened, username: str, reason: str) -> None:
    """Let nobody sign in with it any more; every session of it ends at once."""
    opened.provisioner.officials.suspend(username, reason)
    click.echo(f"{username} is disabled; every session of it has ended.")


@group.command("enable", cls=Command)
@click.argument("username")
@click.pass_obj
def enable(opened: Opened, username: str) -> None:
    """Let a disabled official sign in again."""
    opened.provisioner.officials.reactivate(username)
    click.echo(f"{username} may sign in again.")


@group.command("extend", cls=Command)
@click.argument("username")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The new last day; without it: no end.")
@click.option("--reason", default="", help="Why, for the audit trail.")
@click.pass_obj
def extend(opened: Opened, username: str, expires: datetime | None, reason: str) -> None:
    """Set another last day. An auditor's account always has one, no further away than a setting allows."""
    last_day = expires.date() if expires else None
    opened.provisioner.official_terms.extend(username, last_day, reason)
    click.echo(f"{username} may sign in until {last_day.isoformat() if last_day else 'somebody ends it'}.")


@group.command("list", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def show(opened: Opened, as_json: bool) -> None:
    """List officials with their posts."""
    for each in opened.provisioner.official_views.everybody():
        posts = ",".join(each.posts)
        if as_json:
            line = {
                "username": each.username,
                "name": each.name,
                "posts": list(each.posts),
                "disabled": each.suspended_at is not None,
                "second_factor": each.second_factor,
                "last_sign_in": each.last_sign_in_at.isoformat() if each.last_sign_in_at else None,
            }
            click.echo(json.dumps(line, ensure_ascii=False))
        else:
            click.echo(f"{each.username:20} {posts:30} {each.name}{'  (disabled)' if each.suspended_at else ''}")


@dataclass
class Wanted:
    """How the first password is to leave: on paper, on this screen, or not yet."""

    destination: Destination | None
    show: bool
    as_json: bool

    @classmethod
    def read(cls, options: Mapping[str, object]) -> Self:
        """From the options of a command. :raises click.UsageError: on paper and on the screen."""
        output, printer, show = options["output"], options["printer"], bool(options["show_password"])
        on_paper = output is not None or printer is not None
        if on_paper and show:
            raise click.UsageError("--show-password goes without --output and --printer")
        destination = Destination(_text(output), _text(printer)) if on_paper else None
        return cls(destination, show, bool(options["as_json"]))

    def open(self) -> None:
        """Before anything is changed. Raises like :meth:`Destination.open`."""
        if self.destination is not None:
            self.destination.open()

    def close(self) -> None:
        """Take back what was opened and not used."""
        if self.destination is not None:
            self.destination.close()

    def give(self, opened: Opened, username: str, done: str) -> None:
        """Say what was done, and let the first password out."""
        passwords = opened.provisioner.first_passwords
        if self.destination is not None:
            click.echo(done, err=True)
            self.destination.hand_over(passwords.envelope(username))
            return
        first = passwords.shown(username) if self.show else None
        if self.as_json:
            click.echo(json.dumps({"username": username, **({"first_password": first} if first else {})}))
            return
        click.echo(done)
        if first is None:
            click.echo(f"Nobody has a password yet. Next: provisioner official envelope {username} --output FILE")
        else:
            click.echo(f"{username}  first password: {first}")
            click.echo("Whoever sees this screen, or a record of it, knows it: clear it afterwards.", err=True)


def _text(option: object) -> str | None:
    return None if option is None else str(option)
