"""What the head disposed of stays what it was: another person, role or region starts again at the head."""

import pytest

from tests.office import Applicant, RealOffice, person
from tests.pdf_pages import one_page
from tests.provisioner.provisioning.refusal import code_of

OTHERS = [
    {"nik": "3576024107950777", "full_name": "Orang Lain"},
    {"role": "OPERATOR_KECAMATAN", "region_scope": "35.76.02"},
    {"region_scope": "35.76.02.1003"},
]


def returned_letter(office: RealOffice, who: Applicant, post: str) -> None:
    letter = office.letter(who)
    office.core.desks.return_for_repair(office.actor(post), letter.id, letter.revision, "perbaiki")


def returned_request(office: RealOffice, who: Applicant) -> None:
    row = office.request(who)
    office.core.review.return_for_repair(office.actor("section_head"), row.id, row.revision, "perbaiki")


@pytest.mark.parametrize("change", OTHERS)
def test_a_letter_with_another_person_role_or_region_starts_again_at_the_head(
    office: RealOffice, change: dict[str, str]
) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    office.bring(first, "division")
    returned_letter(office, first, "division_head")
    office.fill(second, person(1, **change))
    sent = office.core.repair.resubmit(first.request_id)
    assert (sent.desk, sent.restarted) == ("head", True)
    assert office.letter(first).step == 2


@pytest.mark.parametrize(
    "change",
    [{"phone": "081298765432"}, {"title_suffix": "S.Kom."}, {"position": "Operator"}, {"nik": "3576 0241 0795 0001"}],
)
def test_anything_else_comes_back_to_the_desk(office: RealOffice, change: dict[str, str]) -> None:
    who = office.new("division")
    returned_letter(office, who, "division_head")
    office.fill(who, person(0, **change))
    assert office.core.repair.resubmit(who.request_id).desk == "division_head"


@pytest.mark.parametrize("change", OTHERS)
def test_a_changed_request_leaves_the_letter_and_starts_again_alone(office: RealOffice, change: dict[str, str]) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    office.bring(first, "review")
    old = office.letter(first)
    returned_request(office, first)
    office.fill(first, person(0, **change))
    sent = office.core.repair.resubmit(first.request_id)
    assert (sent.desk, sent.restarted) == ("head", True)
    assert office.state(first) == ("disposing", "with-letter")
    new = office.letter(first)
    assert new.id != old.id
    assert (new.number, new.sender, new.letter_date, new.step) == (old.number, old.sender, old.letter_date, 2)
    assert office.state(second) == ("disposed", "review")
    assert office.request(first).number is not None
    office.forward(first, "head")
    office.forward(first, "division_head")
    assert office.state(first) == ("disposed", "review")
    office.approve(first)
    office.approve(second)


def test_a_request_that_starts_again_keeps_the_history_of_the_round_before(office: RealOffice) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    office.bring(first, "review")
    old = office.letter(first)
    returned_request(office, first)
    office.fill(first, person(0, **OTHERS[0]))
    office.core.repair.resubmit(first.request_id)
    office.clock.move(minutes=5)
    row = office.request(second)
    office.core.review.reject(office.actor("section_head"), row.id, row.revision, "tidak memenuhi syarat")
    office.forward(first, "head")
    head, new = office.actor("head"), office.letter(first)
    view = office.core.reading.request(head, first.request_id)
    assert [(act.kind, act.earlier) for act in view.acts] == [
        ("submit", old.id),
        ("forward", old.id),
        ("assign", old.id),
        ("return", old.id),
        ("restart", ""),
        ("forward", ""),
    ]
    assert [act.kind for act in view.acts if act.can_undo] == ["forward"]
    assert [(each.id, each.number) for each in view.letter.earlier] == [(old.id, old.number)]
    left = office.core.reading.letter(head, old.id)
    assert [each.id for each in left.requests] == [second.request_id]
    assert [(each.id, each.letter_id) for each in left.moved_on] == [(first.request_id, new.id)]
    assert left.earlier == ()
    other = office.core.reading.request(head, second.request_id)
    assert [act.kind for act in other.acts] == ["submit", "forward", "assign", "reject"]


def test_a_request_that_starts_again_twice_keeps_the_history_of_both_rounds(office: RealOffice) -> None:
    who = office.new("review")
    for number in (1, 2):
        returned_request(office, who)
        office.fill(who, person(number))
        office.core.repair.resubmit(who.request_id)
        office.forward(who, "head")
        office.forward(who, "division_head")
    view = office.core.reading.request(office.actor("auditor"), who.request_id)
    one = ["submit", "forward", "assign", "return"]
    assert [act.kind for act in view.acts] == [*one, *["restart", *one[1:]], "restart", "forward", "assign"]
    assert len({act.earlier for act in view.acts}) == 3
    assert len(view.letter.earlier) == 2


def test_a_late_bio_form_that_starts_again_keeps_the_dispositions_in_its_history(office: RealOffice) -> None:
    who = office.draft({})
    office.bring(who, "review")
    office.fill(who, person(0, nik="3576010101700001", birth_date="1970-01-01", sex="male"))
    assert office.core.repair.resubmit(who.request_id).restarted
    view = office.core.reading.request(office.actor("auditor"), who.request_id)
    assert [act.kind for act in view.acts] == ["submit", "forward", "assign", "restart"]


