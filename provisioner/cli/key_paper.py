"""``provisioner keys paper`` and ``keys restore-from-paper``: the keys on paper, tried, and read back."""

import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

import click

from provisioner import audit, key_paper, key_restoring
from provisioner.cli.handing_over import Destination, destination_options
from provisioner.cli.opened import Command, Opened
from provisioner.clock import system_clock
from provisioner.documents.qr_reading import codes_in
from provisioner.errors import ConfigurationError, InvalidInput
from provisioner.keyring import Keyring
from provisioner.opening import build_context

Read = TypeVar("Read")

SCAN = click.option(
    "--scan",
    "scans",
    multiple=True,
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help='Photograph or scan with the QR codes; may be given several times; "-" is standard input.',
)
_MOST_TRIES = 5
_WORDS = {
    "code-empty": "nothing was typed",
    "code-character": "a sign that no code has",
    "code-length": "a row has 30 letters, in six groups of five",
    "code-checksum": "the row is not right: a letter is wrong, or it is another row",
    "key-paper-other": "the row is right in itself, but of other keys than these",
    "key-paper-mark": "the rows do not belong to this mark: one is missing, or is of another paper",
    "key-paper-incomplete": "the look-up secret and at least one key are needed",
    "key-paper-label": "the id of a key has eight signs: digits and a to f",
    "key-paper-missing": "not every QR code was read: {codes} of the paper's are missing",
    "key-paper-none": "no QR code of keys was found in the pictures",
    "key-paper-mixed": "the QR codes are of different papers",
}
"""What is wrong with something typed or scanned."""


@click.command("paper", cls=Command)
@destination_options
@click.option("--check", "rehearse", is_flag=True, help="Rehearse instead: type rows from the paper, or scan it.")
@SCAN
@click.option("--place", default="", help="With --check: where the paper lies, in words.")
@click.pass_obj
def paper(
    opened: Opened, output: str | None, printer: str | None, rehearse: bool, scans: tuple[Path, ...], place: str
) -> None:
    """Print the keys for the safe, or with --check try such a paper without writing any key.

    Whoever holds the paper and a copy of the database reads everything. Nothing of it is kept here.
    """
    if rehearse:
        if output is not None or printer is not None:
            raise click.UsageError("--check prints nothing: without --output and --printer")
        _rehearse(opened, scans, place)
        return
    if scans or place:
        raise click.UsageError("--scan and --place go with --check")
    destination = Destination(output, printer)
    with closing(destination):
        destination.open()
        destination.hand_over(opened.provisioner.key_copies.print())
    click.echo("Then, paper in hand: provisioner keys paper --check", err=True)


@click.command("restore-from-paper", cls=Command)
@SCAN
@click.pass_obj
def restore(opened: Opened, scans: tuple[Path, ...]) -> None:
    """Make the key file again from its paper copy: typed row by row, or from pictures of its QR codes.

    The keys are tried on the database before anything is written. Keys that can be read are never replaced.
    """
    settings = opened.settings
    if settings.keys.env is not None:
        raise ConfigurationError("keys.env", "the keys come from the environment: no key file is used here")
    file = settings.path(settings.keys.file)
    key_restoring.refuse_to_replace(file)
    keyring = _scanned(opened, scans) if scans else _typed()
    proof = key_restoring.proven(keyring, settings.store_url, system_clock)
    aside = key_restoring.put(keyring, file)
    if aside is not None:
        click.echo(f"What stood there held no keys; it is now {aside.name}.")
    click.echo(f"{file} is there again: {len(keyring.key_ids)} key(s), newest {keyring.newest_id}.")
    if not proof.store:
        click.echo(
            "There is no database here yet, so the keys were tried on nothing. Restore it, then: provisioner check"
        )
        return
    click.echo(f"The trail's signature is right, and {proof.opened} kinds of values open.")
    context = build_context(settings)
    with closing(context.store), context.store.begin() as session:
        context.trail.record(
            session,
            "keys-restored",
            actor=audit.Actor.command(),
            key_id=keyring.newest_id,
            count=len(keyring.key_ids),
            method="scanned" if scans else "typed",
        )


