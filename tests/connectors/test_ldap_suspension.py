"""A suspended account stays suspended, whatever happens to its password and whoever does it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.connector import Changes, Outcome, PermissionDenied, Severity
from tests.connectors.directories import (
    OWN_PASSWORD,
    PASSWORD,
    PEOPLE,
    Office,
    cheap_argon2id,
    new_account,
    next_version,
    office,
)

THIRD = "kata sandi dari meja bantuan"
DEWI_DN = f"uid=dewi.lestari,{PEOPLE}"


@pytest.fixture(params=[True, False], ids=["manage", "xw"])
def there(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    """With both rights that a service account may hold on passwords; quality 2 would refuse hashes from the lesser."""
    policy = {"pwdCheckQuality": "2" if request.param else "1"}
    with office(tmp_path, manage_passwords=request.param, policy=policy) as ready:
        yield ready


def barred(there: Office, password: str) -> bool:
    """Whether neither we nor another application can sign in with it."""
    outcome = there.connector.authenticate("dewi.lestari", password).outcome
    code = there.commands.read_own_entry("dewi.lestari", password).code
    return outcome is Outcome.REJECTED and code == 49


def test_our_own_reset_of_a_suspended_entry_keeps_the_lock_too(there: Office) -> None:
    created = there.connector.create(new_account(verifier=cheap_argon2id(PASSWORD)))
    suspended = there.connector.update(created, Changes(enabled=False), next_version(created))
    reset = Changes(verifier=cheap_argon2id(OWN_PASSWORD), must_change=True)
    after = there.connector.update(suspended, reset, next_version(suspended, generation=2))
    assert (after.enabled, after.must_change) == (False, True)
    shown = there.commands.show("dewi.lestari")
    assert "pwdAccountLockedTime: 000001010000Z" in shown
    assert "businessCategory: disabled" in shown
    assert barred(there, OWN_PASSWORD)
    resumed = there.connector.update(after, Changes(enabled=True), next_version(after))
    assert (resumed.enabled, resumed.must_change) == (True, True)
    assert there.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.MUST_CHANGE


def test_a_reset_at_the_help_desk_does_not_resume_a_suspended_entry(there: Office) -> None:
    created = there.connector.create(new_account(verifier=cheap_argon2id(PASSWORD)))
    there.connector.update(created, Changes(enabled=False), next_version(created))
    assert there.commands.reset_password("dewi.lestari", THIRD).code == 0
    assert "pwdAccountLockedTime" not in there.commands.show("dewi.lestari")
    assert barred(there, THIRD)
    left = there.connector.get("dewi.lestari")
    assert left is not None
    assert not left.enabled


def test_a_lock_that_somebody_took_away_does_not_resume_a_suspended_entry(there: Office) -> None:
    created = there.connector.create(new_account(verifier=cheap_argon2id(PASSWORD)))
    there.connector.update(created, Changes(enabled=False), next_version(created))
    there.commands.set(DEWI_DN, pwdAccountLockedTime="")
    assert barred(there, PASSWORD)


def test_a_suspended_entry_that_was_created_so_lets_nobody_in(there: Office) -> None:
    there.connector.create(new_account(verifier=cheap_argon2id(PASSWORD), enabled=False))
    assert barred(there, PASSWORD)


@pytest.mark.parametrize("must_change", [True, False])
@pytest.mark.parametrize("enabled", [True, False])
def test_suspension_reset_and_first_change_go_together_in_every_combination(
    there: Office, must_change: bool, enabled: bool
) -> None:
    created = there.connector.create(new_account(verifier=cheap_argon2id(PASSWORD), enabled=not enabled))
    changes = Changes(verifier=cheap_argon2id(OWN_PASSWORD), must_change=must_change, enabled=enabled)
    after = there.connector.update(created, changes, next_version(created, generation=2))
    assert (after.enabled, after.must_change) == (enabled, must_change)
    there.connector.update(after, Changes(enabled=True), next_version(after))
    expected = Outcome.MUST_CHANGE if must_change else Outcome.ACCEPTED
    assert there.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is expected


def test_a_verifier_alone_leaves_the_first_change_as_it_is(there: Office) -> None:
    created = there.connector.create(new_account(verifier=cheap_argon2id(PASSWORD)))
    again = there.connector.update(created, Changes(verifier=cheap_argon2id(OWN_PASSWORD)), next_version(created))
    assert again.must_change is True
    there.connector.change_password("dewi.lestari", OWN_PASSWORD, THIRD)
    changed = there.connector.get("dewi.lestari")
    assert changed is not None
    assert changed.must_change is False
    fresh = Changes(verifier=cheap_argon2id("satu lagi yang lain"))
    assert there.connector.update(changed, fresh, next_version(changed)).must_change is False


def test_resuming_also_ends_a_lockout_after_wrong_passwords(there: Office) -> None:
    created = there.connector.create(new_account(verifier=cheap_argon2id(PASSWORD)))
    for _ in range(3):
        assert there.connector.authenticate("dewi.lestari", "salah").outcome is Outcome.REJECTED
    assert there.connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.LOCKED
    locked = there.connector.get("dewi.lestari")
    assert locked is not None
    assert locked.enabled
    there.connector.update(created, Changes(enabled=True), next_version(created))
    assert there.connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE


def test_a_connection_from_before_the_suspension_cannot_change_the_password(there: Office) -> None:
    created = there.connector.create(new_account(verifier=cheap_argon2id(PASSWORD)))
    pool = there.connector._pool
    with pool.signed_in(DEWI_DN, PASSWORD.encode()) as (session, answer):
        assert answer.code == 0
        there.connector.update(created, Changes(enabled=False), next_version(created))
        assert session.change_password(PASSWORD.encode(), OWN_PASSWORD.encode()).code != 0
    assert barred(there, PASSWORD)
    assert barred(there, OWN_PASSWORD)


def test_the_check_notices_that_the_access_rule_is_missing(tmp_path: Path) -> None:
    with office(tmp_path, disable_rule=False) as there:
        wrong = [finding for finding in there.connector.check() if finding.severity is Severity.ERROR]
        assert [finding.subject for finding in wrong] == ["rights"]
        assert "filter=(businessCategory=disabled)" in wrong[0].remedy
        assert list(there.connector.search()) == []


def test_a_suspended_account_may_not_change_its_password(there: Office) -> None:
    created = there.connector.create(new_account(verifier=cheap_argon2id(PASSWORD)))
    there.connector.update(created, Changes(enabled=False), next_version(created))
    with pytest.raises(PermissionDenied):
        there.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    assert there.commands.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD).code == 49
