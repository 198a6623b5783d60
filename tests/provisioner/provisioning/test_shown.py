"""What the public page of each kind of paper shows: held against the text of that very PDF."""

from pathlib import Path

import pytest

from provisioner.paper import CASE_KINDS, PaperKind
from provisioner.provisioning.paper_facts.shown import ON_PAPER_ONLY, SHOWN
from provisioner.provisioning.paper_says import PaperSays
from tests.office import Applicant, RealOffice, person
from tests.provisioner.documents.poppler import text_of, written_order_of


@pytest.fixture
def who(office: RealOffice) -> Applicant:
    """Somebody about whom there is every kind of paper."""
    who = office.bring(office.draft(person(0, valid_until="2027-12-31")), "done")
    office.core.accounts.revoke(
        office.actor("section_head"), office.request(who).account_id or "", "transfer", "Pindah."
    )
    return who


def page(office: RealOffice, kind: PaperKind, who: Applicant) -> tuple[PaperSays, bytes]:
    """What the page says about a paper of this kind, and the paper."""
    row = office.request(who)
    subject = {"letter": row.letter_id, "request": row.id, "account": row.account_id or ""}[kind.subject]
    paper = office.core.papers.make(kind, subject)
    says = office.core.verification.by_code(paper.code)
    assert says is not None
    return says, office.core.papers.bytes_of(paper)


def test_every_line_stands_on_the_paper_and_what_describes_a_person_is_only_named(
    office: RealOffice, who: Applicant, tmp_path: Path
) -> None:
    hidden = {
        *(who.bio[name] for name in ("nik", "address", "mail", "position", "assignment_order")),
        *("81234567890", "0812-3456-7890", "3576 0241 0795 0001", "19950701", "Pindah.", who.ticket, who.tracking_code),
        office.request(who).check_code or "",
    }
    for kind in CASE_KINDS:
        says, pdf = page(office, kind, who)
        printed = text_of(pdf, tmp_path) + written_order_of(pdf, tmp_path)
        lines = [text for _, texts in says.shown for text in texts]
        assert [text for text in lines if text not in printed] == [], kind
        assert {label for label, _ in says.shown} >= {each.label for each in SHOWN[kind]} - {"register_number"}, kind
        assert [secret for secret in hidden if secret in repr(says)] == [], kind
        assert says.on_paper_only == ON_PAPER_ONLY[kind]
    assert "3576 0241 0795 0001" in text_of(page(office, PaperKind.BIO_FORM, who)[1], tmp_path)


def test_a_paper_says_no_more_than_it_has_room_for(office: RealOffice, tmp_path: Path) -> None:
    people = office.draft(*(person(number, full_name=f"Orang Ke{name}") for number, name in enumerate("abcdef")))
    office.bring(people, "sent")
    says, pdf = page(office, PaperKind.DISPOSITION_SHEET, people)
    named = dict(says.shown)["applicant"]
    assert "dan 2 orang lainnya" in text_of(pdf, tmp_path)
    assert len(named) == 4
    assert [name for name in named if name not in text_of(pdf, tmp_path)] == []


def test_a_refusal_is_shown_without_its_reason_and_without_the_date_it_does_not_give(office: RealOffice) -> None:
    who = office.bring(office.draft(person(0, valid_until="2027-12-31")), "review")
    head = office.actor("section_head")
    office.core.review.open(head, who.request_id)
    office.core.review.reject(head, who.request_id, office.request(who).revision, "Pernah membocorkan data.")
    says, _ = page(office, PaperKind.ANSWER, who)
    assert dict(says.shown)["decision"] == ("tidak dapat disetujui",)
    assert "valid_until" not in dict(says.shown)
    assert "membocorkan" not in repr(says)
