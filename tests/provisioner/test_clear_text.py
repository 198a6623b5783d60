"""A system that takes passwords in clear text only, alone and beside others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import MemoryConnector
from provisioner.connector import Changes, InDoubt, Marker, Outcome
from provisioner.store.tables import RequestRow
from tests.house import OWN, House, Someone, memory, table
from tests.servers.clear_text_table import ClearTextTable

OTHER = "tujuh gajah mandi di kali 9"


def _house(folder: Path, *, sign_in: bool) -> House:
    """``domain`` takes clear text only; it is the sign-in target, or stands beside one that takes verifiers."""
    domain = ClearTextTable(folder / "domain.db")
    targets = {"domain": table(folder / "unused.db", sign_in=sign_in)}
    if not sign_in:
        targets = {"akun": memory(sign_in=True), **targets}
    return House(folder, targets, connectors={"domain": domain})


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[House]:
    built = _house(tmp_path, sign_in=True)
    yield built
    built.close()


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[House]:
    built = _house(tmp_path, sign_in=False)
    yield built
    built.close()


def domain(house: House) -> ClearTextTable:
    found: ClearTextTable = house.connector("domain")
    return found


def outcome(house: House, password: str, target: str = "domain") -> Outcome:
    told: Outcome = house.connector(target).authenticate("dewi.lestari", password).outcome
    return told


def states(house: House, someone: Someone, name: str = "domain") -> list[str]:
    credential = next(each for each in house.account(someone).credentials if each.name == name)
    return [each.state for each in sorted(credential.generations, key=lambda each: each.number)]


def passwords(house: House, someone: Someone) -> dict[str, str]:
    return {slip.targets[0]: slip.password for slip in house.open(someone).slips}


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


# -- beside the sign-in target -----------------------------------------------------------------------------------------


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


def test_a_system_that_rests_after_failures_holds_up_no_sign_in(beside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    someone, _ = _changed_while_down(beside)
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
