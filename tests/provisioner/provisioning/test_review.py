"""Step 4 before the pact: the section head returns, rejects, takes back; the applicant repairs or withdraws."""

from functools import partial

import pytest

from provisioner.errors import InvalidInput, NotAllowed
from provisioner.provisioning.username_offer import Availability
from tests.office import Applicant, RealOffice, person
from tests.provisioner.provisioning.refusal import code_of


def returned(office: RealOffice, number: int = 0) -> Applicant:
    """A request the section head gave back."""
    who = office.new("review", number)
    row = office.request(who)
    office.core.review.return_for_repair(office.actor("section_head"), row.id, row.revision, "SK belum dilampirkan")
    return who


def test_a_returned_request_comes_back_to_the_section_head(office: RealOffice) -> None:
    who = returned(office)
    own = office.core.tracking.own(who.request_id)
    assert (own.editable, own.letter_editable, own.returned_reason) == (True, False, "SK belum dilampirkan")
    office.fill(who, person(0, position="Operator"))
    sent = office.core.repair.resubmit(who.request_id)
    assert (sent.desk, sent.restarted) == ("section_head", False)
    assert office.state(who) == ("disposed", "review")
    assert [act.kind for act in office.acts(who)][-2:] == ["return", "resubmit"]
    assert office.request(who).bio_frozen_at is not None


def test_the_bio_form_is_frozen_once_it_lies_with_the_section_head(office: RealOffice) -> None:
    who = office.new("review")
    save = office.core.drafting.save_bio
    assert code_of(lambda: save(who.request_id, office.request(who).revision, person(1))) == "not-with-applicant"
    assert office.request(who).full_name == person(0)["full_name"]


def test_the_applicant_whose_request_came_back_does_not_rewrite_the_letter_of_everybody(office: RealOffice) -> None:
    who = returned(office)
    save, letter = office.core.drafting.save_letter, office.letter(who)
    assert code_of(lambda: save(who.request_id, letter.revision, {"number": "1/PALSU"})) == "not-with-applicant"
    assert office.letter(who).number == "800/112"


def test_a_repaired_form_must_be_right(office: RealOffice) -> None:
    who = returned(office)
    office.fill(who, person(0, nik="123"))
    with pytest.raises(InvalidInput) as refused:
        office.core.repair.resubmit(who.request_id)
    assert refused.value.fields["nik"] == ["nik-length"]
    office.fill(who, {})
    assert code_of(lambda: office.core.repair.resubmit(who.request_id)) == "bio-incomplete"
    assert office.request(who).state == "returned"


def test_nothing_is_sent_twice(office: RealOffice) -> None:
    who = returned(office)
    office.core.repair.resubmit(who.request_id)
    assert code_of(lambda: office.core.repair.resubmit(who.request_id)) == "letter-wrong-state"
    assert code_of(lambda: office.core.drafting.submit(who.request_id)) == "letter-wrong-state"


@pytest.mark.parametrize("reason", ["", " \t"])
def test_the_section_head_gives_a_reason(office: RealOffice, reason: str) -> None:
    who = office.new("review")
    row, actor = office.request(who), office.actor("section_head")
    for act in (office.core.review.return_for_repair, office.core.review.reject):
        with pytest.raises(InvalidInput):
            act(actor, row.id, row.revision, reason)
    assert office.request(who).state == "review"


@pytest.mark.parametrize("post", ["head", "division_head", "adb", "it", "auditor", "secretary"])
def test_a_wrong_post_decides_nothing(office: RealOffice, post: str) -> None:
    who = office.new("review")
    row, actor, review = office.request(who), office.actor(post), office.core.review
    with pytest.raises(NotAllowed):
        review.return_for_repair(actor, row.id, row.revision, "alasan")
    with pytest.raises(NotAllowed):
        review.reject(actor, row.id, row.revision, "alasan")
    with pytest.raises(NotAllowed):
        office.core.pacts.approve(actor, row.id, row.revision, office.approval(who))
    assert office.request(who).state == "review"
    assert not office.events("check-code-refused")


@pytest.mark.parametrize("state", ["draft", "division", "creation"])
def test_step_4_is_not_taken_out_of_order(office: RealOffice, state: str) -> None:
    who = office.new(state)
    row, actor = office.request(who), office.actor("section_head")
    approval = office.approval(who, "dewi.lestari")
    for act in (
        partial(office.core.review.reject, actor, row.id, row.revision, "alasan"),
        partial(office.core.review.return_for_repair, actor, row.id, row.revision, "alasan"),
        partial(office.core.pacts.approve, actor, row.id, row.revision, approval),
        partial(office.core.pacts.make_anew, actor, row.id),
    ):
        assert code_of(act) == "request-wrong-state"


def test_the_same_decision_in_two_tabs_is_taken_once(office: RealOffice) -> None:
    who = office.new("review")
    actor, revision = office.actor("section_head"), office.request(who).revision
    approval = office.approval(who)
    office.core.pacts.approve(actor, who.request_id, revision, approval)
    again = partial(office.core.pacts.approve, actor, who.request_id, revision, approval)
    assert code_of(again) == "changed-meanwhile"
    reject = partial(office.core.review.reject, actor, who.request_id, revision, "terlambat")
    assert code_of(reject) == "changed-meanwhile"
    assert [act.kind for act in office.acts(who)].count("approve") == 1


