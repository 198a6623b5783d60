"""What the office says to anybody about its papers: by the code of their QR drawing, and about files."""

import io
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import update

from provisioner.documents.changed_parts import Change, Part
from provisioner.documents.comparison import Difference
from provisioner.paper import PaperKind
from provisioner.provisioning.kept_papers import PaperView
from provisioner.provisioning.qr_claims import QrClaim
from provisioner.provisioning.verification_answer import Over, Standing, Verified
from provisioner.signing.verdict import VerdictCode
from provisioner.store.tables import AccountRow, LetterRow, PactRow, PaperRow
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice
from tests.pdf_changes import (
    flipped,
    only_named,
    page_with_code,
    printed_to_pdf,
    saved_anew,
    scanned,
    with_broken_table,
    with_more_on_a_page,
    with_note,
    with_one_page_more,
)
from tests.provisioner.documents.poppler import picture_of
from tests.provisioner.provisioning.refusal import code_of


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    return make_office(limits={"verifications_per_minute": 1000})


def made(office: RealOffice, who: Applicant | None = None) -> tuple[PaperView, bytes]:
    """A Surat Permohonan with its bytes."""
    who = who or office.new("sent")
    paper = office.core.papers.make(PaperKind.REQUEST_LETTER, office.letter(who).id)
    return paper, office.core.papers.bytes_of(paper)


def upload(office: RealOffice, document: bytes, expected: str = "") -> Verified:
    return office.core.verification.by_upload(document, expected=expected)


def change_subject(office: RealOffice, paper: PaperView) -> PaperView:
    """The letter says something else now, and its paper is made again."""
    assert paper.letter_id
    with office.core.context.store.begin() as session:
        session.execute(update(LetterRow).values(subject="Perihal lain"))
    return office.core.papers.make(PaperKind.REQUEST_LETTER, paper.letter_id)


def test_an_unknown_code_is_no_paper(office: RealOffice) -> None:
    paper, _ = made(office)
    assert office.core.verification.by_code(paper.code[:-1]) is None
    assert office.core.verification.by_code("x" * 10_000) is None


def test_asking_is_limited_whatever_is_asked(make_office: MakeOffice) -> None:
    office = make_office(limits={"verifications_per_minute": 1})
    assert office.core.verification.by_code("x", address="192.0.2.5") is None
    assert code_of(lambda: office.core.verification.by_code("y", address="192.0.2.5")) == "too-many-tries"


def test_a_paper_is_valid_until_a_newer_one_is_made(office: RealOffice) -> None:
    paper, document = made(office)
    assert upload(office, document).standing is Standing.VALID
    newer = change_subject(office, paper)
    found = upload(office, document)
    assert found.standing is Standing.REVOKED
    assert found.paper is not None
    assert found.paper.newer_at is not None
    assert upload(office, office.core.papers.bytes_of(newer)).standing is Standing.VALID
    assert [event.kind for event in office.events("paper-checked")] == ["paper-checked"] * 3


def test_every_way_to_change_a_paper_is_called_by_its_name(office: RealOffice) -> None:
    paper, document = made(office)
    middle = len(document) // 2
    changed = {
        Difference.APPENDED: document + b"\njunk",
        Difference.PREPENDED: b"junk\n" + document,
        Difference.UPDATED: with_note(document),
        Difference.TRUNCATED: document[:-700],
        Difference.BYTES: flipped(document, middle),
        Difference.WRITTEN_ANEW: saved_anew(document),
    }
    for how, file in changed.items():
        found = upload(office, file, paper.code)
        assert (found.standing, found.comparison and found.comparison.how) == (Standing.CHANGED, how)
        assert found.paper is not None
        assert found.paper.number == "800/112"
    told = upload(office, flipped(document, middle)).comparison
    assert told is not None
    assert (told.data["bytes"], told.data["position"]) == (1, middle + 1)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (with_note, Change(Part.NOTE, 1)),
        (with_more_on_a_page, Change(Part.PAGE, 1)),
        (with_one_page_more, Change(Part.PAGE_ADDED, 2)),
    ],
)
def test_an_update_says_what_it_touches(office: RealOffice, change: object, part: Change) -> None:
    _, document = made(office)
    found = upload(office, change(document))  # type: ignore[operator]
    assert found.comparison is not None
    assert found.comparison.data == {"bytes": len(change(document)) - len(document)}  # type: ignore[operator]
    assert part in found.comparison.changes
    assert change is not with_note or Change(Part.PAGE, 1) not in found.comparison.changes


