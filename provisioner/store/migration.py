"""Bringing the database's schema up to date with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from provisioner.store.database import Store


def migrate(url: str) -> tuple[str | None, str | None]:
    """Bring the database at ``url`` to the newest revision; gives (revision before, revision after)."""
    store = Store(url)
    try:
        config = _config()
        before = _current(store)
        newest = ScriptDirectory.from_config(config).get_current_head()
        if before != newest:
            with store.engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        return before, newest
    finally:
        store.close()


def revision(url: str) -> str | None:
    """What the database at ``url`` was brought to last; None: it was never used."""
    store = Store(url)
    try:
        return _current(store)
    finally:
        store.close()


def revision_of(connection: Connection) -> str | None:
    """As :func:`revision`, over a connection that is open already."""
    return MigrationContext.configure(connection).get_current_revision()


def known(wanted: str) -> bool:
    """Whether this release knows the revision; one of a newer release it does not."""
    script = ScriptDirectory.from_config(_config())
    return any(each.revision == wanted for each in script.walk_revisions())


def migrate_to(connection: Connection, wanted: str = "head") -> None:
    """Bring the schema to a revision inside the caller's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, wanted)


def pending(store: Store) -> bool:
    """Whether the database is older than the program."""
    return _current(store) != ScriptDirectory.from_config(_config()).get_current_head()


def _current(store: Store) -> str | None:
    with store.engine.connect() as connection:
        return revision_of(connection)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
