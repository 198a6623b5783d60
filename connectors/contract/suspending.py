"""Suspending and resuming."""

from connectors.contract.subject import OWN_PASSWORD, PASSWORD, Subject, new_account, next_version
from provisioner.connector import Changes, Outcome, Suspends


class SuspendContract:
    """``Changes.enabled``."""

    def test_a_suspended_account_is_told_as_such_and_can_be_resumed(self, subject: Subject) -> None:
        subject.able(Suspends)
        created = subject.create(new_account())
        suspended = subject.update(created, Changes(enabled=False), next_version(created))
        assert not suspended.enabled
        seen = subject.connector.get("dewi.lestari")
        assert seen is not None
        assert not seen.enabled
        assert subject.update(suspended, Changes(enabled=True), next_version(suspended)).enabled

    def test_suspending_twice_is_a_success(self, subject: Subject) -> None:
        subject.able(Suspends)
        created = subject.create(new_account())
        once = subject.update(created, Changes(enabled=False), next_version(created))
        assert not subject.update(once, Changes(enabled=False), next_version(once)).enabled

    def test_other_changes_leave_a_suspension_alone(self, subject: Subject) -> None:
        subject.able(Suspends)
        created = subject.create(new_account())
        suspended = subject.update(created, Changes(enabled=False), next_version(created))
        assert not subject.update(suspended, Changes(), next_version(suspended)).enabled

    def test_nobody_signs_in_to_a_suspended_account(self, subject: Subject) -> None:
        subject.able(Suspends)
        target = subject.authenticating()
        created = subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        subject.update(created, Changes(enabled=False), next_version(created))
        assert target.authenticate("dewi.lestari", PASSWORD).outcome in (Outcome.LOCKED, Outcome.REJECTED)

    def test_a_wrong_password_does_not_tell_that_an_account_is_suspended(self, subject: Subject) -> None:
        subject.able(Suspends)
        target = subject.authenticating()
        created = subject.create(new_account(verifier=subject.verifier(PASSWORD)))
        subject.update(created, Changes(enabled=False), next_version(created))
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.REJECTED

    def test_a_password_reset_does_not_resume_a_suspended_account(self, subject: Subject) -> None:
        subject.able(Suspends)
        target = subject.authenticating()
        created = subject.create(new_account(verifier=subject.verifier(PASSWORD), generation=1))
        suspended = subject.update(created, Changes(enabled=False), next_version(created))
        reset = Changes(verifier=subject.verifier(OWN_PASSWORD), must_change=True)
        after = subject.update(suspended, reset, next_version(suspended, generation=2))
        assert not after.enabled
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome in (Outcome.LOCKED, Outcome.REJECTED)
        resumed = subject.update(after, Changes(enabled=True), next_version(after))
        assert resumed.enabled
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.MUST_CHANGE

    def test_suspension_and_reset_in_one_change_leave_it_suspended(self, subject: Subject) -> None:
        subject.able(Suspends)
        target = subject.authenticating()
        created = subject.create(new_account(verifier=subject.verifier(PASSWORD), generation=1))
        both = Changes(enabled=False, verifier=subject.verifier(OWN_PASSWORD), must_change=True)
        after = subject.update(created, both, next_version(created, generation=2))
        assert not after.enabled
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome in (Outcome.LOCKED, Outcome.REJECTED)

    def test_a_disabled_account_can_wait_for_its_first_password(self, subject: Subject) -> None:
        subject.able(Suspends)
        target = subject.authenticating()
        created = subject.create(new_account(enabled=False))
        issued = Changes(enabled=True, verifier=subject.verifier(PASSWORD), must_change=True)
        after = subject.update(created, issued, next_version(created, generation=1))
        assert after.enabled
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE
