"""Passwords: verifiers, signing in, the first change, the user's own change."""

import pytest

from connectors.contract.subject import OWN_PASSWORD, PASSWORD, Subject, marker_of, new_account, next_version
from provisioner.connector import (
    Changes,
    EndsSessions,
    Outcome,
    PermissionDenied,
    PolicyViolation,
    ReportsSignIns,
)


class AuthenticateContract:
    """``authenticate`` with verifiers of ours."""

    def test_the_initial_password_opens_nothing_but_the_change(self, subject: Subject) -> None:
        target = subject.authenticating()
        created = subject.create(new_account(verifier=subject.verifier(PASSWORD), generation=1))
        assert created.must_change is True
        assert marker_of(created).generation == 1
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE

    def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(self, subject: Subject) -> None:
        target = subject.authenticating()
        subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        wrong = target.authenticate("dewi.lestari", OWN_PASSWORD)
        unknown = target.authenticate("nobody", OWN_PASSWORD)
        assert wrong.outcome is Outcome.REJECTED
        assert wrong == unknown

    @pytest.mark.parametrize("password", ["", "\x00", PASSWORD])
    def test_without_a_verifier_no_password_is_right(self, subject: Subject, password: str) -> None:
        target = subject.authenticating()
        subject.create(new_account())
        assert target.authenticate("dewi.lestari", password).outcome is Outcome.REJECTED

    def test_an_empty_password_is_never_right(self, subject: Subject) -> None:
        target = subject.authenticating()
        subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        assert target.authenticate("dewi.lestari", "").outcome is Outcome.REJECTED

    def test_the_verifier_itself_is_not_a_password(self, subject: Subject) -> None:
        target = subject.authenticating()
        verifier = subject.verifier(PASSWORD)
        subject.create(new_account(verifier=verifier))
        assert target.authenticate("dewi.lestari", verifier.text).outcome is Outcome.REJECTED

    def test_a_password_whose_change_is_recorded_lets_in(self, subject: Subject) -> None:
        target = subject.authenticating()
        created = subject.create(new_account(verifier=subject.verifier(PASSWORD), generation=1))
        own = Changes(verifier=subject.verifier(OWN_PASSWORD), must_change=False)
        assert subject.update(created, own, next_version(created)).must_change is False
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.ACCEPTED

    def test_a_reset_demands_the_change_again(self, subject: Subject) -> None:
        target = subject.authenticating()
        created = subject.create(new_account(verifier=subject.verifier(PASSWORD), generation=1))
        target.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
        reset = Changes(verifier=subject.verifier("lain-lagi-pada-hari-ini"), must_change=True)
        after = subject.update(created, reset, next_version(created, generation=2))
        assert (after.must_change, marker_of(after).generation) == (True, 2)
        assert target.authenticate("dewi.lestari", "lain-lagi-pada-hari-ini").outcome is Outcome.MUST_CHANGE
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.REJECTED

    def test_changes_without_a_verifier_leave_the_password_alone(self, subject: Subject) -> None:
        target = subject.authenticating()
        created = subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        target.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
        renamed = subject.update(created, Changes(username="dewi.putri"), next_version(created))
        assert renamed.must_change is False
        assert target.authenticate("dewi.putri", OWN_PASSWORD).outcome is Outcome.ACCEPTED

    def test_a_deleted_account_lets_nobody_in(self, subject: Subject) -> None:
        target = subject.authenticating()
        created = subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        subject.connector.delete(created)
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.REJECTED


class ChangePasswordContract:
    """``change_password`` on the user's own connection."""

    def test_after_the_change_the_new_password_lets_in_and_the_old_does_not(self, subject: Subject) -> None:
        target = subject.authenticating()
        created = subject.create(new_account(verifier=subject.verifier(PASSWORD), generation=1))
        target.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.ACCEPTED
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.REJECTED
        seen = subject.only(marker_of(created).account_id)
        assert seen.must_change is False
        assert seen.marker == created.marker

    def test_a_wrong_old_password_changes_nothing(self, subject: Subject) -> None:
        target = subject.authenticating()
        subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        with pytest.raises(PermissionDenied):
            target.change_password("dewi.lestari", "bukan kata sandi saya", OWN_PASSWORD)
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE

    def test_an_unknown_user_is_refused_like_a_wrong_password(self, subject: Subject) -> None:
        target = subject.authenticating()
        with pytest.raises(PermissionDenied):
            target.change_password("nobody", PASSWORD, OWN_PASSWORD)

    def test_a_suspended_account_may_not_change_its_password(self, subject: Subject) -> None:
        target = subject.authenticating()
        created = subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        suspended = subject.update(created, Changes(enabled=False), next_version(created))
        with pytest.raises(PermissionDenied):
            target.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
        subject.update(suspended, Changes(enabled=True), next_version(suspended))
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE

    def test_a_short_password_is_refused_by_the_targets_policy(self, subject: Subject) -> None:
        target = subject.authenticating()
        subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        with pytest.raises(PolicyViolation) as refusal:
            target.change_password("dewi.lestari", PASSWORD, "pendek")
        assert refusal.value.rule == "too-short"
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE

    def test_the_old_password_again_is_refused_by_the_targets_policy(self, subject: Subject) -> None:
        target = subject.authenticating()
        subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        with pytest.raises(PolicyViolation) as refusal:
            target.change_password("dewi.lestari", PASSWORD, PASSWORD)
        assert refusal.value.rule == "in-history"
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE

    def test_letters_outside_ascii_and_blanks_are_kept_in_a_password(self, subject: Subject) -> None:
        target = subject.authenticating()
        subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        target.change_password("dewi.lestari", PASSWORD, " kopi éncér & 咖啡 *()\\ ")
        assert target.authenticate("dewi.lestari", " kopi éncér & 咖啡 *()\\ ").outcome is Outcome.ACCEPTED
        assert target.authenticate("dewi.lestari", "kopi éncér & 咖啡 *()\\").outcome is Outcome.REJECTED

    def test_a_refusal_does_not_repeat_a_password(self, subject: Subject) -> None:
        target = subject.authenticating()
        subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        with pytest.raises(PermissionDenied) as refusal:
            target.change_password("dewi.lestari", "rahasia-yang-salah", OWN_PASSWORD)
        assert "rahasia-yang-salah" not in repr(refusal.value)
        assert OWN_PASSWORD not in repr(refusal.value)


class SessionContract:
    """``end_sessions`` and ``last_sign_in``."""

    def test_open_sessions_are_ended_once(self, subject: Subject) -> None:
        ends, target = subject.able(EndsSessions), subject.authenticating()
        created = subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        assert ends.end_sessions(created) == 0
        target.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.ACCEPTED
        ends.end_sessions(created)
        assert ends.end_sessions(created) == 0

    def test_the_last_sign_in_is_reported(self, subject: Subject) -> None:
        reports, target = subject.able(ReportsSignIns), subject.authenticating()
        created = subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        assert reports.last_sign_in(created) is None
        target.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.ACCEPTED
        when = reports.last_sign_in(created)
        assert when is not None
        assert when.utcoffset() is not None
