"""Who withdrew no longer takes part: not counted, not waited for, and nothing given to them is good any more."""

import pytest

from provisioner.provisioning.desk_views import LetterView
from tests.office import Applicant, RealOffice, person
from tests.provisioner.provisioning.refusal import code_of


def three(office: RealOffice, to: str = "sent") -> list[Applicant]:
    """Three people on one letter."""
    people = office.draft_of_all(person(0), person(1), person(2))
    office.bring(people[0], to)
    return people


def seen_by(office: RealOffice, post: str, who: Applicant) -> LetterView:
    return office.core.reading.letter(office.actor(post), office.letter(who).id)


def test_who_withdrew_is_not_counted_among_the_letters_applicants(office: RealOffice) -> None:
    first, second, third = three(office)
    office.core.repair.withdraw(second.request_id)
    (line,) = office.core.inboxes.of(office.actor("head")).letters
    assert line.applicants == ("Dewi Lestari Handayani, A.Md.", "Budi Lestari Handayani, A.Md.")
    assert office.core.tracking.own(first.request_id).applicants == 2
    view = seen_by(office, "head", first)
    assert [each.id for each in view.taking_part] == [first.request_id, third.request_id]
    assert [(each.id, each.state) for each in view.requests if not each.takes_part] == [
        (second.request_id, "withdrawn")
    ]


def test_the_office_never_hears_of_somebody_taken_off_before_the_letter_was_sent(office: RealOffice) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    office.core.repair.withdraw(second.request_id)
    office.bring(first, "sent")
    assert [each.id for each in seen_by(office, "head", first).requests] == [first.request_id]
    unknown = code_of(lambda: office.core.reading.request(office.actor("head"), second.request_id))
    assert unknown == "request-unknown"


def test_a_letter_sent_again_is_not_written_down_for_who_withdrew(office: RealOffice) -> None:
    first, second, third = three(office)
    office.core.repair.withdraw(second.request_id)
    letter = office.letter(first)
    office.core.desks.return_for_repair(office.actor("head"), letter.id, letter.revision, "perbaiki")
    office.core.repair.resubmit(first.request_id)
    again = [row.request_id for row in office.events("request-resubmitted")]
    assert again == [first.request_id, third.request_id]


# -- codes for a new ticket ------------------------------------------------------------------------------------------


def asked(office: RealOffice, who: Applicant) -> None:
    office.core.enrolment.ask(office.actor("secretary"), who.request_id, "lost", "KTP-el ditunjukkan")


def given(office: RealOffice, who: Applicant) -> str:
    asked(office, who)
    (line,) = office.core.enrolment.waiting(office.actor("adb"))
    return office.core.enrolment.agree(office.actor("adb"), line.id)


def code_ended(office: RealOffice, who: Applicant) -> bool:
    return office.core.reading.request(office.actor("section_head"), who.request_id).code_ended


def test_a_code_that_was_asked_for_ends_with_the_request_and_nobody_waits_for_it(office: RealOffice) -> None:
    who = office.new("review")
    asked(office, who)
    (line,) = office.core.enrolment.waiting(office.actor("adb"))
    assert not code_ended(office, who)
    office.core.repair.withdraw(who.request_id)
    assert office.core.enrolment.waiting(office.actor("adb")) == []
    assert office.core.inboxes.of(office.actor("adb")).enrolments == 0
    assert code_of(lambda: office.core.enrolment.agree(office.actor("adb"), line.id)) == "enrolment-done"
    assert code_ended(office, who)
    assert [row.request_id for row in office.events("enrolment-code-voided")] == [who.request_id]


def test_a_code_that_was_given_out_ends_with_the_request(office: RealOffice) -> None:
    who = office.new("review")
    code = given(office, who)
    office.core.repair.withdraw(who.request_id)
    assert office.core.enrolment.waiting(office.actor("adb")) == []
    assert code_of(lambda: office.core.enrolment.exchange(code)) == "enrolment-code-unknown"
    assert code_ended(office, who)


