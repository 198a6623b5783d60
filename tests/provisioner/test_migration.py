"""The schema that the migrations make is the schema that the program uses; what may run beside old programs says so."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from provisioner.errors import ConfigurationError
from provisioner.store import Store
from provisioner.store.migration import MigrationUndeclared, Step, migrate, steps_to_come
from provisioner.store.schema import (
    MIGRATIONS,
    SchemaState,
    known_revisions,
    newest_revision,
    refuse_unusable,
    schema_state,
)
from provisioner.store.tables import Model
from tests.stores import POSTGRESQL, store_of

pytestmark = pytest.mark.usefixtures("store_kind")

LATER = """\"\"\"A later release's change\"\"\"

from alembic import op

revision = "9001"
down_revision = "{newest}"
branch_labels = None
depends_on = None
{says}


def upgrade() -> None:
    op.execute("CREATE TABLE later (id INTEGER)")
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    url: str = store_of(tmp_path, bare=True)["url"]
    return url


@pytest.mark.parametrize("store_kind", [POSTGRESQL], indirect=True)
def test_a_migration_that_stands_still_on_a_busy_machine_is_not_ended_by_the_server(url: str, tmp_path: Path) -> None:
    folder = later_release(tmp_path, beside_old=True)
    with (folder / "versions" / "9001_later.py").open("a") as file:
        file.write("    import time; time.sleep(0.8)\n    op.execute('CREATE TABLE later_still (id INTEGER)')\n")
    impatient = f"{url}&options=-c%20idle_in_transaction_session_timeout%3D500ms"
    assert migrate(impatient, folder)[1] == "9001"


# An index over an expression is not compared.
@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_migrations_make_exactly_the_tables_of_the_program(url: str) -> None:
    before, after = migrate(url)
    assert before is None
    assert after is not None
    store = Store(url)
    with store.engine.connect() as connection:
        compared = {"compare_type": True, "compare_server_default": True, "include_name": _of_every_database}
        context = MigrationContext.configure(connection, opts=compared)
        assert compare_metadata(context, Model.metadata) == []
        assert set(inspect(connection).get_table_names()) == {*Model.metadata.tables, "alembic_version"}
    store.close()


def _of_every_database(name: str | None, kind: str, _parents: object) -> bool:
    """What texts are searched by differs: trigrams where the server has them and the role may bring them in, or columns
    to read through.
    """
    return not (kind == "index" and (name or "").startswith(("trigram_", "searched_")))


def test_migrating_again_changes_nothing(url: str) -> None:
    _, newest = migrate(url)
    assert migrate(url) == (newest, newest)


def test_files_stand_in_the_order_of_the_chain() -> None:
    """What a program knows is read from the names of the files, without the migrations' library."""
    chain = [each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    assert tuple(reversed(chain)) == known_revisions()


def test_an_older_schema_is_noticed(url: str, tmp_path: Path) -> None:
    store = Store(url)
    assert schema_state(store.engine) is SchemaState.EMPTY
    migrate(url)
    assert schema_state(store.engine) is SchemaState.CURRENT
    later = later_release(tmp_path, beside_old=True)
    assert schema_state(store.engine, later) is SchemaState.OLDER
    with pytest.raises(ConfigurationError, match="run provisioner init"):
        refuse_unusable(store.engine, later)
    assert list(steps_to_come(store, later)) == [Step("9001", "A later release's change", beside_old=True)]
    store.close()


def test_old_programs_go_on_over_a_change_that_leaves_them_working(url: str, tmp_path: Path) -> None:
    migrate(url)
    assert migrate(url, later_release(tmp_path, beside_old=True)) == (newest_revision(), "9001")
    store = Store(url)
    assert schema_state(store.engine) is SchemaState.NEWER
    refuse_unusable(store.engine)
    assert list(steps_to_come(store)) == []
    store.close()


def test_old_programs_end_over_a_change_that_they_cannot_stand(url: str, tmp_path: Path) -> None:
    migrate(url)
    migrate(url, later_release(tmp_path, beside_old=False))
    store = Store(url)
    assert schema_state(store.engine) is SchemaState.BEYOND
    with pytest.raises(ConfigurationError, match="replace this program"):
        refuse_unusable(store.engine)
    store.close()


def test_a_migration_that_does_not_say_how_it_goes_with_old_programs_is_refused(url: str, tmp_path: Path) -> None:
    migrate(url)
    with pytest.raises(MigrationUndeclared, match="9001"):
        migrate(url, later_release(tmp_path, beside_old=None))
    assert _tables(url) == {*Model.metadata.tables, "alembic_version"}


def test_what_a_guard_refuses_changes_nothing(url: str, tmp_path: Path) -> None:
    migrate(url)

    def refuse(_connection: object, steps: Sequence[Step]) -> None:
        raise RuntimeError(steps[0].revision)

    with pytest.raises(RuntimeError, match="9001"):
        migrate(url, later_release(tmp_path, beside_old=False), refuse)
    assert _tables(url) == {*Model.metadata.tables, "alembic_version"}


def _tables(url: str) -> set[str]:
    store = Store(url)
    try:
        return set(inspect(store.engine).get_table_names())
    finally:
        store.close()


def later_release(folder: Path, *, beside_old: bool | None) -> Path:
    """The migrations of a release to come: ours and one more."""
    made = shutil.copytree(MIGRATIONS, folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (made / "versions" / "9001_later.py").write_text(
        LATER.format(newest=newest_revision(), says=f"beside_old = {beside_old}")
    )
    return made
