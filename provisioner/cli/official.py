"""``provisioner official``: the accounts of the office's own people, from the machine itself."""

import json
from datetime import date, datetime

import click

from provisioner.cli.opened import Command, Opened
from provisioner.office import PostId
from provisioner.provisioning.officials import OfficialProfile

POSTS = click.Choice([post.value for post in PostId])


@click.group("official")
def group() -> None:
    """Officials' own accounts: add, extend, disable, enable, reset, list."""


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
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def add(opened: Opened, /, username: str, name: str, posts: tuple[str, ...], as_json: bool, **more: object) -> None:
    """Add an official and print the first password, which must be changed at the first sign-in."""
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
    _, password = opened.provisioner.officials.add(profile)
    _show_password(username, password, as_json)


@group.command("reset", cls=Command)
@click.argument("username")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def reset(opened: Opened, username: str, as_json: bool) -> None:
    """Print a new first password; the second factor is removed and every session ends."""
    _show_password(username, opened.provisioner.officials.reset(username), as_json)


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


def _show_password(username: str, password: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"username": username, "first_password": password}))
    else:
        click.echo(f"{username}  first password: {password}")
        click.echo("It must be changed at the first sign-in and is not kept anywhere: hand it over now.")