# -- undo ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["return", "reject", "approve"])
def test_a_decision_is_taken_back_until_the_applicant_saw_it(office: RealOffice, kind: str) -> None:
    who = office.new("review")
    actor = office.actor("section_head")

    def decide() -> str:
        row = office.request(who)
        if kind == "approve":
            office.approve(who, "dewi.handayani")
        elif kind == "return":
            office.core.review.return_for_repair(actor, row.id, row.revision, "perbaiki")
        else:
            office.core.review.reject(actor, row.id, row.revision, "ditolak")
        return office.last_act(who, kind)

    office.core.review.undo(actor, decide())
    assert office.state(who) == ("disposed", "review")
    assert office.request(who).finished_at is None
    act = decide()
    office.core.tracking.own(who.request_id)
    assert code_of(lambda: office.core.review.undo(actor, act)) == "already-opened"


def test_an_approval_taken_back_frees_the_name_and_voids_the_pact(office: RealOffice) -> None:
    first, second = office.new("review", 0), office.new("review", 1)
    office.approve(first, "dewi.handayani")
    assert code_of(lambda: office.approve(second, "dewi.handayani")) == "username-taken"
    office.core.review.undo(office.actor("section_head"), office.last_act(first, "approve"))
    assert office.pact(first).state == "void"
    assert office.request(first).username is None
    office.approve(second, "dewi.handayani")


def test_an_approval_is_not_taken_back_once_the_applicant_signed(office: RealOffice) -> None:
    who = office.new("pact-official")
    undo, act = office.core.review.undo, office.last_act(who, "approve")
    assert code_of(lambda: undo(office.actor("section_head"), act)) == "already-opened"


def test_an_act_on_the_letter_is_not_undone_as_one_on_a_request(office: RealOffice) -> None:
    who = office.new("division")
    undo, act = office.core.review.undo, office.last_act(who, "forward")
    assert code_of(lambda: undo(office.actor("head"), act)) == "act-unknown"
    who = office.new("pact-applicant", 1)
    act = office.last_act(who, "approve")
    assert code_of(lambda: office.core.desks.undo(office.actor("section_head"), act)) == "act-unknown"


# -- rejecting late, withdrawing -------------------------------------------------------------------------------------


def test_the_section_head_may_still_refuse_what_the_applicant_signed(office: RealOffice) -> None:
    who = office.new("pact-official")
    row = office.request(who)
    office.core.review.reject(office.actor("section_head"), row.id, row.revision, "identitas diragukan")
    assert office.request(who).state == "rejected"
    assert office.pact(who).state == "void"
    assert office.request(who).username is None


@pytest.mark.parametrize("state", ["draft", "sent", "division", "review", "pact-applicant", "pact-official"])
def test_an_applicant_withdraws_until_the_pact_is_signed(office: RealOffice, state: str) -> None:
    who = office.new(state)
    office.core.repair.withdraw(who.request_id, "pindah tugas")
    assert office.request(who).state == "withdrawn"
    assert code_of(lambda: office.core.repair.withdraw(who.request_id)) == "request-wrong-state"
    assert office.letter(who).state == (
        "disposed" if state in ("review", "pact-applicant", "pact-official") else "withdrawn"
    )


@pytest.mark.parametrize("state", ["creation", "handover"])
def test_it_is_too_late_to_withdraw_once_the_account_is_being_made(office: RealOffice, state: str) -> None:
    who = office.new(state)
    assert code_of(lambda: office.core.repair.withdraw(who.request_id)) == "request-wrong-state"


@pytest.mark.parametrize("state", ["pact-applicant", "pact-official"])
def test_a_withdrawn_request_leaves_no_pact_and_no_reserved_name(office: RealOffice, state: str) -> None:
    who = office.new(state)
    name = office.request(who).username or ""
    office.core.repair.withdraw(who.request_id)
    assert office.pact(who).state == "void"
    other = office.new("review", 1)
    found = office.core.usernames.check(office.actor("section_head"), other.request_id, name)
    assert found.problems == ()
    assert [each.availability for each in found.targets] == [Availability.FREE]


def test_who_withdrew_no_longer_sends_the_letter_of_the_others(office: RealOffice) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    office.core.repair.withdraw(first.request_id)
    assert code_of(lambda: office.core.drafting.submit(first.request_id)) == "request-wrong-state"
    office.bring(second, "sent")
    letter = office.letter(second)
    office.core.desks.return_for_repair(office.actor("head"), letter.id, letter.revision, "perbaiki")
    assert code_of(lambda: office.core.repair.resubmit(first.request_id)) == "request-wrong-state"
    office.core.repair.resubmit(second.request_id)
    assert office.request(first).number is None


def test_the_letter_goes_with_its_last_request(office: RealOffice) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    office.bring(first, "sent")
    office.core.repair.withdraw(first.request_id)
    assert office.state(second) == ("disposing", "with-letter")
    office.core.repair.withdraw(second.request_id)
    assert office.letter(second).state == "withdrawn"
    assert office.core.inboxes.of(office.actor("head")).letters == ()
