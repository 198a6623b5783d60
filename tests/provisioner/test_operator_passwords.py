"""Operators sign in, change their password, and what happens when something comes in between."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import MemoryConnector
from provisioner.audit import Filters
from provisioner.connector import Authentication, InDoubt, Outcome, TargetUnavailable
from provisioner.errors import AuthenticationFailed, InvalidInput, LockedOut, WrongState
from provisioner.provisioning.password_settling import PasswordSettling
from provisioner.verifier import Verifiers
from tests.house import OWN, House, memory

pytestmark = pytest.mark.usefixtures("store_kind")

OTHER = "tujuh gajah mandi di kali 9"


class ShakyConnector(MemoryConnector):
    """Can be told to fail, or to fall silent after doing what was asked. Tells when a password was set."""

    down = False
    times_set = 1
    silent_after_change = False
    dead_after_change = False

    def authenticate(self, username: str, password: str) -> Any:
        if self.down:
            raise TargetUnavailable("down")
        return replace(super().authenticate(username, password), password_set=f"time {self.times_set}")

    def change_password(self, username: str, old: str, new: str) -> None:
        if self.down:
            raise TargetUnavailable("down")
        super().change_password(username, old, new)
        self.times_set += 1
        if self.silent_after_change:
            raise InDoubt("no answer")
        if self.dead_after_change:
            raise KeyboardInterrupt


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    akun = memory(sign_in=True)
    shaky = ShakyConnector.from_settings(akun.settings, None)  # type: ignore[arg-type]  # It needs no context.
    built = House(tmp_path, {"akun": akun, "arsip": memory()}, connectors={"akun": shaky})
    yield built
    built.close()


def accepted(house: House, target: str, password: str) -> bool:
    outcome: Outcome = house.connector(target).authenticate("dewi.lestari", password).outcome
    return outcome is Outcome.ACCEPTED


def test_the_initial_password_signs_in_to_nothing_but_the_change(house: House) -> None:
    someone, initial = house.received()
    signed_in = house.heart.operator_sign_in.sign_in("dewi.lestari", initial)
    assert signed_in.account_id == someone.account_id
    assert signed_in.must_change


def test_the_first_change_activates_the_account_and_reaches_every_system(house: House) -> None:
    someone, initial = house.received()
    changed = house.heart.passwords.change(someone.account_id, initial, OWN)
    assert changed.first
    assert changed.behind == ("Sistem",)
    house.heart.drain()
    assert accepted(house, "akun", OWN)
    assert accepted(house, "arsip", OWN)
    assert not house.heart.operator_sign_in.sign_in("Dewi.Lestari", OWN).must_change
    assert [place.state for place in house.heart.places.of(someone.account_id)] == ["done", "done"]


def test_a_later_change_replaces_the_password_everywhere(house: House) -> None:
    someone = house.active()
    assert not house.heart.passwords.change(someone.account_id, OWN, OTHER).first
    house.heart.drain()
    assert accepted(house, "arsip", OTHER)
    assert not accepted(house, "arsip", OWN)
    assert not accepted(house, "akun", OWN)


def test_the_verifiers_for_systems_are_erased_once_all_have_them(house: House) -> None:
    someone = house.active()
    before = house.generations(someone)[-1].verifiers or b""
    house.heart.passwords.change(someone.account_id, OWN, OTHER)
    pending = house.generations(someone)[-1].verifiers or b""
    house.heart.drain()
    assert len(house.generations(someone)[-1].verifiers or b"") == len(before) < len(pending)
    assert house.generations(someone)[1].verifiers is None


@pytest.mark.parametrize(
    ("new", "code"),
    [("short", "too-short"), ("dewi.lestari dan 88 lain", "contains-username"), ("password123456", "common")],
)
def test_our_own_rules_come_first(house: House, new: str, code: str) -> None:
    someone, initial = house.received()
    with pytest.raises(InvalidInput) as refusal:
        house.heart.passwords.change(someone.account_id, initial, new)
    assert code in refusal.value.fields["new"]
    assert len(house.generations(someone)) == 1


def test_a_wrong_old_password_changes_nothing_and_counts_as_a_failure(house: House) -> None:
    someone = house.active()
    for _ in range(house.settings.lockout.max_failures):
        with pytest.raises(AuthenticationFailed):
            house.heart.passwords.change(someone.account_id, "wrong", OTHER)
    with pytest.raises(LockedOut):
        house.heart.passwords.change(someone.account_id, OWN, OTHER)
    assert accepted(house, "akun", OWN)
    assert house.generations(someone)[-1].state == "dropped"


def test_unknown_names_and_wrong_passwords_get_the_same_answer(house: House) -> None:
    house.active()
    answers = []
    for username, password in (("dewi.lestari", "wrong"), ("nobody.here", OWN), ("", ""), ("x" * 500, "y")):
        with pytest.raises(AuthenticationFailed) as refusal:
            house.heart.operator_sign_in.sign_in(username, password)
        answers.append((refusal.value.code, dict(refusal.value.data)))
    assert len({str(answer) for answer in answers}) == 1


def test_too_many_failures_lock_the_name_whether_or_not_it_exists(house: House) -> None:
    house.active()
    for username in ("dewi.lestari", "nobody.here"):
        for _ in range(house.settings.lockout.max_failures):
            with pytest.raises(AuthenticationFailed):
                house.heart.operator_sign_in.sign_in(username, "wrong")
        with pytest.raises(LockedOut):
            house.heart.operator_sign_in.sign_in(username, OWN)
    house.still.move(minutes=house.settings.lockout.minutes + 1)
    assert house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)


def test_a_suspended_operator_gets_the_constant_answer(house: House) -> None:
    someone = house.active()
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    with pytest.raises(AuthenticationFailed):
        house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)  # Even before the system has heard of it.


def test_an_old_password_opens_nothing_while_a_new_one_is_wanted(house: House) -> None:
    someone = house.active()
    house.heart.accounts.reset(house.official("it"), someone.account_id)
    with pytest.raises(AuthenticationFailed):
        house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    with pytest.raises(WrongState) as refusal:
        house.heart.passwords.change(someone.account_id, OWN, OTHER)
    assert refusal.value.code == "password-being-reset"


@pytest.mark.parametrize("act", ["reset", "suspend"])
def test_what_is_decided_while_the_password_is_tried_starts_no_session(
    house: House, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    someone, official = house.active(), house.official("it")
    started: list[str] = []
    connector: MemoryConnector = house.connector("akun")
    tried = connector.authenticate

    def slow(username: str, password: str) -> Authentication:
        answer = tried(username, password)
        if act == "reset":
            house.heart.accounts.reset(official, someone.account_id)
        else:
            house.heart.accounts.suspend_now(official, someone.account_id)
        return answer

    monkeypatch.setattr(connector, "authenticate", slow)
    with pytest.raises(AuthenticationFailed):
        house.heart.operator_sign_in.sign_in("dewi.lestari", OWN, begin=lambda _, found: started.append(found.username))
    assert started == []


@pytest.mark.parametrize("act", ["reset", "suspend"])
def test_what_is_decided_at_the_last_moment_starts_no_session(
    house: House, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    someone, official = house.active(), house.official("it")
    started: list[str] = []
    settle = PasswordSettling.settle

    def slow(settling: PasswordSettling, account_id: str, password: str, **more: str) -> str | None:
        to_note = settle(settling, account_id, password, **more)
        if act == "reset":
            house.heart.accounts.reset(official, someone.account_id)
        else:
            house.heart.accounts.suspend_now(official, someone.account_id)
        return to_note

    monkeypatch.setattr(PasswordSettling, "settle", slow)
    with pytest.raises(AuthenticationFailed):
        house.heart.operator_sign_in.sign_in("dewi.lestari", OWN, begin=lambda _, found: started.append(found.username))
    assert started == []
    assert "operator-signed-in" not in house.events()


def test_only_names_of_open_accounts_are_tried_at_the_target(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    someone = house.active()
    connector: MemoryConnector = house.connector("akun")
    tried: list[str] = []
    real = connector.authenticate

    def noted(name: str, word: str) -> Authentication:
        tried.append(name)
        return real(name, word)

    monkeypatch.setattr(connector, "authenticate", noted)
    for name in ("administrator", "dewi.lestari"):
        with pytest.raises(AuthenticationFailed):
            house.heart.operator_sign_in.sign_in(name, "salah")
    assert tried == ["dewi.lestari"]
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    with pytest.raises(AuthenticationFailed):
        house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    assert tried == ["dewi.lestari"]


def test_what_somebody_typed_as_an_unknown_name_is_not_kept(house: House) -> None:
    for _ in range(house.settings.lockout.max_failures):
        with pytest.raises((AuthenticationFailed, LockedOut)):
            house.heart.operator_sign_in.sign_in("KataSandiDiKolomSalah", "x")
    with house.store.read() as session:
        found = house.trail.search(session, Filters(kinds=("operator-sign-in-failed", "operator-locked-out")))
    assert len(found.entries) == house.settings.lockout.max_failures + 1
    assert not [each for each in found.entries if each.fields.get("username")]


def test_a_sign_in_target_that_is_down_says_so_and_nothing_is_changed(house: House) -> None:
    someone = house.active()
    house.connector("akun").down = True
    with pytest.raises(WrongState) as refusal:
        house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    assert refusal.value.code == "sign-in-unavailable"
    with pytest.raises(WrongState):
        house.heart.passwords.change(someone.account_id, OWN, OTHER)
    house.connector("akun").down = False
    house.heart.drain()
    assert accepted(house, "arsip", OWN)


def test_after_a_crash_behind_the_change_the_next_sign_in_commits_it(house: House) -> None:
    someone, initial = house.received()
    house.connector("akun").dead_after_change = True
    with pytest.raises(KeyboardInterrupt):
        house.heart.passwords.change(someone.account_id, initial, OWN)
    house.connector("akun").dead_after_change = False
    house.heart.drain()
    assert not accepted(house, "arsip", OWN)
    assert house.account(someone).state == "pending-activation"
    assert not house.heart.operator_sign_in.sign_in("dewi.lestari", OWN).must_change
    house.heart.drain()
    assert accepted(house, "arsip", OWN)
    assert house.account(someone).state == "active"


def test_after_a_crash_before_the_change_the_old_password_drops_it(house: House) -> None:
    someone = house.active()
    house.connector("akun").down = True
    own = house.heart.passwords._own
    with house.store.begin() as session:
        row = session.get_one(type(house.account(someone)), someone.account_id)
        own.begin(row, own.forms(row, OTHER), house.clock())
    house.connector("akun").down = False
    house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    assert house.generations(someone)[-1].state == "dropped"
    house.heart.drain()
    assert accepted(house, "arsip", OWN)


def test_a_silent_sign_in_target_leaves_the_change_open_until_the_next_sign_in(house: House) -> None:
    someone = house.active()
    house.connector("akun").silent_after_change = True
    with pytest.raises(WrongState) as refusal:
        house.heart.passwords.change(someone.account_id, OWN, OTHER)
    assert refusal.value.code == "password-change-in-doubt"
    house.heart.operator_sign_in.sign_in("dewi.lestari", OTHER)
    house.heart.drain()
    assert accepted(house, "arsip", OTHER)


def test_a_change_made_natively_is_carried_to_the_other_systems_at_the_next_sign_in(house: House) -> None:
    someone = house.active()
    house.connector("akun").change_password("dewi.lestari", OWN, OTHER)
    house.heart.operator_sign_in.sign_in("dewi.lestari", OTHER)
    house.heart.drain()
    assert accepted(house, "arsip", OTHER)
    assert "password-changed-elsewhere" in house.events()
    assert house.account(someone).state == "active"


def test_a_change_made_natively_ends_the_sessions_of_the_former_password(house: House) -> None:
    someone = house.active()
    with house.store.begin() as session:
        before, _ = house.sessions.start(session, "operator", someone.account_id)
    house.connector("akun").change_password("dewi.lestari", OWN, "kambing putih di sawah 8")
    house.heart.operator_sign_in.sign_in("dewi.lestari", "kambing putih di sawah 8")
    assert house.sessions.find(before, "operator") is None


def test_a_password_that_was_recognised_is_not_hashed_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.active()
    house.still.move(minutes=1)
    house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    hashed: list[str] = []

    def noted(_verifiers: Verifiers, _phc: str | None, password: str) -> bool:
        hashed.append(password)
        return True

    monkeypatch.setattr(Verifiers, "matches", noted)
    house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    assert not hashed


def test_a_change_made_natively_after_that_is_recognised_all_the_same(house: House) -> None:
    someone = house.active()
    house.still.move(minutes=1)
    house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    assert house.account(someone).password_set
    house.connector("akun").change_password("dewi.lestari", OWN, OTHER)
    house.heart.operator_sign_in.sign_in("dewi.lestari", OTHER)
    house.heart.drain()
    assert accepted(house, "arsip", OTHER)


def test_nothing_is_noted_at_the_moment_of_a_change(house: House) -> None:
    someone = house.active()
    house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    assert house.account(someone).password_set is None


def test_a_first_change_made_natively_activates_the_account_at_the_next_sign_in(house: House) -> None:
    someone, initial = house.received()
    house.connector("akun").change_password("dewi.lestari", initial, OWN)
    assert not house.heart.operator_sign_in.sign_in("dewi.lestari", OWN).must_change
    house.heart.drain()
    assert house.account(someone).state == "active"
    assert accepted(house, "arsip", OWN)
    assert house.entry("akun", someone).entitlements == {"siak", "dafduk"}


def test_convergence_never_overwrites_an_own_password(house: House) -> None:
    someone = house.active()
    house.connector("akun").change_password("dewi.lestari", OWN, OTHER)
    official = house.official("it")
    house.heart.accounts.suspend_now(official, someone.account_id)
    house.heart.drain()
    house.heart.accounts.reactivate(official, someone.account_id)
    house.heart.drain()
    assert accepted(house, "akun", OTHER)


def test_a_reset_in_the_middle_of_a_change_counts(house: House) -> None:
    someone = house.active()
    connector: ShakyConnector = house.connector("akun")
    plain = MemoryConnector.change_password

    def reset_meanwhile(username: str, old: str, new: str) -> None:
        plain(connector, username, old, new)
        house.heart.accounts.reset(house.official("it"), someone.account_id)

    connector.change_password = reset_meanwhile  # type: ignore[method-assign]
    with pytest.raises(WrongState) as refusal:
        house.heart.passwords.change(someone.account_id, OWN, OTHER)
    assert refusal.value.code == "password-being-reset"
    house.new_ticket(someone)
    house.heart.drain()
    password = house.open(someone).slips[0].password
    for target in ("akun", "arsip"):
        assert house.connector(target).authenticate("dewi.lestari", password).outcome is Outcome.MUST_CHANGE
