"""Where two units of work meet on one account, they take request, account and what hangs on it in the same order."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from provisioner.convergence.worklist import lock_accounts
from provisioner.store.locking import is_locking
from provisioner.store.tables import AccountRow, GenerationRow, HelpCardRow, LinkRow, RequestRow
from tests.house import House, Someone, memory, table

pytestmark = pytest.mark.usefixtures("store_kind")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, {"akun": table(Path("{data_dir}/accounts.db"), sign_in=True), "arsip": memory()})
    yield built
    built.close()


def meet(house: House, begin: Callable[[Session], object], other: Callable[[], object], then: type, ident: str) -> None:
    """One unit of work has begun; ``other`` comes and waits; the first goes on to ``then``, which it may have."""
    with ThreadPoolExecutor(1) as pool:
        with house.store.begin() as session:
            begin(session)
            coming = pool.submit(other)
            if is_locking(session):
                _until_somebody_waits(house)
            session.get_one(then, ident)
        coming.result()


def _until_somebody_waits(house: House) -> None:
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(500):
        with house.store.read() as session:
            if session.scalar(asked):
                return
        sleep(0.01)
    pytest.fail("nobody came to wait")


def has_account(someone: Someone) -> Callable[[Session], object]:
    """As a worker begins that records what it did, and whoever chooses a password."""
    return lambda session: lock_accounts(session, select(AccountRow.id).where(AccountRow.id == someone.account_id))


def test_the_end_of_a_shown_envelope_and_the_choice_of_a_password(house: House) -> None:
    someone, _ = house.received()
    (shown,) = [each.id for each in house.generations(someone) if each.shown_until is not None]
    house.still.move(minutes=11)
    meet(house, has_account(someone), house.heart.envelope_end.destroy_shown, GenerationRow, shown)
    assert house.events().count("envelope-destroyed") == 1


def test_an_exchanged_ticket_and_a_worker_that_ends_step_five(house: House) -> None:
    someone = house.approved()
    meet(house, has_account(someone), lambda: house.new_ticket(someone), RequestRow, someone.request_id)


def test_an_envelope_that_is_opened_and_a_ticket_that_is_exchanged(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    meet(
        house,
        lambda session: session.get_one(RequestRow, someone.request_id),
        lambda: house.open(someone),
        AccountRow,
        someone.account_id,
    )


def test_a_system_that_is_tried_again_and_a_worker_that_records(house: House) -> None:
    someone, official = house.active(), house.official("it")
    link = house.link(someone, "arsip").id
    meet(house, has_account(someone), lambda: house.heart.account_systems.retry_now(official, link), LinkRow, link)


def test_a_revocation_and_whoever_has_the_request(house: House) -> None:
    someone, official = house.active(), house.official("it")
    meet(
        house,
        lambda session: session.get_one(RequestRow, someone.request_id),
        lambda: house.heart.accounts.revoke(official, someone.account_id, "transfer"),
        AccountRow,
        someone.account_id,
    )


def test_a_call_for_help_that_is_answered_and_a_sign_in_that_overtakes_it(house: House) -> None:
    someone, official = house.active(), house.official("it")
    card = HelpCardRow(account_id=someone.account_id, kind="forgotten", state="open", asked_at=house.clock())
    with house.store.begin() as session:
        session.add(card)

    def answer() -> None:
        house.heart.help_answers.answer(official, card.id, "KTP dilihat", reset=False)

    meet(house, has_account(someone), answer, HelpCardRow, card.id)
