"""After a rotation everything is sealed anew, whatever happens meanwhile, and only then is the old key retired."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select

from provisioner.audit import Actor, Filters
from provisioner.connector import Changes
from provisioner.keyring import Keyring
from provisioner.paper import PaperKind
from provisioner.provisioning.attachments import PURPOSE as PAPER
from provisioner.provisioning.wet_ink import SCAN_PURPOSE
from provisioner.resealing import COLUMNS, SETTLING, Resealing
from provisioner.store import Store
from provisioner.store.tables import AttachmentRow, Model, PactRow, RequestRow
from tests.conftest import MakeOffice
from tests.office import MEMORY, RealOffice, own_password, person
from tests.pdf_pages import one_page
from tests.provisioner.provisioning.first_day import FirstDay, row
from tests.provisioner.provisioning.refusal import code_of

MANUAL = {"kind": "manual", "label": "SIAK", "settings": {"system": "SIAK", "fields": [["Nama", "{full_name}"]]}}


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    """An office with something sealed in every table."""
    office = make_office(targets={"sistem": MEMORY, "siak": MANUAL})
    who, adb = office.new("creation"), office.actor("adb")
    office.core.heart.drain()
    (card,) = office.core.cards.open(adb)
    office.core.cards.confirm_created(adb, card.id, "siak.dewi", "Awal-1234-sekali", files=[("layar.pdf", one_page())])
    office.core.papers.make(PaperKind.REQUEST_LETTER, office.letter(who).id)
    username = office.request(who).username or ""
    office.core.help_cards.ask(username, "forgotten", "saya lupa")
    session = office.core.sign_in.session(office.core.sign_in.sign_in("head", own_password("head")).token)
    assert session is not None
    office.core.second_factors.begin(session.info)
    _tampered(office)
    office.core.targets["sistem"].connector.add_stranger("agus.lama")  # type: ignore[attr-defined]
    FirstDay(office).record(row("agus.lama", 2))
    with office.core.context.store.begin() as unit:
        scan = office.core.context.keyring.seal(SCAN_PURPOSE, one_page())
        unit.get_one(PactRow, office.pact(who).id).scan = scan  # As of one that was signed on paper.
    office.core.attachments.add(office.new("draft", 1).request_id, "id-card", [("ktp.pdf", one_page())])
    return office


def _tampered(office: RealOffice) -> None:
    """Somebody changes an entry behind our back, and a comparison finds it."""
    connector = office.core.targets["sistem"].connector
    entry = next(iter(connector.search()))
    assert entry.marker is not None
    connector.update(entry, Changes(enabled=not entry.enabled), entry.marker)
    assert office.core.reconciliations.run(office.actor("adb"), "sistem").found_anything


def resealing(office: RealOffice, keyring: Keyring | None = None) -> Resealing:
    context = office.core.context
    return Resealing(context.store, keyring or context.keyring, context.trail, context.clock)


def rotate(office: RealOffice) -> tuple[str, str]:
    """Rotate as the command does; gives the old key's id and the new one's. The running service follows the file."""
    file = office.settings.path(office.settings.keys.file)
    old = Keyring.load(file)
    new = old.rotated()
    new.save(file)
    context = office.core.context
    # Nothing but a sealing or an unknown key makes a service look at the file.
    context.keyring.seal("any", b"")
    with context.store.begin() as session:
        context.trail.record(
            session, "keys-rotated", actor=Actor.command(), key_id=new.newest_id, old_key_id=old.newest_id
        )
    return old.newest_id, new.newest_id


def sealed_values(store: Store) -> Iterator[tuple[str, str, bytes]]:
    """Name of the column, purpose and value of everything that is sealed."""
    with store.read() as session:
        for each in COLUMNS:
            for value in session.scalars(select(each.column).where(each.is_filled)):
                yield each.name, each.purpose, bytes(value)


def opened(office: RealOffice) -> list[bytes]:
    """Everything that is sealed, in clear."""
    context = office.core.context
    return sorted(context.keyring.open(purpose, value) for _, purpose, value in sealed_values(context.store))


UNSEALED = {
    "authority.certificate",
    "official.person_key",
    "official.staff_key",
    "reconciliation.unlisted",
    "web_session.token_key",
    "audit_personal.salt",
    "request.forwarded_identity",
    "request.person_key",
    "request.staff_key",
    "request.tracking_key",
    "request.opening_key",
    "request.signing_key",
    "enrolment.code_key",
    "account.person_key",
    "account.staff_key",
    "paper.facts_digest",
    "recorded_account.person_key",
    "generation.slip",
    "generation.shown_slip",
}
"""Keyed look-up forms, public keys, salts, counts packed into bytes, and slips, which applicants' tickets seal."""


