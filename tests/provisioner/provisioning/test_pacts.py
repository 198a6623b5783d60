"""Step 4: approving is confirming the person and the check code, reserving a name and making the pact."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import partial
from threading import Barrier

import pytest

from provisioner.errors import InvalidInput, ProvisionerError
from provisioner.ticket import Ticket
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice, person
from tests.provisioner.provisioning.refusal import code_of

TABLE = {
    "kind": "table",
    "label": "Basis data akun",
    "sign_in": True,
    "settings": {"url": "sqlite:///{data_dir}/accounts.db", "create_tables": True},
}


@pytest.fixture
def with_table(make_office: MakeOffice) -> RealOffice:
    """An office whose target is a table of accounts that others write into, too."""
    office = make_office(targets={"akun": TABLE})
    office.core.targets["akun"].connector.check()
    office.core.targets["akun"].connector.get("x")
    return office


def stranger(office: RealOffice, username: str) -> None:
    """Somebody else's account in the target, made by nobody here."""
    with closing(sqlite3.connect(office.folder / "accounts.db")) as database, database:
        database.execute("INSERT INTO accounts (id, username, enabled) VALUES (?, ?, 1)", (username, username))


# -- duplicates ------------------------------------------------------------------------------------------------------


def test_the_public_form_discloses_nothing_about_known_people(office: RealOffice) -> None:
    """Same answers, same states, whether or not the NIK has an account or an open request."""
    office.new("done")
    known = office.new("sent", full_name="Dewi Baru")
    unknown = office.new("sent", 5)
    first, second = (office.core.tracking.own(who.request_id) for who in (known, unknown))
    assert (first.state, first.letter_state) == (second.state, second.letter_state) == ("with-letter", "disposing")
    assert (first.bio.warnings, first.bio.errors) == (second.bio.warnings, second.bio.errors)


@pytest.mark.parametrize(("state", "code"), [("done", "person-has-account"), ("sent", "person-has-request")])
def test_the_counter_is_told_of_a_live_account_or_an_open_request(office: RealOffice, state: str, code: str) -> None:
    office.new(state)
    secretary = office.actor("secretary")
    letter = {"number": "9", "letter_date": "2026-06-05", "sender": "Kelurahan"}
    letter_id = office.core.registering.register(secretary, letter, applicants=1)
    (line,) = office.core.reading.letter(secretary, letter_id).requests
    who = Applicant(line.id, "", "", "", {})
    office.core.drafting.save_bio(line.id, office.request(who).revision, person(0), secretary)
    assert code_of(lambda: office.core.drafting.submit(line.id, secretary)) == code
    assert office.letter(who).state == "draft"


@pytest.mark.parametrize(("state", "code"), [("done", "person-has-account"), ("sent", "person-has-request")])
def test_the_section_head_is_told_and_makes_no_second_account(office: RealOffice, state: str, code: str) -> None:
    office.new(state)
    again = office.new("review", full_name="Dewi Baru")
    assert office.core.reading.request(office.actor("section_head"), again.request_id).duplicate == code
    assert code_of(lambda: office.approve(again, "dewi.baru")) == code
    assert office.request(again).username is None


# -- the person and the check code -----------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["", "AAAA-AAAA", "'; drop table", "0" * 5000])
def test_a_wrong_check_code_makes_no_pact_and_is_in_the_trail(office: RealOffice, typed: str) -> None:
    who = office.new("review")
    with pytest.raises(InvalidInput) as refused:
        office.approve(who, check_code=typed)
    assert refused.value.fields == {"check_code": ["wrong"]}
    assert office.state(who) == ("disposed", "review")
    assert len(office.events("check-code-refused")) == 1


def test_the_check_code_of_somebody_else_is_wrong(office: RealOffice) -> None:
    who, other = office.new("review", 0), office.new("review", 1)
    code = Ticket.parse(other.ticket).keys().check_code()
    assert code_of(lambda: office.approve(who, check_code=code)) == "check-code-wrong"


def test_the_check_code_may_be_typed_as_people_type(office: RealOffice) -> None:
    who = office.new("review")
    code = Ticket.parse(who.ticket).keys().check_code()
    office.approve(who, check_code=f" {code.lower().replace('-', ' ')} ")
    assert office.request(who).state == "pact-applicant"


def test_nobody_is_approved_unseen(office: RealOffice) -> None:
    who = office.new("review")
    assert code_of(lambda: office.approve(who, person_confirmed=False)) == "person-not-confirmed"
    assert office.request(who).person_confirmed_at is None


