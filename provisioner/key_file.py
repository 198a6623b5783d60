"""Keys that follow their file: a running service seals with a new key as soon as the file has one."""

import logging
from pathlib import Path
from typing import Self

from provisioner.errors import ConfigurationError
from provisioner.keyring import Keyring

_log = logging.getLogger(__name__)


class FollowedKeyring(Keyring):
    """A :class:`Keyring` whose file is looked at before every sealing, and when a value names a key that is unknown.

    So ``provisioner keys rotate`` needs no restart, and what one process sealed with a new key another one opens. A
    file that is gone, half written or somebody else's changes nothing: the keys that are known stay.
    """

    _path: Path | None = None
    _seen: tuple[int, int, int] | None = None

    @classmethod
    def follow(cls, path: Path) -> Self:
        """Read a key file and follow it.

        :raises ConfigurationError: see :meth:`Keyring.load`.
        """
        seen = _signature(path)
        keyring = cls.load(path)
        keyring._path, keyring._seen = path, seen
        return keyring

    def seal(self, purpose: str, plaintext: bytes) -> bytes:
        """See :meth:`Keyring.seal`; with the newest key of the file."""
        self._look()
        return super().seal(purpose, plaintext)

    def open(self, purpose: str, blob: bytes) -> bytes:
        """See :meth:`Keyring.open`."""
        if not self.knows(blob):
            self._look()
        return super().open(purpose, blob)

    def _look(self) -> None:
        """Take over what the file says now. Two threads that do it at the same time do the same."""
        if self._path is None or (now := _signature(self._path)) is None or now == self._seen:
            return
        try:
            self.adopt(Keyring.load(self._path))
        except ConfigurationError as error:
            _log.warning("the keys stay as they are: %s", error)
        self._seen = now


def _signature(path: Path) -> tuple[int, int, int] | None:
    """What another content of the file changes; None while there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
