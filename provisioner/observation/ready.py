"""Whether this process can do its work now: what a balancer asks before it sends somebody here."""

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sqlalchemy import text

from provisioner import store
from provisioner.errors import ProvisionerError
from provisioner.provisioning.context import Context

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
        """``stopping``, ``store``, ``schema`` (older than the program), ``keys``; empty: it is ready."""
        return list(self._missing())

    def _missing(self) -> Iterator[str]:
        if self._stopping:
            yield "stopping"
        try:
            revision = self._revision()
        except Exception as error:  # Whatever a database says.
            _log.warning("the store does not answer: %s", type(error).__name__)
            yield "store"
        else:
            # A newer schema serves older programs: migrations only add.
            if revision is not None and revision < newest_revision():
                yield "schema"
        if not self._keys_work():
            yield "keys"

    def _revision(self) -> str | None:
        """What the database was brought to last; None where it keeps no such record (it was made by a test)."""
        with self._context.store.engine.connect() as connection:
            if not connection.dialect.has_table(connection, "alembic_version"):
                connection.execute(text("SELECT count(*) FROM account WHERE 1 = 0"))
                return None
            found = connection.execute(text("SELECT max(version_num) FROM alembic_version")).scalar_one()
            return str(found) if found is not None else None

    def _keys_work(self) -> bool:
        keyring, settings = self._context.keyring, self._context.settings
        if settings.keys.env is None and not _readable(settings.path(settings.keys.file)):
            return False
        try:
            return keyring.open(_PURPOSE, keyring.seal(_PURPOSE, b"ready")) == b"ready"
        except ProvisionerError:
            return False


@cache
def newest_revision() -> str:
    """The revision that this program's tables need: the last of its migrations, whose names begin with their number.
    The library of migrations is not loaded for it, since a service needs it for nothing else.
    """
    files = (Path(store.__file__).parent / "migrations" / "versions").glob("[0-9]*.py")
    return max(file.name.partition("_")[0] for file in files)


def _readable(file: Path) -> bool:
    try:
        with file.open("rb"):
            return True
    except OSError:
        return False
