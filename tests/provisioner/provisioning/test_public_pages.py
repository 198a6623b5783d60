"""What anybody may ask: the state behind a tracking code, whether a pact is genuine, the receipt, the papers."""

import json
from functools import partial
from pathlib import Path

import pytest

from provisioner.audit import Anchor
from provisioner.audit.export import export
from provisioner.audit.verify import verify
from provisioner.provisioning.attachments import MAX_PER_REQUEST
from provisioner.provisioning.pact_facts import pact_mark
from provisioner.provisioning.verification import MAX_UPLOAD
from provisioner.signing.verdict import VerdictCode
from provisioner.ticket import Ticket, TrackingCode
from tests.conftest import MakeOffice
from tests.office import RealOffice, person
from tests.pdf_pages import one_page
from tests.provisioner.documents.poppler import text_of
from tests.provisioner.provisioning.refusal import code_of

# -- tracking --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["draft", "sent", "pact-applicant", "handover"])
def test_the_tracking_code_shows_the_state_and_nothing_of_anybody(office: RealOffice, state: str) -> None:
    who = office.new(state)
    seen = office.core.tracking.by_code(who.tracking_code.lower())
    told = repr(seen)
    row = office.request(who)
    for secret in (row.full_name, row.display_name, row.username, row.number, "800/112", "Gedongan", who.bio["nik"]):
        assert not secret or secret not in told
    assert (seen.state, len(seen.steps)) == (row.state, 6)
    assert seen.must_act is (state in ("draft", "pact-applicant", "handover"))


def test_codes_do_not_do_each_others_work(office: RealOffice) -> None:
    who = office.new("sent")
    by_code, with_ticket = office.core.tracking.by_code, office.core.drafting.with_ticket
    assert code_of(lambda: by_code(who.ticket)).startswith("code-")
    assert code_of(lambda: with_ticket(who.tracking_code)).startswith("code-")
    assert code_of(lambda: by_code(TrackingCode.new().text())) == "tracking-code-unknown"
    assert code_of(lambda: with_ticket(Ticket.new().text())) == "ticket-unknown"


def test_guessing_codes_is_slowed_down_for_all_kinds_of_codes_together(make_office: MakeOffice) -> None:
    office = make_office(limits={"codes_per_minute": 4})
    for _ in range(2):
        assert code_of(partial(office.core.tracking.by_code, TrackingCode.new().text(), address="192.0.2.5"))
        assert code_of(partial(office.core.drafting.with_ticket, Ticket.new().text(), address="192.0.2.5"))
    who = office.new("draft")
    last = partial(office.core.tracking.by_code, who.tracking_code)
    assert code_of(partial(last, address="192.0.2.5")) == "too-many-tries"
    assert last(address="192.0.2.6").state == "with-letter"


@pytest.mark.parametrize(("limit", "what"), [("drafts_per_hour", "begin"), ("submissions_per_hour", "submit")])
def test_public_forms_are_limited(make_office: MakeOffice, limit: str, what: str) -> None:
    office = make_office(limits={limit: 2})
    if what == "begin":
        for _ in range(2):
            office.core.drafting.begin(address="192.0.2.5")
        assert code_of(lambda: office.core.drafting.begin(address="192.0.2.5")) == "too-many-tries"
        office.clock.move(hours=1, seconds=1)
        office.core.drafting.begin(address="192.0.2.5")
        return
    people = [office.new("draft", number) for number in range(3)]
    for who in people[:2]:
        office.core.drafting.submit(who.request_id, address="192.0.2.5")
    submit = partial(office.core.drafting.submit, people[2].request_id, address="192.0.2.5")
    assert code_of(submit) == "too-many-tries"
    assert office.letter(people[2]).state == "draft"


# -- the receipt -----------------------------------------------------------------------------------------------------


