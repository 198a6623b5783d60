"""Bringing the database's schema up to date with Alembic, beside programs that still work with the one before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import func, inspect, select, text
from sqlalchemy.engine import Connection

from provisioner.errors import ConfigurationError
from provisioner.store.database import Store
from provisioner.store.locking import may_take_long
from provisioner.store.schema import FLOOR_TABLE, MIGRATIONS, revision_of

_MIGRATING = 0x5349414B
"""The number of the lock: SIAK."""
_AS_IT_MUST_BE = "SELECT current_setting('server_encoding') = 'UTF8', 'B' < 'a' AND 'a-b' < 'aa'"


@dataclass(frozen=True)
class Step:
    """One migration."""

    revision: str
    title: str
    beside_old: bool
    """Whether programs that do not know it may go on working while it runs, and afterwards."""


Guard = Callable[[Connection, Sequence[Step]], None]
"""Asked before anything is changed, in the same transaction; raises where the steps may not run now."""


class MigrationUndeclared(RuntimeError):
    """A migration does not say ``beside_old = True`` or ``False``: whoever wrote it has to decide."""


def migrate(url: str, folder: Path = MIGRATIONS, guard: Guard | None = None) -> tuple[str | None, str | None]:
    """Bring the database at ``url`` to the newest revision; gives (revision before, revision after).

    Everything in one transaction, with the note which programs must not work with it any more. Two at the same time
    wait for one another.

    :raises MigrationUndeclared: see there. Nothing was changed, nor where the guard raises.
    """
    store = Store(url)
    try:
        config = _config(folder)
        newest = ScriptDirectory.from_config(config).get_current_head()
        # Said to be writing from the start: on SQLite what began by reading may find the database locked.
        with store.engine.execution_options(provisioner_writes=True).begin() as connection:
            may_take_long(connection)
            if connection.dialect.name == "postgresql":
                _alone_on_a_right_database(connection)
            before = revision_of(connection)
            if before != newest:
                steps = _steps_after(before, folder)
                if guard is not None:
                    guard(connection, steps)
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                _raise_floor(connection, steps)
        return before, newest
    finally:
        store.close()


def steps_to_come(store: Store, folder: Path = MIGRATIONS) -> Sequence[Step]:
    """The migrations that ``provisioner init`` would run, in their order; empty on a database of a later release.

    :raises MigrationUndeclared: see there.
    """
    with store.engine.connect() as connection:
        return _steps_after(revision_of(connection), folder)


def revision(url: str) -> str | None:
    """What the database at ``url`` was brought to last; None: it was never used."""
    store = Store(url)
    try:
        with store.engine.connect() as connection:
            return revision_of(connection)
    finally:
        store.close()


def migrate_to(connection: Connection, wanted: str = "head") -> None:
    """Bring the schema to a revision inside the caller's transaction, as :func:`migrate` does."""
    config = _config(MIGRATIONS)
    steps = _steps_after(revision_of(connection), MIGRATIONS)
    config.attributes["connection"] = connection
    command.upgrade(config, wanted)
    _raise_floor(connection, steps)


def _steps_after(before: str | None, folder: Path) -> Sequence[Step]:
    scripts = ScriptDirectory.from_config(_config(folder))
    chain = [_step(each) for each in scripts.walk_revisions()][::-1]
    known = [each.revision for each in chain]
    if before is None:
        return chain
    return chain[known.index(before) + 1 :] if before in known else ()


def _alone_on_a_right_database(connection: Connection) -> None:
    """One machine migrates at a time, and texts are in the same order on every database: by their characters."""
    connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
    utf8, ordered = connection.execute(text(_AS_IT_MUST_BE)).one()
    if not (utf8 and ordered):
        raise ConfigurationError(
            "store.url", "make the database with TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8' (or LOCALE 'C')"
        )


def _step(script: Script) -> Step:
    beside_old = getattr(script.module, "beside_old", None)
    if not isinstance(beside_old, bool):
        raise MigrationUndeclared(f"migration {script.revision} does not say whether it may run beside old programs")
    return Step(script.revision, script.doc, beside_old)


def _raise_floor(connection: Connection, steps: Sequence[Step]) -> None:
    """Note the last of these steps that old programs cannot stand, so that those learn of it."""
    breaking = [each.revision for each in steps if not each.beside_old]
    if not breaking or not inspect(connection).has_table(FLOOR_TABLE):
        return
    connection.execute(text("DELETE FROM schema_floor"))
    connection.execute(
        text("INSERT INTO schema_floor (id, revision) VALUES (1, :revision)"), {"revision": breaking[-1]}
    )


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    return config
