"""The operator's own password at a system that takes clear text only, beside the one where they sign in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import MemoryConnector
from provisioner.connector import Changes, Marker, Outcome
from tests.clear_text_house import clear_text_house, domain, outcome, passwords
from tests.house import OWN, House, Someone
from tests.servers.clear_text_table import ClearTextTable

pytestmark = pytest.mark.usefixtures("store_kind")

OTHER = "tujuh gajah mandi di kali 9"


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[House]:
    built = clear_text_house(tmp_path, sign_in=False)
    yield built
    built.close()


def test_a_change_sets_it_in_the_same_request(beside: House) -> None:
    someone = beside.approved()
    beside.heart.drain()
    initial = passwords(beside, someone)
    changed = beside.heart.passwords.change(someone.account_id, initial["akun"], OWN)
    assert (changed.behind, changed.unreached, changed.refused) == ((), (), ())
    assert outcome(beside, OWN) is Outcome.ACCEPTED
    assert outcome(beside, initial["domain"]) is Outcome.REJECTED
    beside.heart.drain()
    assert beside.words(someone) == {"akun": "done", "domain": "done"}
    assert beside.entry("domain", someone).entitlements == {"siak", "dafduk"}
    assert "target-failed" not in beside.events()


def _changed_while_down(house: House) -> tuple[Someone, str]:
    someone = house.approved()
    house.heart.drain()
    initial = passwords(house, someone)
    domain(house).moods.down = True
    changed = house.heart.passwords.change(someone.account_id, initial["akun"], OWN)
    assert changed.unreached == ("Basis data akun",)
    house.heart.drain()
    domain(house).moods.down = False
    house.still.move(minutes=15)
    house.heart.drain()
    return someone, initial["domain"]


def test_a_system_that_is_down_stays_behind_and_a_later_sign_in_finishes_it(beside: House) -> None:
    someone, initial = _changed_while_down(beside)
    assert beside.words(someone) == {"akun": "done", "domain": "behind"}
    assert [place.state for place in beside.heart.places.of(someone.account_id)] == ["done", "behind"]
    assert outcome(beside, initial) is Outcome.MUST_CHANGE
    assert beside.entry("domain", someone).entitlements == frozenset()
    beside.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    assert outcome(beside, OWN) is Outcome.ACCEPTED
    beside.heart.drain()
    assert beside.words(someone) == {"akun": "done", "domain": "done"}
    assert beside.entry("domain", someone).entitlements == {"siak", "dafduk"}


def test_a_later_change_that_does_not_reach_it_takes_no_groups(beside: House) -> None:
    someone = beside.active()
    domain(beside).moods.down = True
    beside.heart.passwords.change(someone.account_id, OWN, OTHER)
    domain(beside).moods.down = False
    beside.still.move(minutes=15)
    beside.heart.drain()
    assert beside.words(someone)["domain"] == "behind"
    assert beside.entry("domain", someone).entitlements == {"siak", "dafduk"}
    assert outcome(beside, OWN) is Outcome.ACCEPTED


@pytest.mark.parametrize("why", ["rests", "paused"])
def test_a_system_that_is_left_alone_is_not_asked_and_holds_up_no_sign_in(
    beside: House, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    someone, _ = _changed_while_down(beside)
    if why == "paused":
        beside.heart.systems.pause(beside.official("it"), "domain")
    else:
        with beside.store.begin() as session:
            for _ in range(beside.settings.runner.breaker_failures):
                beside.heart.work.unavailable(session, "domain")
    with monkeypatch.context() as patched:
        patched.setattr(ClearTextTable, "find", lambda *_: pytest.fail("it was asked"))
        beside.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    assert beside.words(someone)["domain"] == "behind"


def test_a_password_that_its_rules_refuse_is_told(beside: House) -> None:
    someone = beside.approved()
    beside.heart.drain()
    domain(beside).moods.shortest = 99
    changed = beside.heart.passwords.change(someone.account_id, passwords(beside, someone)["akun"], OWN)
    assert changed.refused == ("Basis data akun",)
    assert changed.unreached == ()


def test_a_fault_of_its_connector_keeps_nobody_out(beside: House, caplog: pytest.LogCaptureFixture) -> None:
    someone, _ = _changed_while_down(beside)

    def broken() -> None:
        raise ValueError(OWN)

    domain(beside).moods.before_set = broken
    beside.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    assert beside.words(someone)["domain"] == "behind"
    assert beside.link(someone, "domain").lease_token is None
    assert OWN not in caplog.text


def test_a_write_in_between_is_read_again(beside: House) -> None:
    someone = beside.approved()
    beside.heart.drain()
    rows, touched = domain(beside), list[object]()

    def touch() -> None:
        entry = beside.entry("domain", someone)
        if not touched and entry.marker is not None:
            touched.append(entry)
            marker = Marker(someone.account_id, entry.marker.version + 1, entry.marker.generation)
            rows.update(entry, Changes(), marker)

    initial = passwords(beside, someone)["akun"]
    rows.moods.before_set = touch
    beside.heart.passwords.change(someone.account_id, initial, OWN)
    assert touched
    assert outcome(beside, OWN) is Outcome.ACCEPTED


def test_no_reset_is_overwritten_by_a_change_that_comes_late(beside: House) -> None:
    """The account is reset, and its new initial password set, while the operator's own one is on its way."""
    someone = beside.approved()
    beside.heart.drain()
    rows, initial = domain(beside), passwords(beside, someone)["akun"]

    def reset() -> None:
        rows.moods.before_set = lambda: None
        beside.heart.accounts.reset(beside.official("it"), someone.account_id)
        beside.new_ticket(someone)
        beside.still.move(minutes=5)
        beside.heart.drain()

    rows.moods.before_set = reset
    beside.heart.passwords.change(someone.account_id, initial, OWN)
    beside.heart.drain()
    assert outcome(beside, OWN) is Outcome.REJECTED
    assert outcome(beside, passwords(beside, someone)["domain"]) is Outcome.MUST_CHANGE


