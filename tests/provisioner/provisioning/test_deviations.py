"""What is not the plain way is found, with who, when and how much; and nothing else is."""

from datetime import timedelta

import pytest

from provisioner.deviation import Deviation, DeviationKind
from provisioner.errors import InvalidInput, NotAllowed
from tests.conftest import MakeOffice
from tests.office import MEMORY, Applicant, RealOffice
from tests.provisioner.provisioning.first_day import FirstDay, row
from tests.web.at_work import SIAK

K = DeviationKind


def found(office: RealOffice, kind: DeviationKind | None = None, **more: int) -> list[Deviation]:
    today = office.core.context.today()
    listed = office.core.deviations.look(office.actor("auditor"), today - timedelta(days=60), today, **more)
    return list(listed.of(kind)) if kind is not None else list(listed.found)


def plh(office: RealOffice, username: str, post: str) -> None:
    day = office.core.context.today()
    order, until = ("800/77", day), day + timedelta(days=3)
    office.core.mandates.add(username, post, "PLH", order, (day, until), office.actor("it"))


def new_code(office: RealOffice, who: Applicant) -> str:
    office.core.enrolment.ask(office.actor("secretary"), who.request_id, "lost", "KTP-el diperiksa")
    (waiting,) = office.core.enrolment.waiting(office.actor("adb"))
    return office.core.enrolment.agree(office.actor("adb"), waiting.id)


def test_who_acts_for_another_is_named_with_the_order(office: RealOffice) -> None:
    who = office.new("sent")
    office.add_official("wakil", "secretary", full_name="Wakil")
    plh(office, "wakil", "head")
    office.forward(who, "wakil")
    (one,) = found(office, K.ACTING)
    assert one.who == "Plh. Kepala Dinas, Wakil"
    assert one.facts["order"] == "Plh. Kepala Dinas (800/77, 2026-06-08)"
    assert (one.letter_number, one.facts["step"]) == ("800/112", 2)


def test_a_pact_signed_by_who_acts_is_a_kind_of_its_own(office: RealOffice) -> None:
    who = office.new("review")
    office.add_official("wakil", "secretary", full_name="Wakil")
    plh(office, "wakil", "section_head")
    office.approve(who, by="wakil")
    office.core.signatures.sign_as_applicant(who.request_id, who.ticket)
    office.sign(who, by="wakil")
    assert [each.request_id for each in found(office, K.PACT_BY_ACTING)] == [who.request_id]
    assert [each.facts["act"] for each in found(office, K.ACTING)] == ["approve"]


def test_a_late_step_counts_working_minutes_from_the_first_opening(office: RealOffice) -> None:
    who = office.new("sent")
    office.core.desks.open(office.actor("head"), office.letter(who).id)
    office.clock.move(minutes=31)
    office.forward(who, "head")
    office.core.desks.open(office.actor("division_head"), office.letter(who).id)
    office.clock.move(minutes=15)
    office.forward(who, "division_head")
    (one,) = found(office, K.LATE_STEP)
    assert (one.who, dict(one.facts)) == (
        "Pejabat Head",
        {"step": 2, "desk": "head", "minutes": 31, "standard": 30},
    )


def test_two_steps_by_one_person_where_the_office_allows_them(make_office: MakeOffice) -> None:
    office = make_office(procedure={"allow_two_steps": True})
    office.add_official("rangkap", "head", "division_head", full_name="Rangkap")
    who = office.new("sent")
    office.forward(who, "rangkap")
    assert found(office, K.TWO_STEPS) == []
    office.forward(who, "rangkap")
    (one,) = found(office, K.TWO_STEPS)
    assert (one.facts["steps"], one.letter_number) == ("2, 3", "800/112")


def test_a_replaced_code_names_both_officials_and_an_envelope_who_looked_again(office: RealOffice) -> None:
    who = office.new("handover")
    code = new_code(office, who)
    # An office that keeps to the SOP has no exceptions; a code that nobody used is none.
    assert found(office) == []
    done = office.core.enrolment.exchange(code, address="192.0.2.9")
    (one,) = found(office, K.REPLACEMENT_CODE)
    assert (one.facts["asked_by"], one.facts["agreed_by"]) == ("Pejabat Secretary", "Pejabat Adb")
    again = Applicant(who.request_id, done.ticket, done.tracking_code, done.session_token, {})
    office.core.heart.drain()
    office.open_envelope(again)
    office.open_envelope(again)
    assert [each.account_id for each in found(office, K.ENVELOPE_AGAIN)] == [office.request(who).account_id]
    with pytest.raises(Exception, match="envelope"):
        office.core.handover.open(again.ticket, "somewhere-else", "192.0.2.77")
    assert len(found(office, K.ENVELOPE_ALARM)) == 1


def test_a_password_that_an_official_typed_and_a_card_done_late(make_office: MakeOffice) -> None:
    office = make_office(targets={"sistem": MEMORY, "siak": SIAK})
    office.new("creation")
    office.core.heart.drain()
    (card,) = office.core.cards.undone(office.actor("adb"))[0].cards
    office.clock.move(days=5)
    office.core.cards.confirm_created(office.actor("adb"), card.id, "3576-DEWI", "Merdeka-1945-awal")
    for kind in (K.PASSWORD_SEEN, K.LATE_CARD):
        (one,) = found(office, kind)
        assert (one.who, one.facts["target"], one.facts["task"]) == ("Pejabat Adb", "siak", "create")


def test_accounts_without_a_pact_and_those_suspended_for_long(office: RealOffice) -> None:
    office.core.targets["sistem"].connector.add_stranger("agus.lama")  # type: ignore[attr-defined]
    FirstDay(office).record(row("agus.lama", 1))
    assert [each.username for each in found(office, K.WITHOUT_PACT)] == ["agus.lama"]
    who = office.new("handover")
    office.core.accounts.suspend_now(office.actor("it"), office.request(who).account_id or "")
    office.clock.move(days=20)
    assert found(office, K.LONG_SUSPENDED) == []
    (one,) = found(office, K.LONG_SUSPENDED, suspended_days=19)
    assert one.facts["days"] == 20


def test_taking_the_list_out_is_an_event_and_looking_is_for_auditor_and_head(office: RealOffice) -> None:
    today, lists = office.core.context.today(), office.core.deviations
    lists.look(office.actor("head"), today, today)
    with pytest.raises(NotAllowed):
        lists.take_out(office.actor("head"), today, today)
    with pytest.raises(NotAllowed):
        lists.look(office.actor("adb"), today, today)
    with pytest.raises(InvalidInput):
        lists.look(office.actor("auditor"), today, today + timedelta(days=1))
    lists.take_out(office.actor("auditor"), today, today)
    assert len(office.events("exceptions-exported")) == 1
