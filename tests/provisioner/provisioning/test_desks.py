"""Steps 2 and 3: the desks that dispose of the letter."""

from functools import partial

import pytest

from provisioner.errors import InvalidInput, NotAllowed
from tests.office import RealOffice, person
from tests.provisioner.provisioning.refusal import code_of

DESKS = [("sent", "head"), ("division", "division_head")]


def test_one_disposition_serves_everybody_and_then_each_goes_their_own_way(office: RealOffice) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    office.bring(first, "review")
    assert office.state(first) == office.state(second) == ("disposed", "review")
    assert [act.kind for act in office.acts(second)] == ["submit", "forward", "assign"]
    head, section = office.actor("section_head"), office.core.review
    section.reject(head, second.request_id, office.request(second).revision, "tidak memenuhi syarat")
    office.approve(first)
    assert office.request(first).state == "pact-applicant"
    assert office.request(second).state == "rejected"


@pytest.mark.parametrize(("state", "post"), DESKS)
def test_a_returned_letter_comes_back_to_the_desk_that_returned_it(office: RealOffice, state: str, post: str) -> None:
    who = office.new(state)
    letter = office.letter(who)
    office.core.desks.return_for_repair(office.actor(post), letter.id, letter.revision, "surat belum ditandatangani")
    own = office.core.tracking.own(who.request_id)
    assert own.editable
    assert own.returned_reason == "surat belum ditandatangani"
    office.core.drafting.save_letter(who.request_id, office.letter(who).revision, {"number": "800/113"})
    sent = office.core.repair.resubmit(who.request_id)
    assert (sent.desk, sent.restarted) == (post, False)
    assert office.letter(who).step == letter.step
    assert [line.id for line in office.core.inboxes.of(office.actor(post)).letters] == [letter.id]


@pytest.mark.parametrize(("state", "post"), DESKS)
@pytest.mark.parametrize("reason", ["", "   \n "])
def test_nothing_is_returned_or_rejected_without_a_reason(
    office: RealOffice, state: str, post: str, reason: str
) -> None:
    who = office.new(state)
    letter, actor = office.letter(who), office.actor(post)
    for act in (office.core.desks.return_for_repair, office.core.desks.reject):
        with pytest.raises(InvalidInput) as refused:
            act(actor, letter.id, letter.revision, reason)
        assert refused.value.fields == {"reason": ["missing"]}
    assert office.state(who) == ("disposing", "with-letter")


@pytest.mark.parametrize(("state", "post"), DESKS)
def test_a_rejected_letter_closes_every_request_on_it(office: RealOffice, state: str, post: str) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    office.bring(first, state)
    letter = office.letter(first)
    office.core.desks.reject(office.actor(post), letter.id, letter.revision, "bukan kewenangan")
    assert office.state(first) == office.state(second) == ("rejected", "rejected")
    assert office.request(first).finished_at is not None
    assert office.core.tracking.own(second.request_id).rejected_reason == "bukan kewenangan"
    assert code_of(lambda: office.core.repair.resubmit(first.request_id)) == "request-wrong-state"


@pytest.mark.parametrize("post", ["division_head", "section_head", "adb", "it", "auditor", "secretary"])
def test_a_wrong_post_disposes_of_nothing(office: RealOffice, post: str) -> None:
    who = office.new("sent")
    letter, actor = office.letter(who), office.actor(post)
    with pytest.raises(NotAllowed):
        office.core.desks.forward(actor, letter.id, letter.revision)
    with pytest.raises(NotAllowed):
        office.core.desks.return_for_repair(actor, letter.id, letter.revision, "alasan")
    with pytest.raises(NotAllowed):
        office.core.desks.reject(actor, letter.id, letter.revision, "alasan")
    assert [act.kind for act in office.acts(who)] == ["submit"]


def test_the_head_cannot_take_the_letter_twice_in_two_tabs(office: RealOffice) -> None:
    who = office.new("sent")
    letter, head = office.letter(who), office.actor("head")
    office.core.desks.forward(head, letter.id, letter.revision)
    assert code_of(lambda: office.core.desks.forward(head, letter.id, letter.revision)) == "not-your-post"
    assert [act.kind for act in office.acts(who)] == ["submit", "forward"]


def test_a_page_made_for_an_older_state_is_refused(office: RealOffice) -> None:
    who = office.new("sent")
    old, head = office.letter(who).revision, office.actor("head")
    letter = office.letter(who)
    office.core.desks.return_for_repair(head, letter.id, old, "perbaiki")
    office.core.repair.resubmit(who.request_id)
    assert code_of(lambda: office.core.desks.forward(head, letter.id, old)) == "changed-meanwhile"


@pytest.mark.parametrize("state", ["draft", "review", "pact-applicant"])
def test_steps_are_taken_in_the_order_of_the_sop(office: RealOffice, state: str) -> None:
    who = office.new(state)
    letter = office.letter(who)
    forward = office.core.desks.forward
    for actor in (office.actor("head"), office.actor("division_head")):
        assert code_of(partial(forward, actor, letter.id, letter.revision)) == "letter-wrong-state"


def test_a_disposition_that_the_office_does_not_know_is_refused(office: RealOffice) -> None:
    who = office.new("sent")
    letter, head = office.letter(who), office.actor("head")
    forward = office.core.desks.forward
    assert code_of(lambda: forward(head, letter.id, letter.revision, "drop-tables")) == "requested-action-unknown"
    assert code_of(lambda: forward(head, letter.id, letter.revision, "", "x" * 1_000_000)) == "reason-too-long"
    forward(head, letter.id, letter.revision, "follow_rules", "Mohon ditindaklanjuti")
    assert (office.acts(who)[-1].requested_action, office.acts(who)[-1].note) == (
        "follow_rules",
        "Mohon ditindaklanjuti",
    )


