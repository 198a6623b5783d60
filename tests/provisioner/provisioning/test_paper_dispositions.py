"""Dispositions initialled on paper: the stack, the scans with their QR codes, and what is recorded in whose name."""

import io
from hashlib import sha256

import pikepdf
import pypdfium2
import pytest

from provisioner.deviation import DeviationKind
from provisioner.documents.sheet_code import paper_codes_on
from provisioner.errors import InvalidInput, NotAllowed, NotFound, WrongState
from provisioner.provisioning import lookup
from provisioner.provisioning.paper_dispositions import TakenSheet
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice, person
from tests.pdf_pages import one_page, text_of

ON_PAPER = {"procedure": {"paper_dispositions": True}}


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    return make_office(**ON_PAPER)


def stack(office: RealOffice, *people: Applicant) -> bytes:
    return office.core.paper_dispositions.stack(office.actor("secretary"), [office.letter(who).id for who in people])


def take_in(office: RealOffice, name: str, content: bytes, letter_id: str = "") -> tuple[TakenSheet, ...]:
    return office.core.paper_dispositions.take_in(office.actor("secretary"), [(name, content)], letter_id)


def stack_with_a_back(office: RealOffice, *people: Applicant) -> io.BytesIO:
    """A stack whose first sheet was scanned from both sides."""
    whole = io.BytesIO()
    with pikepdf.open(io.BytesIO(stack(office, *people))) as pdf, pikepdf.open(io.BytesIO(one_page())) as back:
        pdf.pages.insert(1, back.pages[0])
        pdf.save(whole)
    return whole


