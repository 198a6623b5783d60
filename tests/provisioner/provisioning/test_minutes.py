"""The SOP's minutes: counted in working time from the actor's first opening; the clock stops with the applicant."""

from datetime import timedelta

from provisioner.provisioning.sop_line import StepState, StepView
from tests.office import Applicant, RealOffice


def step(office: RealOffice, who: Applicant, number: int) -> StepView:
    return office.core.tracking.own(who.request_id).steps[number - 1]


def forward(office: RealOffice, who: Applicant, post: str) -> None:
    office.core.desks.forward(office.actor(post), office.letter(who).id, office.letter(who).revision)


def test_time_on_the_desk_before_the_first_opening_is_shown_apart(office: RealOffice) -> None:
    who = office.new("sent")
    office.clock.move(minutes=25)
    waiting = step(office, who, 2)
    assert (waiting.used, waiting.waited, waiting.standard, waiting.state) == (None, 25, 30, StepState.NOW)
    office.core.desks.open(office.actor("head"), office.letter(who).id)
    office.clock.move(minutes=7)
    office.core.desks.open(office.actor("head"), office.letter(who).id)
    office.clock.move(minutes=5)
    forward(office, who, "head")
    office.clock.move(hours=3)
    done = step(office, who, 2)
    assert (done.used, done.waited, done.late, done.state) == (12, 25, False, StepState.DONE)


def test_somebody_elses_look_does_not_start_the_clock(office: RealOffice) -> None:
    who = office.new("sent")
    for post in ("division_head", "section_head", "it", "auditor"):
        office.core.desks.open(office.actor(post), office.letter(who).id)
    office.clock.move(minutes=10)
    assert step(office, who, 2).used is None


def test_only_working_minutes_count(office: RealOffice) -> None:
    office.clock.now += timedelta(hours=6, minutes=50)  # Monday 15:50; the office closes at 16:00, opens at 7:30.
    who = office.new("sent")
    office.core.desks.open(office.actor("head"), office.letter(who).id)
    office.clock.move(hours=15, minutes=45)  # Tuesday 7:35
    assert step(office, who, 2).used == 15
    office.clock.move(days=4)  # Saturday: the whole week, and nothing of the weekend
    friday = step(office, who, 2).used
    office.clock.move(days=1)
    assert step(office, who, 2).used == friday


def test_a_lunch_break_does_not_count(office: RealOffice) -> None:
    office.clock.move(hours=2, minutes=50)  # 11:50
    who = office.new("sent")
    office.core.desks.open(office.actor("head"), office.letter(who).id)
    office.clock.move(minutes=80)  # 13:10
    assert step(office, who, 2).used == 20


def test_a_step_that_took_longer_than_the_sop_allows_is_late(office: RealOffice) -> None:
    who = office.new("sent")
    office.core.desks.open(office.actor("head"), office.letter(who).id)
    office.clock.move(minutes=30)
    assert not step(office, who, 2).late
    office.clock.move(minutes=1)
    assert step(office, who, 2).late


def test_the_clock_stops_while_the_applicant_must_act(office: RealOffice) -> None:
    who = office.new("sent")
    head = office.actor("head")
    office.core.desks.open(head, office.letter(who).id)
    office.clock.move(minutes=4)
    letter = office.letter(who)
    office.core.desks.return_for_repair(head, letter.id, letter.revision, "perbaiki")
    office.clock.move(minutes=60)
    assert step(office, who, 2).with_applicant
    office.core.repair.resubmit(who.request_id)
    office.clock.move(minutes=3)
    office.core.desks.open(head, office.letter(who).id)
    office.clock.move(minutes=2)
    found = step(office, who, 2)
    assert (found.used, found.waited, found.with_applicant) == (6, 3, False)


def test_the_pact_stops_the_section_heads_clock_while_the_applicant_signs(office: RealOffice) -> None:
    who = office.new("review")
    office.core.review.open(office.actor("section_head"), who.request_id)
    office.clock.move(minutes=3)
    office.approve(who)
    office.clock.move(minutes=90)
    office.core.signatures.sign_as_applicant(who.request_id, who.ticket)
    office.core.review.open(office.actor("section_head"), who.request_id)
    office.clock.move(minutes=2)
    office.sign(who)
    assert step(office, who, 4).used == 5
    assert step(office, who, 1).state is StepState.DONE


def test_time_taken_back_counts_for_the_desk_that_took_it_back(office: RealOffice) -> None:
    who = office.new("sent")
    office.core.desks.open(office.actor("head"), office.letter(who).id)
    office.clock.move(minutes=5)
    forward(office, who, "head")
    office.clock.move(minutes=10)
    office.core.desks.undo(office.actor("head"), office.last_act(who, "forward"))
    office.clock.move(minutes=5)
    assert step(office, who, 2).used == 10
    assert (step(office, who, 3).used, step(office, who, 3).state) == (None, StepState.NEXT)


def test_step_5_of_the_system_takes_the_time_until_the_envelope_is_ready(office: RealOffice) -> None:
    who = office.new("creation")
    office.clock.move(minutes=2)
    assert step(office, who, 5).state is StepState.NOW
    office.core.heart.drain()
    assert step(office, who, 5).used == 2
    last = step(office, who, 6)
    assert (last.state, last.with_applicant, last.used) == (StepState.NOW, True, None)
    office.bring(who, "done", start="handover")
    assert {each.state for each in office.core.tracking.own(who.request_id).steps} == {StepState.DONE}


def test_a_stopped_request_says_where_it_stopped(office: RealOffice) -> None:
    who = office.new("division")
    letter = office.letter(who)
    office.core.desks.reject(office.actor("division_head"), letter.id, letter.revision, "ditolak")
    states = [each.state for each in office.core.tracking.own(who.request_id).steps]
    assert states == [StepState.DONE, StepState.DONE, StepState.STOPPED, *[StepState.NEXT] * 3]


def test_the_line_of_a_letter_ends_with_its_last_disposition(office: RealOffice) -> None:
    who = office.new("division")

    def line() -> list[StepState]:
        view = office.core.reading.letter(office.actor("auditor"), office.letter(who).id)
        return [step.state for step in view.line]

    done, following = StepState.DONE, StepState.NEXT
    assert line() == [done, done, StepState.NOW, following, following, following]
    office.bring(who, "review", start="division")
    assert line() == [done, done, done, following, following, following]