def test_a_letter_that_starts_again_says_so_in_its_history(office: RealOffice) -> None:
    who = office.new("division")
    returned_letter(office, who, "division_head")
    office.fill(who, person(0, **OTHERS[1]))
    office.core.repair.resubmit(who.request_id)
    assert [act.kind for act in office.acts(who)] == ["submit", "forward", "return", "restart"]


def test_a_request_that_starts_again_keeps_its_papers_and_the_letters_scan(office: RealOffice) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    add = office.core.attachments.add
    add(first.request_id, "letter", [("surat.pdf", one_page())])
    add(first.request_id, "id-card", [("ktp.pdf", one_page())])
    office.bring(first, "review")
    returned_request(office, first)
    office.fill(first, person(0, **OTHERS[0]))
    office.core.repair.resubmit(first.request_id)
    assert sorted(paper.kind for paper in office.core.attachments.of_request(first.request_id)) == ["id-card", "letter"]
    assert [paper.kind for paper in office.core.attachments.of_request(second.request_id)] == ["letter"]
    view = office.core.reading.letter(office.actor("head"), office.letter(first).id)
    assert [paper.kind for paper in view.papers] == ["letter"]


def test_an_answer_to_the_wrong_form_does_not_start_again(office: RealOffice) -> None:
    who = office.new("review")
    returned_request(office, who)
    office.fill(who, person(0, **OTHERS[1]))
    office.fill(who, person(0))
    assert not office.core.repair.resubmit(who.request_id).restarted


# -- the bio form after step 3 ---------------------------------------------------------------------------------------


def test_a_bio_form_may_come_after_the_dispositions_and_is_frozen_then(office: RealOffice) -> None:
    who = office.draft({})
    office.bring(who, "review")
    assert office.state(who) == ("disposed", "bio-form")
    assert code_of(lambda: office.core.repair.resubmit(who.request_id)) == "bio-incomplete"
    office.fill(who, person(0))
    sent = office.core.repair.resubmit(who.request_id)
    assert (sent.desk, sent.restarted) == ("section_head", False)
    row = office.request(who)
    assert row.bio_frozen_at is not None
    assert code_of(lambda: office.core.drafting.save_bio(row.id, row.revision, person(1))) == "not-with-applicant"
    assert [event.kind for event in office.events("bio-form-completed")] == ["bio-form-completed"]
    assert office.acts(who)[-1].step == 3


def test_nobody_decides_before_the_bio_form_is_there(office: RealOffice) -> None:
    who = office.draft({})
    office.bring(who, "review")
    row, section_head = office.request(who), office.actor("section_head")
    approval = office.approval(who, "dewi.lestari")
    assert (
        code_of(lambda: office.core.pacts.approve(section_head, row.id, row.revision, approval))
        == "request-wrong-state"
    )
    assert office.core.inboxes.of(section_head).requests == ()


def test_a_late_bio_form_that_came_back_with_another_person_starts_again(office: RealOffice) -> None:
    who = office.draft({})
    office.bring(who, "review")
    office.fill(who, person(0))
    office.core.repair.resubmit(who.request_id)
    returned_request(office, who)
    office.fill(who, person(1))
    assert office.core.repair.resubmit(who.request_id).restarted


def test_a_first_form_on_a_returned_letter_does_not_start_again(office: RealOffice) -> None:
    who = office.draft({})
    office.bring(who, "division")
    returned_letter(office, who, "division_head")
    office.fill(who, person(0))
    assert office.core.repair.resubmit(who.request_id).desk == "division_head"


def test_a_form_that_was_emptied_again_starts_again_at_the_head(office: RealOffice) -> None:
    who = office.new("division")
    returned_letter(office, who, "division_head")
    office.fill(who, {})
    assert office.core.repair.resubmit(who.request_id).restarted


def test_what_was_begun_must_be_right_even_if_it_may_come_later(office: RealOffice) -> None:
    who = office.draft(person(0, nik="3576"))
    assert code_of(lambda: office.core.drafting.submit(who.request_id)) == "bio-incomplete"
    assert office.letter(who).state == "draft"
    assert office.request(who).number is None


def test_a_form_of_a_megabyte_is_refused_and_nothing_of_it_kept(office: RealOffice) -> None:
    who = office.draft({})
    row = office.request(who)
    typed = person(0, reason="x" * 1_000_000)
    assert code_of(lambda: office.core.drafting.save_bio(row.id, row.revision, typed)) == "bio-too-long"
    assert office.request(who).bio is None
    letter = office.letter(who)
    save = office.core.drafting.save_letter
    assert code_of(lambda: save(row.id, letter.revision, {"sender": "x" * 1_000_000})) == "letter-invalid"
    assert code_of(lambda: save(row.id, letter.revision, {"number": "1\x00\n2"})) == "letter-invalid"
    assert code_of(lambda: save(row.id, letter.revision, {"letter_date": "2030-01-01"})) == "letter-invalid"
    assert office.letter(who).revision == letter.revision


def test_the_form_of_another_tab_does_not_overwrite_the_newer_one(office: RealOffice) -> None:
    who = office.draft(person(0))
    row, save = office.request(who), office.core.drafting.save_bio
    save(row.id, row.revision, person(0, position="Operator"))
    assert code_of(lambda: save(row.id, row.revision, person(0, position="Lama"))) == "changed-meanwhile"
    assert office.core.tracking.own(row.id).bio.typed["position"] == "Operator"
