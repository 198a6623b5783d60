"""A pact signed on paper: printed, scanned, confirmed by the section head; the scan is kept and cannot be exchanged."""

from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import update

from provisioner.provisioning.verification_answer import Over, Standing
from provisioner.provisioning.wet_ink import SEEN
from provisioner.signing.verdict import VerdictCode
from provisioner.store.tables import PactRow
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice, own_password
from tests.pdf_changes import scanned
from tests.pdf_pages import one_page
from tests.provisioner.documents.poppler import pages_of, picture_of, text_of
from tests.provisioner.provisioning.refusal import code_of


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    return make_office(signing={"way": "wet-ink"}, limits={"verifications_per_minute": 1000})


def other_page() -> bytes:
    document, written = pikepdf.new(), BytesIO()
    document.add_blank_page(page_size=(400, 500))
    document.save(written)
    return written.getvalue()


def bring(office: RealOffice, who: Applicant, content: bytes = b"", by: str = "secretary", name: str = "a.pdf") -> None:
    office.core.wet_ink.bring(office.actor(by), office.pact(who).id, [(name, content or one_page())])


def confirm(
    office: RealOffice, who: Applicant, digest: str = "", seen: tuple[str, ...] = SEEN, by: str = "section_head"
) -> str:
    pact = office.pact(who)
    return office.core.wet_ink.confirm(
        office.actor(by), pact.id, digest or pact.scan_sha256 or "", seen, own_password(by)
    )


def see(office: RealOffice, who: Applicant, by: str = "section_head") -> bytes:
    return office.core.wet_ink.scan(office.actor(by), office.pact(who).id)[1]


def test_what_is_printed_has_room_for_ink_and_no_word_of_electronic_signatures(
    office: RealOffice, tmp_path: Path
) -> None:
    who = office.new("pact-applicant")
    _, pdf = office.core.pacts.own_document(who.request_id)
    text = text_of(pdf, tmp_path)
    assert "ditandatangani di atas kertas" in text
    assert "elektronik" not in text
    assert b"/Sig" not in pdf
    assert office.pact(who).way == "wet-ink"
    assert code_of(lambda: office.core.signatures.sign_as_applicant(who.request_id, who.ticket)) == "pact-in-ink"


def test_the_confirmed_scan_creates_the_account_and_the_ticket_opens_the_envelope(office: RealOffice) -> None:
    who, scan = office.new("pact-applicant"), one_page()
    bring(office, who, scan)
    assert office.state(who) == ("disposed", "pact-official")
    assert see(office, who) == scan
    confirm(office, who)
    pact = office.pact(who)
    assert (pact.state, pact.scan_sha256, pact.authentication) == ("signed", sha256(scan).hexdigest(), "password")
    with office.core.context.store.read() as session:
        kept = session.get_one(PactRow, pact.id).scan
    assert kept is not None and scan not in kept
    office.core.heart.drain()
    assert office.open_envelope(who).slips
    kinds = [row.kind for row in office.events()]
    for kind in ("pact-scan-brought", "pact-scan-read", "pact-scan-confirmed", "pact-signed", "account-approved"):
        assert kind in kinds
    (brought,) = office.events("pact-scan-brought")
    assert sha256(scan).hexdigest() in brought.fields


def test_everything_must_have_been_seen_the_scan_opened_and_the_password_right(office: RealOffice) -> None:
    who = office.new("pact-applicant")
    assert code_of(lambda: confirm(office, who, "0" * 64)) == "changed-meanwhile"
    bring(office, who)
    assert code_of(lambda: confirm(office, who)) == "pact-not-viewed"
    see(office, who)
    assert code_of(lambda: confirm(office, who, seen=SEEN[1:])) == "ink-not-seen"
    assert code_of(lambda: confirm(office, who, by="adb")) == "not-your-post"
    wrong = office.pact(who)
    head = office.actor("section_head")
    confirmed = office.core.wet_ink.confirm
    assert code_of(lambda: confirmed(head, wrong.id, wrong.scan_sha256 or "", SEEN, "salah")) == "wrong-credentials"
    assert office.request(who).account_id is None


