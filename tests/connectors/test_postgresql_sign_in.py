"""Operators sign in at the server itself, and change their password there."""

from dataclasses import replace

import psycopg
import pytest
from psycopg import sql

from connectors.contract.subject import DEWI, OWN_PASSWORD, PASSWORD, next_version
from provisioner.connector import (
    Changes,
    ConnectorError,
    Outcome,
    PermissionDenied,
    PolicyViolation,
    TargetUnavailable,
)
from tests.connectors.role_office import RoleOffice

NEW_PASSWORD = "kopi éncér & 咖啡 *()\\ "


def _outcome(roles: RoleOffice, password: str, username: str = "dewi.lestari") -> Outcome:
    return roles.connector.authenticate(username, password).outcome


def test_the_right_password_is_accepted_and_leaves_no_session(roles: RoleOffice) -> None:
    account = roles.activated()
    assert _outcome(roles, OWN_PASSWORD) is Outcome.ACCEPTED
    assert _outcome(roles, OWN_PASSWORD, "Dewi.LESTARI") is Outcome.ACCEPTED
    roles.wait_for_no_session(account.username)


@pytest.mark.parametrize("password", ["", PASSWORD, "\x00", f"{OWN_PASSWORD}\x00x", "\ud800"])
def test_every_other_password_is_rejected(roles: RoleOffice, password: str) -> None:
    roles.activated()
    assert _outcome(roles, password) is Outcome.REJECTED


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(roles: RoleOffice) -> None:
    roles.activated()
    wrong = roles.connector.authenticate("dewi.lestari", PASSWORD)
    assert wrong == roles.connector.authenticate("nobody", PASSWORD)
    assert wrong == roles.connector.authenticate("x" * 64, PASSWORD)


def test_a_suspended_role_is_told_for_the_right_password_only(roles: RoleOffice) -> None:
    account = roles.activated()
    roles.connector.update(account, Changes(enabled=False), next_version(account))
    assert _outcome(roles, OWN_PASSWORD) is Outcome.LOCKED
    assert _outcome(roles, PASSWORD) is Outcome.REJECTED


def test_after_the_last_day_the_password_is_wrong(roles: RoleOffice) -> None:
    account = roles.activated()
    past = Changes(profile=replace(DEWI, valid_until="2020-01-01"))
    roles.connector.update(account, past, next_version(account))
    assert _outcome(roles, OWN_PASSWORD) is Outcome.REJECTED


def test_an_operator_whose_connections_are_used_up_still_signs_in_here(roles: RoleOffice) -> None:
    roles.activated()
    roles.target.execute('ALTER ROLE "dewi.lestari" CONNECTION LIMIT 1')
    with roles.session():
        assert _outcome(roles, OWN_PASSWORD) is Outcome.ACCEPTED
        with pytest.raises(PermissionDenied):
            roles.connector.change_password("dewi.lestari", OWN_PASSWORD, NEW_PASSWORD)


def test_an_operator_who_may_not_connect_to_the_database_still_signs_in_here(roles: RoleOffice) -> None:
    roles.activated()
    with roles.server.database() as database:
        name = sql.Identifier(database.name)
        roles.target.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(name))
        connector = roles.another(sign_in_database=database.name)
        assert connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.ACCEPTED
        assert connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.REJECTED


def test_a_server_out_of_reach_is_no_wrong_password(roles: RoleOffice) -> None:
    roles.activated()
    for wrong in ({"port": 1}, {"sign_in_database": "tidak_ada"}):
        with pytest.raises(TargetUnavailable) as trouble:
            roles.another(**wrong).authenticate("dewi.lestari", OWN_PASSWORD)
        assert OWN_PASSWORD not in str(trouble.value)


def test_a_server_that_asks_for_the_password_itself_does_not_get_it(roles: RoleOffice) -> None:
    roles.activated()
    access = roles.server.folder / "data" / "pg_hba.conf"
    before = access.read_text()
    access.write_text(
        before.replace("hostssl all all", 'hostssl all "dewi.lestari" 127.0.0.1/32 password\nhostssl all all')
    )
    try:
        roles.target.execute("SELECT pg_reload_conf()")
        with pytest.raises(ConnectorError):
            _sign_in_until_reloaded(roles)
    finally:
        access.write_text(before)
        roles.target.execute("SELECT pg_reload_conf()")


def _sign_in_until_reloaded(roles: RoleOffice) -> None:
    for _ in range(200):
        roles.connector.authenticate("dewi.lestari", OWN_PASSWORD)


def test_after_the_change_the_new_password_lets_in_and_the_old_does_not(roles: RoleOffice) -> None:
    account = roles.activated()
    roles.connector.change_password("dewi.lestari", OWN_PASSWORD, NEW_PASSWORD)
    assert _outcome(roles, NEW_PASSWORD) is Outcome.ACCEPTED
    assert _outcome(roles, NEW_PASSWORD.strip()) is Outcome.REJECTED
    assert _outcome(roles, OWN_PASSWORD) is Outcome.REJECTED
    roles.session(password=NEW_PASSWORD).close()
    assert roles.connector.get("dewi.lestari") == account


def test_the_server_gets_a_verifier_for_the_new_password(roles: RoleOffice) -> None:
    roles.activated()
    roles.another(scram_iterations=4097).change_password("dewi.lestari", OWN_PASSWORD, NEW_PASSWORD)
    ((stored,),) = roles.target.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'dewi.lestari'")
    assert stored.startswith("SCRAM-SHA-256$4097:")


@pytest.mark.parametrize(("new", "rule"), [("pendek", "too-short"), (OWN_PASSWORD, "in-history")])
def test_a_password_that_is_short_or_the_old_one_is_refused(roles: RoleOffice, new: str, rule: str) -> None:
    roles.activated()
    with pytest.raises(PolicyViolation) as refusal:
        roles.connector.change_password("dewi.lestari", OWN_PASSWORD, new)
    assert refusal.value.rule == rule
    assert _outcome(roles, OWN_PASSWORD) is Outcome.ACCEPTED


def test_nobody_changes_a_password_without_the_old_one(roles: RoleOffice) -> None:
    roles.activated()
    for username, old in (("dewi.lestari", PASSWORD), ("nobody", OWN_PASSWORD)):
        with pytest.raises(PermissionDenied) as refusal:
            roles.connector.change_password(username, old, NEW_PASSWORD)
        assert not any(secret in repr(refusal.value) for secret in (PASSWORD, OWN_PASSWORD, NEW_PASSWORD))
    assert _outcome(roles, OWN_PASSWORD) is Outcome.ACCEPTED


def test_a_role_that_may_not_log_in_changes_nothing(roles: RoleOffice) -> None:
    account = roles.activated()
    roles.connector.update(account, Changes(enabled=False), next_version(account))
    with pytest.raises(PermissionDenied):
        roles.connector.change_password("dewi.lestari", OWN_PASSWORD, NEW_PASSWORD)
    assert _outcome(roles, OWN_PASSWORD) is Outcome.LOCKED


def test_the_drivers_errors_hold_no_password(roles: RoleOffice) -> None:
    roles.activated()
    with pytest.raises(PermissionDenied) as refusal:
        roles.connector.change_password("dewi.lestari", PASSWORD, NEW_PASSWORD)
    causes: list[BaseException] = [refusal.value]
    while causes[-1].__cause__ is not None:
        causes.append(causes[-1].__cause__)
    assert any(isinstance(cause, psycopg.Error) for cause in causes)
    assert not any(PASSWORD in repr(cause) for cause in causes)
