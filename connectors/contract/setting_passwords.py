"""Targets that take passwords in clear text only: set, first change, the person's own change."""

import pytest

from connectors.contract.subject import OWN_PASSWORD, PASSWORD, Subject, marker_of, new_account, next_version
from provisioner.connector import (
    Authenticates,
    Changes,
    Outcome,
    PermissionDenied,
    PolicyViolation,
    RemoteAccount,
    StaleVersion,
    Suspends,
    UnknownAccount,
)

ANOTHER_PASSWORD = "lain-lagi-pada-hari-ini-7"


class SetPasswordContract:
    """``set_password``."""

    def test_before_a_password_was_set_none_is_right(self, subject: Subject) -> None:
        _, target = subject.setting_passwords()
        subject.create(new_account())
        for password in ("", "\0", PASSWORD):
            assert target.authenticate("dewi.lestari", password).outcome is Outcome.REJECTED

    def test_the_initial_password_opens_nothing_but_the_change(self, subject: Subject) -> None:
        account, target = _issued(subject)
        assert account.must_change is True
        assert marker_of(account).generation == 1
        assert subject.connector.get("dewi.lestari") == account
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.REJECTED

    def test_a_password_that_need_not_be_changed_lets_in(self, subject: Subject) -> None:
        setter, target = subject.setting_passwords()
        created = subject.create(new_account())
        after = setter.set_password(created, PASSWORD, next_version(created, generation=1), must_change=False)
        assert after.must_change is False
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.ACCEPTED

    def test_a_reset_demands_the_change_again_and_ends_the_old_password(self, subject: Subject) -> None:
        account, target = _issued(subject)
        target.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
        setter, _ = subject.setting_passwords()
        after = setter.set_password(account, ANOTHER_PASSWORD, next_version(account, generation=2), must_change=True)
        assert (after.must_change, marker_of(after).generation) == (True, 2)
        assert target.authenticate("dewi.lestari", ANOTHER_PASSWORD).outcome is Outcome.MUST_CHANGE
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.REJECTED

    def test_a_stale_writer_sets_no_password(self, subject: Subject) -> None:
        setter, target = subject.setting_passwords()
        read_early = subject.create(new_account())
        now = setter.set_password(read_early, PASSWORD, next_version(read_early, generation=1), must_change=True)
        with pytest.raises(StaleVersion):
            setter.set_password(read_early, OWN_PASSWORD, next_version(read_early, generation=1), must_change=False)
        assert subject.connector.get("dewi.lestari") == now
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE

    def test_an_account_that_is_gone_gets_no_password(self, subject: Subject) -> None:
        setter, _ = subject.setting_passwords()
        created = subject.create(new_account())
        subject.connector.delete(created)
        with pytest.raises(UnknownAccount):
            setter.set_password(created, PASSWORD, next_version(created, generation=1), must_change=True)

    def test_a_stranger_gets_no_password(self, subject: Subject) -> None:
        setter, target = subject.setting_passwords()
        stranger = subject.add_stranger("tamu")
        with pytest.raises(PermissionDenied):
            setter.set_password(stranger, PASSWORD, marker_of(subject.create(new_account())), must_change=False)
        assert target.authenticate("tamu", PASSWORD).outcome is Outcome.REJECTED

    def test_a_suspended_account_stays_suspended_after_a_reset(self, subject: Subject) -> None:
        subject.able(Suspends)
        account, target = _issued(subject)
        setter, _ = subject.setting_passwords()
        suspended = subject.update(account, Changes(enabled=False), next_version(account))
        after = setter.set_password(suspended, OWN_PASSWORD, next_version(suspended, generation=2), must_change=True)
        assert not after.enabled
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome in (Outcome.LOCKED, Outcome.REJECTED)
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.REJECTED
        assert subject.update(after, Changes(enabled=True), next_version(after)).enabled
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.MUST_CHANGE

    def test_a_disabled_account_can_wait_for_its_first_password(self, subject: Subject) -> None:
        subject.able(Suspends)
        setter, target = subject.setting_passwords()
        created = subject.create(new_account(enabled=False))
        ready = setter.set_password(created, PASSWORD, next_version(created, generation=1), must_change=True)
        assert not ready.enabled
        opened = subject.update(ready, Changes(enabled=True), next_version(ready))
        assert (opened.enabled, opened.must_change) == (True, True)
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE

    def test_other_changes_leave_the_password_alone(self, subject: Subject) -> None:
        account, target = _issued(subject)
        target.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
        renamed = subject.update(account, Changes(username="dewi.putri"), next_version(account))
        assert renamed.must_change is False
        assert target.authenticate("dewi.putri", OWN_PASSWORD).outcome is Outcome.ACCEPTED

    def test_a_password_that_the_target_refuses_changes_nothing_and_is_not_repeated(self, subject: Subject) -> None:
        account, target = _issued(subject)
        setter, _ = subject.setting_passwords()
        with pytest.raises(PolicyViolation) as refusal:
            setter.set_password(account, "Pende-1", next_version(account, generation=2), must_change=True)
        assert refusal.value.rule == "too-short"
        assert "Pende-1" not in repr(refusal.value)
        assert subject.connector.get("dewi.lestari") == account
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE


