"""A new ticket: two officials, one code, used once on the applicant's own device."""

import json
from functools import partial

import pytest

from provisioner.ticket import EnrolmentCode
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice, person
from tests.provisioner.provisioning.refusal import code_of

CHECKED = "dikenal petugas, KTP-el ditunjukkan"


def code_for(office: RealOffice, who: Applicant, reason: str = "lost") -> str:
    """The code that two officials give to somebody."""
    office.core.enrolment.ask(office.actor("secretary"), who.request_id, reason, CHECKED)
    (waiting,) = office.core.enrolment.waiting(office.actor("adb"))
    return office.core.enrolment.agree(office.actor("adb"), waiting.id)


def at_the_counter(office: RealOffice) -> Applicant:
    """Somebody whom the secretary registered: no ticket yet."""
    secretary = office.actor("secretary")
    fields = {"number": "9", "letter_date": "2026-06-05", "sender": "Kelurahan"}
    letter = office.core.registering.register(secretary, fields)
    (line,) = office.core.reading.letter(secretary, letter).requests
    who = Applicant(line.id, "", "", "", person(0))
    office.core.drafting.save_bio(line.id, office.request(who).revision, person(0), secretary)
    office.core.drafting.submit(line.id, secretary)
    return who


def test_who_asked_does_not_agree(office: RealOffice) -> None:
    who = office.new("review")
    office.core.enrolment.ask(office.actor("adb"), who.request_id, "lost", CHECKED)
    (line,) = office.core.enrolment.waiting(office.actor("adb"))
    assert not line.can_agree
    agree = office.core.enrolment.agree
    assert code_of(lambda: agree(office.actor("adb"), line.id)) == "same-official"
    for post in ("head", "division_head", "auditor", "secretary"):
        assert code_of(partial(agree, office.actor(post), line.id)) == "not-your-post"
    assert agree(office.actor("it"), line.id)
    assert code_of(lambda: agree(office.actor("section_head"), line.id)) == "enrolment-done"
    (confirmed,) = office.events("enrolment-code-confirmed")
    assert json.loads(confirmed.fields) == {"asked_by": "adb"}
    assert confirmed.actor_id == office.actor("it").official_id


def test_nobody_asks_or_agrees_for_themselves(office: RealOffice) -> None:
    who = office.new("review")
    own = office.add_official("own", "adb", nik=person(0)["nik"])
    assert code_of(lambda: office.core.enrolment.ask(own, who.request_id, "lost", CHECKED)) == "own-request"
    office.core.enrolment.ask(office.actor("it"), who.request_id, "lost", CHECKED)
    (line,) = office.core.enrolment.waiting(own)
    assert code_of(lambda: office.core.enrolment.agree(own, line.id)) == "own-request"


def test_the_new_ticket_replaces_the_old_one_everywhere(office: RealOffice) -> None:
    who = office.new("review")
    old_check = office.request(who).check_code
    made = office.core.enrolment.exchange(code_for(office, who))
    assert made.check_code != old_check
    assert made.tracking_code == ""
    assert code_of(lambda: office.core.drafting.with_ticket(who.ticket)) == "ticket-unknown"
    assert office.core.drafting.with_ticket(made.ticket)[0] == who.request_id
    assert office.core.applicant_session(made.session_token) is not None


def test_who_still_holds_the_old_ticket_is_signed_out(office: RealOffice) -> None:
    who = office.new("review")
    assert office.core.applicant_session(who.token) is not None
    made = office.core.enrolment.exchange(code_for(office, who))
    assert office.core.applicant_session(who.token) is None
    assert office.core.applicant_session(made.session_token) is not None


@pytest.mark.parametrize("state", ["pact-applicant", "pact-official"])
def test_an_unfinished_pact_becomes_void_with_the_old_ticket(office: RealOffice, state: str) -> None:
    who = office.new(state)
    made = office.core.enrolment.exchange(code_for(office, who))
    assert (office.request(who).state, office.pact(who).state) == ("review", "void")
    assert office.request(who).username is None
    sign = office.core.signatures.sign_as_applicant
    assert code_of(lambda: sign(who.request_id, who.ticket)) == "ticket-wrong"
    assert code_of(lambda: sign(who.request_id, made.ticket)) == "request-wrong-state"
    assert code_of(lambda: office.approve(who)) == "check-code-wrong"
    who.ticket = made.ticket
    office.bring(who, "done", start="review")