def test_a_code_that_was_used_or_refused_before_is_not_said_to_have_ended(office: RealOffice) -> None:
    first, second, third = (office.new("review", number) for number in range(3))
    office.core.enrolment.exchange(given(office, first))
    asked(office, second)
    (line,) = office.core.enrolment.waiting(office.actor("adb"))
    office.core.enrolment.refuse(office.actor("adb"), line.id)
    for who in (first, second, third):
        office.core.repair.withdraw(who.request_id)
        assert not code_ended(office, who)
    assert office.events("enrolment-code-voided") == []


def test_a_rejection_holds_a_code_back_and_taking_it_back_gives_it_again(office: RealOffice) -> None:
    who = office.new("review")
    code = given(office, who)
    office.core.review.reject(office.actor("section_head"), who.request_id, office.request(who).revision, "keliru")
    assert office.core.enrolment.waiting(office.actor("adb")) == []
    assert code_ended(office, who)
    office.core.review.undo(office.actor("section_head"), office.last_act(who, "reject"))
    assert not code_ended(office, who)
    assert office.core.enrolment.exchange(code).request_id == who.request_id


def test_a_code_ends_with_an_account_that_is_revoked_before_it_was_received(office: RealOffice) -> None:
    who = office.new("handover")
    code = given(office, who)
    account = office.request(who).account_id
    assert account
    office.core.accounts.revoke(office.actor("it"), account, office.core.office.revocation_reasons[0].code)
    assert code_ended(office, who)
    assert code_of(lambda: office.core.enrolment.exchange(code)) == "enrolment-code-unknown"


# -- undoing after everybody has gone --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "post", "kind"), [("review", "division_head", "assign"), ("division", "head", "forward")]
)
def test_no_desk_gets_an_empty_letter_back(office: RealOffice, state: str, post: str, kind: str) -> None:
    first, second, third = three(office, state)
    act, undo = office.last_act(first, kind), office.core.desks.undo
    for who in (first, second, third):
        assert [each.can_undo for each in seen_by(office, post, first).acts if each.kind == kind] == [True]
        office.core.repair.withdraw(who.request_id)
    assert [each.can_undo for each in seen_by(office, post, first).acts if each.kind == kind] == [False]
    before = office.state(first)
    assert code_of(lambda: undo(office.actor(post), act)) == "nobody-left"
    assert office.state(first) == before
    assert office.core.inboxes.of(office.actor(post)).letters == ()


def test_the_last_disposition_comes_back_with_those_who_are_left(office: RealOffice) -> None:
    first, second, third = three(office, "review")
    office.core.repair.withdraw(first.request_id)
    office.core.desks.undo(office.actor("division_head"), office.last_act(second, "assign"))
    assert [office.request(each).state for each in (first, second, third)] == [
        "withdrawn",
        "with-letter",
        "with-letter",
    ]
    (line,) = office.core.inboxes.of(office.actor("division_head")).letters
    assert len(line.applicants) == 2


def test_a_rejection_of_the_letter_is_still_taken_back_for_those_it_closed(office: RealOffice) -> None:
    first, second, _ = three(office)
    office.core.repair.withdraw(second.request_id)
    letter, head = office.letter(first), office.actor("head")
    office.core.desks.reject(head, letter.id, letter.revision, "keliru")
    office.core.desks.undo(head, office.last_act(first, "reject"))
    assert office.state(first) == ("disposing", "with-letter")
    assert office.request(second).state == "withdrawn"


# -- an own request that was withdrawn -------------------------------------------------------------------------------


def test_an_own_request_among_several_bars_the_letter_until_it_is_withdrawn(office: RealOffice) -> None:
    own = person(1, nik="3576010101700001", birth_date="1970-01-01", sex="male")
    first, second = office.draft_of_all(person(0), own)
    office.bring(first, "sent")
    assert seen_by(office, "head", first).blocked == "own-request"
    assert code_of(lambda: office.forward(first, "head")) == "own-request"
    office.core.repair.withdraw(second.request_id)
    assert "forward" in seen_by(office, "head", first).actions
    office.forward(first, "head")
    assert office.letter(first).step == 3
