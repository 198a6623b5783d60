"""Operators ask for help: one card for each kind, the same answer to everybody, and an end when nothing is left."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from provisioner.audit import Filters
from provisioner.errors import AuthenticationFailed, LockedOut, NotAllowed, TooMany, WrongState
from provisioner.store.tables import HelpCardRow, ThrottleRow
from provisioner.store.tables.audit import AuditRow
from tests.house import OWN, House, Someone, memory

pytestmark = pytest.mark.usefixtures("store_kind")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, {"akun": memory(sign_in=True), "arsip": memory()})
    yield built
    built.close()


def kinds(house: House) -> list[str]:
    """Of the open cards."""
    return [card.kind for card in house.heart.help_answers.waiting(house.official("adb"))]


def rows(house: House) -> tuple[int, int, int]:
    """How many cards, events and counters there are."""
    with house.store.read() as session:
        cards, events, counters = (
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (HelpCardRow, AuditRow, ThrottleRow)
        )
        return cards, events, counters


def lock_out(house: House) -> None:
    for _ in range(house.settings.lockout.max_failures):
        with pytest.raises(AuthenticationFailed):
            house.heart.operator_sign_in.sign_in("dewi.lestari", "salah")


def test_help_makes_one_card_for_each_kind_and_tells_nothing(house: House) -> None:
    someone = house.active()
    for name in ("dewi.lestari", " Dewi.Lestari ", "nobody.here"):
        house.heart.help_cards.ask(name)
    house.heart.help_cards.ask("dewi.lestari", "locked")
    assert kinds(house) == ["forgotten", "locked"]
    card, _ = house.heart.help_answers.waiting(house.official("adb"))
    assert card.account_id == someone.account_id
    assert house.heart.help_answers.answer(house.official("adb"), card.id, "KTP asli dan wajah")
    assert kinds(house) == []
    assert house.account(someone).state == "pending-activation"


def test_an_unknown_name_leaves_the_same_traces_as_a_known_one(house: House) -> None:
    house.active()
    before = rows(house)
    house.heart.help_cards.ask("dewi.lestari", address="192.0.2.1")
    known = rows(house)
    house.heart.help_cards.ask("nobody.here", note="rahasia", address="192.0.2.2")
    unknown = rows(house)
    assert (known[1] - before[1], known[2] - before[2]) == (unknown[1] - known[1], unknown[2] - known[2]) == (1, 2)
    with house.store.read() as session:
        found = house.trail.search(session, Filters(kinds=("help-asked",)), limit=1)
    assert "username" not in found.entries[0].fields
    assert "note" not in found.entries[0].fields


def test_a_revoked_account_asks_for_no_help(house: House) -> None:
    someone = house.active()
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
    house.heart.help_cards.ask("dewi.lestari")
    assert kinds(house) == []


@pytest.mark.parametrize("name", ["dewi.lestari", "nobody.here"])
def test_help_is_limited_for_a_name_and_from_an_address_whether_or_not_the_name_exists(house: House, name: str) -> None:
    house.active()
    limit = house.settings.limits.help_per_hour
    for number in range(limit):
        house.heart.help_cards.ask(name, address=f"192.0.2.{number}")
    with pytest.raises(TooMany):
        house.heart.help_cards.ask(name, address="198.51.100.1")
    with house.store.read() as session:
        (entry,) = house.trail.search(session, Filters(kinds=("too-many-tries",)), limit=9).entries
    assert name not in str(entry.fields)
    for number in range(limit):
        house.heart.help_cards.ask(f"another.{number}", address="198.51.100.2")
    with pytest.raises(TooMany):
        house.heart.help_cards.ask("one.more", address="198.51.100.2")
    house.still.move(hours=1, seconds=1)
    house.heart.help_cards.ask(name, address="198.51.100.2")


def reset(house: House, someone: Someone) -> None:
    house.heart.accounts.reset(house.official("it"), someone.account_id)


def revoke(house: House, someone: Someone) -> None:
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")


@pytest.mark.parametrize(("act", "why"), [(reset, "password-reset"), (revoke, "account-revoked")])
def test_what_is_decided_on_the_accounts_page_closes_its_cards(
    house: House, act: Callable[[House, Someone], None], why: str
) -> None:
    someone, adb = house.active(), house.official("adb")
    house.heart.help_cards.ask("dewi.lestari", "forgotten")
    house.heart.help_cards.ask("dewi.lestari", "locked")
    first, second = house.heart.help_answers.waiting(adb)
    act(house, someone)
    assert kinds(house) == []
    for card in (first, second):
        state = house.heart.help_cards.state_of(adb, card.id)
        assert (state.state, state.overtaken_by, state.closed_at) == ("superseded", why, house.still.now)
        with pytest.raises(WrongState) as refusal:
            house.heart.help_answers.answer(adb, card.id, "KTP")
        assert refusal.value.code == "help-overtaken"
    assert house.events().count("help-overtaken") == 2


def test_a_card_that_is_answered_is_done_and_not_overtaken_by_its_own_reset(house: House) -> None:
    house.active()
    adb = house.official("adb")
    house.heart.help_cards.ask("dewi.lestari")
    (card,) = house.heart.help_answers.waiting(adb)
    house.heart.help_answers.answer(adb, card.id, "KTP")
    assert house.heart.help_cards.state_of(adb, card.id).state == "done"
    assert "help-overtaken" not in house.events()


def test_a_refused_reset_closes_no_card(house: House) -> None:
    someone = house.active()
    house.heart.help_cards.ask("dewi.lestari")
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    with pytest.raises(WrongState):
        reset(house, someone)
    assert kinds(house) == ["forgotten"]


def test_who_gets_in_again_is_locked_out_no_more_but_may_not_be_who_forgot_the_password(house: House) -> None:
    house.active()
    house.heart.help_cards.ask("dewi.lestari", "forgotten")
    house.heart.help_cards.ask("dewi.lestari", "locked")
    house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    assert kinds(house) == ["forgotten"]


def test_unlocking_for_one_card_closes_the_other_that_asks_for_just_that(house: House) -> None:
    house.active()
    adb = house.official("adb")
    house.heart.help_cards.ask("dewi.lestari", "forgotten")
    house.heart.help_cards.ask("dewi.lestari", "locked")
    lock_out(house)
    forgotten, locked = house.heart.help_answers.waiting(adb)
    house.heart.help_answers.answer(adb, forgotten.id, "KTP", reset=False)
    assert kinds(house) == []
    assert house.heart.help_cards.state_of(adb, locked.id).overtaken_by == "unlocked"


def test_only_the_adb_and_it_see_how_a_card_stands(house: House) -> None:
    house.active()
    house.heart.help_cards.ask("dewi.lestari")
    (card,) = house.heart.help_answers.waiting(house.official("adb"))
    with pytest.raises(NotAllowed):
        house.heart.help_cards.state_of(house.official("section_head"), card.id)


@pytest.mark.parametrize("reset", [False, True])
def test_answering_for_help_takes_the_lock_away_and_the_card_says_what_was_asked(house: House, reset: bool) -> None:
    someone, official = house.active(), house.official("adb")
    for _ in range(house.settings.lockout.max_failures):
        with pytest.raises(AuthenticationFailed):
            house.heart.operator_sign_in.sign_in("dewi.lestari", "salah")
    with pytest.raises(LockedOut):
        house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    house.heart.help_cards.ask("dewi.lestari", "locked", "salah ketik sejak pagi")
    (card,) = house.heart.help_answers.waiting(official)
    assert card.note == "salah ketik sejak pagi"
    house.heart.help_answers.answer(official, card.id, "KTP asli dan wajah", reset=reset)
    if reset:
        house.new_ticket(someone)
        house.heart.drain()
        assert house.heart.operator_sign_in.sign_in("dewi.lestari", house.open(someone).slips[0].password).must_change
    else:
        assert house.heart.operator_sign_in.sign_in("dewi.lestari", OWN).username == "dewi.lestari"
