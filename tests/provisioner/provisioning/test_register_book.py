"""The register book: a number for each letter, without gaps and without doubles, whatever happens meanwhile."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from provisioner.bootstrap import build
from provisioner.errors import InvalidInput, NotAllowed, WrongState
from provisioner.provisioning import outgoing, register_book
from provisioner.provisioning.drafting import new_letter
from provisioner.provisioning.register_book import Direction
from provisioner.provisioning.register_views import RegisterLine
from tests.conftest import MakeOffice
from tests.faults.dying import freeze_here, stopped_in
from tests.office import LETTER, MovableClock, RealOffice, person

TYPED = {"register_book": {"numbers": "typed"}}
BY_SECRETARY = {"register_book": {"at": "secretary"}}
COUNTER = {"number": "800/77", "letter_date": "2026-06-05", "sender": "Kecamatan Magersari", "subject": "Permohonan"}


def lines(office: RealOffice, direction: Direction = Direction.INCOMING, text: str = "") -> list[RegisterLine]:
    """The book, from its first line on."""
    found = office.core.register.page(office.actor("auditor"), direction, text=text, per_page=1000)
    return list(reversed(found.lines))


def register(office: RealOffice, **changes: str) -> str:
    return office.core.registering.register(office.actor("secretary"), {**COUNTER, **changes})


def test_a_letter_of_the_public_form_gets_its_number_when_it_is_sent(make_office: MakeOffice) -> None:
    office = make_office()
    who = office.new("sent")
    (line,) = lines(office)
    assert (line.sequence, line.number, line.sender) == (1, "1/2026", LETTER["sender"])
    assert (line.letter_number, line.forwarded_to) == (LETTER["number"], "Kepala Dinas")
    assert line.letter_id == office.letter(who).id
    assert '"register_number":"1/2026"' in office.events("request-submitted")[0].fields


def test_a_letter_of_the_counter_gets_its_number_when_it_is_registered(make_office: MakeOffice) -> None:
    office = make_office()
    letter_id = register(office, received_on="2026-06-06", enclosures="2 lembar")
    (line,) = lines(office)
    assert (line.number, line.letter_id, line.enclosures) == ("1/2026", letter_id, "2 lembar")
    assert line.received_on.isoformat() == "2026-06-06"


def test_the_book_says_to_whom_the_letter_was_forwarded_and_that_it_was_withdrawn(make_office: MakeOffice) -> None:
    office = make_office()
    who = office.new("division")
    assert lines(office)[0].forwarded_to == "Kepala Bidang"
    office.core.desks.undo(office.actor("head"), office.last_act(who, "forward"))
    assert lines(office)[0].forwarded_to == "Kepala Dinas"
    office.core.repair.withdraw(who.request_id)
    assert lines(office)[0].remark == "Ditarik pemohon 8 Juni 2026"


def test_a_letter_corrected_after_it_was_registered_is_corrected_in_the_book(make_office: MakeOffice) -> None:
    office = make_office()
    letter_id = register(office)
    secretary = office.actor("secretary")
    request_id = office.core.reading.letter(secretary, letter_id).requests[0].id
    revision = office.core.tracking.own(request_id, secretary).letter_revision
    office.core.drafting.save_letter(request_id, revision, {**COUNTER, "number": "800/78"}, secretary)
    assert lines(office)[0].letter_number == "800/78"
    assert '["letter_number"]' in office.events("register-entry-corrected")[0].fields


def test_a_copy_of_a_letter_shares_its_number(make_office: MakeOffice) -> None:
    office = make_office()
    who = office.new("review")
    revision = office.request(who).revision
    office.core.review.return_for_repair(office.actor("section_head"), who.request_id, revision, "Orangnya lain.")
    office.fill(who, person(5))
    assert office.core.repair.resubmit(who.request_id).restarted
    assert [line.number for line in lines(office)] == ["1/2026"]
    shown = office.core.register.entry_of(office.actor("head"), office.letter(who).id)
    assert shown is not None
    assert shown.number == "1/2026"


def test_where_the_secretary_registers_nothing_waits_for_it(make_office: MakeOffice) -> None:
    office = make_office(**BY_SECRETARY)
    who = office.new("review")
    assert lines(office) == []
    secretary, letter_id = office.actor("secretary"), office.letter(who).id
    assert [line.id for line in office.core.inboxes.of(secretary).unregistered] == [letter_id]
    assert office.core.inboxes.of(office.actor("head")).unregistered == ()
    revision = office.letter(who).revision
    assert office.core.register.enter(secretary, letter_id, {}) == "1/2026"
    assert office.letter(who).revision == revision
    assert office.core.register.waiting(secretary) == ()
    assert lines(office)[0].received_on == office.core.context.today()
    with pytest.raises(WrongState, match="letter registered already"):
        office.core.register.enter(secretary, letter_id, {})


def test_a_typed_number_is_needed_and_is_not_given_twice_in_a_year(make_office: MakeOffice) -> None:
    office = make_office(**TYPED)
    with pytest.raises(InvalidInput) as missing:
        register(office)
    assert missing.value.fields == {"register_number": ["missing"]}
    register(office, register_number="045.2 / 17")
    with pytest.raises(InvalidInput) as taken:
        register(office, register_number="045.2/17")
    assert taken.value.fields == {"register_number": ["register-number-taken"]}
    who = office.new("sent")
    secretary = office.actor("secretary")
    assert office.core.register.enter(secretary, office.letter(who).id, {"register_number": "045.2/18"}) == "045.2/18"
    assert [(line.sequence, line.number) for line in lines(office)] == [(1, "045.2 / 17"), (2, "045.2/18")]


def test_a_void_entry_stays_with_its_reason_and_its_number_is_not_given_again(make_office: MakeOffice) -> None:
    office = make_office()
    first = register(office)
    secretary = office.actor("secretary")
    office.core.register.void(secretary, lines(office)[0].id, "Tercatat dua kali.")
    register(office, number="800/79")
    void, standing = lines(office)
    assert void.is_void
    assert (void.number, void.void_reason, void.void_by) == ("1/2026", "Tercatat dua kali.", "Pejabat Secretary")
    assert (standing.number, standing.is_void) == ("2/2026", False)
    with pytest.raises(WrongState):
        office.core.register.void(secretary, void.id, "Sekali lagi.")
    assert office.core.register.enter(secretary, first, {}) == "3/2026"


def test_a_number_typed_by_mistake_is_free_again_once_its_entry_is_void(make_office: MakeOffice) -> None:
    office = make_office(**TYPED)
    register(office, register_number="21")
    office.core.register.void(office.actor("secretary"), lines(office)[0].id, "Seharusnya 12.")
    register(office, register_number="21")
    assert [line.number for line in lines(office)] == ["21", "21"]


def test_numbers_start_again_with_the_year(make_office: MakeOffice) -> None:
    office = make_office()
    register(office)
    office.clock.move(days=300)
    register(office, letter_date="2027-03-01")
    assert [line.number for line in lines(office)] == ["1/2027"]
    page = office.core.register.page(office.actor("head"), Direction.INCOMING, 2026)
    assert [line.number for line in page.lines] == ["1/2026"]
    assert page.years == (2027, 2026)


def test_only_the_secretary_writes_in_it(make_office: MakeOffice) -> None:
    office = make_office()
    letter_id = register(office)
    for post in ("head", "division_head", "section_head", "adb", "it", "auditor"):
        actor, line = office.actor(post), lines(office)[0].id
        with pytest.raises(NotAllowed):
            office.core.register.void(actor, line, "Tidak perlu.")
        with pytest.raises(NotAllowed):
            office.core.register.remark(actor, line, "Catatan")
        with pytest.raises(NotAllowed):
            office.core.register.enter(actor, letter_id, {})


def test_a_search_finds_a_line_by_what_stands_in_it(make_office: MakeOffice) -> None:
    office = make_office()
    register(office)
    register(office, sender="Kelurahan Wates 100%")
    assert [line.number for line in lines(office, text="100%")] == ["2/2026"]
    assert [line.number for line in lines(office, text="magersari")] == ["1/2026"]


# -- outgoing ----------------------------------------------------------------------------------------------------------


def assign(office: RealOffice, kind: str, request_id: str | None = None, typed: str = "") -> str:
    context = office.core.context
    with context.store.begin() as session:
        return outgoing.assign(
            session,
            context,
            kind=kind,
            letter_id=None,
            request_id=request_id,
            day=context.today(),
            subject="Jawaban",
            addressee="Lurah Gedongan",
            typed=typed,
        )


def test_outgoing_letters_have_numbers_of_their_own(make_office: MakeOffice) -> None:
    office = make_office()
    who = office.new("sent")
    assert assign(office, "answer", who.request_id) == "001/SIAK/VI/2026"
    assert assign(office, "minutes") == "002/SIAK/VI/2026"
    assert assign(office, "answer", who.request_id) == "001/SIAK/VI/2026"
    assert [line.forwarded_to for line in lines(office, Direction.OUTGOING)] == ["Lurah Gedongan"] * 2
    assert len(lines(office)) == 1


def test_an_outgoing_number_is_typed_where_the_office_keeps_its_own_book(make_office: MakeOffice) -> None:
    office = make_office(**TYPED)
    with pytest.raises(InvalidInput):
        assign(office, "answer")
    assert assign(office, "answer", typed="400.12/9/2026") == "400.12/9/2026"


def test_a_number_of_a_letter_that_was_not_sent_after_all_is_given_to_the_next(make_office: MakeOffice) -> None:
    office = make_office()
    context = office.core.context
    with pytest.raises(ZeroDivisionError), context.store.begin() as session:
        outgoing.assign(
            session,
            context,
            kind="answer",
            letter_id=None,
            request_id=None,
            day=context.today(),
            subject="",
            addressee="",
        )
        raise ZeroDivisionError
    assert assign(office, "answer") == "001/SIAK/VI/2026"


# -- many at once ------------------------------------------------------------------------------------------------------


def test_letters_registered_at_once_while_one_process_is_killed_leave_no_gap(make_office: MakeOffice) -> None:
    office = make_office()

    def take_a_number_and_stand_still() -> None:
        core = build(office.settings, MovableClock())
        with core.context.store.begin() as session:
            letter = new_letter(session, core.context, "counter", None)
            entry = register_book.enter_letter(session, core.context, letter, register_book.Particulars(), None)
            assert entry.number == "1/2026"
            freeze_here()

    dying = stopped_in(take_a_number_and_stand_still)
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(register, office, number=f"800/{number}") for number in range(24)]
        refused = [pool.submit(register, office, received_on="2027-01-01") for _ in range(4)]
        dying.kill()
        for each in sent:
            each.result()
        assert all(isinstance(each.exception(), InvalidInput) for each in refused)
    last = register(office)
    book = lines(office)
    assert [(line.sequence, line.number) for line in book] == [(each, f"{each}/2026") for each in range(1, 26)]
    assert book[-1].letter_id == last