def _rehearse(opened: Opened, scans: tuple[Path, ...], place: str) -> None:
    keyring = opened.provisioner.context.keyring
    if scans:
        if key_paper.mark_of(_scanned(opened, scans)) != key_paper.mark_of(keyring):
            raise click.ClickException("the paper is whole, but holds other keys than these: print it anew")
    else:
        _type_some(keyring)
    opened.provisioner.key_copies.confirm("scanned" if scans else "typed", place)
    click.echo(f"The paper holds every key of now ({len(keyring.key_ids)}). It is noted as the second copy.")


def _type_some(keyring: Keyring) -> None:
    click.echo("Type from the paper what is asked. Nothing is written; every row is compared with the keys.")

    def mark(typed: str) -> None:
        if not key_paper.same_mark(typed, key_paper.mark_of(keyring)):
            raise InvalidInput("key-paper-other")

    _asked("Mark (Tanda salinan)", mark)
    for asked in key_paper.asked_in_rehearsal(keyring):
        _asked(_row_name(asked.label, asked.row), partial(key_paper.check_row, keyring, asked))
    _wipe()


def _typed() -> Keyring:
    """Every row, asked in the order of the paper."""
    click.echo("Type what stands on the paper. Hyphens, spaces and small letters do not matter.")
    count = click.prompt("How many secrets (the number after 'dari')", type=click.IntRange(2, 1000))
    mark = click.prompt("Mark (Tanda salinan)")
    found = [_typed_secret(key_paper.LOOKUP)]
    for number in range(2, count + 1):
        found.append(_typed_secret(_asked(f"Id of key {number} of {count}", _key_id)))
    _wipe()
    try:
        return key_paper.from_paper(found, mark)
    except InvalidInput as error:
        raise _refusal(error) from None


def _typed_secret(label: str) -> key_paper.PaperSecret:
    rows = []
    for row in range(1, key_paper.ROWS + 1):

        def read(typed: str, row: int = row) -> str:
            key_paper.row_format(label, row).decode(typed)
            return typed

        rows.append(_asked(_row_name(label, row), read))
    return key_paper.PaperSecret(label, tuple(rows))


def _asked(question: str, read: Callable[[str], Read]) -> Read:
    """Ask until it can be read; the last refusal is raised."""
    for left in range(_MOST_TRIES - 1, -1, -1):
        try:
            return read(click.prompt(question))
        except InvalidInput as error:
            if not left:
                raise _refusal(error) from None
            click.echo(f"  {_refusal(error).message}. Again:", err=True)
    raise AssertionError


def _key_id(typed: str) -> str:
    label = "".join(typed.split()).lower()
    if not key_paper.is_key_id(label):
        raise InvalidInput("key-paper-label")
    return label


def _row_name(label: str, row: int) -> str:
    return f"Look-up secret, row {row}" if label == key_paper.LOOKUP else f"Key {label}, row {row}"


def _scanned(opened: Opened, scans: tuple[Path, ...]) -> Keyring:
    texts: list[str] = []
    for each in scans:
        try:
            content = sys.stdin.buffer.read() if str(each) == "-" else each.read_bytes()
        except OSError as error:
            raise ConfigurationError(str(each), f"cannot be read: {error.strerror}") from None
        texts += codes_in(content, opened.settings.attachments.max_image_megapixels * 1_000_000)
    try:
        keyring = key_paper.from_codes(texts)
    except InvalidInput as error:
        raise _refusal(error) from None
    if any(str(each) != "-" for each in scans):
        click.echo("The picture holds the keys: delete it now (shred -u), also from the camera.", err=True)
    return keyring


def _refusal(error: InvalidInput) -> click.ClickException:
    """What is wrong with the paper, in words; never what stands on it."""
    return click.ClickException(_WORDS.get(error.code, str(error)).format_map(error.data))


def _wipe() -> None:
    """Keys were typed in sight: the screen is cleared where there is one."""
    if sys.stdout.isatty():
        click.clear()