def photographed(pdf: bytes) -> bytes:
    """The first page as a telephone sees it: a little askew, grey, as a JPEG."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil()
    out = io.BytesIO()
    page.rotate(4, expand=True, fillcolor="white").save(out, "JPEG", quality=70)
    return out.getvalue()


def record(office: RealOffice, sheet: TakenSheet, by: str = "secretary", head: str = "head", **more: str) -> None:
    with office.core.context.store.read() as session:
        revision = lookup.letter(session, sheet.letter_id).revision
    given = {"decision": "forward", **more}
    office.core.paper_dispositions.record(
        office.actor(by),
        sheet.letter_id,
        revision,
        sheet_id=sheet.id,
        official_id=office.actor(head).official_id,
        **given,
    )


def test_a_photograph_of_an_initialled_sheet_finds_its_letter_and_counts_as_the_heads_disposition(
    office: RealOffice,
) -> None:
    who = office.new("sent")
    (sheet,) = take_in(office, "lembar.jpg", photographed(stack(office, who)))
    assert sheet.letter_id == office.letter(who).id
    record(office, sheet, requested_action="process", note="Segera.")
    assert (office.letter(who).step, office.letter(who).state) == (3, "disposing")
    act = office.acts(who)[-1]
    assert act.official_id == office.actor("head").official_id
    assert act.recorded_by == office.actor("secretary").official_id
    today = office.core.context.today()
    (exception,) = office.core.deviations.look(office.actor("auditor"), today, today).of(DeviationKind.ON_PAPER)
    assert (exception.letter_number, exception.who) == ("800/112", act.actor_label)
    assert act.actor_label == (
        "Kepala Dinas, Pejabat Head; dicatat oleh Sekretaris, Pejabat Secretary menurut lembar berparaf"
    )
    (event,) = office.events("disposition-recorded")
    assert event.actor_label == "Sekretaris"
    paper = office.core.attachments.read(office.actor("head"), sheet.id)
    assert sha256(paper.content).hexdigest() in event.fields
    assert office.events("letter-forwarded")[0].actor_label == "Kepala Dinas (menurut lembar berparaf)"


def test_the_head_sees_it_and_can_object_until_the_next_desk_has_opened_it(office: RealOffice) -> None:
    who = office.new("sent")
    head, letter_id = office.actor("head"), office.letter(who).id
    (sheet,) = take_in(office, "lembar.pdf", stack(office, who))
    record(office, sheet)
    (shown,) = office.core.inboxes.of(head).on_paper
    assert (shown.letter_id, shown.act.can_undo) == (letter_id, True)
    office.core.desks.undo(head, shown.act.id)
    assert office.letter(who).step == 2
    assert office.core.inboxes.of(head).on_paper == ()
    record(office, sheet)
    office.core.desks.open(office.actor("division_head"), letter_id)
    (shown,) = office.core.inboxes.of(head).on_paper
    assert not shown.act.can_undo
    with pytest.raises(WrongState, match="already opened"):
        office.core.desks.undo(head, shown.act.id)
    with pytest.raises(WrongState, match="sheet used"):
        office.core.paper_dispositions.discard(office.actor("secretary"), sheet.id)


def test_a_scanned_stack_is_taken_apart_by_its_codes_and_backs_go_with_their_fronts(office: RealOffice) -> None:
    first, second = office.new("sent"), office.new("sent", 1)
    whole = stack_with_a_back(office, first, second)
    office.core.repair.withdraw(second.request_id)
    with pytest.raises(InvalidInput) as refused:
        take_in(office, "tumpukan.pdf", whole.getvalue())
    assert (refused.value.code, refused.value.data["page"]) == ("sheet-not-waiting", 3)
    second = office.new("sent", 2)
    whole = stack_with_a_back(office, first, second)
    taken = take_in(office, "tumpukan.pdf", whole.getvalue())
    assert [(each.letter_id, each.pages) for each in taken] == [
        (office.letter(first).id, 2),
        (office.letter(second).id, 1),
    ]
    kept = office.core.attachments.read(office.actor("head"), taken[1].id).content
    assert len(text_of(kept)) == 1


def test_what_the_reader_of_codes_cannot_open_has_no_code() -> None:
    assert paper_codes_on(b"%PDF-1.7 rusak", 2) == ["", ""]
    assert paper_codes_on(one_page(), 2) == ["", ""]


def test_a_page_without_a_readable_code_needs_the_letter_to_be_chosen(office: RealOffice) -> None:
    who, other = office.new("sent"), office.new("sent", 1)
    with pytest.raises(InvalidInput) as unreadable:
        take_in(office, "kosong.pdf", one_page())
    assert (unreadable.value.code, unreadable.value.data["page"]) == ("sheet-code-unreadable", 1)
    (sheet,) = take_in(office, "kosong.pdf", one_page(), office.letter(who).id)
    assert sheet.letter_id == office.letter(who).id
    assert office.core.paper_dispositions.discard(office.actor("secretary"), sheet.id) == sheet.letter_id
    with pytest.raises(InvalidInput, match="sheet of another letter"):
        take_in(office, "lembar.pdf", stack(office, who), office.letter(other).id)


def test_nobody_records_from_paper_for_a_desk_or_a_request_of_their_own(office: RealOffice) -> None:
    both = office.add_official("rangkap", "secretary", "head", full_name="Rangkap")
    clerk = office.add_official("pemohon", "secretary", full_name="Dewi", nik=person()["nik"])
    who = office.new("sent")
    (sheet,) = take_in(office, "lembar.pdf", stack(office, who))
    assert both.holds("head")
    with pytest.raises(NotAllowed, match="own desk on paper"):
        record(office, sheet, by="rangkap")
    assert clerk.holds("secretary")
    with pytest.raises(NotAllowed, match="own request"):
        record(office, sheet, by="pemohon")
    with pytest.raises(NotAllowed):
        record(office, sheet, by="section_head")
    with pytest.raises(InvalidInput, match="official: missing"):
        record(office, sheet, head="division_head")
    with pytest.raises(InvalidInput, match="reason: missing"):
        record(office, sheet, decision="return")
    assert office.letter(who).step == 2


def test_a_rejection_and_a_return_on_paper_end_like_those_on_the_page(office: RealOffice) -> None:
    for number, (decision, state) in enumerate([("return", "returned"), ("reject", "rejected")]):
        who = office.new("sent", number)
        (sheet,) = take_in(office, "lembar.pdf", stack(office, who))
        record(office, sheet, decision=decision, note="Suratnya belum bertanda tangan.")
        assert office.letter(who).state == state


def test_the_sheet_is_the_offices_own_paper(office: RealOffice) -> None:
    who = office.new("sent")
    (sheet,) = take_in(office, "lembar.pdf", stack(office, who))
    assert office.core.attachments.of_request(who.request_id) == ()
    with pytest.raises(NotFound):
        office.core.attachments.own(who.request_id, sheet.id)
    letter = office.core.reading.letter(office.actor("head"), sheet.letter_id)
    assert [paper.kind for paper in letter.papers] == ["disposition-sheet"]


def test_an_office_that_has_not_set_it_records_nothing_from_paper_but_prints_sheets(make_office: MakeOffice) -> None:
    office = make_office()
    who = office.new("sent")
    paper = stack(office, who)
    (page,) = text_of(paper)
    for said in ("LEMBAR DISPOSISI", "Kelurahan Gedongan", "1/2026", "Dengan hormat harap"):
        assert said in page
    with pytest.raises(NotAllowed, match="paper dispositions off"):
        take_in(office, "lembar.pdf", paper)