def test_the_receipt_holds_the_check_code_and_never_the_ticket(office: RealOffice, tmp_path: Path) -> None:
    who = office.new("sent")
    paper = office.core.receipts.print(who.request_id)
    text = text_of(paper, tmp_path)
    assert office.request(who).check_code in text.split()
    assert who.tracking_code in text
    for secret in (who.ticket, who.ticket.replace("-", ""), who.ticket.split("-")[2], who.bio["nik"]):
        assert secret.lower() not in text.lower().replace(" ", "")
        assert secret.encode() not in paper


def test_every_print_of_the_receipt_is_an_anchor_of_the_audit_trail(office: RealOffice, tmp_path: Path) -> None:
    who = office.new("sent")
    with office.core.context.store.read() as session:
        head = office.core.context.trail.head(session)
    first = text_of(office.core.receipts.print(who.request_id), tmp_path)
    second = text_of(office.core.receipts.print(who.request_id), tmp_path)
    assert head.short in first
    assert head.short not in second
    anchors = [Anchor.parse(word) for text in (first, second) for word in text.split() if word.count("-") == 4]
    with office.core.context.store.read() as session:
        report = verify(export(session, office.core.context.trail, personal=False), anchors)
    assert report.sound
    assert report.anchors_matched == 2
    assert [json.loads(each.fields)["head_seq"] for each in office.events("paper-printed")] == [head.seq, head.seq + 1]


def test_there_is_no_receipt_before_sending(office: RealOffice) -> None:
    assert code_of(lambda: office.core.receipts.print(office.new("draft").request_id)) == "not-sent-yet"


# -- verifying a pact ------------------------------------------------------------------------------------------------


def test_a_signed_pact_is_genuine_by_number_and_by_upload(office: RealOffice) -> None:
    who = office.new("done")
    number, paper = office.core.pacts.own_document(who.request_id)
    mark = pact_mark(office.core.context.keyring, number)
    says = office.core.verification.by_number(f" {number} ", mark)
    assert says is not None
    assert (says.state, says.account_state, says.sha256, says.length) == (
        "signed",
        "pending-activation",
        office.pact(who).sha256,
        len(paper),
    )
    assert who.bio["nik"] not in repr(says)
    verified = office.core.verification.by_upload(paper)
    assert verified.verdict.code is VerdictCode.GENUINE
    assert verified.office == says


@pytest.mark.parametrize("mark", ["", "0" * 12, "ä"])
def test_who_only_counts_numbers_up_learns_no_name(office: RealOffice, mark: str) -> None:
    number, _ = office.core.pacts.own_document(office.new("done").request_id)
    says = office.core.verification.by_number(number, mark)
    assert says is not None
    assert (says.applicant, says.role, says.region, says.official, says.sha256) == ("", "", "", "", "")
    assert (says.number, says.state) == (number, "signed")


@pytest.mark.parametrize("state", ["pact-applicant", "pact-official"])
def test_an_unfinished_pact_is_not_vouched_for(office: RealOffice, state: str) -> None:
    who = office.new(state)
    number, paper = office.core.pacts.own_document(who.request_id)
    assert office.core.verification.by_number(number) is None
    verified = office.core.verification.by_upload(paper)
    assert not verified.verdict.genuine
    assert verified.office is None


def test_a_changed_pact_is_not_genuine(office: RealOffice) -> None:
    who = office.new("creation")
    _, paper = office.core.pacts.own_document(who.request_id)
    middle = len(paper) // 3
    tampered = {
        "changed": paper[:middle] + bytes([paper[middle] ^ 1]) + paper[middle + 1 :],
        "cut": paper[: len(paper) - 2000],
        "appended": paper + b"\n% something",
        "not-pdf": b"hello",
        "other": one_page(),
    }
    codes = {name: office.core.verification.by_upload(each).verdict.code for name, each in tampered.items()}
    assert VerdictCode.GENUINE not in codes.values()
    assert codes["appended"] is VerdictCode.APPENDED
    assert codes["not-pdf"] is VerdictCode.NOT_PDF


def test_nothing_or_too_much_is_not_verified(office: RealOffice) -> None:
    for upload in (b"", b"x" * (MAX_UPLOAD + 1)):
        assert code_of(partial(office.core.verification.by_upload, upload)) == "upload-size"
    assert office.core.verification.by_number("x" * 10_000) is None
    assert office.core.verification.by_number("' OR 1=1 --") is None


