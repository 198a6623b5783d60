"""Old and new processes over one change of the schema: who is in the way of ``provisioner init``."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from provisioner.checking.schema import check_schema
from provisioner.connector import Severity
from provisioner.dispatch.lock_file import RUNNER_LOCK, LockFile
from provisioner.errors import WrongState
from provisioner.provisioning.processes import MISSED_AFTER, Processes
from provisioner.rolling import nobody_in_the_way
from provisioner.store.migration import Step, migrate
from provisioner.store.schema import newest_revision
from provisioner.store.tables import ProcessRow
from tests.office import RealOffice
from tests.provisioner.test_migration import later_release


def test_init_refuses_to_change_the_schema_under_living_processes_that_cannot_stand_it(
    office: RealOffice, tmp_path: Path
) -> None:
    Processes(office.core.context.store).enter("serve", "embedded")
    later = later_release(tmp_path, beside_old=False)
    with pytest.raises(WrongState, match=r"serve on .*, process \d+, release .*9001 A later release's change"):
        migrate(office.settings.store_url, later, nobody_in_the_way(office.settings))
    assert migrate(office.settings.store_url, later)[1] == "9001", "confirmed that they are stopped"


def test_processes_that_can_stand_it_are_in_nobodys_way(office: RealOffice, tmp_path: Path) -> None:
    Processes(office.core.context.store).enter("serve", "embedded")
    later = later_release(tmp_path, beside_old=True)
    assert migrate(office.settings.store_url, later, nobody_in_the_way(office.settings))[1] == "9001"


def test_the_dead_are_in_nobodys_way(office: RealOffice, tmp_path: Path) -> None:
    store = office.core.context.store
    dead = Processes(store).enter("serve", "embedded")
    with store.begin() as session:
        row = session.get_one(ProcessRow, dead)
        session.execute(update(ProcessRow).values(seen_at=row.seen_at - MISSED_AFTER - timedelta(seconds=5)))
    later = later_release(tmp_path, beside_old=False)
    assert migrate(office.settings.store_url, later, nobody_in_the_way(office.settings))[1] == "9001"


def test_a_release_that_entered_no_processes_is_known_by_the_runners_lock(office: RealOffice) -> None:
    store = office.core.context.store
    guard, running = nobody_in_the_way(office.settings), LockFile(office.settings.path(RUNNER_LOCK))
    breaking = [Step("9001", "A later release's change", beside_old=False)]
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0016'"))
        guard(connection, breaking)
        running.take()
        with pytest.raises(WrongState, match="provisioner serve on this machine"):
            guard(connection, breaking)
        running.free()


def test_check_announces_what_init_will_do_before_it_does(office: RealOffice) -> None:
    with office.core.context.store.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0016'"))
    findings = [each.finding for each in check_schema(office.core.context)]
    assert findings[0].severity is Severity.ERROR
    assert "provisioner init, then replace the processes one after another" in findings[0].remedy
    assert findings[-1].message.startswith(newest_revision())
    assert findings[-1].message.endswith("old processes may go on")
