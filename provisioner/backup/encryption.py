"""Encrypting a backup to a public key of the office's, in the format of age (https://age-encryption.org/v1).

The private part is needed only to restore, and need not lie on any machine: it is one line, good for paper. What is
encrypted and decrypted streams through a pipe: nothing of it lies on the disk in clear.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import BinaryIO

import pyrage

from provisioner.backup.contents import BackupBroken
from provisioner.errors import ConfigurationError

MAGIC = b"age-encryption.org/v1"
_IDENTITY = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]+", re.IGNORECASE)


def new_identity() -> tuple[str, str]:
    """A fresh pair: the private line, for paper, and the public one, for ``backup.recipients``."""
    made = pyrage.x25519.Identity.generate()
    return str(made), str(made.to_public())


def recipients_of(texts: Sequence[str]) -> list[pyrage.x25519.Recipient]:
    """:raises ConfigurationError: one is no public key (``age1...``)."""
    try:
        return [pyrage.x25519.Recipient.from_str(text.strip()) for text in texts]
    except pyrage.RecipientError:
        raise ConfigurationError("backup.recipients", "holds something that is no public key (age1...)") from None


def identities_in(text: str) -> list[pyrage.x25519.Identity]:
    """The private keys in a text, as age's own key files have them.

    :raises BackupBroken: ``backup-identity-unreadable``: there is none.
    """
    try:
        found = [pyrage.x25519.Identity.from_str(line.upper()) for line in _IDENTITY.findall(text)]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise BackupBroken("backup-identity-unreadable", "no private key (AGE-SECRET-KEY-1...) was found there")
    return found


def is_encrypted(file: Path) -> bool:
    """Whether the file begins as age's do."""
    with file.open("rb") as opened:
        return opened.read(len(MAGIC)) == MAGIC


@contextmanager
def encrypting(target: BinaryIO, recipients: Sequence[pyrage.x25519.Recipient]) -> Iterator[BinaryIO]:
    """What is written here reaches ``target`` encrypted; all of it did when the block has ended."""
    reading, writing = os.pipe()
    failures: list[BaseException] = []

    def carry() -> None:
        with os.fdopen(reading, "rb") as source:
            try:
                pyrage.encrypt_io(source, target, recipients)
            except BaseException as error:
                failures.append(error)

    thread = Thread(target=carry, name="encrypting", daemon=True)
    thread.start()
    try:
        with os.fdopen(writing, "wb") as sink:
            yield sink
    except BrokenPipeError:
        thread.join()
        if not failures:
            raise
    finally:
        thread.join()
    if failures:
        raise failures[0]


@contextmanager
def decrypting(source: BinaryIO, identities: Sequence[pyrage.x25519.Identity]) -> Iterator[BinaryIO]:
    """What ``source`` holds, in clear.

    :raises BackupBroken: ``backup-identity-wrong``: none of these keys opens it; ``backup-broken``: it was changed.
    """
    reading, writing = os.pipe()
    failures: list[BaseException] = []

    def carry() -> None:
        try:
            with os.fdopen(writing, "wb") as sink:
                pyrage.decrypt_io(source, sink, identities)
        except BaseException as error:
            failures.append(error)

    thread = Thread(target=carry, name="decrypting", daemon=True)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as clear:
            yield clear
    except BackupBroken as error:
        thread.join()
        raise _meant(failures) or error from error
    finally:
        thread.join()
    if (meant := _meant(failures)) is not None:
        raise meant


def _meant(failures: list[BaseException]) -> BackupBroken | None:
    """Why it could not be decrypted; a reader that went away before the end is no fault of the file's."""
    fault = next((each for each in failures if not isinstance(each, BrokenPipeError)), None)
    if fault is None:
        return None
    if not isinstance(fault, pyrage.DecryptError | OSError):
        raise fault
    if "No matching keys" in str(fault):
        return BackupBroken("backup-identity-wrong", "none of these private keys opens it")
    return BackupBroken("backup-broken", "it was changed or broken off")
