"""Two things at the same instant: whichever comes first, the end is in order."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from provisioner.connector import Outcome
from provisioner.errors import Conflict, ProvisionerError, WrongState
from tests.faults.at_once import at_once
from tests.house import OWN, House, memory, table

pytestmark = pytest.mark.usefixtures("store_kind")

ROUNDS = 5


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    targets = {"akun": table(Path("{data_dir}/accounts.db"), sign_in=True), "arsip": memory()}
    built = House(tmp_path, targets)
    yield built
    built.close()


def test_opening_and_resetting_never_leave_an_envelope_to_a_dead_password(house: House) -> None:
    official = house.official("it")
    for number in range(ROUNDS):
        someone = house.approved(f"orang{number}")
        house.heart.drain()
        opening, needs_ticket = at_once(
            partial(house.open, someone),
            partial(house.heart.accounts.reset, official, someone.account_id),
        )
        opened_first = not isinstance(opening, ProvisionerError)
        assert needs_ticket is opened_first
        if opened_first:
            house.new_ticket(someone)
        house.heart.drain()
        password = house.open(someone, "second browser").slips[0].password
        for target in house.targets:
            assert house.connector(target).authenticate(someone.username, password).outcome is Outcome.MUST_CHANGE


def test_two_browsers_open_an_envelope_once(house: House) -> None:
    for number in range(ROUNDS):
        someone = house.approved(f"orang{number}")
        house.heart.drain()
        answers = at_once(*(partial(house.open, someone, each) for each in ("a", "b", "c")))
        refusals = [answer for answer in answers if isinstance(answer, ProvisionerError)]
        assert len(refusals) == 2
        assert {refusal.code for refusal in refusals} == {"envelope-opened-before"}


def test_revoking_while_the_runner_makes_the_account_ends_closed(house: House) -> None:
    official = house.official("it")
    house.heart.runner.start()
    people = []
    for number in range(ROUNDS):
        people.append(house.approved(f"orang{number}"))
        house.heart.accounts.revoke(official, people[-1].account_id, "transfer")
    house.heart.runner.stop()
    house.heart.drain()
    for someone in people:
        for target in house.targets:
            assert not house.entry(target, someone).enabled


def test_the_same_name_approved_twice_at_the_same_instant_is_given_once(house: House) -> None:
    house.official("section_head")
    answers = at_once(*(lambda: house.approved("dewi.lestari") for _ in range(4)))
    refusals = [answer for answer in answers if isinstance(answer, Conflict)]
    assert len(refusals) == 3
    assert {refusal.code for refusal in refusals} == {"username-taken"}


def test_one_credential_is_issued_once_by_several(house: House) -> None:
    someone = house.approved()
    (credential,) = house.account(someone).credentials
    answers = at_once(*(lambda: house.heart.issuer.issue(credential.id) for _ in range(4)))
    assert sorted(answers) == [False, False, False, True]
    assert len(house.generations(someone)) == 1


def test_two_changes_of_one_password_leave_one_that_works_everywhere(house: House) -> None:
    someone = house.active()
    first, second = "tujuh gajah mandi di kali 9", "delapan badak lari ke bukit 3"
    at_once(
        lambda: house.heart.passwords.change(someone.account_id, OWN, first),
        lambda: house.heart.passwords.change(someone.account_id, OWN, second),
    )
    works = [each for each in (first, second) if _works(house, "akun", someone.username, each)]
    assert len(works) == 1
    house.heart.operator_sign_in.sign_in(someone.username, works[0])
    house.heart.drain()
    assert _works(house, "arsip", someone.username, works[0])


def test_a_card_of_two_tabs_is_decided_once(house: House) -> None:
    someone, official = house.active(), house.official("it")
    answers = at_once(*(lambda: house.heart.accounts.suspend_now(official, someone.account_id) for _ in range(3)))
    assert len([answer for answer in answers if isinstance(answer, WrongState)]) == 2
    house.heart.drain()
    assert house.events().count("account-suspended") == 1


def _works(house: House, target: str, username: str, password: str) -> bool:
    return bool(house.connector(target).authenticate(username, password).outcome is Outcome.ACCEPTED)