def test_verifying_is_limited(make_office: MakeOffice) -> None:
    office = make_office(limits={"verifications_per_minute": 1})
    assert office.core.verification.by_number("x", address="192.0.2.5") is None
    assert code_of(lambda: office.core.verification.by_upload(b"x", address="192.0.2.5")) == "too-many-tries"


# -- papers ----------------------------------------------------------------------------------------------------------


def test_papers_are_kept_sealed_and_shown_to_their_owner(office: RealOffice) -> None:
    who, other = office.new("draft", 0), office.new("draft", 1)
    content = one_page()
    line = office.core.attachments.add(who.request_id, "id-card", [("ktp.pdf", content)])
    assert office.core.attachments.own(who.request_id, line.id).content == content
    assert code_of(lambda: office.core.attachments.own(other.request_id, line.id)) == "attachment-unknown"
    assert code_of(lambda: office.core.attachments.remove(other.request_id, line.id)) == "attachment-unknown"
    office.core.attachments.read(office.actor("section_head"), line.id)
    assert code_of(lambda: office.core.attachments.read(office.actor("it"), line.id)) == "not-your-post"
    assert len(office.events("attachment-read")) == 1
    office.close()
    assert not any(content[20:60] in file.read_bytes() for file in office.folder.rglob("*.db*"))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("ktp.pdf", b"", "attachment-empty"),
        ("ktp.pdf", b"MZ this is a program", "attachment-type"),
        ("ktp.pdf", b"%PDF-1.7 broken", "attachment-damaged"),
        ("ktp.jpg", b"\xff\xd8\xff\xe0 broken", "attachment-damaged"),
        ("ktp.pdf", b"x" * (11 * 1024 * 1024), "attachment-too-large"),
    ],
)
def test_a_paper_that_is_none_is_refused_and_nothing_kept(
    office: RealOffice, name: str, content: bytes, code: str
) -> None:
    who = office.new("draft")
    add = office.core.attachments.add
    assert code_of(lambda: add(who.request_id, "id-card", [(name, content)])) == code
    assert code_of(lambda: add(who.request_id, "virus", [("a.pdf", one_page())])) == "attachment-kind-unknown"
    assert office.core.attachments.of_request(who.request_id) == ()


def test_nobody_brings_papers_without_end(office: RealOffice) -> None:
    who, page = office.new("draft"), one_page()
    for _ in range(MAX_PER_REQUEST):
        office.core.attachments.add(who.request_id, "other", [("a.pdf", page)])
    add = partial(office.core.attachments.add, who.request_id, "other", [("a.pdf", page)])
    assert code_of(add) == "attachments-too-many"


@pytest.mark.parametrize("state", ["sent", "review", "creation"])
def test_papers_do_not_change_under_the_eyes_of_a_desk(office: RealOffice, state: str) -> None:
    who = office.new("draft")
    line = office.core.attachments.add(who.request_id, "id-card", [("ktp.pdf", one_page())])
    office.bring(who, state)
    remove = partial(office.core.attachments.remove, who.request_id, line.id)
    assert code_of(remove) == "not-with-applicant"
    add = partial(office.core.attachments.add, who.request_id, "other", [("a.pdf", one_page())])
    assert code_of(add) == "not-with-applicant"


def test_the_scan_that_the_head_disposed_of_is_not_taken_away_by_one_applicant(office: RealOffice) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    scan = office.core.attachments.add(first.request_id, "letter", [("surat.pdf", one_page())])
    office.bring(first, "review")
    row = office.request(second)
    office.core.review.return_for_repair(office.actor("section_head"), row.id, row.revision, "perbaiki")
    assert code_of(lambda: office.core.attachments.remove(second.request_id, scan.id)) == "not-with-applicant"
    assert [paper.id for paper in office.core.attachments.of_request(first.request_id)] == [scan.id]
