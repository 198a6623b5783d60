"""What every engine does: the same behaviour, whoever wakes whom, on every kind of store."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from provisioner.connector import Outcome
from provisioner.convergence.worklist import left_alone
from provisioner.store.tables import AccountRow, CredentialRow, GenerationRow, LinkRow
from tests.house import Someone
from tests.many_machines import LivingHouse, until
from tests.provisioner.dispatch.conftest import Engine

NUMBERS = count()


@pytest.fixture
def name() -> str:
    return f"orang{next(NUMBERS)}"


@pytest.fixture(scope="module")
def busy(engine: Engine) -> Iterator[LivingHouse]:
    """The office with its engine at work. (A fixture of the module: a worker takes a second to start.)"""
    with engine.at_work():
        yield engine.house
    assert at_rest(engine.house), "what was in hand at the end was not handed back"


def at_rest(house: LivingHouse) -> bool:
    """Nobody holds anything any more."""
    with house.store.read() as session:
        leases = select(func.count(LinkRow.lease_token))
        drawn = select(func.count(CredentialRow.drawing_token))
        return not session.scalar(leases) and not session.scalar(drawn)


def test_what_is_approved_becomes_an_account(busy: LivingHouse, name: str) -> None:
    someone = made(busy, name)
    assert [generation.number for generation in busy.generations(someone)] == [1]
    assert len(busy.connector("akun").find(someone.account_id)) == 1


def test_a_target_that_is_away_delays_only_itself_and_holds_nobody(busy: LivingHouse, name: str) -> None:
    someone = made(busy, name)
    until(lambda: busy.link(someone, "arsip").attempts > 0 or is_left_alone(busy, "arsip"))
    assert busy.words(someone)["arsip"] == "waiting"
    until(lambda: at_rest(busy))


def test_a_decision_about_an_account_is_carried_out(busy: LivingHouse, name: str) -> None:
    someone = made(busy, name)
    busy.heart.accounts.revoke(busy.official("it"), someone.account_id, "transfer")
    until(lambda: not busy.entry("akun", someone).enabled)


def test_a_decision_that_is_taken_back_makes_nothing(busy: LivingHouse, name: str) -> None:
    def refuse(session: Session) -> None:
        if any(isinstance(row, AccountRow) and row.username == name for row in session):
            raise RuntimeError("the disk is full")

    busy.store.before_commit(refuse)
    with pytest.raises(RuntimeError, match="disk"):
        busy.approved(name)
    made(busy, f"{name}-lain")
    assert busy.connector("akun").get(name) is None


def test_work_that_nobody_was_woken_for_is_found(busy: LivingHouse, name: str) -> None:
    someone = made(busy, name)
    before = busy.link(someone, "akun").applied_at
    with busy.store.begin() as session:
        due = update(LinkRow).where(LinkRow.account_id == someone.account_id, LinkRow.target == "akun")
        session.execute(due.values(state="due", next_try_at=busy.clock()))
    until(lambda: busy.link(someone, "akun").applied_at != before)


def test_periodic_work_is_done(busy: LivingHouse, name: str) -> None:
    someone = made(busy, name)
    (generation,) = busy.generations(someone)
    with busy.store.begin() as session:
        its = update(GenerationRow).where(GenerationRow.id == generation.id)
        session.execute(its.values(lapses_at=busy.clock() - timedelta(days=1)))
    until(lambda: busy.generations(someone)[0].state == "lapsed")


def test_a_password_works_and_has_to_be_changed(busy: LivingHouse, name: str) -> None:
    """Without the system that is away, whose part of the envelope would not be ready."""
    someone = made(busy, name)
    with busy.store.begin() as session:
        absent = update(LinkRow).where(LinkRow.account_id == someone.account_id, LinkRow.target == "arsip")
        session.execute(absent.values(state="left-out"))
    password = busy.open(someone).slips[0].password
    assert busy.connector("akun").authenticate(name, password).outcome is Outcome.MUST_CHANGE


def made(house: LivingHouse, name: str) -> Someone:
    """Somebody who was approved, and has an account at the system that is there."""
    someone = house.approved(name)
    until(lambda: house.words(someone)["akun"] == "done")
    return someone


def is_left_alone(house: LivingHouse, target: str) -> bool:
    """Whether it rests after failures."""
    with house.store.read() as session:
        return target in left_alone(session, house.clock())
