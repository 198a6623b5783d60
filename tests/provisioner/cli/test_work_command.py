"""``provisioner work`` and what ``serve``, ``init`` and ``check`` do otherwise with its engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioner.cli import main
from provisioner.cli.service import Service
from provisioner.dispatch.lock_file import RUNNER_LOCK, LockFile
from provisioner.preparation import prepare
from provisioner.provisioning.processes import Processes
from provisioner.store.tables import CredentialRow
from tests.many_machines import ManyMachines, prepared
from tests.servers.postgresql import Postgresql, private_postgresql
from tests.servers.settings_file import write_settings

TARGET = {"kind": "memory", "label": "Sistem", "sign_in": True}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgresql]:
    with private_postgresql() as running:
        yield running


@pytest.fixture(scope="module")
def office(server: Postgresql, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManyMachines]:
    with server.database() as database:
        yield prepared(tmp_path_factory.mktemp("office"), database, {"akun": TARGET})


def typed(office: ManyMachines, *words: str) -> Result:
    return CliRunner(env=dict(office.environment)).invoke(main, words)


def test_with_the_embedded_engine_it_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = write_settings(tmp_path / "provisioner.toml", {"data_dir": str(tmp_path / "data")}, {"akun": TARGET})
    answer = CliRunner().invoke(main, ["--config", str(file), "work"])
    assert answer.exit_code == 3
    assert answer.output == ('Error: dispatch.engine: with the engine "embedded", provisioner serve does this work\n')


def test_the_engine_for_many_machines_is_refused_on_a_file(tmp_path: Path) -> None:
    sections = {"data_dir": str(tmp_path / "data"), "dispatch": {"engine": "procrastinate"}}
    file = write_settings(tmp_path / "provisioner.toml", sections, {"akun": TARGET})
    answer = CliRunner().invoke(main, ["--config", str(file), "init"])
    assert answer.exit_code == 3
    assert "dispatch.engine procrastinate needs PostgreSQL" in answer.output
    assert "Traceback" not in answer.output


def test_tables_that_init_has_not_made_are_told_before_anything_is_done(server: Postgresql, tmp_path: Path) -> None:
    with server.database() as database:
        embedded = prepared(tmp_path, database, {"akun": TARGET}, engine="embedded")
        many = ManyMachines(
            tmp_path,
            embedded.settings_file,
            {**embedded.environment, "PROVISIONER_DISPATCH__ENGINE": "procrastinate"},
        )
        answer = typed(many, "work")
        assert (answer.exit_code, "run provisioner init" in answer.output) == (3, True)
        assert "Tables of the engine brought to Procrastinate" in typed(many, "init").output


def test_check_says_that_nobody_works_and_who_does(office: ManyMachines) -> None:
    assert "ERROR    dispatch: workers: no worker has shown a sign of life lately" in typed(office, "check").output
    with office.here() as house:
        Processes(house.store).enter("work", "procrastinate")
    assert "ok       dispatch: workers: 1 at work" in typed(office, "check").output
    assert "ok       dispatch: engine: its tables are up to date" in typed(office, "check").output


def test_pages_are_served_by_any_number_of_processes_that_carry_out_nothing(office: ManyMachines) -> None:
    first, second = (Service(office.settings, demo=False) for _ in range(2))
    try:
        first.start()
        second.start()
        with office.here() as house:
            someone = house.approved("dewi.lestari")
            assert not (office.settings.path(RUNNER_LOCK)).exists()
            LockFile(office.settings.path(RUNNER_LOCK)).refuse_if_held()
            with house.store.read() as session:
                wanted = session.query(CredentialRow).filter_by(account_id=someone.account_id).one().wanted
            assert wanted, "a process that only serves pages has issued a password"
    finally:
        first.stop()
        second.stop()


def test_preparing_again_from_another_machine_changes_nothing(office: ManyMachines) -> None:
    assert prepare(office.settings) == []
