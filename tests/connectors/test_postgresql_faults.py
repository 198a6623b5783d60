"""A server that hangs, dies, restarts, or is somebody else's to write at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connectors.contract.subject import OWN_PASSWORD, new_account, next_version
from connectors.postgresql import PostgresqlConnector, PostgresqlSettings, statements
from connectors.postgresql.lock import on_role
from connectors.postgresql.pool import Pool
from provisioner.connector import (
    Changes,
    ConnectorContext,
    InDoubt,
    PermissionDenied,
    TargetUnavailable,
)
from tests.connectors.role_office import RoleOffice, cheap_scram
from tests.many_machines import until
from tests.servers.certificates import write_certificates

SHORT = 0.5
"""Seconds that a call may take where it is going to be cut off."""


def test_a_server_that_restarts_is_found_again(roles: RoleOffice) -> None:
    created = roles.connector.create(new_account())
    roles.server.restart()
    assert roles.connector.get("dewi.lestari") == created
    roles.server.kill()
    roles.server.start()
    assert roles.connector.get("dewi.lestari") == created


def test_a_server_that_is_down_is_unavailable(roles: RoleOffice) -> None:
    created = roles.connector.create(new_account())
    roles.server.stop()
    try:
        with pytest.raises(TargetUnavailable):
            roles.connector.get("dewi.lestari")
        with pytest.raises(TargetUnavailable):
            roles.connector.update(created, Changes(enabled=False), next_version(created))
    finally:
        roles.server.start()
    assert roles.connector.get("dewi.lestari") == created


def test_a_server_that_freezes_before_the_commit_has_changed_nothing(
    roles: RoleOffice, caplog: pytest.LogCaptureFixture
) -> None:
    connector = roles.another(call_timeout=SHORT)
    created = connector.create(new_account())
    own = Changes(enabled=False, verifier=cheap_scram(OWN_PASSWORD), must_change=False)
    roles.server.freeze()
    try:
        with caplog.at_level("DEBUG"), pytest.raises(TargetUnavailable):
            connector.update(created, own, next_version(created))
    finally:
        roles.server.thaw()
    assert connector.get("dewi.lestari") == created
    assert "SCRAM-SHA-256$" not in caplog.text


def test_a_worker_that_freezes_with_the_lock_is_thrown_out_and_overwrites_nothing(roles: RoleOffice) -> None:
    created = roles.connector.create(new_account())
    lock = on_role(int(created.remote_id))
    frozen = Pool(PostgresqlSettings.model_validate(roles.target.settings()), SHORT)
    with pytest.raises(TargetUnavailable), frozen.writing("sleeping", lock) as line:
        line.execute("SELECT 1").fetchall()
        now = roles.connector.update(created, Changes(), next_version(created))
        line.execute(statements.comment("dewi.lestari", f"{created.marker} late"))
        line.execute("SELECT 1").fetchall()
    assert roles.connector.get("dewi.lestari") == now


def test_a_commit_without_an_answer_is_in_doubt(roles: RoleOffice) -> None:
    connector = roles.another(call_timeout=SHORT)
    created = connector.create(new_account())
    # A standby that never comes: the commit is carried out here and not answered.
    roles.target.execute("ALTER SYSTEM SET synchronous_standby_names = 'tidak_pernah_datang'")
    roles.target.execute("SELECT pg_reload_conf()")
    try:
        with pytest.raises(InDoubt) as doubt:
            _suspend_until_doubtful(connector)
        assert doubt.value.retryable
    finally:
        roles.target.execute("ALTER SYSTEM RESET synchronous_standby_names")
        roles.target.execute("SELECT pg_reload_conf()")

    def carried_out() -> bool:
        seen = roles.connector.get("dewi.lestari")
        return seen is not None and seen.remote_id == created.remote_id and seen.marker != created.marker

    until(carried_out)  # Nobody sees it before the server stops waiting for the standby.


def _suspend_until_doubtful(connector: PostgresqlConnector) -> None:
    """The server takes a moment to read its configuration again."""
    for _ in range(200):
        seen = connector.get("dewi.lestari")
        assert seen is not None
        connector.update(seen, Changes(enabled=False), next_version(seen))


def test_a_role_that_somebody_else_is_altering_is_busy(roles: RoleOffice) -> None:
    connector = roles.another(call_timeout=SHORT)
    created = connector.create(new_account())
    with roles.server.superuser() as administrator, administrator.transaction():
        administrator.execute('ALTER ROLE "dewi.lestari" CONNECTION LIMIT 7')
        with pytest.raises(TargetUnavailable):
            connector.update(created, Changes(enabled=False), next_version(created))
    assert connector.get("dewi.lestari") == created


def test_a_role_that_somebody_else_alters_at_the_same_instant_is_tried_again(roles: RoleOffice) -> None:
    created = roles.connector.create(new_account())
    logged = len(roles.server.output())
    own = Changes(enabled=True, verifier=cheap_scram(OWN_PASSWORD), must_change=False)
    with roles.server.superuser() as administrator, ThreadPoolExecutor(1) as pool:
        with administrator.transaction():
            administrator.execute('ALTER ROLE "dewi.lestari" CONNECTION LIMIT 7')
            change = pool.submit(roles.connector.update, created, own, next_version(created))
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            while roles.target.execute(waiting) == [(0,)]:
                assert not change.done()
        with pytest.raises(TargetUnavailable):
            change.result(20)
    said = roles.server.output()[logged:]
    assert "tuple concurrently updated" in said
    assert "SCRAM-SHA-256$" not in said
    assert roles.connector.update(created, own, next_version(created)).enabled


def test_connections_are_reused_and_no_more_are_kept_than_the_settings_say(roles: RoleOffice) -> None:
    connector = roles.another(idle_connections=2)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(connector.get, ["nobody"] * 40)) == {None}
    _wait_for_connections(roles, 2)
    connector.close()
    _wait_for_connections(roles, 0)


def _wait_for_connections(roles: RoleOffice, left: int) -> None:
    """The server takes a moment to notice that one was closed."""
    kept = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'siak-provisioner'"
    for _ in range(1000):
        if roles.target.execute(kept)[0][0] <= left:
            return
    raise AssertionError("more connections are open than should be")


def test_a_wrong_password_of_the_service_account_is_told(roles: RoleOffice, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.password"
    for text in ("salah\n", "\n"):
        wrong.write_text(text)
        with pytest.raises(PermissionDenied) as refusal:
            roles.another(password_file=str(wrong)).get("nobody")
        assert "salah" not in str(refusal.value)
    with pytest.raises(PermissionDenied):
        roles.another(password_file=str(tmp_path / "none")).get("nobody")


def test_the_password_comes_from_the_environment_too(roles: RoleOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD_FOR_ROLES", roles.target.password_file.read_text().strip())
    connector = roles.another(password_file=None, password_env="PASSWORD_FOR_ROLES")
    assert connector.get("nobody") is None


def test_a_server_that_another_authority_vouches_for_is_not_spoken_to(roles: RoleOffice, tmp_path: Path) -> None:
    stranger = write_certificates(tmp_path)
    with pytest.raises(TargetUnavailable):
        roles.another(ca_file=str(stranger.ca)).get("nobody")
    with pytest.raises(TargetUnavailable):
        roles.another(ca_file=None).get("nobody")


def test_constructing_never_connects(tmp_path: Path) -> None:
    settings = {"host": "127.0.0.1", "port": 1, "user": "x", "password_file": str(tmp_path / "none")}
    connector = PostgresqlConnector.from_settings(settings, ConnectorContext("basisdata"))
    connector.close()
