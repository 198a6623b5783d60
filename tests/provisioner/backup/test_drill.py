"""The drill, into both databases: everything is lost after the last backup, and the service comes back from it.

The system in which the accounts live goes on meanwhile, and knows more than the backup does.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from provisioner.audit import AnchorBook
from provisioner.audit.export import export
from provisioner.audit.findings import Report
from provisioner.audit.verify import verify
from provisioner.backup.writing import Written
from provisioner.errors import Conflict, InvalidInput, NotFound, WrongState
from provisioner.provisioning.console import Console
from provisioner.restore.restoring import Restored
from tests.office import Applicant, MovableClock, RealOffice
from tests.provisioner.backup import lost_office
from tests.provisioner.backup.lost_office import (
    NEWER,
    OWN,
    Places,
    account_of,
    enabled,
    finish,
    gets_in,
    link_of,
)
from tests.servers.postgresql import Database, Postgresql
from tests.stores import SQLITE

# Which database it is restored into, this says itself: what was lost comes in one of its own.
pytestmark = pytest.mark.parametrize("store_kind", [SQLITE], indirect=True)


@dataclass
class Drill:
    """The office before the loss, and after it."""

    places: Places
    office: RealOffice
    people: dict[str, Applicant]
    restored: Restored
    entries_before: list[str] = field(repr=False)
    names: dict[str, str]

    @property
    def core(self) -> Any:
        return self.office.core

    def report(self) -> Report:
        book = AnchorBook(self.places.root / "anchors")
        with self.core.context.store.read() as session:
            return verify(export(session, self.core.context.trail), book.read(), self._mac)

    def _mac(self, data: bytes) -> bytes:
        return bytes(self.core.context.keyring.mac("audit-row", data))


@dataclass
class Lost:
    """What is left of the office: backups, the system, the anchors, and the memory of its people."""

    places: Places
    people: dict[str, Applicant]
    written: Written


def in_database(database: Database) -> dict[str, Any]:
    """Settings of a store there."""
    found = database.parameters
    url = URL.create(
        "postgresql+psycopg",
        found["user"],
        found["password"],
        found["host"],
        found["port"],
        found["dbname"],
        {"sslmode": found["sslmode"], "sslrootcert": found["sslrootcert"]},
    )
    return {"store": {"url": url.render_as_string(hide_password=False)}}


@pytest.fixture(scope="module")
def lost(
    prepared_office: Path, tmp_path_factory: pytest.TempPathFactory, postgresql_server: Postgresql
) -> Iterator[Lost]:
    """It had its store in PostgreSQL. Making it takes most of the time, so it is lost once and restored twice."""
    root = tmp_path_factory.mktemp("lost")
    places = Places(root, prepared_office, MovableClock())
    with postgresql_server.database() as database:
        store = in_database(database)
        lost_office.moved(prepared_office, places.settings("lost", **store), places.clock, root)
        office = places.office("lost", **store)
        kinds = ("steady", "suspended", "sealed", "unopened")
        people = {name: office.new("handover", number) for number, name in enumerate(kinds)}
        people["desk"] = office.new("division", 6)
        for name in ("steady", "suspended"):
            finish(office, people[name])
        written = places.back_up(office)
        office.core.accounts.suspend_now(office.actor("adb"), account_of(office, people["suspended"]).id)
        finish(office, people["sealed"], NEWER)
        people["late"] = office.new("handover", 7)
        finish(office, people["late"])
        lost_office.anchor(office)
        office.close()
    yield Lost(places, people, written)


@pytest.fixture(params=["sqlite", "postgresql"])
def drill(request: pytest.FixtureRequest, lost: Lost, tmp_path: Path, postgresql_server: Postgresql) -> Iterator[Drill]:
    """Held after the restoration, its runner having had every chance to do something."""
    places = lost.places.elsewhere(tmp_path)
    with ExitStack() as stack:
        here = request.param == "postgresql"
        store = in_database(stack.enter_context(postgresql_server.database())) if here else {}
        entries = places.entries()
        places.clock.move(minutes=30)
        restored = places.restored(lost.written, "found", **store)
        office = places.opened("found", **store)
        people = {name: replace(who) for name, who in lost.people.items()}
        known = {name: who for name, who in people.items() if name not in ("desk", "late")}
        names = {name: account_of(office, who).username for name, who in known.items()}
        office.core.heart.runner.start()
        office.core.heart.runner.stop()
        office.core.heart.drain()
        yield Drill(places, office, people, restored, entries, names)
        office.close()


def test_the_drill(drill: Drill) -> None:
    """One story, in its order."""
    _nothing_was_done_while_held(drill)
    _what_lay_open_is_void(drill)
    _the_trail_tells_of_the_restoration(drill)
    _nothing_may_be_done_that_needs_the_systems(drill)
    _the_comparison_shows_what_the_backup_does_not_know(drill)
    _it_is_confirmed_only_when_everything_was_looked_at(drill)
    _then_only_what_is_known_is_carried_out(drill)
    _what_is_newer_is_decided_by_a_person(drill)
    _who_was_approved_since_gets_another_name(drill)
    _whose_code_is_void_gets_another_from_two_officials(drill)
    _the_trail_is_sound_over_both_epochs(drill)


def _nothing_was_done_while_held(drill: Drill) -> None:
    assert drill.core.restorations.held()
    assert drill.places.entries() == drill.entries_before
    assert drill.core.heart.work.claim("akun", 10) == []
    assert drill.core.heart.issuer.due() == []


def _what_lay_open_is_void(drill: Drill) -> None:
    assert (drill.restored.voided.envelopes, drill.restored.lost_events is not None) == (2, True)
    for name in ("sealed", "unopened", "desk"):
        with pytest.raises((NotFound, WrongState)):
            drill.office.open_envelope(drill.people[name])
        assert drill.core.applicant_session(drill.people[name].token) is None


def _the_trail_tells_of_the_restoration(drill: Drill) -> None:
    (opened,) = drill.office.events("epoch-opened")
    assert opened.seq == drill.restored.manifest.head_seq + 1
    report = drill.report()
    assert report.sound
    (epoch,) = report.epochs
    assert epoch.lost_until - epoch.backup_seq == drill.restored.lost_events
    assert "LOST" in str(epoch)


def _nothing_may_be_done_that_needs_the_systems(drill: Drill) -> None:
    steady = account_of(drill.office, drill.people["steady"]).id
    with pytest.raises(WrongState, match="restored"):
        drill.core.heart.passwords.change(steady, OWN, NEWER)
    with pytest.raises(WrongState, match="restored"):
        drill.office.new("sent", 8)
    assert not drill.core.heart.operator_sign_in.sign_in(drill.names["steady"], OWN).must_change


def _the_comparison_shows_what_the_backup_does_not_know(drill: Drill) -> None:
    it = Console().actor()
    with pytest.raises(WrongState, match="compared"):
        drill.core.restorations.confirm(it, numbers_seen=True)
    assert drill.core.restorations.compare_all(it) == 1
    drill.core.heart.drain()
    view = drill.core.restorations.last(it)
    assert view is not None and view.uncompared == ()
    run = view.systems[0].compared
    found = {(each.kind, each.reason): each.username for each in drill.core.reconciliations.every_finding(it, run.id)}
    assert found["orphan", "no-account"] not in drill.names.values()
    newer = [each for each in drill.core.reconciliations.every_finding(it, run.id) if each.reason == "newer"]
    assert {each.username for each in newer} == {drill.names[name] for name in ("suspended", "sealed")}
    assert found["drift", ""] == drill.names["unopened"]
    assert drill.places.entries() == drill.entries_before


def _it_is_confirmed_only_when_everything_was_looked_at(drill: Drill) -> None:
    it, restorations = Console().actor(), drill.core.restorations
    with pytest.raises(InvalidInput):
        restorations.confirm(it, numbers_seen=False)
    with pytest.raises(InvalidInput):
        restorations.set_next_number(it, "pact", 1, "sudah dipakai")
    last = {each.name: each.last for each in restorations.last(it).series}
    restorations.set_next_number(it, "pact", last["pact"] + 3, "Dua pakta dibuat sesudah cadangan")
    restorations.confirm(it, numbers_seen=True, note="Sudah dilihat")
    assert not restorations.held()
    with pytest.raises(WrongState, match="held"):
        restorations.confirm(it, numbers_seen=True)


def _then_only_what_is_known_is_carried_out(drill: Drill) -> None:
    before = drill.core.targets["akun"].connector
    names = {entry.username for entry in before.search()}
    drill.core.heart.drain()
    assert {entry.username for entry in before.search()} == names
    assert gets_in(drill.office, drill.names["steady"], OWN)
    assert gets_in(drill.office, drill.names["sealed"], NEWER)
    assert not enabled(drill.office, drill.names["suspended"])
    assert not enabled(drill.office, drill.names["unopened"])
    assert link_of(drill.office, drill.people["steady"]).state == "done"
    for name in ("suspended", "sealed"):
        link = link_of(drill.office, drill.people[name])
        assert (link.state, link.error) == ("failed", "Superseded")


def _what_is_newer_is_decided_by_a_person(drill: Drill) -> None:
    """However often something is decided here that counts the version up, only closing the account catches up."""
    adb = drill.office.actor("adb")
    suspended, sealed = (account_of(drill.office, drill.people[name]).id for name in ("suspended", "sealed"))
    for account in (suspended, sealed):
        for _ in range(4):
            drill.core.accounts.extend(adb, account, None, "masih bertugas")
            drill.core.heart.drain()
    assert not enabled(drill.office, drill.names["suspended"])
    assert gets_in(drill.office, drill.names["sealed"], NEWER)
    drill.core.accounts.suspend_now(adb, suspended)
    drill.core.heart.drain()
    assert link_of(drill.office, drill.people["suspended"]).state == "done"
    assert not enabled(drill.office, drill.names["suspended"])
    drill.core.accounts.reactivate(adb, suspended, reason="diputuskan lagi")
    drill.core.heart.drain()
    assert gets_in(drill.office, drill.names["suspended"], OWN)


def _who_was_approved_since_gets_another_name(drill: Drill) -> None:
    again = drill.office.new("handover", 7, nik="3576024107950099", staff_number="19950701 202012 2 099")
    late = [each.username for each in drill.core.targets["akun"].connector.search()]
    assert len(late) == len(set(late))
    pact = drill.office.pact(again)
    assert pact.number.startswith("0007")
    assert account_of(drill.office, again).username in late
    assert gets_in(drill.office, account_of(drill.office, again).username, OWN) is False
    finish(drill.office, again, NEWER)
    assert gets_in(drill.office, account_of(drill.office, again).username, NEWER)


def _whose_code_is_void_gets_another_from_two_officials(drill: Drill) -> None:
    """Also somebody who had only one: a first code, which one official gives, it is not."""
    office, enrolment = drill.office, drill.core.enrolment
    unopened, secretary, adb = drill.people["unopened"], office.actor("secretary"), office.actor("adb")
    with pytest.raises(Conflict):
        enrolment.ask(secretary, drill.people["desk"].request_id, "counter", "KTP")
    assert enrolment.ask(adb, unopened.request_id, "lost", "KTP dilihat") is None
    waiting = next(each for each in enrolment.waiting(adb) if each.request_id == unopened.request_id)
    code = enrolment.agree(office.actor("section_head"), waiting.id)
    exchanged = enrolment.exchange(code)
    drill.core.heart.drain()
    unopened.ticket, unopened.token = exchanged.ticket, exchanged.session_token
    finish(office, unopened, NEWER)
    assert gets_in(office, drill.names["unopened"], NEWER)


def _the_trail_is_sound_over_both_epochs(drill: Drill) -> None:
    lost_office.anchor(drill.office)
    report = drill.report()
    assert report.sound
    assert report.last_anchored == report.last
