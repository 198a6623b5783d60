"""Signing in, the first change and later ones, by us and by Debian's own LDAP commands."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors import argon2id
from provisioner.connector import Changes, Outcome, PermissionDenied, PolicyViolation, Verifier
from tests.connectors.directories import (
    OWN_PASSWORD,
    PASSWORD,
    PEOPLE,
    POLICY,
    Office,
    cheap_argon2id,
    new_account,
    next_version,
    office,
)

DEWI_DN = f"uid=dewi.lestari,{PEOPLE}"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as ready:
        ready.connector.create(new_account(verifier=cheap_argon2id(PASSWORD), generation=1))
        yield ready


def test_before_the_first_change_another_application_is_refused_everything(there: Office) -> None:
    refused = there.commands.read_own_entry("dewi.lestari", PASSWORD)
    assert refused.code == 50
    assert "uid:" not in refused.output


def test_a_native_change_ends_the_first_change_and_is_seen(there: Office) -> None:
    assert there.commands.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD).code == 0
    seen = there.connector.get("dewi.lestari")
    assert seen is not None
    assert (seen.must_change, seen.marker is not None) == (False, True)
    assert there.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.ACCEPTED
    assert there.connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.REJECTED
    assert there.commands.read_own_entry("dewi.lestari", OWN_PASSWORD).code == 0


def test_the_directory_tells_when_a_password_was_set(there: Office) -> None:
    there.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    told = there.connector.authenticate("dewi.lestari", OWN_PASSWORD).password_set
    assert told.endswith("Z")
    assert there.connector.authenticate("dewi.lestari", OWN_PASSWORD).password_set == told
    there.connector.authenticate("dewi.lestari", "salah sama sekali")
    assert there.connector.authenticate("dewi.lestari", OWN_PASSWORD).password_set == told


def test_a_sign_in_owes_nothing_to_the_one_before_it_on_the_same_connection(there: Office) -> None:
    outcomes = []
    for password in (PASSWORD, "salah sama sekali", PASSWORD):
        outcomes.append(there.connector.authenticate("dewi.lestari", password).outcome)
    there.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    for password in (OWN_PASSWORD, PASSWORD):
        outcomes.append(there.connector.authenticate("dewi.lestari", password).outcome)
    demanded, refused = Outcome.MUST_CHANGE, Outcome.REJECTED
    assert outcomes == [demanded, refused, demanded, Outcome.ACCEPTED, refused]


def test_our_change_lets_another_application_in(there: Office) -> None:
    there.connector.change_password("Dewi.LESTARI", PASSWORD, OWN_PASSWORD)
    assert there.commands.read_own_entry("dewi.lestari", OWN_PASSWORD).code == 0


@pytest.mark.parametrize(
    "text", ["ﬁnal ² kata sandi", "e\u0301 terurai dengan tanda", " berspasi di tepi ", "\u200bnol lebar di sini"]
)
def test_a_password_stays_what_was_typed_for_every_program(there: Office, text: str) -> None:
    there.connector.change_password("dewi.lestari", PASSWORD, text)
    assert there.commands.read_own_entry("dewi.lestari", text).code == 0
    assert there.connector.authenticate("dewi.lestari", text).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("password", ["", "\0", "\ud800", "x" * 10_000])
def test_a_password_that_can_be_none_is_wrong(there: Office, password: str) -> None:
    assert there.connector.authenticate("dewi.lestari", password).outcome is Outcome.REJECTED
    with pytest.raises(PermissionDenied):
        there.connector.change_password("dewi.lestari", password, OWN_PASSWORD)


@pytest.mark.parametrize("password", ["", "\ud800"])
def test_a_new_password_that_can_be_none_is_refused(there: Office, password: str) -> None:
    with pytest.raises(PolicyViolation):
        there.connector.change_password("dewi.lestari", PASSWORD, password)
    assert there.connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE


@pytest.mark.parametrize("username", ["", "*", "dewi*", "nobody", "a\0b", "\ud800", ")(uid=*"])
def test_a_name_that_is_nobodys_is_rejected_like_a_wrong_password(there: Office, username: str) -> None:
    assert there.connector.authenticate(username, PASSWORD).outcome is Outcome.REJECTED


def test_an_earlier_password_is_refused_as_one_from_the_history(there: Office) -> None:
    there.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    with pytest.raises(PolicyViolation) as refusal:
        there.connector.change_password("dewi.lestari", OWN_PASSWORD, PASSWORD)
    assert refusal.value.rule == "in-history"


def test_a_second_change_too_soon_is_refused_as_such(there: Office) -> None:
    there.commands.set(POLICY, pwdMinAge="3600")
    there.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    with pytest.raises(PolicyViolation) as refusal:
        there.connector.change_password("dewi.lestari", OWN_PASSWORD, "lagi-lagi yang baru")
    assert refusal.value.rule == "too-young"


def test_a_user_who_may_not_change_is_told_that_it_is_not_allowed(there: Office) -> None:
    there.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    there.commands.set(POLICY, pwdAllowUserChange="FALSE")
    with pytest.raises(PermissionDenied):
        there.connector.change_password("dewi.lestari", OWN_PASSWORD, "lagi-lagi yang baru")


def test_wrong_passwords_lock_out_and_the_answer_says_so(there: Office) -> None:
    for _ in range(3):
        assert there.connector.authenticate("dewi.lestari", "salah").outcome is Outcome.REJECTED
    assert there.connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.LOCKED


@pytest.fixture
def expired(tmp_path: Path) -> Iterator[Office]:
    """Somebody changed the password in 2020; it may grow a day old."""
    limits = {"pwdMaxAge": "86400", "pwdGraceAuthnLimit": "2"}
    with office(tmp_path, policy=limits) as there:
        there.directory.stop()
        person = f"dn: {DEWI_DN}\nobjectClass: inetOrgPerson\nuid: dewi.lestari\ncn: Dewi\nsn: Dewi\n"
        there.directory.load(f"{person}userPassword: {OWN_PASSWORD}\npwdChangedTime: 20200101000000Z\n")
        there.directory.start()
        yield there


def test_an_expired_password_may_still_be_changed_within_its_grace(expired: Office) -> None:
    assert expired.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.EXPIRED
    expired.connector.change_password("dewi.lestari", OWN_PASSWORD, "sandi yang benar-benar baru")
    accepted = expired.connector.authenticate("dewi.lestari", "sandi yang benar-benar baru")
    assert accepted.outcome is Outcome.ACCEPTED


def test_an_expired_password_without_grace_lets_nobody_in_and_cannot_be_changed(expired: Office) -> None:
    for _ in range(2):
        assert expired.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.EXPIRED
    assert expired.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.EXPIRED
    with pytest.raises(PermissionDenied):
        expired.connector.change_password("dewi.lestari", OWN_PASSWORD, "sandi yang benar-benar baru")


def test_a_password_about_to_expire_says_when(there: Office) -> None:
    there.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    there.commands.set(POLICY, pwdMaxAge="3600", pwdExpireWarning="7200")
    answer = there.connector.authenticate("dewi.lestari", OWN_PASSWORD)
    assert answer.outcome is Outcome.ACCEPTED
    assert answer.grace is not None
    assert timedelta(0) < answer.grace <= timedelta(hours=1)


def test_the_last_sign_in_is_reported_where_the_server_keeps_it(tmp_path: Path) -> None:
    with office(tmp_path, last_bind=False) as there:
        created = there.connector.create(new_account(verifier=cheap_argon2id(PASSWORD)))
        there.connector.authenticate("dewi.lestari", PASSWORD)
        assert there.connector.last_sign_in(created) is None


def test_the_last_sign_in_is_the_servers_time(there: Office) -> None:
    account = there.connector.get("dewi.lestari")
    assert account is not None
    assert there.connector.last_sign_in(account) is None
    there.commands.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    there.commands.read_own_entry("dewi.lestari", OWN_PASSWORD)
    when = there.connector.last_sign_in(account)
    assert when is not None
    assert abs(datetime.now(UTC) - when) < timedelta(minutes=1)


def test_a_verifier_at_the_real_cost_is_compared_by_the_server(there: Office) -> None:
    account = there.connector.get("dewi.lestari")
    assert account is not None
    real = Verifier("argon2id", argon2id.derive(OWN_PASSWORD, argon2id.Cost(19456, 2)))
    there.connector.update(account, Changes(verifier=real, must_change=True), next_version(account, generation=2))
    assert there.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.MUST_CHANGE
