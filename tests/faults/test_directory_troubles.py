"""A directory that dies, lies, freezes or is full. Nobody else notices; everything is finished when it is back."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.ldap_client.session import Session
from provisioner.connector import Outcome
from provisioner.errors import WrongState
from tests.house import OWN, House, Someone, ldap, table
from tests.servers.certificates import write_certificates
from tests.servers.directory_tree import PEOPLE
from tests.servers.slapd import Slapd, private_slapd

pytestmark = pytest.mark.usefixtures("store_kind")

QUICK = {"call_timeout_seconds": 1.0, "lease_seconds": 10.0}


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Slapd]:
    with private_slapd(tmp_path) as running:
        yield running


def house_with(directory: Slapd, tmp_path: Path, *, sign_in: bool = False, **overrides: Any) -> House:
    """A directory and a table; people sign in at the table unless told otherwise."""
    settings = directory.settings(**{"connect_timeout": 0.5, **overrides})
    targets = {
        "direktori": ldap(settings, sign_in=sign_in),
        "akun": table(Path("{data_dir}/accounts.db"), sign_in=not sign_in),
    }
    return House(tmp_path / "office", targets, runner=QUICK)


def freeze(directory: Slapd) -> None:
    """Returns once it stands still: the signal alone comes too late for a call that is sent at the same moment."""
    directory.freeze()
    threads = [task / "stat" for task in Path(f"/proc/{directory.pid}/task").iterdir()]
    while any(stat.read_text().rpartition(")")[2].split()[0] != "T" for stat in threads):
        pass


def later(house: House, seconds: float = 1200) -> None:
    """Time passes and the runner comes by."""
    house.still.move(seconds=seconds)
    house.heart.drain()


def test_a_directory_that_was_killed_is_caught_up_with_when_it_is_back(directory: Slapd, tmp_path: Path) -> None:
    house = house_with(directory, tmp_path)
    directory.kill()
    someone = house.approved()
    house.heart.drain()
    assert house.words(someone) == {"akun": "done", "direktori": "waiting"}
    assert house.progress(someone)["direktori"].reason == "TargetUnavailable"
    assert not house.heart.handover.status(someone.account_id).can_open
    directory.start()
    later(house)
    assert house.words(someone) == {"akun": "done", "direktori": "done"}
    password = house.open(someone).slips[0].password
    for target in house.targets:
        assert house.connector(target).authenticate(someone.username, password).outcome is Outcome.MUST_CHANGE
    house.close()


def test_a_restart_between_two_changes_is_not_even_noticed(directory: Slapd, tmp_path: Path) -> None:
    house = house_with(directory, tmp_path)
    someone = house.active()
    directory.restart()
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.drain()
    later(house)
    assert not house.entry("direktori", someone).enabled
    house.close()


def test_a_certificate_of_somebody_else_is_refused_and_said(directory: Slapd, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = write_certificates(tmp_path / "other")
    house = house_with(directory, tmp_path, ca_file=str(other.ca))
    someone = house.approved()
    house.heart.drain()
    progress = house.progress(someone)["direktori"]
    assert progress.word in ("waiting", "failed")
    assert "certificate" in progress.message.lower()
    assert house.words(someone)["akun"] == "done"
    Path(other.ca).write_text(Path(directory.ca_file).read_text())
    right = House(
        house.folder,
        {**house.settings.targets, "direktori": ldap(directory.settings())},
        keyring=house.keyring,
        clock=house.still,
        fresh=False,
    )
    right.heart.account_systems.retry_now(right.official("adb"), progress.link_id)
    right.heart.drain()
    assert right.words(someone)["direktori"] == "done"
    right.close()
    house.close()


def test_a_refused_sign_in_of_ours_is_parked_until_it_is_mended(directory: Slapd, tmp_path: Path) -> None:
    house = house_with(directory, tmp_path)
    good = directory.bind_password_file.read_text()
    directory.bind_password_file.write_text("wrong\n")
    someone = house.approved()
    house.heart.drain()
    assert house.words(someone) == {"akun": "done", "direktori": "failed"}
    assert house.progress(someone)["direktori"].reason == "PermissionDenied"
    assert "wrong" not in house.progress(someone)["direktori"].message.lower().split()
    directory.bind_password_file.write_text(good)
    house.heart.account_systems.retry_now(house.official("adb"), house.link(someone, "direktori").id)
    house.heart.drain()
    assert house.words(someone)["direktori"] == "done"
    house.close()


def test_a_create_carried_out_after_the_time_was_up_is_found_and_taken_for_ours(
    directory: Slapd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_with(directory, tmp_path)
    connector = house.connector("direktori")
    plain = Session.add

    def frozen(*arguments: Any) -> Any:
        freeze(directory)
        return plain(*arguments)

    monkeypatch.setattr(Session, "add", frozen)
    someone = house.approved()
    house.heart.drain()
    assert house.words(someone) == {"akun": "done", "direktori": "in-doubt"}
    assert not house.heart.handover.status(someone.account_id).can_open
    monkeypatch.undo()
    directory.thaw()
    later(house)
    later(house)
    assert house.words(someone) == {"akun": "done", "direktori": "done"}
    assert len(connector.find(someone.account_id)) == 1
    assert house.events().count("account-created-in-target") == 2, "once for each system, whichever run made it"
    password = house.open(someone).slips[0].password
    assert connector.authenticate(someone.username, password).outcome is Outcome.MUST_CHANGE
    house.close()


def test_a_suspension_carried_out_late_is_not_undone_by_what_was_decided_since(
    directory: Slapd, tmp_path: Path
) -> None:
    house = house_with(directory, tmp_path)
    someone, connector = house.active(), house.connector("direktori")
    plain = connector.update

    def frozen(*arguments: Any) -> Any:
        freeze(directory)
        return plain(*arguments)

    connector.update = frozen
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.drain()
    assert house.words(someone)["direktori"] == "in-doubt"
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
    connector.update = plain
    directory.thaw()
    later(house)
    later(house)
    assert not house.entry("direktori", someone).enabled
    assert house.entry("direktori", someone).entitlements == frozenset()
    house.close()


def test_a_frozen_directory_where_people_sign_in_leaves_a_change_open_and_the_next_sign_in_decides(
    directory: Slapd, tmp_path: Path
) -> None:
    house = house_with(directory, tmp_path, sign_in=True)
    someone = house.active()
    freeze(directory)
    with pytest.raises(WrongState) as refusal:
        house.heart.operator_sign_in.sign_in(someone.username, OWN)
    assert refusal.value.code == "sign-in-unavailable"
    directory.thaw()
    assert house.heart.operator_sign_in.sign_in(someone.username, OWN).account_id == someone.account_id
    house.close()


def test_a_full_disk_is_told_and_finished_once_there_is_room(tmp_path: Path) -> None:
    directory = Slapd(tmp_path / "slapd", maxsize=600_000)
    directory.start()
    house = house_with(directory, tmp_path)
    people: list[Someone] = []
    while len(people) < 200:
        people.append(house.approved(f"orang{len(people)}"))
        house.heart.drain()
        if house.words(people[-1])["direktori"] != "done":
            break
    stuck = people[-1]
    assert house.words(stuck)["direktori"] in ("waiting", "failed")
    assert house.progress(stuck)["direktori"].reason
    assert house.words(stuck)["akun"] == "done"
    directory.stop()
    config = directory.folder / "slapd.conf"
    config.write_text(config.read_text().replace("maxsize 600000", "maxsize 100000000"))
    directory.start()
    later(house)
    if house.words(stuck)["direktori"] == "failed":
        house.heart.account_systems.retry_now(house.official("adb"), house.link(stuck, "direktori").id)
        house.heart.drain()
    assert house.words(stuck) == {"akun": "done", "direktori": "done"}
    directory.stop()
    house.close()


def test_a_change_by_ldappasswd_reaches_the_other_systems_at_the_next_sign_in(directory: Slapd, tmp_path: Path) -> None:
    house = house_with(directory, tmp_path, sign_in=True)
    someone = house.active()
    chosen = "sembilan kapal di pelabuhan 4"
    dn = f"uid={someone.username},{PEOPLE}"
    (tmp_path / "old").write_text(OWN)
    (tmp_path / "new").write_text(chosen)
    command = ["ldappasswd", "-H", directory.ldaps_url, "-x", "-D", dn, "-y", str(tmp_path / "old")]
    command += ["-t", str(tmp_path / "old"), "-T", str(tmp_path / "new")]
    environment = {"LDAPTLS_CACERT": directory.ca_file, "PATH": "/usr/bin:/bin"}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    house.heart.operator_sign_in.sign_in(someone.username, chosen)
    house.heart.drain()
    assert house.connector("akun").authenticate(someone.username, chosen).outcome is Outcome.ACCEPTED
    assert house.connector("akun").authenticate(someone.username, OWN).outcome is Outcome.REJECTED
    house.close()