class OwnPasswordContract:
    """``change_password`` after ``set_password``."""

    def test_after_the_change_the_new_password_lets_in_and_the_old_is_dead_at_once(self, subject: Subject) -> None:
        account, target = _issued(subject)
        target.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.REJECTED
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.ACCEPTED
        seen = subject.only(marker_of(account).account_id)
        assert (seen.must_change, seen.marker) == (False, account.marker)

    def test_a_wrong_old_password_changes_nothing_and_is_not_repeated(self, subject: Subject) -> None:
        _, target = _issued(subject)
        with pytest.raises(PermissionDenied) as refusal:
            target.change_password("dewi.lestari", "rahasia-yang-salah", OWN_PASSWORD)
        assert "rahasia-yang-salah" not in repr(refusal.value)
        assert OWN_PASSWORD not in repr(refusal.value)
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE

    def test_an_unknown_user_is_refused_like_a_wrong_password(self, subject: Subject) -> None:
        _, target = _issued(subject)
        with pytest.raises(PermissionDenied) as wrong:
            target.change_password("dewi.lestari", OWN_PASSWORD, ANOTHER_PASSWORD)
        with pytest.raises(PermissionDenied) as unknown:
            target.change_password("nobody", PASSWORD, OWN_PASSWORD)
        assert type(wrong.value) is type(unknown.value)

    def test_a_suspended_account_may_not_change_its_password(self, subject: Subject) -> None:
        subject.able(Suspends)
        account, target = _issued(subject)
        suspended = subject.update(account, Changes(enabled=False), next_version(account))
        with pytest.raises(PermissionDenied):
            target.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
        subject.update(suspended, Changes(enabled=True), next_version(suspended))
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE

    @pytest.mark.parametrize(("password", "rule"), [("Pende-1", "too-short"), (PASSWORD, "in-history")])
    def test_the_targets_policy_holds_for_the_person(self, subject: Subject, password: str, rule: str) -> None:
        _, target = _issued(subject)
        with pytest.raises(PolicyViolation) as refusal:
            target.change_password("dewi.lestari", PASSWORD, password)
        assert refusal.value.rule == rule
        assert password not in repr(refusal.value)
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE

    def test_letters_outside_ascii_and_blanks_are_kept_in_a_password(self, subject: Subject) -> None:
        _, target = _issued(subject)
        target.change_password("dewi.lestari", PASSWORD, ' kopi éncér & 咖啡 "*()\\ ')
        assert target.authenticate("dewi.lestari", ' kopi éncér & 咖啡 "*()\\ ').outcome is Outcome.ACCEPTED
        assert target.authenticate("dewi.lestari", 'kopi éncér & 咖啡 "*()\\').outcome is Outcome.REJECTED


def _issued(subject: Subject) -> tuple[RemoteAccount, Authenticates]:
    """An account with an initial password."""
    setter, target = subject.setting_passwords()
    created = subject.create(new_account())
    return setter.set_password(created, PASSWORD, next_version(created, generation=1), must_change=True), target
