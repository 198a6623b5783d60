"""Migrations keep their word: one that may run beside old programs takes nothing from them and asks nothing of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from provisioner.store import Store
from provisioner.store.schema import MIGRATIONS, newest_revision, revision_of
from tests.office import settings_of
from tests.releases.left_behind import STORES, left_behind, releases
from tests.releases.made_up_office import TARGETS
from tests.releases.schema_comparison import schema_of, unbearable
from tests.servers.postgresql import Postgresql

KEPT_ANYWAY = {
    # The models have had both since the first revision, and SQLite has held every program to them.
    "0022": {f"table {name} has a new rule (foreign): ('account_id',)" for name in ("pact", "request")},
}
"""Rules that a migration makes and every old program keeps: each with the reason why that is certain."""


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("release", releases())
def test_migrations_beside_old_programs_leave_them_what_they_know_and_ask_nothing_of_them(
    release: str, store: str, tmp_path: Path, postgresql_server: Postgresql
) -> None:
    """Each alone, over what a release left behind, from that release's schema to the newest."""
    with (
        left_behind(release, store, tmp_path, postgresql_server) as (_, more),
        _connection(settings_of(tmp_path, targets=TARGETS, **more).store_url) as connection,
    ):
        before = schema_of(connection)
        for revision, beside_old in _steps_after(str(revision_of(connection))):
            _upgrade(connection, revision)
            after = schema_of(connection)
            if beside_old:
                assert set(unbearable(before, after)) <= KEPT_ANYWAY.get(revision, set()), revision
            before = after
        assert revision_of(connection) == newest_revision()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("ALTER TABLE t ADD COLUMN more INTEGER", []),
        ("ALTER TABLE t ADD COLUMN more INTEGER NOT NULL DEFAULT 0", []),
        ("CREATE TABLE other (id INTEGER PRIMARY KEY, must TEXT NOT NULL)", []),
        ("CREATE INDEX ix ON t (name)", []),
        ("CREATE UNIQUE INDEX uq ON t (name)", ["table t has a new rule (unique): ('name',)"]),
        ("ALTER TABLE t RENAME COLUMN name TO called", ["column t.name is gone"]),
        ("ALTER TABLE t DROP COLUMN name", ["column t.name is gone"]),
        ("DROP TABLE t", ["table t is gone"]),
        (
            "DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, age TEXT, n VARCHAR(5))",
            [
                "column t.name must be filled now",
                "column t.age is TEXT now, it was INTEGER",
                "column t.n is shorter now",
            ],
        ),
        (
            "DROP TABLE t; CREATE TABLE t "
            "(id INTEGER PRIMARY KEY, name VARCHAR(20), age INTEGER, n VARCHAR(9), must TEXT NOT NULL)",
            ["column t.must must be filled, and has no default in the database"],
        ),
    ],
)
def test_what_an_old_program_cannot_stand_is_noticed(tmp_path: Path, change: str, told: list[str]) -> None:
    with _connection(f"sqlite:///{tmp_path / 'store.db'}") as connection:
        made = "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20), age INTEGER, n VARCHAR(9))"
        connection.execute(sa.text(made))
        before = schema_of(connection)
        for statement in change.split("; "):
            connection.execute(sa.text(statement))
        assert unbearable(before, schema_of(connection)) == told


def _steps_after(revision: str) -> list[tuple[str, bool]]:
    chain = [(each.revision, each.module.beside_old) for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][
        ::-1
    ]
    return chain[[each for each, _ in chain].index(revision) + 1 :]


def _upgrade(connection: sa.Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@contextmanager
def _connection(url: str) -> Iterator[sa.Connection]:
    store = Store(url)
    try:
        with store.engine.execution_options(provisioner_writes=True).begin() as connection:
            yield connection
    finally:
        store.close()
