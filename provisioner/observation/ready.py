"""Whether this process can do its work now: what a balancer asks before it sends somebody here."""

import logging
from collections.abc import Iterator
from pathlib import Path

from provisioner.errors import ProvisionerError
from provisioner.provisioning.context import Context
from provisioner.store.schema import fits

_log = logging.getLogger(__name__)

_PURPOSE = "readiness"


class ReadyCheck:
    """Asks for what every piece of work needs. Says what is missing in stable words, without any detail."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stopping = False

    def stop(self) -> None:
        """From now on this process is not ready any more: it finishes what it has begun."""
        self._stopping = True

    def missing(self) -> list[str]:
        """``stopping``, ``store``, ``schema`` (it and the program do not go together), ``keys``; empty: it is ready."""
        return list(self._missing())

    def _missing(self) -> Iterator[str]:
        if self._stopping:
            yield "stopping"
        try:
            usable = fits(self._context.store.engine)
        except Exception as error:  # Whatever a database says.
            _log.warning("the store does not answer: %s", type(error).__name__)
            yield "store"
        else:
            if not usable:
                yield "schema"
        if not self._keys_work():
            yield "keys"

    def _keys_work(self) -> bool:
        keyring, settings = self._context.keyring, self._context.settings
        if settings.keys.env is None and not _readable(settings.path(settings.keys.file)):
            return False
        try:
            return keyring.open(_PURPOSE, keyring.seal(_PURPOSE, b"ready")) == b"ready"
        except ProvisionerError:
            return False


def _readable(file: Path) -> bool:
    try:
        with file.open("rb"):
            return True
    except OSError:
        return False
