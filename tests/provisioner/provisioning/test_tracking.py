"""The applicant's own page: it may be asked for again and again, and tells what becomes of the ticket."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from provisioner.provisioning.enrolment_codes import TicketNews
from provisioner.provisioning.reading import TELL_FOR
from tests.office import POSTS, Applicant, RealOffice
from tests.provisioner.provisioning.refusal import code_of
from tests.provisioner.provisioning.test_enrolment import at_the_counter, code_for


@contextmanager
def statements(office: RealOffice) -> Iterator[list[str]]:
    """Every statement that reaches the database meanwhile, by its first words."""
    told: list[str] = []

    def keep(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        told.append(" ".join(statement.split()[:2]))

    engine = office.core.context.store.engine
    event.listen(engine, "before_cursor_execute", keep)
    yield told
    event.remove(engine, "before_cursor_execute", keep)


def wrote(told: list[str]) -> bool:
    return any(each.startswith(("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE")) for each in told)


@pytest.mark.parametrize(
    "state", ["draft", "sent", "review", "pact-applicant", "pact-official", "creation", "handover"]
)
def test_asking_again_and_again_writes_nothing(office: RealOffice, state: str) -> None:
    who = office.new(state)
    office.core.tracking.own(who.request_id)
    with statements(office) as told:
        for _ in range(3):
            office.core.tracking.own(who.request_id)
    assert told
    assert not wrote(told)


def test_what_a_desk_did_is_written_down_as_read_before_it_is_shown(office: RealOffice) -> None:
    who = office.new("pact-applicant")
    act = office.last_act(who, "approve")
    with statements(office) as told:
        assert office.core.tracking.own(who.request_id).state == "pact-applicant"
    assert wrote(told)
    assert code_of(lambda: office.core.review.undo(office.actor("section_head"), act)) == "already-opened"


def test_a_request_that_is_gone_is_not_looked_for_twice(office: RealOffice) -> None:
    assert code_of(lambda: office.core.tracking.own("0" * 32)) == "request-unknown"


# -- a ticket that was replaced --------------------------------------------------------------------------------------


def replaced(office: RealOffice, who: Applicant) -> TicketNews:
    office.core.enrolment.exchange(code_for(office, who))
    return office.core.tracking.own(who.request_id).ticket


def test_the_holder_of_a_ticket_hears_of_the_code_that_will_replace_it_and_then_that_it_did(office: RealOffice) -> None:
    who = office.new("review")
    assert office.core.tracking.own(who.request_id).ticket == TicketNews()
    code = code_for(office, who)
    given = office.core.tracking.own(who.request_id).ticket
    assert given.replaced_at is None
    assert given.code_until is not None
    assert given.code_until > office.clock()
    office.core.enrolment.exchange(code)
    news = office.core.tracking.own(who.request_id).ticket
    assert news.code_until is None
    assert news.replaced_at is not None
    assert office.core.tracking.by_code(who.tracking_code).ticket == news


def test_a_code_that_lapsed_or_ended_is_no_news(office: RealOffice) -> None:
    first, second = office.new("review", 0), office.new("review", 1)
    code_for(office, first)
    office.clock.move(days=office.settings.envelope.enrolment_days)
    assert office.core.tracking.own(first.request_id).ticket == TicketNews()
    code_for(office, second)
    office.core.repair.withdraw(second.request_id)
    assert office.core.tracking.own(second.request_id).ticket == TicketNews()


def test_the_first_ticket_of_somebody_from_the_counter_replaced_nothing(office: RealOffice) -> None:
    who = at_the_counter(office)
    code = office.core.enrolment.ask(office.actor("secretary"), who.request_id, "counter", "")
    assert office.core.tracking.own(who.request_id).ticket == TicketNews()
    office.core.enrolment.exchange(code or "")
    assert office.core.tracking.own(who.request_id).ticket == TicketNews()


@pytest.mark.parametrize("post", POSTS)
def test_who_gives_codes_has_the_number_to_tell_the_applicant_while_it_is_news(office: RealOffice, post: str) -> None:
    who = office.new("review")
    read = office.core.reading.request
    assert read(office.actor(post), who.request_id).phone_to_tell == ""
    replaced(office, who)
    known = "+6281234567890" if post in ("section_head", "adb", "secretary") else ""
    assert read(office.actor(post), who.request_id).phone_to_tell == known
    office.clock.move(seconds=(TELL_FOR + timedelta(minutes=1)).total_seconds())
    assert read(office.actor(post), who.request_id).phone_to_tell == ""
