"""Nobody decides on their own request, and nobody takes two steps of one request."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from provisioner.store.tables import PactRow
from tests.conftest import MakeOffice
from tests.office import RealOffice, person
from tests.provisioner.provisioning.refusal import code_of

NIK = person(0)["nik"]
NIP = "".join(person(0)["staff_number"].split())
ORDER = ("SP 800/45", date(2026, 6, 1))
JUNE = (date(2026, 6, 1), date(2026, 6, 30))


def mandate(office: RealOffice, username: str, post: str, kind: str = "PLT", **more: Any) -> str:
    given = {"order": ORDER, "period": JUNE, **more}
    return office.core.mandates.add(username, post, kind, by=office.actor("secretary"), **given)


@pytest.mark.parametrize("known_by", [{"nik": NIK}, {"staff_number": NIP}])
def test_nobody_decides_on_their_own_request_at_any_desk(office: RealOffice, known_by: dict[str, Any]) -> None:
    for post in ("head", "division_head", "section_head"):
        office.add_official(f"own-{post}", post, **known_by)
    who = office.new("sent")
    for post in ("head", "division_head"):
        letter, actor = office.letter(who), office.actor(f"own-{post}")
        for act in (
            partial(office.core.desks.forward, actor, letter.id, letter.revision),
            partial(office.core.desks.return_for_repair, actor, letter.id, letter.revision, "alasan"),
            partial(office.core.desks.reject, actor, letter.id, letter.revision, "alasan"),
        ):
            assert code_of(act) == "own-request"
        office.forward(who, post)
    row, actor = office.request(who), office.actor("own-section_head")
    approve = partial(office.core.pacts.approve, actor, row.id, row.revision, office.approval(who))
    assert code_of(approve) == "own-request"
    for act in (
        partial(office.core.review.return_for_repair, actor, row.id, row.revision, "alasan"),
        partial(office.core.review.reject, actor, row.id, row.revision, "alasan"),
    ):
        assert code_of(act) == "own-request"
    assert office.core.reading.request(actor, who.request_id).blocked == "own-request"


def test_one_own_request_on_a_letter_of_many_blocks_its_disposition(office: RealOffice) -> None:
    office.add_official("own", "head", nik=person(1)["nik"])
    first, _ = office.draft_of_all(person(0), person(1))
    office.bring(first, "sent")
    letter = office.letter(first)
    assert code_of(partial(office.core.desks.forward, office.actor("own"), letter.id, letter.revision)) == "own-request"


@pytest.mark.parametrize("late", ["after-step-3", "on-a-returned-letter"])
def test_who_disposed_of_a_letter_does_not_turn_out_to_be_its_applicant(office: RealOffice, late: str) -> None:
    """The bio form may come late: it must not smuggle an official past their own desk."""
    office.add_official("own", "head", nik=NIK)
    who = office.draft({})
    office.bring(who, "sent")
    letter = office.letter(who)
    office.core.desks.forward(office.actor("own"), letter.id, letter.revision)
    if late == "after-step-3":
        office.forward(who, "division_head")
    else:
        letter = office.letter(who)
        office.core.desks.return_for_repair(office.actor("division_head"), letter.id, letter.revision, "isi biodata")
    office.fill(who, person(0))
    sent = office.core.repair.resubmit(who.request_id)
    assert (sent.desk, sent.restarted) == ("head", True)
    letter = office.letter(who)
    assert code_of(partial(office.core.desks.forward, office.actor("own"), letter.id, letter.revision)) == "own-request"
    office.bring(who, "pact-applicant", start="sent")


def test_nobody_signs_a_pact_that_is_their_own(office: RealOffice) -> None:
    office.add_official("own", "section_head", nik=NIK)
    who = office.new("pact-official")
    with office.core.context.store.begin() as session:
        session.get_one(PactRow, office.pact(who).id).prepared_by = office.actor("own").official_id
    (signed,) = office.sign(who, by="own")
    assert signed.error is not None
    assert signed.error.code == "own-request"


@pytest.mark.parametrize("allowed", [True, False])
def test_the_setting_that_allows_two_steps_never_allows_the_own_request(make_office: MakeOffice, allowed: bool) -> None:
    office = make_office(procedure={"allow_two_steps": allowed})
    office.add_official("own", "head", nik=NIK)
    who = office.new("sent")
    letter = office.letter(who)
    assert code_of(partial(office.core.desks.forward, office.actor("own"), letter.id, letter.revision)) == "own-request"


# -- two steps -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PLT", "PLH"])
def test_who_disposed_as_head_takes_no_second_step_by_mandate(office: RealOffice, kind: str) -> None:
    mandate(office, "head", "division_head", kind)
    mandate(office, "head", "section_head", kind)
    who = office.new("division")
    letter, head = office.letter(who), office.actor("head")
    assert code_of(partial(office.core.desks.forward, head, letter.id, letter.revision)) == "second-step"
    office.forward(who, "division_head")
    row = office.request(who)
    approve = partial(office.core.pacts.approve, head, row.id, row.revision, office.approval(who))
    assert code_of(approve) == "second-step"
    assert code_of(partial(office.core.review.reject, head, row.id, row.revision, "alasan")) == "second-step"
    other = office.new("sent", 1)
    office.core.desks.forward(office.actor("head"), office.letter(other).id, office.letter(other).revision)


def test_a_person_with_two_posts_takes_one_step_of_a_request_and_any_of_another(office: RealOffice) -> None:
    office.add_official("both", "division_head", "section_head")
    mine, other = office.new("division", 0), office.new("review", 1)
    letter = office.letter(mine)
    office.core.desks.forward(office.actor("both"), letter.id, letter.revision)
    assert code_of(lambda: office.approve(mine, "dewi.handayani", by="both")) == "second-step"
    office.approve(other, "agus.handayani", by="both")


def test_a_step_that_was_undone_was_not_taken(office: RealOffice) -> None:
    mandate(office, "head", "division_head")
    who = office.new("division")
    office.core.desks.undo(office.actor("head"), office.last_act(who, "forward"))
    office.add_official("kadis2", "head")
    letter = office.letter(who)
    office.core.desks.forward(office.actor("kadis2"), letter.id, letter.revision)
    letter = office.letter(who)
    office.core.desks.forward(office.actor("head"), letter.id, letter.revision)
    assert office.letter(who).state == "disposed"


def test_a_small_office_may_allow_two_steps(make_office: MakeOffice) -> None:
    office = make_office(procedure={"allow_two_steps": True})
    office.add_official("semua", "head", "division_head", "section_head")
    who = office.new("sent")
    for _ in range(2):
        letter = office.letter(who)
        office.core.desks.forward(office.actor("semua"), letter.id, letter.revision)
    office.approve(who, by="semua")
    office.core.signatures.sign_as_applicant(who.request_id, who.ticket)
    (signed,) = office.sign(who, by="semua")
    assert signed.error is None


# -- mandates --------------------------------------------------------------------------------------------------------


def test_the_words_of_a_mandate_are_frozen_in_the_act_and_in_the_pact(office: RealOffice) -> None:
    office.add_official("wakil", "adb", full_name="Wakil Kasi", position="Analis Kebijakan", nik="3576010101700099")
    which = mandate(office, "wakil", "section_head", "PLH")
    who = office.new("review")
    office.approve(who, by="wakil")
    office.core.mandates.end(which, office.actor("it"))
    act = next(row for row in office.acts(who) if row.kind == "approve")
    assert act.acting_for == "Plh. Kepala Seksi (SP 800/45, 2026-06-01)"
    assert act.actor_label == "Plh. Kepala Seksi, Wakil Kasi"
    facts, _ = office.core.pacts.own_text(who.request_id) or (None, None)
    assert facts is not None
    assert facts.official.acting is not None
    assert (facts.official.acting.kind, facts.official.acting.order_number) == ("Plh.", "SP 800/45")
    office.core.signatures.sign_as_applicant(who.request_id, who.ticket)
    assert code_of(lambda: office.sign(who, by="wakil")) == "not-your-post"


def test_a_mandate_holds_from_its_first_day_to_its_last(office: RealOffice) -> None:
    mandate(office, "adb", "head", period=(date(2026, 6, 9), date(2026, 6, 10)))
    held = []
    for _ in range(4):
        held.append(office.actor("adb").holds("head"))
        office.clock.move(days=1)
    assert held == [False, True, True, False]


def test_an_ended_mandate_ends_at_once(office: RealOffice) -> None:
    which = mandate(office, "adb", "head")
    assert office.actor("adb").holds("head")
    office.core.mandates.end(which, office.actor("secretary"))
    assert not office.actor("adb").holds("head")
    assert code_of(lambda: office.core.mandates.end(which, office.actor("secretary"))) == "mandate-unknown"


@pytest.mark.parametrize(
    "wrong",
    [
        {"post": "walikota"},
        {"kind": "PJ"},
        {"order": ("  ", date(2026, 6, 1))},
        {"period": (date(2026, 6, 2), date(2026, 6, 1))},
    ],
)
def test_a_mandate_that_cannot_be_right_is_refused(office: RealOffice, wrong: dict[str, Any]) -> None:
    given = {"post": "head", "kind": "PLT", "order": ORDER, "period": JUNE, **wrong}
    assert code_of(lambda: office.core.mandates.add("adb", by=office.actor("it"), **given)) == "mandate-invalid"
    assert office.actor("adb").posts == {"adb"}


@pytest.mark.parametrize("post", ["head", "division_head", "section_head", "adb", "auditor"])
def test_only_secretary_and_it_write_mandates(office: RealOffice, post: str) -> None:
    add = partial(office.core.mandates.add, "adb", "head", "PLT", ORDER, JUNE)
    assert code_of(lambda: add(office.actor(post))) == "not-your-post"
