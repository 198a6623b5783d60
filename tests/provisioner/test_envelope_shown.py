"""What was opened is shown again to the browser that opened it: without the ticket, for ten minutes, to nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from provisioner.browser_seal import open_in_browser, seal_to_browser
from provisioner.envelope import SlipContext
from provisioner.errors import SealBroken, WrongState
from provisioner.provisioning.handover import Opening
from provisioner.provisioning.sessions import SessionInfo
from provisioner.store.tables import GenerationRow
from tests.house import OWN, House, Someone, memory

pytestmark = pytest.mark.usefixtures("store_kind")

CONTEXT = SlipContext("Dinas", "request", "account", "shared", 1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, {"akun": memory(sign_in=True), "arsip": memory()})
    yield built
    built.close()


@pytest.fixture
def someone(house: House) -> Someone:
    found = house.approved()
    house.heart.drain()
    return found


def browser(house: House, someone: Someone) -> tuple[SessionInfo, str]:
    """A browser that is known as the applicant's: its session, and the token in its cookie."""
    with house.store.begin() as session:
        token, _ = house.sessions.start(session, "applicant", someone.request_id)
    here = house.sessions.find(token, "applicant")
    assert here is not None
    return here, token


def opened(house: House, someone: Someone, here: SessionInfo, token: str) -> Opening:
    return house.heart.handover.open(someone.ticket.text(), here.id, "192.0.2.7", token)


def refused(house: House, here: SessionInfo, token: str) -> WrongState:
    with pytest.raises(WrongState) as refusal:
        house.heart.handover.show(here, token)
    return refusal.value


def test_the_browser_that_opened_it_is_shown_it_without_the_ticket_as_often_as_it_asks(
    house: House, someone: Someone
) -> None:
    here, token = browser(house, someone)
    first = opened(house, someone, here, token)
    assert "envelope-shown-again" not in house.events()
    assert house.heart.handover.show(here, token).slips == first.slips
    assert "envelope-shown-again" not in house.events()  # The first answer is what opening was for.
    assert house.heart.handover.show(here, token) == first
    assert house.events().count("envelope-shown-again") == 1
    assert house.heart.handover.shown_until(here) == first.shown_until


def test_after_ten_minutes_it_is_told_that_this_browser_opened_it(house: House, someone: Someone) -> None:
    here, token = browser(house, someone)
    opened(house, someone, here, token)
    at = house.still.now
    house.still.move(minutes=11)
    for _ in range(2):  # Before and after the runner has come by.
        refusal = refused(house, here, token)
        assert (refusal.code, refusal.data) == ("envelope-opened-before", {"at": at, "here": True})
        assert house.heart.handover.shown_until(here) is None
        house.heart.drain()
    assert [each.shown_slip for each in house.generations(someone)] == [None]
    assert "envelope-foreign-attempt" not in house.events()


def test_another_browser_of_the_applicant_is_shown_nothing(house: House, someone: Someone) -> None:
    here, token = browser(house, someone)
    opened(house, someone, here, token)
    other, other_token = browser(house, someone)
    refusal = refused(house, other, other_token)
    assert (refusal.code, refusal.data["here"]) == ("envelope-opened-before", False)
    assert house.heart.handover.shown_until(other) is None
    with pytest.raises(SealBroken):
        house.heart.handover.show(here, other_token)
    # Not even by who writes their own session into the store.
    with house.store.begin() as session:
        session.execute(update(GenerationRow).values(opened_by_session=other.id))
    with pytest.raises(SealBroken):
        house.heart.handover.show(other, other_token)


def test_the_first_change_and_a_reset_destroy_what_is_shown(house: House, someone: Someone) -> None:
    here, token = browser(house, someone)
    initial = opened(house, someone, here, token).slips[0].password
    house.heart.passwords.change(someone.account_id, initial, OWN)
    assert refused(house, here, token).code == "envelope-used"
    assert house.generations(someone)[0].shown_slip is None
    house.heart.accounts.reset(house.official("it"), someone.account_id)
    assert refused(house, here, token).code == "envelope-not-ready"


def test_a_suspended_account_shows_nothing(house: House, someone: Someone) -> None:
    here, token = browser(house, someone)
    opened(house, someone, here, token)
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    assert refused(house, here, token).code == "account-not-open"
    assert house.heart.handover.shown_until(here) is None


def test_nothing_is_opened_by_looking(house: House, someone: Someone) -> None:
    here, token = browser(house, someone)
    assert refused(house, here, token).code == "envelope-closed"
    assert house.heart.handover.status(someone.account_id).can_open


def test_a_browser_that_is_another_applicants_opens_nothing(house: House, someone: Someone) -> None:
    here, token = browser(house, house.approved("agus.salim"))
    with pytest.raises(WrongState) as refusal:
        opened(house, someone, here, token)
    assert refusal.value.code == "session-of-another"
    assert house.heart.handover.status(someone.account_id).can_open


def test_what_is_shown_lies_sealed(house: House, someone: Someone) -> None:
    here, token = browser(house, someone)
    password = opened(house, someone, here, token).slips[0].password
    stored = b"".join(each.read_bytes() for each in house.folder.rglob("*") if each.is_file())
    assert password.encode() not in stored
    assert token.encode() not in stored


@pytest.mark.parametrize(
    ("token", "context", "blob"),
    [
        ("other", CONTEXT, None),
        ("token", SlipContext("Dinas", "request", "account", "shared", 2), None),
        ("token", CONTEXT, b""),
        ("token", CONTEXT, b"\x02" + b"0" * 40),
    ],
)
def test_a_seal_opens_for_its_session_and_place_only(token: str, context: SlipContext, blob: bytes | None) -> None:
    sealed = seal_to_browser("token", CONTEXT, b"rahasia")
    assert open_in_browser("token", CONTEXT, sealed) == b"rahasia"
    with pytest.raises(SealBroken):
        open_in_browser(token, context, sealed if blob is None else blob)