def test_nobody_is_approved_without_a_ticket(office: RealOffice) -> None:
    secretary = office.actor("secretary")
    letter = {"number": "9", "letter_date": "2026-06-05", "sender": "Kelurahan"}
    letter_id = office.core.registering.register(secretary, letter)
    (line,) = office.core.reading.letter(secretary, letter_id).requests
    who = Applicant(line.id, Ticket.new().text(), "", "", {})
    office.core.drafting.save_bio(line.id, office.request(who).revision, person(0), secretary)
    office.core.drafting.submit(line.id, secretary)
    office.bring(who, "review", start="sent")
    assert code_of(lambda: office.approve(who)) == "ticket-missing"


def test_an_end_that_is_past_is_refused(office: RealOffice) -> None:
    who = office.new("review")
    assert code_of(lambda: office.approve(who, valid_until=date(2026, 6, 8))) == "valid-until-past"
    office.approve(who, valid_until=date(2026, 12, 31))
    assert office.request(who).valid_until == date(2026, 12, 31)


# -- the user name ---------------------------------------------------------------------------------------------------


def test_the_name_offered_fits_and_is_free_everywhere(with_table: RealOffice) -> None:
    office = with_table
    stranger(office, "DEWI.HANDAYANI")
    first = office.new("pact-applicant", 1, full_name="Dewi Handayani")
    assert office.request(first).username == "dewi.handayani2"
    offer = office.core.usernames.offer(
        office.actor("section_head"), office.new("review", 2, full_name="Dewi Handayani").request_id
    )
    assert offer.usable
    assert offer.username == "dewi.handayani3"


@pytest.mark.parametrize("name", ["dewi.handayani", "DEWI.HANDAYANI", "Dewi.Handayani"])
def test_a_strangers_entry_is_a_conflict_even_if_only_the_case_differs(with_table: RealOffice, name: str) -> None:
    office = with_table
    stranger(office, name)
    who = office.new("review")
    assert code_of(lambda: office.approve(who, "dewi.handayani")) == "username-taken-in-target"
    assert office.request(who).state == "review"


@pytest.mark.parametrize(
    "name", ["", "d", "dewi handayani", "déwi", "12345678", "admin", "a" * 21, "dewi\x00x", "uid=x,ou=y"]
)
def test_a_name_that_breaks_a_rule_is_refused(office: RealOffice, name: str) -> None:
    who = office.new("review")
    approval = replace(office.approval(who, "x"), username=name)
    approve = partial(office.core.pacts.approve, office.actor("section_head"), who.request_id)
    assert code_of(lambda: approve(office.request(who).revision, approval)) == "username-invalid"


def test_a_name_is_never_given_again_not_even_after_its_account_was_revoked(office: RealOffice) -> None:
    first = office.new("done")
    name = office.request(first).username or ""
    office.core.accounts.revoke(office.actor("it"), office.request(first).account_id or "", "transfer")
    office.core.heart.drain()
    second = office.new("review", 1)
    assert code_of(lambda: office.approve(second, name)) == "username-taken"
    assert code_of(lambda: office.approve(second, name.upper())) == "username-invalid"


def test_two_approvals_at_the_same_instant_give_the_name_once_and_numbers_without_gaps(office: RealOffice) -> None:
    people = [office.new("review", number) for number in range(4)]
    office.add_official("kasi2", "section_head")
    names = ["dewi.handayani", "dewi.handayani", "agus.handayani", "budi.handayani"]
    prepared = [
        partial(
            office.core.pacts.approve,
            office.actor("section_head" if number % 2 else "kasi2"),
            who.request_id,
            office.request(who).revision,
            office.approval(who, name),
        )
        for number, (who, name) in enumerate(zip(people, names, strict=True))
    ]
    start = Barrier(len(prepared))

    def at_once(approve: partial[str]) -> str:
        start.wait()
        try:
            approve()
        except ProvisionerError as error:
            return error.code
        return "approved"

    with ThreadPoolExecutor(len(prepared)) as pool:
        answers = list(pool.map(at_once, prepared))
    assert sorted(answers[:2]) == ["approved", "username-taken"]
    assert answers[2:] == ["approved", "approved"]
    approved = [who for who, answer in zip(people, answers, strict=True) if answer == "approved"]
    assert sorted(office.pact(who).number[:4] for who in approved) == ["0001", "0002", "0003"]


def test_the_pact_freezes_the_check_code_and_shows_neither_nik_nor_ticket(office: RealOffice) -> None:
    who = office.new("pact-applicant")
    facts, _ = office.core.pacts.own_text(who.request_id) or (None, None)
    assert facts is not None
    assert facts.check_code == Ticket.parse(who.ticket).keys().check_code()
    assert facts.applicant.nik == "•" * 12 + "0001"
    assert person(0)["nik"] not in facts.to_json()
    assert who.ticket not in facts.to_json()


@pytest.mark.parametrize("post", ["secretary", "it"])
def test_who_may_not_read_pacts_does_not(office: RealOffice, post: str) -> None:
    who = office.new("pact-applicant")
    assert code_of(lambda: office.core.pacts.document(office.actor(post), office.pact(who).id)) == "not-your-post"
