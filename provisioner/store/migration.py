"""Bringing the database's schema up to date with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select, text

from provisioner.errors import ConfigurationError
from provisioner.store.database import Store

_MIGRATING = 0x5349414B
"""The number of the lock: SIAK."""
_AS_IT_MUST_BE = "SELECT current_setting('server_encoding') = 'UTF8', 'B' < 'a' AND 'a-b' < 'aa'"


def migrate(url: str) -> tuple[str | None, str | None]:
    """Bring the database at ``url`` to the newest revision; gives (revision before, revision after)."""
    store = Store(url)
    try:
        config = _config()
        before = _current(store)
        newest = ScriptDirectory.from_config(config).get_current_head()
        if before != newest:
            with store.engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    _alone_on_a_right_database(connection)
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


def pending(store: Store) -> bool:
    """Whether the database is older than the program."""
    return _current(store) != ScriptDirectory.from_config(_config()).get_current_head()


def _alone_on_a_right_database(connection: Connection) -> None:
    """One machine migrates at a time, and texts are in the same order on every database: by their characters."""
    connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
    utf8, ordered = connection.execute(text(_AS_IT_MUST_BE)).one()
    if not (utf8 and ordered):
        raise ConfigurationError(
            "store.url", "make the database with TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8' (or LOCALE 'C')"
        )


def _current(store: Store) -> str | None:
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