def test_a_paper_with_a_broken_table_is_still_recognised(office: RealOffice) -> None:
    _, document = made(office)
    found = upload(office, with_broken_table(document))
    assert found.standing is Standing.CHANGED
    assert found.comparison is not None
    assert (found.comparison.how, found.comparison.data["part"]) == (Difference.BYTES, Part.DIRECTORY)


def test_who_only_names_a_number_learns_no_name(office: RealOffice) -> None:
    paper, _ = made(office)
    assert upload(office, only_named("800/112")).paper is None  # The sender's number, not one of ours.
    with office.core.context.store.begin() as session:
        session.execute(update(PaperRow).values(number="470/12"))
    found = upload(office, only_named("470/12"))
    assert found.paper is not None
    assert (found.standing, found.paper.shown, found.paper.sha256, found.comparison) == (Standing.CHANGED, (), "", None)
    number, _ = office.core.pacts.own_document(office.new("creation", 1).request_id)
    pact = upload(office, only_named(number))
    assert pact.office is not None
    assert (pact.standing, pact.office.applicant, pact.office.sha256) == (Standing.UNKNOWN, "", "")
    assert upload(office, only_named(paper.code)).paper == office.core.verification.by_code(paper.code)


def test_a_photograph_or_scan_is_told_by_its_drawing_and_never_called_valid(office: RealOffice, tmp_path: Path) -> None:
    paper, document = made(office)
    picture = picture_of(document, tmp_path)
    for file in (picture, scanned(picture)):
        found = upload(office, file)
        assert found.standing is Standing.SCAN
        assert found.scan is not None
        assert (found.scan.code, found.scan.site) == (paper.code, "")
        assert found.paper == office.core.verification.by_code(paper.code)


def test_what_another_program_printed_to_pdf_is_told_by_the_drawing_on_its_pages(
    office: RealOffice, tmp_path: Path
) -> None:
    paper, document = made(office)
    _, pact = office.core.pacts.own_document(office.new("creation", 1).request_id)
    found, of_pact = upload(office, printed_to_pdf(document, tmp_path)), upload(office, printed_to_pdf(pact, tmp_path))
    assert (found.standing, found.scan and found.scan.code) == (Standing.SCAN, paper.code)
    assert found.paper == office.core.verification.by_code(paper.code)
    assert (of_pact.standing, of_pact.verdict.code) == (Standing.SCAN, VerdictCode.NOT_OURS)
    assert of_pact.office is not None
    assert of_pact.office.applicant.startswith("Agus")


def test_a_drawing_that_leads_elsewhere_is_told(office: RealOffice) -> None:
    paper, _ = made(office)
    found = upload(office, page_with_code(f"https://siak-palsu.example/v/{paper.code}"))
    assert (found.standing, found.scan) == (Standing.SCAN, QrClaim(code=paper.code, site="siak-palsu.example"))
    for address in (f"http://localhost/v/{paper.code}x", "http://[/v/aaaaaaaaaaaaaaaa", "https://example.org/"):
        other = upload(office, page_with_code(address))
        assert (other.standing, other.scan) == (Standing.UNKNOWN, None)
    unknown = upload(office, page_with_code("https://siak-palsu.example/v/aaaaaaaaaaaaaaaa"))
    assert (unknown.standing, unknown.scan and unknown.scan.site) == (Standing.UNKNOWN, "siak-palsu.example")


