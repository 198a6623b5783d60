"""Operators sign in at the server itself, and change their password there."""

import pymysql
import pytest

from connectors.contract.subject import OWN_PASSWORD, PASSWORD, new_account, next_version
from connectors.mariadb import verifier
from provisioner.connector import Changes, Outcome, PermissionDenied, PolicyViolation, TargetUnavailable
from tests.connectors.user_office import UserOffice
from tests.servers.certificates import write_certificates

PASSWORDS = ["wengi-lunga-telas-42", " kopi éncér & 咖啡 *()\\ ", "'; SET PASSWORD = ''; --", "x" * 200]


def _outcome(users: UserOffice, password: str, username: str = "dewi.lestari") -> Outcome:
    return users.connector.authenticate(username, password).outcome


@pytest.mark.parametrize("scheme", [verifier.ED25519, verifier.NATIVE])
@pytest.mark.parametrize("password", PASSWORDS)
def test_the_server_makes_the_same_of_a_password(users: UserOffice, scheme: str, password: str) -> None:
    users.target.execute(f"CREATE USER tamu IDENTIFIED VIA {scheme} USING PASSWORD(%s)", password)
    assert users.stored("tamu")["authentication_string"] == verifier.make(scheme, password).text


def test_with_the_older_scheme_everything_works_too(users: UserOffice) -> None:
    connector = users.another(scheme=verifier.NATIVE)
    created = connector.create(new_account(verifier=connector.make_verifier(PASSWORD)))
    assert connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE
    connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    assert connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.ACCEPTED
    assert connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.REJECTED
    assert [seen.marker for seen in connector.find(created.marker.account_id if created.marker else "")] == [
        created.marker
    ]


def test_the_server_gets_a_one_way_form_of_the_new_password_only(users: UserOffice) -> None:
    users.issued()
    users.target.execute("SET GLOBAL log_output = 'TABLE'")
    users.target.execute("SET GLOBAL general_log = ON")
    try:
        users.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    finally:
        users.target.execute("SET GLOBAL general_log = OFF")
    said = " ".join(str(row[0]) for row in users.target.execute("SELECT argument FROM mysql.general_log"))
    users.target.execute("TRUNCATE mysql.general_log")
    assert "SET PASSWORD" in said
    assert OWN_PASSWORD not in said
    assert PASSWORD not in said


def test_the_servers_own_rules_judge_where_the_settings_say_so(users: UserOffice) -> None:
    users.issued()
    users.target.execute("INSTALL SONAME 'simple_password_check'")
    try:
        with pytest.raises(PolicyViolation):
            users.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
        judged = users.another(judged_by="server")
        with pytest.raises(PolicyViolation) as refusal:
            judged.change_password("dewi.lestari", PASSWORD, "tanpa angka dan huruf besar")
        assert refusal.value.rule == "quality"
        judged.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    finally:
        users.target.execute("UNINSTALL SONAME 'simple_password_check'")
    assert _outcome(users, OWN_PASSWORD) is Outcome.ACCEPTED


@pytest.mark.parametrize("password", ["", PASSWORD, "\x00", f"{OWN_PASSWORD}\x00x", "\ud800"])
def test_every_other_password_is_rejected(users: UserOffice, password: str) -> None:
    users.activated()
    assert _outcome(users, password) is Outcome.REJECTED
    assert _outcome(users, OWN_PASSWORD, "dewi.lestari\x00") is Outcome.REJECTED
    assert _outcome(users, OWN_PASSWORD, "Dewi.LESTARI") is Outcome.ACCEPTED


def test_a_suspended_account_is_told_for_the_right_password_only(users: UserOffice) -> None:
    created = users.activated()
    users.connector.update(created, Changes(enabled=False), next_version(created))
    assert _outcome(users, OWN_PASSWORD) is Outcome.LOCKED
    assert _outcome(users, PASSWORD) is Outcome.REJECTED


def test_wrong_passwords_count_at_the_server_and_bar_the_account(users: UserOffice) -> None:
    users.activated()
    users.target.execute("SET GLOBAL max_password_errors = 2")
    try:
        assert [_outcome(users, PASSWORD) for _ in range(4)] == [Outcome.REJECTED] * 4
        # With two ways to sign in the server says "wrong password" where it says "barred" otherwise.
        assert _outcome(users, OWN_PASSWORD) is Outcome.REJECTED
        with pytest.raises(PermissionDenied):
            users.connector.change_password("dewi.lestari", OWN_PASSWORD, PASSWORD)
    finally:
        users.target.execute("SET GLOBAL max_password_errors = 4294967295")
        users.target.execute("FLUSH PRIVILEGES")
    assert _outcome(users, OWN_PASSWORD) is Outcome.ACCEPTED


def test_a_server_that_asks_for_the_password_itself_does_not_get_it(users: UserOffice) -> None:
    users.target.execute("INSTALL SONAME 'auth_pam'")
    try:
        users.target.execute("CREATE USER tamu IDENTIFIED VIA pam")
        with pytest.raises(PermissionDenied) as refusal:
            users.connector.authenticate("tamu", OWN_PASSWORD)
        assert OWN_PASSWORD not in repr(refusal.value)
    finally:
        users.target.execute("DROP USER IF EXISTS tamu")
        users.target.execute("UNINSTALL SONAME 'auth_pam'")


def test_a_server_out_of_reach_or_not_trusted_is_no_wrong_password(users: UserOffice) -> None:
    users.activated()
    folder = users.target.password_file.parent / "stranger"
    folder.mkdir()
    for wrong in ({"port": 1}, {"ca_file": str(write_certificates(folder).ca)}, {"ca_file": None}):
        with pytest.raises(TargetUnavailable) as trouble:
            users.another(**wrong).authenticate("dewi.lestari", OWN_PASSWORD)
        assert OWN_PASSWORD not in repr(trouble.value)


def test_the_drivers_errors_hold_no_password(users: UserOffice) -> None:
    users.activated()
    with pytest.raises(PermissionDenied) as refusal:
        users.connector.change_password("dewi.lestari", PASSWORD, "rahasia-yang-baru")
    causes: list[BaseException] = [refusal.value]
    while causes[-1].__cause__ is not None:
        causes.append(causes[-1].__cause__)
    assert any(isinstance(cause, pymysql.MySQLError) for cause in causes)
    assert not any(secret in repr(cause) for cause in causes for secret in (PASSWORD, "rahasia-yang-baru"))