def test_a_wrong_scan_is_replaced_before_it_is_confirmed_and_never_afterwards(office: RealOffice) -> None:
    who = office.new("pact-applicant")
    bring(office, who)
    see(office, who)
    first = office.pact(who).scan_sha256 or ""
    bring(office, who, other_page(), by="section_head")
    assert code_of(lambda: confirm(office, who, first)) == "changed-meanwhile"
    assert code_of(lambda: confirm(office, who)) == "pact-not-viewed"
    see(office, who)
    confirm(office, who)
    assert code_of(lambda: bring(office, who)) == "pact-scan-final"
    assert code_of(lambda: confirm(office, who)) == "request-wrong-state"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7\n" + b"0" * (40 << 20), "attachment-too-large"),
        (b"PK\x03\x04" + b"0" * 99, "attachment-type"),
        (b"%PDF-1.7\nbroken", "attachment-damaged"),
    ],
    ids=["large", "zip", "broken"],
)
def test_what_is_no_scan_is_refused_and_keeps_nothing(office: RealOffice, content: bytes, code: str) -> None:
    who = office.new("pact-applicant")
    assert code_of(lambda: bring(office, who, content)) == code
    assert (office.pact(who).state, office.pact(who).scan_sha256) == ("prepared", None)


def test_only_those_who_see_the_papers_bring_and_read_a_scan(office: RealOffice) -> None:
    who = office.new("pact-applicant")
    for post in ("adb", "it", "head", "auditor"):
        assert code_of(partial(bring, office, who, by=post)) == "not-your-post"
    bring(office, who)
    assert code_of(lambda: see(office, who, "it")) == "not-your-post"
    office.add_official("kasi2", "section_head")
    see(office, who, "kasi2")
    assert code_of(lambda: confirm(office, who, by="kasi2")) == "pact-made-by-other"


def test_verification_says_that_it_was_signed_in_ink_and_knows_the_scan(office: RealOffice, tmp_path: Path) -> None:
    who, scan = office.new("pact-applicant"), one_page()
    number, printed = office.core.pacts.own_document(who.request_id)
    photo = picture_of(printed, tmp_path, page=pages_of(printed, tmp_path))
    verify = office.core.verification
    assert [verify.by_upload(each).office for each in (printed, photo)] == [None, None]
    bring(office, who, scan)
    assert verify.by_upload(scan).standing is Standing.UNKNOWN  # Nobody has confirmed it yet.
    see(office, who)
    confirm(office, who)
    says = verify.by_number(number)
    assert says is not None and (says.way, says.sha256) == ("wet-ink", "")
    found = [verify.by_upload(each) for each in (scan, printed, printed + b"%", photo, scanned(photo), other_page())]
    assert [(one.standing, one.verdict.code) for one in found] == [
        (Standing.VALID, VerdictCode.INK_SCAN),
        (Standing.UNKNOWN, VerdictCode.INK_PRINT),
        (Standing.UNKNOWN, VerdictCode.INK_OTHER),
        (Standing.SCAN, VerdictCode.NOT_PDF),
        (Standing.SCAN, VerdictCode.NOT_OURS),
        (Standing.UNKNOWN, VerdictCode.NOT_OURS),
    ]
    of_scan, of_print, of_other, of_photo = (one.office for one in found[:4])
    assert of_scan is not None and of_photo == of_scan
    assert (of_scan.applicant, of_scan.sha256) == ("Dewi Lestari Handayani, A.Md.", sha256(scan).hexdigest())
    assert of_other == says
    assert of_print is not None and of_print.number == number
    with office.core.context.store.begin() as session:
        session.execute(update(PactRow).values(state="void"))
    assert verify.by_upload(scan).standing is Standing.REVOKED
    of_photo = verify.by_upload(photo).office
    assert of_photo is not None and of_photo.over is Over.VOID