def test_a_letter_that_does_not_exist_is_said_to_be_unknown(office: RealOffice) -> None:
    head = office.actor("head")
    assert code_of(lambda: office.core.desks.forward(head, "0" * 32, 1)) == "letter-unknown"


# -- undo ------------------------------------------------------------------------------------------------------------


def test_the_head_takes_a_disposition_back_until_the_division_head_opened_it(office: RealOffice) -> None:
    who = office.new("division")
    office.core.desks.undo(office.actor("head"), office.last_act(who, "forward"))
    assert office.letter(who).step == 2
    assert office.core.inboxes.of(office.actor("division_head")).letters == ()
    office.forward(who, "head")
    act = office.last_act(who, "forward")
    office.core.desks.open(office.actor("division_head"), office.letter(who).id)
    assert code_of(lambda: office.core.desks.undo(office.actor("head"), act)) == "already-opened"


def test_somebody_elses_glance_does_not_count_as_the_next_desk_opening_it(office: RealOffice) -> None:
    who = office.new("division")
    for post in ("head", "it", "section_head"):
        office.core.desks.open(office.actor(post), office.letter(who).id)
    office.core.desks.undo(office.actor("head"), office.last_act(who, "forward"))
    assert office.letter(who).step == 2


def test_the_last_disposition_is_taken_back_with_every_request(office: RealOffice) -> None:
    first, second = office.draft_of_all(person(0), {})
    office.bring(first, "review")
    assert [office.request(each).state for each in (first, second)] == ["review", "bio-form"]
    office.core.desks.undo(office.actor("division_head"), office.last_act(first, "assign"))
    assert office.state(first) == office.state(second) == ("disposing", "with-letter")
    assert office.request(first).bio_frozen_at is None
    office.forward(first, "division_head")
    assert [office.request(each).state for each in (first, second)] == ["review", "bio-form"]


def test_the_last_disposition_stands_once_the_section_head_opened_one_request(office: RealOffice) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    office.bring(first, "review")
    office.core.review.open(office.actor("section_head"), second.request_id)
    undo = office.core.desks.undo
    act = office.last_act(first, "assign")
    assert code_of(lambda: undo(office.actor("division_head"), act)) == "already-opened"


def test_the_last_disposition_stands_once_a_request_was_decided_without_being_opened(office: RealOffice) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    office.bring(first, "review")
    row = office.request(second)
    office.core.review.return_for_repair(office.actor("section_head"), row.id, row.revision, "foto KTP buram")
    act = office.last_act(first, "assign")
    undo = office.core.desks.undo
    assert code_of(lambda: undo(office.actor("division_head"), act)) == "already-opened"
    assert office.state(first) == ("disposed", "review")


def test_a_return_is_taken_back_until_the_applicant_saw_it(office: RealOffice) -> None:
    who = office.new("sent")
    head, letter = office.actor("head"), office.letter(who)
    office.core.desks.return_for_repair(head, letter.id, letter.revision, "salah alamat")
    office.core.desks.undo(head, office.last_act(who, "return"))
    assert office.state(who) == ("disposing", "with-letter")
    office.core.desks.return_for_repair(head, letter.id, office.letter(who).revision, "salah alamat")
    act = office.last_act(who, "return")
    office.core.tracking.own(who.request_id)
    assert code_of(lambda: office.core.desks.undo(head, act)) == "already-opened"


def test_a_return_stands_once_the_applicant_changed_something_whatever_page_they_used(office: RealOffice) -> None:
    who = office.new("sent")
    head, letter = office.actor("head"), office.letter(who)
    office.core.desks.return_for_repair(head, letter.id, letter.revision, "perbaiki")
    act = office.last_act(who, "return")
    office.fill(who, person(0, role="OPERATOR_KECAMATAN", region_scope="35.76.02"))
    assert code_of(lambda: office.core.desks.undo(head, act)) == "already-opened"


def test_a_rejection_is_taken_back_until_the_applicant_read_it(office: RealOffice) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    office.bring(first, "sent")
    head, letter = office.actor("head"), office.letter(first)
    office.core.desks.reject(head, letter.id, letter.revision, "keliru")
    office.core.desks.undo(head, office.last_act(first, "reject"))
    assert office.state(first) == office.state(second) == ("disposing", "with-letter")
    assert office.request(first).finished_at is None
    office.core.desks.reject(head, letter.id, office.letter(first).revision, "keliru")
    act = office.last_act(first, "reject")
    office.core.tracking.own(second.request_id)
    assert code_of(lambda: office.core.desks.undo(head, act)) == "already-opened"


def test_nobody_undoes_what_somebody_else_did_or_twice(office: RealOffice) -> None:
    who = office.new("division")
    act, desks = office.last_act(who, "forward"), office.core.desks
    office.add_official("kadis2", "head")
    assert code_of(lambda: desks.undo(office.actor("kadis2"), act)) == "not-your-act"
    assert code_of(lambda: desks.undo(office.actor("it"), act)) == "not-your-act"
    desks.undo(office.actor("head"), act)
    assert code_of(lambda: desks.undo(office.actor("head"), act)) == "act-unknown"
    assert len(office.events("act-undone")) == 1