def test_every_column_of_bytes_is_sealed_and_resealed_or_known_as_not_sealed() -> None:
    every = {
        f"{table.name}.{column.name}"
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert every == {each.name for each in COLUMNS} | UNSEALED


def test_every_sealed_column_is_known_with_its_purpose(office: RealOffice) -> None:
    context, found = office.core.context, set()
    with context.store.read() as session:
        for table in Model.metadata.sorted_tables:
            for column in (each for each in table.columns if isinstance(each.type, LargeBinary)):
                values = session.scalars(select(column).where(column.is_not(None)))
                if any(context.keyring.knows(bytes(value)) for value in values):
                    found.add(f"{table.name}.{column.name}")
    assert found == {each.name for each in COLUMNS}
    assert opened(office)


def test_everything_is_sealed_anew_and_says_the_same(office: RealOffice) -> None:
    before = opened(office)
    old, new = rotate(office)
    assert resealing(office).count()[old] == len(before)
    told: list[int] = []
    assert resealing(office).run(told.append) == len(before)
    assert sum(told) == len(before)
    counted = resealing(office).count()
    assert (counted[old], counted[new] >= len(before)) == (0, True)
    assert [value for value in opened(office) if value in before] == before
    (event,) = office.events("keys-resealed")
    assert json.loads(event.fields) == {"key_id": new, "count": len(before)}


def test_run_again_there_is_nothing_to_do_and_nothing_to_tell(office: RealOffice) -> None:
    rotate(office)
    resealing(office).run()
    assert resealing(office).run() == 0
    assert len(office.events("keys-resealed")) == 1


def test_people_are_still_found_and_the_trail_is_whole(office: RealOffice) -> None:
    sent = office.new("sent", 2)
    rotate(office)
    resealing(office).run()
    assert office.core.tracking.by_code(sent.tracking_code).state == "with-letter"
    again = office.draft(person(0))
    assert code_of(lambda: office.bring(again, "pact-applicant")) == "person-has-account"
    assert {each.intact for each in office.core.trail_reading.search(office.actor("auditor"), Filters()).entries} == {
        True
    }


def killed_after(batches: int, work: Callable[[Callable[[int], None]], object]) -> int:
    """Run ``work`` in a process that dies after so many batches; gives the signal it died of."""
    child = os.fork()
    if child == 0:
        left = iter(range(batches, -1, -1))
        work(lambda _: os.kill(os.getpid(), signal.SIGKILL) if next(left) == 1 else None)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("batches", [1, 4, 9])
def test_killed_in_the_middle_it_is_taken_up_where_it_was(office: RealOffice, batches: int) -> None:
    before = opened(office)
    old, _ = rotate(office)
    office.core.context.store.close()
    assert killed_after(batches, resealing(office).run) == -signal.SIGKILL
    left = resealing(office).count()[old]
    assert 0 < left < len(before)
    assert opened(office) == before
    assert resealing(office).run() == left
    assert resealing(office).count()[old] == 0
    assert [value for value in opened(office) if value in before] == before


class Overtaken(Keyring):
    """A keyring beside which somebody writes: just before the paper is sealed anew, it becomes another one."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.meanwhile: Callable[[], None] = lambda: None

    def seal(self, purpose: str, plaintext: bytes) -> bytes:
        if purpose == PAPER:
            self.meanwhile()
        return super().seal(purpose, plaintext)


def test_what_the_service_writes_meanwhile_is_not_overwritten(office: RealOffice) -> None:
    rotate(office)
    context = office.core.context

    def write() -> None:
        with context.store.begin() as session:
            session.scalars(select(AttachmentRow)).one().content = context.keyring.seal(PAPER, b"newer")

    keyring = Overtaken.parse(context.keyring.to_text())
    keyring.meanwhile = write
    resealing(office, keyring).run()
    with context.store.read() as session:
        content = session.scalars(select(AttachmentRow.content)).one()
    assert context.keyring.open(PAPER, content) == b"newer"


def test_a_key_is_retired_only_when_nothing_needs_it(office: RealOffice) -> None:
    old, new = rotate(office)
    saved: list[Keyring] = []
    retire = resealing(office).retire
    assert code_of(lambda: retire(new, saved.append)) == "key-in-use"
    assert code_of(lambda: retire("00000000", saved.append)) == "key-unknown"
    office.clock.move(minutes=20)
    assert code_of(lambda: retire(old, saved.append)) == "key-still-seals"
    resealing(office).run()
    retire(old, saved.append)
    assert saved[0].key_ids == (new,)
    assert len(office.events("keys-retired")) == 1


def test_no_key_is_retired_while_somebody_may_still_write_what_it_sealed(office: RealOffice) -> None:
    old, _ = rotate(office)
    resealing(office).run()
    saved: list[Keyring] = []
    assert code_of(lambda: resealing(office).retire(old, saved.append)) == "key-too-new"
    office.clock.move(minutes=SETTLING / timedelta(minutes=1))
    resealing(office).retire(old, saved.append)
    assert len(saved) == 1


def test_lookups_do_not_depend_on_the_keys_that_are_rotated(office: RealOffice) -> None:
    def forms() -> list[tuple[bytes | None, ...]]:
        with office.core.context.store.read() as session:
            query = select(RequestRow.person_key, RequestRow.staff_key, RequestRow.tracking_key).order_by(RequestRow.id)
            return [tuple(row) for row in session.execute(query)]

    before = forms()
    rotate(office)
    resealing(office).run()
    assert forms() == before
