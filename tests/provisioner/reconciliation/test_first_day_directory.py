"""The first day on a real directory: what is recorded is never touched, what is taken over keeps its password."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from provisioner.reconciliation.finding import Kind
from tests.conftest import MakeOffice
from tests.office import RealOffice
from tests.provisioner.provisioning.first_day import FirstDay, row
from tests.servers.directory_tree import PEOPLE
from tests.servers.ldap_commands import LdapCommands
from tests.servers.slapd import Slapd, private_slapd

PASSWORD = "lama-sekali-dipakai-31"


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Slapd]:
    with private_slapd(tmp_path / "slapd", people=3) as started:
        for number in range(3):
            tool, name = LdapCommands(started), f"orang00000{number}"
            assert tool.reset_password(name, f"{PASSWORD}-awal").code == 0
            assert tool.change_password(name, f"{PASSWORD}-awal", PASSWORD).code == 0
        yield started


@pytest.fixture
def day(make_office: MakeOffice, directory: Slapd) -> FirstDay:
    settings = {"kind": "ldap", "label": "Direktori", "sign_in": True, "settings": directory.settings()}
    return FirstDay(make_office(targets={"direktori": settings}), "direktori")


def entries(directory: Slapd, *names: str) -> list[str]:
    """These entries whole, with entryCSN and modifyTimestamp, as the server keeps them."""
    found = {each.splitlines()[0]: each for each in directory.dump().split("\n\n") if each.strip()}
    kept = [found[f"dn: uid={name},{PEOPLE}"] for name in names]
    assert all("entryCSN" in each and "modifyTimestamp" in each for each in kept)
    return kept


def everything_that_happens_by_itself(office: RealOffice) -> None:
    """Comparing with and without repair, what is due, and what time does."""
    it = office.actor("it")
    for repairs in (False, True):
        office.core.reconciliations.run(it, "direktori", repairs=repairs)
        office.core.heart.drain()
    office.clock.move(days=400)
    office.core.heart.account_expiry.expire()
    office.core.heart.account_expiry.delete_quarantined()
    office.core.heart.drain()


def test_recorded_entries_stay_byte_for_byte_what_they_were(day: FirstDay, directory: Slapd) -> None:
    names = [f"orang00000{number}" for number in range(3)]
    before = entries(directory, *names)
    kept = day.record(row(names[0], 0), row(names[1].upper(), 1))
    assert day.row(names[1]).username == names[1]
    run = day.core.reconciliations.run(day.office.actor("it"), "direktori")
    assert (run.recorded, run.unmanaged) == (2, 1)
    day.decided(kept.list_id)
    day.core.recorded_lists.extend(day.kasi, day.row(names[0]).id, day.day + timedelta(days=7))
    day.core.recorded_lists.remove(day.kasi, day.row(names[1]).id, "Pindah")
    everything_that_happens_by_itself(day.office)
    assert entries(directory, *names) == before


def test_an_entry_that_is_taken_over_keeps_its_name_id_and_password(day: FirstDay, directory: Slapd) -> None:
    mine, other = "orang000000", "orang000001"
    untouched = entries(directory, other)
    connector = day.core.targets["direktori"].connector
    before = connector.get(mine)
    assert before is not None
    day.decided(day.record(row(mine, 0), row(other, 1)).list_id)
    who = day.comes(mine, role="OPERATOR_DAFDUK", region_scope="35.76.02")
    day.signs(who)
    preview = day.core.previews.of(day.adb, day.row(mine).account_id or "")
    assert [call.word for call in preview[0].calls][:2] == ["adopt", "update"]
    day.core.heart.drain()
    after = connector.get(mine)
    assert after is not None
    assert after.marker is not None
    assert (after.remote_id, after.username, after.enabled) == (before.remote_id, before.username, True)
    assert after.profile["org_unit"] == "Kelurahan Gedongan"
    assert LdapCommands(directory).read_own_entry(mine, PASSWORD).code == 0
    assert entries(directory, other) == untouched
    day.office.clock.move(hours=1)
    run = day.core.reconciliations.run(day.office.actor("it"), "direktori")
    assert [*day.core.reconciliations.findings(day.office.actor("it"), run.id, Kind.DRIFT).rows] == []
    assert (run.in_order, run.drift, run.recorded, run.unmanaged) == (1, 0, 1, 1)
