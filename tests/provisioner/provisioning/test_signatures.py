"""The two signatures on a pact, applicant first; the second one creates the account."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import func, select

from provisioner.provisioning.signatures import Signed
from provisioner.store.tables import AccountRow
from provisioner.ticket import Ticket
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice, own_password
from tests.provisioner.provisioning.refusal import code_of


def accounts(office: RealOffice) -> int:
    with office.core.context.store.read() as session:
        return session.scalar(select(func.count()).select_from(AccountRow)) or 0


def errors(signed: list[Signed]) -> list[str]:
    return [each.error.code if each.error else "" for each in signed]


def sign_unseen(office: RealOffice, who: Applicant, by: str = "section_head") -> list[Signed]:
    return office.core.signatures.sign(office.actor(by), [office.pact(who).id], own_password(by))


# -- the applicant ---------------------------------------------------------------------------------------------------


def test_the_applicant_signs_with_the_own_ticket_only(office: RealOffice) -> None:
    who, other = office.new("pact-applicant", 0), office.new("pact-applicant", 1)
    sign = office.core.signatures.sign_as_applicant
    assert code_of(lambda: sign(who.request_id, other.ticket)) == "ticket-wrong"
    assert code_of(lambda: sign(who.request_id, Ticket.new().text())) == "ticket-wrong"
    assert code_of(lambda: sign(who.request_id, who.ticket[:-1] + "?")) == "code-character"
    assert code_of(lambda: sign(who.request_id, "")) == "code-empty"
    assert office.pact(who).state == "prepared"
    sign(who.request_id, who.ticket.lower().replace("-", " "))
    assert office.pact(who).state == "applicant-signed"


@pytest.mark.parametrize("state", ["draft", "review", "pact-official", "creation"])
def test_the_applicant_signs_when_it_is_their_turn_and_once(office: RealOffice, state: str) -> None:
    who = office.new(state)
    sign = partial(office.core.signatures.sign_as_applicant, who.request_id, who.ticket)
    assert code_of(sign) == "request-wrong-state"


# -- the section head ------------------------------------------------------------------------------------------------


def test_the_section_head_does_not_sign_before_the_applicant(office: RealOffice) -> None:
    who = office.new("pact-applicant")
    office.core.pacts.document(office.actor("section_head"), office.pact(who).id)
    assert errors(sign_unseen(office, who)) == ["pact-wrong-state"]
    office.core.signatures.sign_as_applicant(who.request_id, who.ticket)
    assert errors(sign_unseen(office, who)) == ["pact-not-viewed"]
    assert accounts(office) == 0


def test_the_section_head_does_not_sign_what_they_have_not_seen(office: RealOffice) -> None:
    who = office.new("pact-official")
    office.add_official("kasi2", "section_head")
    for post in ("head", "auditor", "kasi2"):
        office.core.pacts.document(office.actor(post), office.pact(who).id)
    assert errors(sign_unseen(office, who)) == ["pact-not-viewed"]


def test_nobody_signs_a_pact_that_another_section_head_made(office: RealOffice) -> None:
    who = office.new("pact-official")
    office.add_official("kasi2", "section_head")
    assert errors(office.sign(who, by="kasi2")) == ["pact-made-by-other"]
    office.core.pacts.make_anew(office.actor("kasi2"), who.request_id)
    assert (office.state(who), office.pact(who).state) == (("disposed", "review"), "void")
    office.approve(who, by="kasi2")
    office.core.signatures.sign_as_applicant(who.request_id, who.ticket)
    assert errors(office.sign(who, by="kasi2")) == [""]


@pytest.mark.parametrize("post", ["head", "division_head", "adb", "it", "auditor", "secretary"])
def test_a_wrong_post_signs_nothing(office: RealOffice, post: str) -> None:
    who = office.new("pact-official")
    assert code_of(lambda: sign_unseen(office, who, by=post)) == "not-your-post"


def test_a_wrong_password_signs_nothing_and_locks_out_in_the_end(office: RealOffice) -> None:
    who = office.new("pact-official")
    for _ in range(office.settings.lockout.max_failures - 1):
        assert code_of(lambda: office.sign(who, password="bukan kata sandi")) == "wrong-credentials"
    assert code_of(lambda: office.sign(who, password="bukan kata sandi")) == "locked-out"
    assert code_of(lambda: office.sign(who)) == "locked-out"
    assert (office.pact(who).state, accounts(office)) == ("applicant-signed", 0)
    assert office.events("official-locked-out")
    office.clock.move(minutes=office.settings.lockout.minutes + 1)
    assert errors(office.sign(who)) == [""]


def test_one_bad_pact_does_not_hold_the_others_up(office: RealOffice) -> None:
    people = [office.new("pact-official", number) for number in range(3)]
    section_head = office.actor("section_head")
    pacts = [office.pact(who).id for who in people]
    for pact in (pacts[0], pacts[2]):
        office.core.pacts.document(section_head, pact)
    ids = [pacts[0], "0" * 32, pacts[1], pacts[2], pacts[0]]
    signed = office.core.signatures.sign(section_head, ids, own_password("section_head"))
    assert errors(signed) == ["", "pact-unknown", "pact-not-viewed", ""]
    assert [office.request(who).state for who in people] == ["creation", "pact-official", "creation"]
    assert len(office.events("official-reauthenticated")) == 1
    assert accounts(office) == 2


@pytest.mark.parametrize("count", [0, 51])
def test_a_batch_of_none_or_too_many_is_refused(office: RealOffice, count: int) -> None:
    sign = partial(office.core.signatures.sign, office.actor("section_head"), ["x"] * count)
    assert code_of(lambda: sign(own_password("section_head"))) == "pacts-to-sign"


def test_the_same_pact_signed_in_two_tabs_makes_one_account(office: RealOffice) -> None:
    who = office.new("pact-official")
    office.core.pacts.document(office.actor("section_head"), office.pact(who).id)
    start = Barrier(2)

    def at_once(_: int) -> list[str]:
        start.wait()
        return errors(sign_unseen(office, who))

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(answer for (answer,) in pool.map(at_once, range(2)))
    assert answers[0] == ""
    assert answers[1] in ("pact-wrong-state", "request-wrong-state", "changed-meanwhile")
    assert accounts(office) == 1
    assert len(office.events("account-approved")) == 1


def test_what_was_really_entered_is_frozen(make_office: MakeOffice) -> None:
    office = make_office()
    who = office.new("creation")
    assert office.pact(who).authentication == "password"
    facts, _ = office.core.pacts.own_text(who.request_id) or (None, None)
    assert facts is not None
    assert facts.authentication == "password"
    signed = office.events("pact-signed")[0]
    assert office.pact(who).sha256 in signed.fields
    assert office.pact(who).length == len(office.core.pacts.own_document(who.request_id)[1])


def test_account_link_event_and_pact_belong_together(office: RealOffice) -> None:
    who = office.new("creation")
    row, pact = office.request(who), office.pact(who)
    assert row.account_id is not None
    assert (pact.state, pact.account_id, pact.act_id) == ("signed", row.account_id, office.last_act(who, "approve"))
    with office.core.context.store.read() as session:
        account = session.get_one(AccountRow, row.account_id)
        assert (account.request_id, account.pact_id, [link.target for link in account.links]) == (
            row.id,
            pact.id,
            ["sistem"],
        )


# -- step 5 by button ------------------------------------------------------------------------------------------------

BUTTON = {"step_5": "button"}


def test_step_5_happens_at_once_on_the_section_heads_decision(office: RealOffice) -> None:
    who = office.new("creation")
    assert accounts(office) == 1
    assert code_of(lambda: office.core.signatures.create_account(office.actor("adb"), who.request_id)) == (
        "request-wrong-state"
    )


@pytest.mark.parametrize("post", ["adb", "section_head"])
def test_step_5_by_button_waits_for_one_of_two_people(make_office: MakeOffice, post: str) -> None:
    office = make_office(procedure=BUTTON)
    who = office.new("creation")
    office.core.heart.drain()
    assert (office.request(who).state, accounts(office)) == ("creation", 0)
    assert [line.id for line in office.core.inboxes.of(office.actor(post)).creations] == [who.request_id]
    create = office.core.signatures.create_account
    for other in ("head", "division_head", "it", "auditor", "secretary"):
        assert code_of(partial(create, office.actor(other), who.request_id)) == "not-your-post"
    create(office.actor(post), who.request_id)
    assert code_of(lambda: create(office.actor(post), who.request_id)) == "request-wrong-state"
    assert office.core.inboxes.of(office.actor(post)).creations == ()
    office.bring(who, "done", start="creation")
    assert office.request(who).state == "done"


@pytest.mark.parametrize("state", ["review", "pact-official"])
def test_the_button_does_nothing_before_the_pact_is_signed(make_office: MakeOffice, state: str) -> None:
    office = make_office(procedure=BUTTON)
    who = office.new(state)
    create = partial(office.core.signatures.create_account, office.actor("adb"), who.request_id)
    assert code_of(create) == "request-wrong-state"


def test_who_disposed_of_the_letter_does_not_press_the_button(make_office: MakeOffice) -> None:
    """Neither as ADB nor standing in for the section head."""
    office = make_office(procedure=BUTTON)
    office.add_official("kabid-kasi", "division_head", "section_head")
    office.add_official("kabid-adb", "division_head", "adb")
    for number, double in enumerate(("kabid-kasi", "kabid-adb")):
        who = office.new("division", number)
        letter = office.letter(who)
        office.core.desks.forward(office.actor(double), letter.id, letter.revision)
        office.bring(who, "creation", start="review")
        create = partial(office.core.signatures.create_account, office.actor(double), who.request_id)
        assert code_of(create) == "second-step"


def test_nobody_presses_the_button_for_themselves(make_office: MakeOffice) -> None:
    office = make_office(procedure=BUTTON)
    who = office.new("creation")
    office.add_official("own", "adb", nik=who.bio["nik"])
    create = partial(office.core.signatures.create_account, office.actor("own"), who.request_id)
    assert code_of(create) == "own-request"