def test_another_password_that_was_chosen_meanwhile_is_not_this_one(beside: House) -> None:
    """A sign-in with the former password ends after somebody changed it: the former one is not carried anywhere."""
    someone, _ = _changed_while_down(beside)
    domain(beside).moods.down = True
    beside.heart.passwords.change(someone.account_id, OWN, OTHER)
    domain(beside).moods.down = False
    beside.still.move(minutes=15)
    beside.heart.operator_sign_in._following.catch_up(someone.account_id, OWN)
    assert outcome(beside, OWN) is Outcome.REJECTED
    beside.heart.operator_sign_in.sign_in("dewi.lestari", OTHER)
    assert outcome(beside, OTHER) is Outcome.ACCEPTED


def test_a_system_that_is_down_from_the_beginning_holds_up_nobody(beside: House) -> None:
    """The operator works in the others, and the own password takes the place of the one that was never issued."""
    domain(beside).moods.down = True
    someone = beside.approved()
    beside.heart.drain()
    initial = beside.open(someone).slips[0].password
    beside.heart.operator_sign_in.sign_in("dewi.lestari", initial)
    beside.heart.passwords.change(someone.account_id, initial, OWN)
    assert not beside.heart.operator_sign_in.sign_in("dewi.lestari", OWN).must_change
    assert beside.account(someone).state == "active"
    domain(beside).moods.down = False
    beside.still.move(minutes=15)
    beside.heart.drain()
    assert domain(beside).given == []
    assert beside.words(someone)["domain"] == "behind"
    beside.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    beside.heart.drain()
    assert domain(beside).given == [OWN]
    assert beside.words(someone) == {"akun": "done", "domain": "done"}
    assert beside.request_state(someone) == "done"


def test_an_entry_that_went_missing_gets_the_own_password_at_the_next_sign_in(beside: House) -> None:
    someone = beside.active()
    rows = domain(beside)
    entry = beside.entry("domain", someone)
    for name in entry.entitlements:
        rows.revoke(entry, name)
    rows.delete(entry)
    beside.heart.account_systems.retry_now(beside.official("it"), beside.link(someone, "domain").id)
    beside.heart.drain()
    assert not beside.entry("domain", someone).enabled
    assert beside.words(someone)["domain"] == "needs-password"
    beside.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    beside.heart.drain()
    assert outcome(beside, OWN) is Outcome.ACCEPTED
    assert beside.words(someone) == {"akun": "done", "domain": "done"}


def test_a_change_made_natively_reaches_it_at_the_next_sign_in(beside: House) -> None:
    someone = beside.active()
    native: MemoryConnector = beside.connector("akun")
    native.change_password("dewi.lestari", OWN, OTHER)
    beside.heart.operator_sign_in.sign_in("dewi.lestari", OTHER)
    assert outcome(beside, OTHER) is Outcome.ACCEPTED
    beside.heart.drain()
    assert beside.words(someone) == {"akun": "done", "domain": "done"}
