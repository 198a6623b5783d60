"""A system that takes passwords in clear text only: issuing to it, and the account's life there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.connector import InDoubt, Marker, Outcome
from provisioner.store.tables import RequestRow
from tests.clear_text_house import clear_text_house, domain, outcome, states
from tests.house import OWN, House
from tests.servers.clear_text_table import ClearTextTable

pytestmark = pytest.mark.usefixtures("store_kind")

OTHER = "tujuh gajah mandi di kali 9"


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[House]:
    built = clear_text_house(tmp_path, sign_in=True)
    yield built
    built.close()


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[House]:
    built = clear_text_house(tmp_path, sign_in=False)
    yield built
    built.close()


# -- issuing -----------------------------------------------------------------------------------------------------------


def test_the_envelope_opens_to_the_password_that_was_set(alone: House) -> None:
    someone, password = alone.received()
    assert domain(alone).given == [password]
    assert outcome(alone, password) is Outcome.MUST_CHANGE
    assert alone.entry("domain", someone).enabled
    assert alone.entry("domain", someone).entitlements == frozenset()
    assert alone.request_state(someone) == "done"


def test_the_entry_is_disabled_until_the_slip_is_committed(alone: House) -> None:
    seen: list[tuple[bool, list[str]]] = []

    def look() -> None:
        seen.append((alone.entry("domain", someone).enabled, states(alone, someone)))

    someone = alone.approved()
    domain(alone).moods.before_set = domain(alone).moods.after_set = look
    alone.heart.drain()
    assert seen == [(False, ["issuing"]), (False, ["issuing"])]
    assert alone.entry("domain", someone).enabled
    assert states(alone, someone) == ["sealed"]


def test_it_has_a_slip_of_its_own_with_its_name(beside: House) -> None:
    someone = beside.approved()
    beside.heart.drain()
    slips = {slip.targets: slip for slip in beside.open(someone).slips}
    assert set(slips) == {("akun",), ("domain",)}
    assert slips["domain",].labels == ("Basis data akun",)
    assert slips["akun",].password != slips["domain",].password
    for target in ("akun", "domain"):
        assert outcome(beside, slips[target,].password, target) is Outcome.MUST_CHANGE


def test_what_happened_stands_in_the_trail_as_for_any_system(alone: House) -> None:
    alone.active()
    events = alone.events()
    assert events.index("account-created-in-target") > events.index("password-issued")
    assert "account-reactivated-in-target" not in events
    assert {"envelope-sealed", "envelope-opened", "password-changed", "entitlements-granted"} <= set(events)


def _dies() -> None:
    raise KeyboardInterrupt


def _falls_silent() -> None:
    raise InDoubt("no answer")


def test_what_was_perhaps_set_is_void_and_the_next_generation_is_issued(alone: House) -> None:
    someone = alone.approved()
    domain(alone).moods.after_set = _falls_silent
    alone.heart.drain()
    assert alone.words(someone) == {"domain": "in-doubt"}
    assert not alone.heart.handover.status(someone.account_id).can_open
    domain(alone).moods.after_set = lambda: None
    alone.still.move(minutes=1)
    alone.heart.drain()
    assert states(alone, someone) == ["superseded", "sealed"]
    password = alone.open(someone).slips[0].password
    assert domain(alone).given[-1] == password != domain(alone).given[0]
    assert outcome(alone, password) is Outcome.MUST_CHANGE
    assert alone.entry("domain", someone).marker == Marker(someone.account_id, 1, 2)


def test_nothing_is_issued_while_the_system_is_down(alone: House) -> None:
    someone = alone.approved()
    domain(alone).moods.down = True
    alone.heart.drain()
    assert states(alone, someone) == []
    assert domain(alone).given == []
    domain(alone).moods.down = False
    alone.still.move(minutes=1)
    alone.heart.drain()
    assert states(alone, someone) == ["sealed"]


def test_a_password_that_the_system_refuses_is_told_and_issued_anew_when_asked(alone: House) -> None:
    someone = alone.approved()
    domain(alone).moods.shortest = 99
    alone.heart.drain()
    assert alone.progress(someone)["domain"].reason == "PolicyViolation"
    assert not alone.entry("domain", someone).enabled
    domain(alone).moods.shortest = 10
    alone.heart.account_systems.retry_now(alone.official("it"), alone.link(someone, "domain").id)
    alone.heart.drain()
    assert outcome(alone, alone.open(someone).slips[0].password) is Outcome.MUST_CHANGE


@pytest.mark.parametrize("act", ["suspend", "revoke", "new ticket", "reset"])
def test_what_is_decided_while_it_is_set_counts(alone: House, act: str) -> None:
    someone, official = alone.approved(), alone.official("it")

    def decide() -> None:
        domain(alone).moods.after_set = lambda: None
        if act == "suspend":
            alone.heart.accounts.suspend_now(official, someone.account_id)
        elif act == "revoke":
            alone.heart.accounts.revoke(official, someone.account_id, "transfer")
        elif act == "reset":
            alone.heart.accounts.reset(official, someone.account_id)
        else:
            alone.new_ticket(someone)

    domain(alone).moods.after_set = decide
    alone.heart.drain()
    if act in ("suspend", "revoke"):
        assert not alone.entry("domain", someone).enabled
        assert states(alone, someone) == ["superseded"]
    else:
        assert states(alone, someone) == ["superseded", "sealed"]
        assert outcome(alone, alone.open(someone).slips[0].password) is Outcome.MUST_CHANGE
    if act == "suspend":
        alone.heart.accounts.reactivate(official, someone.account_id)
        alone.heart.drain()
        assert outcome(alone, alone.open(someone).slips[0].password) is Outcome.MUST_CHANGE


def test_a_run_that_is_late_neither_sets_nor_seals(alone: House) -> None:
    """Another one takes over while the first stands between counting and setting, or between setting and sealing."""
    someone = alone.approved()
    moods = domain(alone).moods

    def overtaken() -> None:
        moods.before_set = moods.after_set = lambda: None
        alone.still.move(minutes=5)
        assert alone.heart.converger.converge(alone.heart.work.claim("domain", 1))

    moods.before_set = overtaken
    alone.heart.drain()
    password = alone.open(someone).slips[0].password
    assert domain(alone).given == [password]
    alone.heart.accounts.reset(alone.official("it"), someone.account_id)
    alone.new_ticket(someone)
    moods.after_set = overtaken
    alone.heart.drain()
    again = alone.open(someone).slips[0].password
    assert domain(alone).given[-1] == again
    assert len(domain(alone).given) == 3
    assert outcome(alone, again) is Outcome.MUST_CHANGE


# -- the account's life ------------------------------------------------------------------------------------------------


def test_the_first_change_brings_the_groups(alone: House) -> None:
    someone = alone.active()
    entry = alone.entry("domain", someone)
    assert entry.entitlements == {"siak", "dafduk"}
    assert outcome(alone, OWN) is Outcome.ACCEPTED
    assert alone.words(someone) == {"domain": "done"}
    assert not alone.heart.operator_sign_in.sign_in("dewi.lestari", OWN).must_change


def test_a_reset_shuts_the_old_password_out_at_once_and_issues_for_the_new_ticket(alone: House) -> None:
    someone, initial = alone.received()
    alone.heart.passwords.change(someone.account_id, initial, OWN)
    alone.heart.drain()
    alone.heart.accounts.reset(alone.official("adb"), someone.account_id)
    alone.heart.drain()
    assert not alone.entry("domain", someone).enabled
    assert alone.entry("domain", someone).entitlements == frozenset()
    alone.new_ticket(someone)
    alone.heart.drain()
    password = alone.open(someone).slips[0].password
    assert outcome(alone, password) is Outcome.MUST_CHANGE
    assert outcome(alone, OWN) is Outcome.REJECTED


def test_a_suspension_survives_and_revoking_leaves_a_tombstone(alone: House) -> None:
    someone, official = alone.active(), alone.official("it")
    alone.heart.accounts.suspend_now(official, someone.account_id)
    alone.heart.drain()
    assert outcome(alone, OWN) is not Outcome.ACCEPTED
    alone.heart.accounts.reactivate(official, someone.account_id)
    alone.heart.drain()
    assert outcome(alone, OWN) is Outcome.ACCEPTED
    alone.heart.accounts.revoke(official, someone.account_id, "transfer")
    alone.heart.drain()
    assert not alone.entry("domain", someone).enabled
    alone.still.move(days=91)
    alone.heart.drain()
    assert domain(alone).find(someone.account_id) == []


def test_an_entry_lost_before_the_envelope_was_opened_gets_another_password(alone: House) -> None:
    someone = alone.approved()
    alone.heart.drain()
    domain(alone).delete(alone.entry("domain", someone))
    alone.heart.account_systems.retry_now(alone.official("it"), alone.link(someone, "domain").id)
    alone.heart.drain()
    assert outcome(alone, alone.open(someone).slips[0].password) is Outcome.MUST_CHANGE


def test_an_entry_lost_before_it_was_recorded_gets_another_password(
    alone: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slip is committed, the process dies, and somebody removes the entry."""
    someone = alone.approved()
    with monkeypatch.context() as patched:
        patched.setattr(ClearTextTable, "update", lambda *_: _dies())
        with pytest.raises(KeyboardInterrupt):
            alone.heart.drain()
    assert states(alone, someone) == ["sealed"]
    domain(alone).delete(alone.entry("domain", someone))
    alone.heart.drain()
    assert states(alone, someone) == ["superseded", "sealed"]
    assert outcome(alone, alone.open(someone).slips[0].password) is Outcome.MUST_CHANGE


