"""Comparing a real OpenLDAP and a real table, changed behind our back by their own tools."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from provisioner.errors import WrongState
from provisioner.provisioning.reconciliation_views import FindingLine, RunSummary
from provisioner.reconciliation.finding import Kind
from tests.house import House, Someone, ldap, table
from tests.servers.directory_tree import BIND_DN, GROUPS, PEOPLE
from tests.servers.ldap_commands import LdapCommands
from tests.servers.slapd import Slapd, private_slapd

pytestmark = pytest.mark.usefixtures("store_kind")

STRANGERS = 2000


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """A directory that other people use too."""
    with private_slapd(tmp_path_factory.mktemp("slapd"), people=STRANGERS) as started:
        yield started


def strangers(directory: Slapd) -> str:
    """Everything in the directory that is not ours, as LDIF."""
    entries = directory.dump().split("\n\n")
    return "\n\n".join(each for each in entries if each.startswith("dn: uid=orang"))


def listed(house: House, run: RunSummary) -> dict[str, FindingLine]:
    """What a run lists besides strangers, by user name."""
    it, core = house.official("it"), house.heart.reconciliations
    lines = (line for kind in Kind for line in core.findings(it, run.id, kind, per_page=200).rows)
    return {line.username: line for line in lines if line.kind != Kind.UNMANAGED}


def people(house: House, *names: str) -> dict[str, Someone]:
    made = {name: house.approved(name) for name in names}
    house.heart.drain()
    house.still.move(hours=1)
    return made


def behind_our_back(directory: Slapd, tool: LdapCommands, marker: str) -> None:
    def person(name: str) -> str:
        return f"dn: uid={name},{PEOPLE}\n"

    older = marker.split(":")
    older[2] = "0"
    ldif = [
        person("berubah") + "changetype: modify\nreplace: ou\nou: Tempat lain\n",
        person("dibuka") + "changetype: modify\ndelete: businessCategory\n-\ndelete: pwdAccountLockedTime\n",
        f"dn: cn=wilayah-35.76.01,{GROUPS}\nchangetype: modify\nadd: member\nmember: uid=berhak,{PEOPLE}\n",
        person("hilang") + "changetype: delete\n",
        person("kembali") + f"changetype: modify\nreplace: carLicense\ncarLicense: {':'.join(older)}\n",
        person("pindah") + "changetype: modrdn\nnewrdn: uid=berganti\ndeleteoldrdn: 1\n",
        person("gadungan")
        + "changetype: add\nobjectClass: inetOrgPerson\nuid: gadungan\ncn: g\nsn: g\n"
        + f"carLicense: siak-provisioner:{'e' * 32}:1:0\n",
    ]
    for change in ldif:
        done = tool.modify(change)
        assert done.code == 0, (change, done.output)
    assert BIND_DN in directory.settings()["bind_dn"]


def test_every_kind_of_difference_in_a_directory_is_found_and_repaired(tmp_path: Path, directory: Slapd) -> None:
    house = House(tmp_path, {"direktori": ldap(directory.settings(), sign_in=True)})
    made = people(house, "sesuai", "berubah", "dibuka", "berhak", "hilang", "kembali", "pindah")
    it, core = house.official("it"), house.heart.reconciliations
    house.heart.accounts.suspend_now(it, made["dibuka"].account_id)
    house.heart.drain()
    house.still.move(hours=1)
    before = strangers(directory)
    behind_our_back(directory, LdapCommands(directory), str(house.entry("direktori", made["kembali"]).marker))
    run = core.run(it, "direktori")
    found = listed(house, run)
    assert (run.unmanaged, run.in_order) == (STRANGERS, 1)

    told = {name: (line.kind, line.reason, {each.name for each in line.differences}) for name, line in found.items()}
    assert told == {
        "berubah": ("drift", "", {"org_unit"}),
        "dibuka": ("drift", "", {"enabled"}),
        "berhak": ("drift", "", {"entitlement"}),
        "hilang": ("missing", "", set()),
        "kembali": ("drift", "older", {"enabled", "marker"}),
        "pindah": ("drift", "", {"username"}),
        "gadungan": ("orphan", "no-account", set()),
    }
    core.repair_all(it, run.id, Kind.DRIFT)
    core.repair_all(it, run.id, Kind.MISSING)
    core.close(it, found["gadungan"].id)
    house.heart.drain()
    house.still.move(hours=1)
    after = listed(house, core.run(it, "direktori"))
    assert set(after) == {"gadungan"}
    assert not after["gadungan"].closable
    assert not house.entry("direktori", made["dibuka"]).enabled
    assert strangers(directory) == before
    house.close()


def test_a_row_that_somebody_else_changed_or_took_away_is_found(tmp_path: Path) -> None:
    house = House(tmp_path, {"akun": table(tmp_path / "akun.db", sign_in=True)})
    made = people(house, "berubah", "hilang", "sesuai")
    engine = create_engine(f"sqlite:///{tmp_path / 'akun.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE accounts SET enabled = 0 WHERE username = 'berubah'"))
        connection.execute(text("DELETE FROM accounts WHERE username = 'hilang'"))
    engine.dispose()
    it, core = house.official("it"), house.heart.reconciliations
    run = core.run(it, "akun", repairs=True)
    assert {name: line.kind for name, line in listed(house, run).items()} == {"berubah": "drift", "hilang": "missing"}
    house.heart.drain()
    assert house.entry("akun", made["berubah"]).enabled
    house.still.move(hours=1)
    assert listed(house, core.run(it, "akun")) == {}
    house.close()


def test_a_directory_that_does_not_answer_fails_the_run_and_changes_nothing(tmp_path: Path) -> None:
    with private_slapd(tmp_path / "own") as directory:
        house = House(tmp_path / "house", {"direktori": ldap(directory.settings(), sign_in=True)})
        people(house, "sesuai")
        directory.stop()
        it, core = house.official("it"), house.heart.reconciliations
        run = core.run(it, "direktori")
        assert (run.state, run.error, run.missing) == ("failed", "TargetUnavailable", 0)
        assert house.events()[-1] == "reconciliation-failed"
        with pytest.raises(WrongState):
            core.repair_all(it, run.id, Kind.MISSING)
        house.close()


def test_the_memory_of_a_look_does_not_grow_with_what_is_read(tmp_path: Path, directory: Slapd) -> None:
    import tracemalloc

    house = House(tmp_path, {"direktori": ldap(directory.settings())}, reconciliation={"every_hours": 0, "listed": 10})
    sizes: list[int] = []
    tracemalloc.start()
    house.heart.reconciliations.run(
        house.official("it"), "direktori", progress=lambda _read, _: sizes.append(tracemalloc.get_traced_memory()[0])
    )
    tracemalloc.stop()
    assert len(sizes) >= STRANGERS // 500
    assert max(sizes[1:]) < 2 * sizes[0] + 4_000_000
    house.close()
