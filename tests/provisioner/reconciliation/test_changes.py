"""Bringing the list of the last full comparison up to date by what a real OpenLDAP says has changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioner.connector import ChangesUnknown
from provisioner.provisioning.reconciliation_views import RunSummary
from provisioner.reconciliation.finding import Kind
from tests.house import House, Someone, ldap, memory
from tests.servers.directory_tree import GROUPS, PEOPLE
from tests.servers.ldap_commands import LdapCommands
from tests.servers.slapd import SYNC, Slapd, private_slapd

pytestmark = pytest.mark.usefixtures("store_kind")


@pytest.fixture
def directory(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Slapd]:
    with private_slapd(tmp_path / "own", sync=getattr(request, "param", SYNC)) as started:
        yield started


@pytest.fixture
def house(tmp_path: Path, directory: Slapd) -> Iterator[House]:
    made = House(tmp_path / "house", {"direktori": ldap(directory.settings(), sign_in=True)})
    yield made
    made.close()


def people(house: House, *names: str) -> dict[str, Someone]:
    made = {name: house.approved(name) for name in names}
    house.heart.drain()
    house.still.move(hours=1)
    return made


def look(house: House, **asked: Any) -> RunSummary:
    run = house.heart.reconciliations.run(house.official("it"), "direktori", **asked)
    assert run.state == "finished", run.error_message
    house.still.move(seconds=1)
    return run


def listed(house: House) -> dict[str, str]:
    """Every finding of the list, by user name."""
    it, core = house.official("it"), house.heart.reconciliations
    full = core.system(it, "direktori").finished
    assert full is not None
    return {line.username: line.kind for line in core.every_finding(it, full.id)}


def counts(run: RunSummary) -> dict[str, int]:
    return {name: getattr(run, name) for name in ("in_order", "pending", *Kind)}


def change(directory: Slapd, *ldif: str) -> None:
    tool = LdapCommands(directory)
    for each in ldif:
        done = tool.modify(each)
        assert done.code == 0, (each, done.output)


def person(name: str) -> str:
    return f"dn: uid={name},{PEOPLE}\n"


PASSWORD = "kata-sandi-kepala-8"
STRANGER = person("tamu") + "changetype: add\nobjectClass: inetOrgPerson\nuid: tamu\ncn: t\nsn: t\n"
ORPHAN = (
    person("gadungan")
    + "changetype: add\nobjectClass: inetOrgPerson\nuid: gadungan\ncn: g\nsn: g\n"
    + f"carLicense: siak-provisioner:{'e' * 32}:1:0\n"
)


def moved(name: str, where: str) -> str:
    return person(name) + f"changetype: modrdn\nnewrdn: uid={name}\ndeleteoldrdn: 0\nnewsuperior: {where}\n"


def unit(name: str, value: str) -> str:
    return person(name) + f"changetype: modify\nreplace: ou\nou: {value}\n"


def gone(name: str) -> str:
    return person(name) + "changetype: delete\n"


@pytest.mark.parametrize("directory", [SYNC, "overlay syncprov"], indirect=True, ids=["names-removed", "names-present"])
def test_what_came_what_went_and_what_was_mended_changes_the_list_as_a_full_look_would(
    house: House, directory: Slapd
) -> None:
    people(house, "sesuai", "berubah", "hilang", "pindah", "kembali")
    change(directory, unit("kembali", "Tempat lain"))
    look(house)
    assert listed(house) == {"kembali": "drift"}
    change(
        directory,
        unit("berubah", "Tempat lain"),
        unit("kembali", "Kelurahan Gedongan"),
        gone("hilang"),
        moved("pindah", GROUPS),
        STRANGER,
        ORPHAN,
    )
    run = look(house, only_changes=True)
    assert run.only_changes
    found = listed(house)
    assert found == {
        "berubah": "drift",
        "hilang": "missing",
        "pindah": "missing",
        "tamu": "unmanaged",
        "gadungan": "orphan",
    }
    full = look(house)
    assert counts(full) == counts(run)
    assert listed(house) == found
    change(directory, gone("tamu"), gone("gadungan"), unit("berubah", "Kelurahan Gedongan"))
    assert listed(house) == found
    run = look(house, only_changes=True)
    assert listed(house) == {"hilang": "missing", "pindah": "missing"}
    assert counts(run) == counts(look(house))


def test_our_own_writes_are_no_findings_and_nothing_happens_twice(house: House) -> None:
    people(house, "dewi.lestari")
    look(house)
    someone = people(house, "rangga.wijaya")["rangga.wijaya"]
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.drain()
    run = look(house, only_changes=True)
    assert (run.only_changes, run.read, run.in_order, run.found_anything) == (True, 1, 2, False)
    assert look(house, only_changes=True).read == 0


def test_a_repaired_finding_goes_and_a_repairing_look_orders(house: House, directory: Slapd) -> None:
    people(house, "berubah", "lagi")
    change(directory, unit("berubah", "Tempat lain"))
    full = look(house)
    house.heart.reconciliations.repair_all(house.official("it"), full.id, Kind.DRIFT)
    house.heart.drain()
    house.still.move(hours=1)
    change(directory, unit("lagi", "Tempat lain"))
    look(house, only_changes=True, repairs=True)
    assert listed(house) == {"lagi": "drift"}
    house.heart.drain()
    house.still.move(hours=1)
    look(house, only_changes=True)
    assert listed(house) == {}


def test_without_a_full_look_and_with_a_cursor_of_another_database_everything_is_read(
    house: House, directory: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(house, "sesuai")
    run = look(house, only_changes=True)
    assert (run.only_changes, run.why_full) == (False, "no-cursor")
    change(directory, unit("sesuai", "Tempat lain"))
    connector = house.connector("direktori")
    changes = connector.changes

    def too_old(cursor: str) -> Any:
        yield next(changes(cursor))
        raise ChangesUnknown("too old")

    monkeypatch.setattr(connector, "changes", too_old)
    run = look(house, only_changes=True)
    assert (run.only_changes, run.why_full, run.drift, run.in_order) == (False, "cursor", 1, 0)
    assert listed(house) == {"sesuai": "drift"}


def test_a_restart_of_the_directory_loses_no_change(house: House, directory: Slapd) -> None:
    people(house, "sesuai", "hilang")
    look(house)
    change(directory, gone("hilang"))
    directory.restart()
    run = look(house, only_changes=True)
    assert (run.only_changes, listed(house)) == (True, {"hilang": "missing"})


def test_a_look_that_dies_keeps_the_old_cursor(house: House, directory: Slapd) -> None:
    people(house, "berubah")
    look(house)
    change(directory, unit("berubah", "Tempat lain"))

    def die(_read: int, _expected: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        house.heart.reconciliations.run(house.official("it"), "direktori", only_changes=True, progress=die)
    assert listed(house) == {}
    look(house, only_changes=True)
    assert listed(house) == {"berubah": "drift"}


def test_counts_stay_right_for_what_is_not_listed(tmp_path: Path, directory: Slapd) -> None:
    house = House(
        tmp_path / "few", {"direktori": ldap(directory.settings())}, reconciliation={"every_hours": 0, "listed": 1}
    )
    strangers = [STRANGER.replace("tamu", f"tamu{number}") for number in range(4)]
    change(directory, *strangers[:3])
    assert look(house).unmanaged == 3
    change(directory, strangers[3], *(gone(f"tamu{number}") for number in range(3)))
    assert look(house, only_changes=True).unmanaged == 1
    house.close()


def test_a_strangers_grant_is_a_reason_to_read_everything(tmp_path: Path) -> None:
    group = f"cn=wilayah-35.76.01,{GROUPS}"
    boss = f"uid=kepala,{PEOPLE}"
    rule = f'access to dn.subtree="{GROUPS}" by dn.exact="{boss}" write by * break'
    with private_slapd(tmp_path / "own", rules=rule) as directory:
        house = House(tmp_path / "house", {"direktori": ldap(directory.settings(create_groups=True), sign_in=True)})
        people(house, "dewi.lestari")
        change(directory, STRANGER.replace("tamu", "kepala"))
        LdapCommands(directory).reset_password("kepala", "kata-sandi-awal-9")
        assert LdapCommands(directory).change_password("kepala", "kata-sandi-awal-9", PASSWORD).code == 0
        look(house)
        ldif = f"dn: {group}\nchangetype: modify\nadd: member\nmember: uid=dewi.lestari,{PEOPLE}\n"
        done = LdapCommands(directory)._run("ldapmodify", boss, PASSWORD, stdin=ldif)
        assert done.code == 0, done.output
        run = look(house, only_changes=True)
        assert (run.only_changes, run.why_full, run.drift) == (False, "memberships", 1)
        house.close()


def test_changes_are_read_every_few_minutes_between_two_full_looks(tmp_path: Path, directory: Slapd) -> None:
    house = House(
        tmp_path / "house",
        {"direktori": ldap(directory.settings())},
        reconciliation={"every_hours": 24, "changes_every_minutes": 15},
    )
    it, core = house.official("it"), house.heart.reconciliations
    core.run(it, "direktori")

    def kinds() -> list[bool]:
        house.heart.runner._reader.hint()
        house.heart.drain()
        return [each.only_changes for each in core.runs(it, "direktori")]

    house.still.move(minutes=14)
    assert kinds() == [False]
    before = house.events()
    house.still.move(minutes=1)
    assert kinds() == [True, False]
    assert kinds() == [True, False]
    assert house.events() == before, "an event for a look that changed nothing"
    house.still.move(hours=24)
    assert kinds() == [False, True, False]
    house.close()


def test_what_cannot_tell_is_read_in_full_and_says_so(tmp_path: Path) -> None:
    house = House(tmp_path, {"direktori": memory()})
    look(house)
    run = look(house, only_changes=True)
    assert (run.only_changes, run.why_full) == (False, "no-cursor")
    assert not house.heart.reconciliations.system(house.official("it"), "direktori").tells_changes
    house.close()
