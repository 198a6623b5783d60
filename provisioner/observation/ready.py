"""Whether this process can do its work now: what a balancer asks before it sends somebody here."""

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sqlalchemy import String, column, func, inspect, select, table

from provisioner import store
from provisioner.errors import ProvisionerError
from provisioner.provisioning.context import Context
from provisioner.store.tables import AccountRow

_log = logging.getLogger(__name__)

_PURPOSE = "readiness"
_VERSION = table("alembic_version", column("version_num", String))
_FLOOR = table("schema_floor", column("revision", String))
"""Where there is one: programs that do not know this revision must not work with the database."""


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
            fits = self._schema_fits()
        except Exception as error:  # Whatever a database says.
            _log.warning("the store does not answer: %s", type(error).__name__)
            yield "store"
        else:
            if not fits:
                yield "schema"
        if not self._keys_work():
            yield "keys"

    def _schema_fits(self) -> bool:
        """A newer schema serves older programs too, down to a floor where a change of it says so."""
        with self._context.store.engine.connect() as connection:
            present = inspect(connection)
            if not present.has_table(_VERSION.name):  # Made by a test: nobody keeps a record of its revision.
                return present.has_table(AccountRow.__tablename__)
            revision = connection.execute(select(func.max(_VERSION.c.version_num))).scalar_one()
            floor = None
            if present.has_table(_FLOOR.name):
                floor = connection.execute(select(func.max(_FLOOR.c.revision))).scalar_one()
        return (revision or "") >= newest_revision() >= (floor or "")

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