def test_a_receipt_is_told_to_be_one_and_nothing_in_it_is_looked_up(office: RealOffice, tmp_path: Path) -> None:
    who = office.new("sent")
    receipt = office.core.receipts.print(who.request_id)
    forms = (receipt, receipt + b"junk", printed_to_pdf(receipt, tmp_path), picture_of(receipt, tmp_path))
    for file in (*forms, page_with_code("http://localhost/lacak#AAAA-BBBB-CCCC-DDDD")):
        found = upload(office, file)
        assert found.standing is Standing.RECEIPT
        assert (found.paper, found.office, found.comparison) == (None, None, None)
        for secret in (who.tracking_code, who.bio["full_name"], office.request(who).number):
            assert str(secret) not in repr(found)


def test_a_scan_of_a_pact_shows_what_its_drawing_entitles_to(office: RealOffice, tmp_path: Path) -> None:
    _, document = office.core.pacts.own_document(office.new("creation").request_id)
    found = upload(office, scanned(picture_of(last_page(document), tmp_path)))
    assert found.standing is Standing.SCAN
    assert found.office is not None
    assert found.office.applicant == "Dewi Lestari Handayani, A.Md."


def last_page(document: bytes) -> bytes:
    """The page of a pact on which its QR drawing stands."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(document)) as pdf:
        del pdf.pages[:-1]
        pdf.save(out)
    return out.getvalue()


def test_a_genuine_pact_that_does_not_hold_any_more_is_revoked_and_says_why(office: RealOffice) -> None:
    who, other = office.new("creation"), office.new("creation", 1)
    number, document = office.core.pacts.own_document(who.request_id)
    today = office.core.context.today()
    changes = (
        (None, PactRow.number, {"lapses_on": today}),
        (Over.LAPSED, PactRow.number, {"lapses_on": today - timedelta(days=1)}),
        (Over.ACCOUNT_ENDED, AccountRow.pact_id, {"state": "expired"}),
        (Over.ACCOUNT_ENDED, AccountRow.pact_id, {"state": "revoked"}),
        (Over.REPLACED, PactRow.id, {"renews_id": office.pact(who).id}),
        (Over.VOID, PactRow.number, {"state": "void"}),
    )
    ids = {PactRow.number: number, AccountRow.pact_id: office.pact(who).id, PactRow.id: office.pact(other).id}
    for why, column, values in changes:
        with office.core.context.store.begin() as session:
            session.execute(update(column.class_).where(column == ids[column]).values(**values))
        found = upload(office, document)
        assert found.office is not None
        assert (found.office.over, found.verdict.code) == (why, VerdictCode.GENUINE)
        assert found.standing is (Standing.REVOKED if why else Standing.VALID)
        assert office.core.verification.by_number(number) == found.office.without_persons()


def test_the_same_pact_says_more_after_each_kind_of_damage(office: RealOffice) -> None:
    _, document = office.core.pacts.own_document(office.new("creation").request_id)
    broken, note = upload(office, with_broken_table(document)), upload(office, with_note(document))
    assert (broken.standing, broken.verdict.code) == (Standing.CHANGED, VerdictCode.CHANGED)
    assert broken.comparison is not None
    assert broken.comparison.data["part"] == Part.DIRECTORY
    assert note.comparison is not None
    assert Change(Part.NOTE, 1) in note.comparison.changes
    assert note.office is not None
    assert note.office.applicant == "Dewi Lestari Handayani, A.Md."


@pytest.mark.parametrize(
    ("document", "looks"),
    [
        (b"PK\x03\x04" + bytes(200), "zip"),
        (b"\xd0\xcf\x11\xe0" + bytes(200), "office"),
        (b"\x89PNG\r\n\x1a\nx", "picture"),
    ],
)
def test_what_only_ends_in_pdf_is_told_what_it_is(office: RealOffice, document: bytes, looks: str) -> None:
    found = upload(office, document)
    assert (found.standing, found.verdict.code, found.verdict.data["looks"]) == (
        Standing.UNKNOWN,
        VerdictCode.NOT_PDF,
        looks,
    )


def test_a_file_that_is_another_paper_than_the_page_is_about_is_told_apart(office: RealOffice) -> None:
    paper, document = made(office)
    newer = change_subject(office, paper)
    assert upload(office, document, paper.code).expected
    assert not upload(office, document, newer.code).expected
    assert not upload(office, only_named(""), newer.code).expected