def test_a_ticket_lost_before_the_envelope_was_opened(office: RealOffice) -> None:
    who = office.new("handover")
    old = who.ticket
    made = office.core.enrolment.exchange(code_for(office, who))
    assert code_of(lambda: office.core.handover.open(old, "browser", "")) == "ticket-unknown"
    who.ticket, who.token = made.ticket, made.session_token
    office.core.heart.drain()
    assert office.open_envelope(who).slips
    assert office.request(who).state == "done"


def test_a_code_is_used_once(office: RealOffice) -> None:
    code = code_for(office, office.new("review"))
    office.core.enrolment.exchange(f" {code.lower().replace('-', ' ')} ")
    assert code_of(lambda: office.core.enrolment.exchange(code)) == "enrolment-code-unknown"


def test_a_code_lapses(office: RealOffice) -> None:
    who = office.new("review")
    code = code_for(office, who)
    office.clock.move(days=office.settings.envelope.enrolment_days)
    assert code_of(lambda: office.core.enrolment.exchange(code)) == "enrolment-code-unknown"
    assert office.core.drafting.with_ticket(who.ticket)[0] == who.request_id


def test_a_newer_code_voids_an_older_one(office: RealOffice) -> None:
    who = office.new("review")
    first = code_for(office, who)
    second = code_for(office, who)
    assert code_of(lambda: office.core.enrolment.exchange(first)) == "enrolment-code-unknown"
    office.core.enrolment.exchange(second)


def test_a_refused_code_is_never_given_out(office: RealOffice) -> None:
    who = office.new("review")
    office.core.enrolment.ask(office.actor("secretary"), who.request_id, "lost", CHECKED)
    (line,) = office.core.enrolment.waiting(office.actor("it"))
    office.core.enrolment.refuse(office.actor("it"), line.id)
    assert code_of(lambda: office.core.enrolment.agree(office.actor("adb"), line.id)) == "enrolment-done"
    assert office.core.enrolment.waiting(office.actor("adb")) == []


def test_an_invented_code_opens_nothing_and_guessing_is_slowed_down(make_office: MakeOffice) -> None:
    office = make_office(limits={"codes_per_minute": 3})
    exchange = partial(office.core.enrolment.exchange, address="192.0.2.66")
    for _ in range(3):
        assert code_of(partial(exchange, EnrolmentCode.new().text())) == "enrolment-code-unknown"
    assert code_of(partial(exchange, EnrolmentCode.new().text())) == "too-many-tries"
    assert code_of(lambda: office.core.enrolment.exchange("x", address="192.0.2.67")) in (
        "code-length",
        "code-checksum",
    )


def test_the_first_ticket_of_somebody_registered_at_the_counter_needs_one_official(office: RealOffice) -> None:
    who = at_the_counter(office)
    code = office.core.enrolment.ask(office.actor("secretary"), who.request_id, "counter", "")
    assert code is not None
    made = office.core.enrolment.exchange(code)
    assert made.tracking_code
    assert office.core.tracking.by_code(made.tracking_code).state == "with-letter"
    again = partial(office.core.enrolment.ask, office.actor("secretary"), who.request_id, "counter", "")
    assert code_of(again) == "ticket-exists"
    who.ticket, who.token = made.ticket, made.session_token
    office.bring(who, "done", start="sent")


@pytest.mark.parametrize(
    ("reason", "words", "code"), [("gift", CHECKED, "reason-unknown"), ("lost", " ", "reason-missing")]
)
def test_a_code_is_not_asked_for_without_a_reason_and_a_check(
    office: RealOffice, reason: str, words: str, code: str
) -> None:
    who = office.new("review")
    assert code_of(lambda: office.core.enrolment.ask(office.actor("it"), who.request_id, reason, words)) == code


def test_what_is_over_gets_no_ticket(office: RealOffice) -> None:
    who = office.new("review")
    code = code_for(office, who)
    office.core.repair.withdraw(who.request_id)
    assert code_of(partial(office.core.enrolment.ask, office.actor("it"), who.request_id, "lost", CHECKED)) == (
        "request-wrong-state"
    )
    assert code_of(lambda: office.core.enrolment.exchange(code)) == "enrolment-code-unknown"