def test_a_store_that_has_forgotten_a_generation_counts_on_from_what_is_there(alone: House) -> None:
    someone = alone.active()
    entry = alone.entry("domain", someone)
    domain(alone).set_password(entry, OTHER, Marker(someone.account_id, entry.marker.version, 7), must_change=False)  # type: ignore[union-attr]
    alone.heart.accounts.reset(alone.official("it"), someone.account_id)
    alone.new_ticket(someone)
    alone.heart.drain()
    marker = alone.entry("domain", someone).marker
    assert marker is not None
    assert marker.generation == 8
    assert outcome(alone, alone.open(someone).slips[0].password) is Outcome.MUST_CHANGE


def test_an_unopened_envelope_lapses_and_shuts_the_entry(alone: House) -> None:
    someone = alone.approved()
    alone.heart.drain()
    alone.still.move(days=alone.settings.envelope.open_days, seconds=1)
    alone.heart.drain()
    assert alone.account(someone).state == "locked"
    assert not alone.entry("domain", someone).enabled


def test_a_dry_run_tells_that_a_password_is_set_and_sets_none(alone: House) -> None:
    someone = alone.approved()
    (shown,) = alone.heart.previews.of(alone.official("it"), someone.account_id)
    assert [call.word for call in shown.calls] == ["create", "set-password", "update"]
    assert domain(alone).given == []


def test_the_ticket_is_needed_before_a_password_is_set(alone: House) -> None:
    someone = alone.approved()
    with alone.store.begin() as session:
        session.get_one(RequestRow, someone.request_id).opening_key = None
    alone.heart.drain()
    assert domain(alone).given == []
    assert not alone.entry("domain", someone).enabled
    alone.new_ticket(someone)
    alone.heart.drain()
    assert outcome(alone, alone.open(someone).slips[0].password) is Outcome.MUST_CHANGE
