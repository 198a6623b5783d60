"""The table of living processes, and what it is asked for when the schema has to change under them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update

from provisioner.checking.schema import check_schema
from provisioner.connector import Severity
from provisioner.errors import ConfigurationError, WrongState
from provisioner.provisioning.presence import Presence
from provisioner.provisioning.processes import FORGOTTEN_AFTER, MISSED_AFTER, Processes
from provisioner.release import release
from provisioner.store import Store
from provisioner.store.schema import newest_revision
from provisioner.store.tables import ProcessRow
from tests.office import RealOffice
from tests.stores import POSTGRESQL


@pytest.fixture
def store(office: RealOffice) -> Store:
    return office.core.context.store


@pytest.fixture
def processes(store: Store) -> Processes:
    return Processes(store)


@pytest.fixture
def presence(store: Store) -> Iterator[Presence]:
    made = Presence(store, "serve", "embedded", lambda: None)
    yield made
    made.stop()


def test_a_process_is_known_from_its_start_to_its_end_in_good_order(processes: Processes, presence: Presence) -> None:
    presence.start()
    (known,) = processes.living()
    assert (known.kind, known.engine, known.release, known.revision) == (
        "serve",
        "embedded",
        release(),
        newest_revision(),
    )
    presence.stop()
    assert processes.all() == []


def test_one_that_says_nothing_any_more_is_missed_and_forgotten_after_a_day(
    store: Store, processes: Processes, presence: Presence
) -> None:
    silent = processes.enter("work", "procrastinate")
    _let_pass(store, silent, MISSED_AFTER + timedelta(seconds=5))
    assert processes.living() == []
    assert [each.missed for each in processes.all()] == [True]
    assert processes.last_seen("work") is not None
    _let_pass(store, silent, FORGOTTEN_AFTER)
    presence.start()
    assert presence.beat()
    assert [each.kind for each in processes.all()] == ["serve"]
    assert processes.last_seen("work") is None


def test_one_that_was_forgotten_while_it_was_frozen_is_entered_again(
    store: Store, processes: Processes, presence: Presence
) -> None:
    presence.start()
    with store.begin() as session:
        session.execute(delete(ProcessRow))
    assert presence.beat()
    assert [each.kind for each in processes.living()] == ["serve"]


def test_check_names_processes_of_another_release_and_those_that_are_missed(
    office: RealOffice, store: Store, processes: Processes
) -> None:
    other, silent = processes.enter("serve", "embedded"), processes.enter("work", "procrastinate")
    with store.begin() as session:
        session.execute(update(ProcessRow).where(ProcessRow.id == other).values(release="0.0.9"))
    _let_pass(store, silent, MISSED_AFTER * 2)
    found = {
        each.finding.subject: each.finding for each in check_schema(office.core.context) if each.where == "processes"
    }
    assert "release 0.0.9" in found["release"].message
    assert found["unseen"].message.startswith("work on ")
    assert found["living"].severity is Severity.OK
    assert found["living"].message.startswith("serve on ")
    assert "work on" not in found["living"].message


def test_a_process_may_not_go_on_once_the_schema_is_beyond_it(store: Store) -> None:
    ended: list[str] = []
    running = Presence(store, "serve", "embedded", lambda: ended.append("ended"))
    running.start()
    _schema_of_a_later_release(store, floor="9999")
    assert not running.beat()
    running.stop()
    late = Presence(store, "serve", "embedded", lambda: None)
    with pytest.raises(ConfigurationError, match="replace this program"):
        late.start()
    assert Processes(store).all() == []


def test_a_process_goes_on_over_a_later_schema_that_leaves_it_working(
    office: RealOffice, store: Store, presence: Presence
) -> None:
    presence.start()
    _schema_of_a_later_release(store, floor=newest_revision())
    assert presence.beat()
    (schema,) = [each.finding for each in check_schema(office.core.context) if each.where == "store"]
    assert schema.severity is Severity.WARNING


@pytest.mark.parametrize("store_kind", [POSTGRESQL], indirect=True)
def test_an_embedded_runner_is_refused_while_another_machine_works(
    store: Store, processes: Processes, presence: Presence
) -> None:
    other = _elsewhere(store, processes.enter("serve", "embedded"))
    with pytest.raises(WrongState, match=r"stop it, or set procrastinate .* 35 s") as refusal:
        presence.start()
    assert refusal.value.code == "runner-elsewhere"
    assert [each.id for each in processes.all()] == [other], "who was refused is not entered"
    processes.enter("serve", "procrastinate")
    _let_pass(store, other, MISSED_AFTER + timedelta(seconds=5))
    presence.start()
    assert presence.beat()


@pytest.mark.parametrize("store_kind", [POSTGRESQL], indirect=True)
def test_one_that_was_frozen_ends_when_another_machine_has_taken_its_place(
    store: Store, processes: Processes, presence: Presence
) -> None:
    presence.start()
    later = _elsewhere(store, processes.enter("work", "procrastinate"))
    assert not presence.beat()
    processes.leave(later)
    assert presence.beat()


def _elsewhere(store: Store, process_id: str) -> str:
    with store.begin() as session:
        session.get_one(ProcessRow, process_id).host = "another-machine"
    return process_id


def _let_pass(store: Store, process_id: str, span: timedelta) -> None:
    with store.begin() as session:
        row = session.scalars(select(ProcessRow).where(ProcessRow.id == process_id)).one()
        row.seen_at -= span


def _schema_of_a_later_release(store: Store, floor: str) -> None:
    with store.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        session.execute(text("DELETE FROM schema_floor"))
        session.execute(text("INSERT INTO schema_floor (id, revision) VALUES (1, :floor)"), {"floor": floor})
