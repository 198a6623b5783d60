"""The schema that the migrations make is the schema that the program uses."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from provisioner.store import Store
from provisioner.store.migration import migrate, pending
from provisioner.store.tables import Model
from tests.stores import store_of

pytestmark = pytest.mark.usefixtures("store_kind")


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_migrations_make_exactly_the_tables_of_the_program(tmp_path: Path) -> None:
    url = store_of(tmp_path, bare=True)["url"]
    before, after = migrate(url)
    assert before is None
    assert after is not None
    store = Store(url)
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        different = compare_metadata(context, Model.metadata)
        # PostgreSQL's own trigram indexes are no part of the models: a role may not be allowed to have them.
        assert [each for each in different if not _is_trigram_index(each)] == []
        assert set(inspect(connection).get_table_names()) == {*Model.metadata.tables, "alembic_version"}
    store.close()


def _is_trigram_index(difference: Any) -> bool:
    return difference[0] == "remove_index" and str(difference[1].name).startswith("trigram_")


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    url = store_of(tmp_path, bare=True)["url"]
    _, newest = migrate(url)
    assert migrate(url) == (newest, newest)


def test_an_older_schema_is_noticed(tmp_path: Path) -> None:
    url = store_of(tmp_path, bare=True)["url"]
    store = Store(url)
    assert pending(store)
    migrate(url)
    assert not pending(store)
    store.close()
