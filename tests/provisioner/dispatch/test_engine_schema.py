"""The engine's own tables: made whole, brought up to date from an older release, never guessed about."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from procrastinate.schema import SchemaManager
from sqlalchemy import insert, text

from provisioner.dispatch.schema import bring_up_to_date, pending
from provisioner.errors import ConfigurationError
from provisioner.store import Store
from provisioner.store.tables import EngineMigrationRow
from tests.many_machines import address
from tests.servers.postgresql import Postgresql

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BEFORE_HEARTBEATS = "03.01.00_01_pre_add_heartbeat.sql"
ROUTINES = text("SELECT proname FROM pg_proc WHERE proname LIKE 'procrastinate%' ORDER BY 1")
COLUMNS = text(
    "SELECT table_name, column_name, data_type FROM information_schema.columns"
    " WHERE table_name LIKE 'procrastinate%' ORDER BY 1, 2"
)
INDEXES = text("SELECT indexname FROM pg_indexes WHERE tablename LIKE 'procrastinate%' ORDER BY 1")


@pytest.fixture
def store(server: Postgresql) -> Iterator[Store]:
    with server.database() as database:
        opened = Store(address(database))
        EngineMigrationRow.metadata.tables["engine_migration"].create(opened.engine)
        yield opened
        opened.close()


def shipped() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def older(store: Store, until: str) -> None:
    """As a release of the library left it that knew only the migrations before ``until``."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for file in shipped():
            if file.name >= until:
                break
            connection.connection.driver_connection.execute(file.read_text())  # type: ignore[union-attr]
            connection.execute(insert(EngineMigrationRow).values(name=file.name, applied_at=NOW))


def shape(store: Store) -> list[object]:
    with store.engine.connect() as connection:
        return [connection.execute(asked).all() for asked in (ROUTINES, COLUMNS, INDEXES)]


def test_a_database_without_them_gets_them_whole_and_once(store: Store) -> None:
    assert bring_up_to_date(store, NOW) == [file.name for file in shipped()]
    assert bring_up_to_date(store, NOW) == []
    assert pending(store) == []


def test_an_older_release_is_brought_to_the_same_shape(store: Store, server: Postgresql) -> None:
    older(store, BEFORE_HEARTBEATS)
    assert bring_up_to_date(store, NOW)[0] == BEFORE_HEARTBEATS
    with server.database() as database:
        fresh = Store(address(database))
        EngineMigrationRow.metadata.tables["engine_migration"].create(fresh.engine)
        bring_up_to_date(fresh, NOW)
        expected = shape(fresh)
        fresh.close()
    assert shape(store) == expected


def test_what_old_workers_still_use_is_taken_away_only_when_none_is_alive(store: Store) -> None:
    older(store, "03.02.00_01_pre_batch_defer_jobs.sql")
    with store.engine.begin() as connection:
        connection.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    bring_up_to_date(store, NOW)
    assert [name for name in pending(store) if "_post_" not in name] == []
    assert pending(store) != []
    assert pending(store, old_processes_may_live=True) == []
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_workers"))
    assert bring_up_to_date(store, NOW) != []
    assert pending(store) == []


def test_tables_that_somebody_else_made_are_not_guessed_about(store: Store) -> None:
    bring_up_to_date(store, NOW)
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM engine_migration"))
    with pytest.raises(ConfigurationError, match="did not make"):
        bring_up_to_date(store, NOW)
