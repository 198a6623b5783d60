"""Which schema a database has, and whether this program may work with it. Needs no migrations' library."""

from enum import StrEnum
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection, Engine

from provisioner.errors import ConfigurationError

MIGRATIONS = Path(__file__).parent / "migrations"
FLOOR_TABLE = "schema_floor"


class SchemaState(StrEnum):
    """How the database stands to this program."""

    EMPTY = "empty"
    """It was never prepared."""
    OLDER = "older"
    """It lacks what this program needs: ``provisioner init`` first."""
    CURRENT = "current"
    NEWER = "newer"
    """A later release prepared it in a way that leaves this program working."""
    BEYOND = "beyond"
    """A later release changed what this program relies on: it must not work with it any more."""


def known_revisions(folder: Path = MIGRATIONS) -> tuple[str, ...]:
    """Every revision that this program has a migration to, oldest first. Files are named by their revision."""
    return tuple(sorted(each.stem.split("_")[0] for each in (folder / "versions").glob("[0-9]*.py")))


def newest_revision(folder: Path = MIGRATIONS) -> str:
    """The revision of this program's own tables."""
    return known_revisions(folder)[-1]


def revision_of(connection: Connection) -> str | None:
    """What the database was brought to last; None: it was never prepared."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def floor_of(connection: Connection) -> str | None:
    """Programs that do not know this revision must not work with the database; None: every program may."""
    if not inspect(connection).has_table(FLOOR_TABLE):
        return None
    return connection.execute(text("SELECT revision FROM schema_floor WHERE id = 1")).scalar()


def schema_state(engine: Engine, folder: Path = MIGRATIONS) -> SchemaState:
    """How the database stands to the program whose migrations lie in ``folder``."""
    with engine.connect() as connection:
        revision = revision_of(connection)
        floor = floor_of(connection)
    if revision is None:
        return SchemaState.EMPTY
    known = known_revisions(folder)
    if revision in known:
        return SchemaState.CURRENT if revision == known[-1] else SchemaState.OLDER
    return SchemaState.NEWER if floor is None or floor in known else SchemaState.BEYOND


def fits(engine: Engine) -> bool:
    """Whether this program can work with the database."""
    return schema_state(engine) in (SchemaState.CURRENT, SchemaState.NEWER)


def refuse_unusable(engine: Engine, folder: Path = MIGRATIONS) -> None:
    """:raises ConfigurationError: this program cannot work with the database as it is, and what to do about it."""
    state = schema_state(engine, folder)
    if state in _REFUSED:
        raise ConfigurationError("store.url", _REFUSED[state])


_REFUSED = {
    SchemaState.EMPTY: "the database has not been prepared: run provisioner init",
    SchemaState.OLDER: "the database is of an earlier release: run provisioner init, then start this program",
    SchemaState.BEYOND: "a later release changed the database so that this program cannot use it: "
    "replace this program by that release",
}
