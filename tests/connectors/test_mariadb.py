"""What only users of a MariaDB server have: expiry, marker, cuts between the steps, sessions, roles."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pymysql
import pytest

from connectors.contract.subject import DEWI, OWN_PASSWORD, PASSWORD, marker_of, new_account, next_version
from connectors.mariadb import MariadbConnector
from connectors.mariadb.line import Line
from connectors.mariadb.marked import TAG, carried, carrier
from provisioner.connector import (
    AccountExists,
    Changes,
    ConnectorError,
    Entitles,
    InDoubt,
    InvalidAttribute,
    Marker,
    Outcome,
    PermissionDenied,
    RemoteAccount,
    StaleVersion,
    TargetUnavailable,
)
from tests.connectors.user_office import UserOffice
from tests.servers.user_server import SERVICE

HOSTILE = ["a'b", 'a"b', "a`b", "a\\'b", "a\\", "a'@'%' IDENTIFIED BY 'x", "a%s", "é漢'; DROP TABLE x; --", "a/*b*/"]


def test_the_server_itself_keeps_the_expiry_the_lock_tls_and_the_marker(users: UserOffice) -> None:
    created = users.issued()
    stored = users.stored()
    assert stored["password_last_changed"] == 0
    assert stored["ssl_type"] == 1
    assert stored["authentication_string"] == f"*{TAG}{marker_of(created).account_id.upper()}"
    assert stored["auth_or"][0]["plugin"] == "ed25519"
    users.connector.update(created, Changes(enabled=False), next_version(created))
    assert users.stored()["account_locked"] is True


def test_the_initial_password_opens_a_session_in_which_only_the_change_is_allowed(users: UserOffice) -> None:
    users.issued()
    with users.session(PASSWORD) as session, session.cursor() as cursor:
        with pytest.raises(pymysql.err.OperationalError, match="1820"):
            cursor.execute("SELECT 1")
        cursor.execute("SET PASSWORD = PASSWORD(%s)", [OWN_PASSWORD])
        cursor.execute("SELECT 1")
    assert users.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.ACCEPTED


def test_a_server_that_refuses_expired_passwords_still_lets_them_be_changed_here(users: UserOffice) -> None:
    users.issued()
    users.target.execute("SET GLOBAL disconnect_on_expired_password = ON")
    try:
        assert users.connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE
        users.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    finally:
        users.target.execute("SET GLOBAL disconnect_on_expired_password = OFF")
    assert users.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.ACCEPTED


def test_nobody_signs_in_with_the_marker_and_it_survives_a_change_and_a_rename(users: UserOffice) -> None:
    created = users.activated()
    text = carrier(marker_of(created).account_id)
    assert carried(text) == marker_of(created).account_id
    for guess in (text, text[1:], marker_of(created).account_id, bytes.fromhex(text[1:]).decode("latin-1")):
        assert users.connector.authenticate("dewi.lestari", guess).outcome is Outcome.REJECTED
    renamed = users.connector.update(created, Changes(username="dewi.putri"), next_version(created))
    assert users.connector.find(marker_of(created).account_id) == [renamed]
    assert users.stored("dewi.putri")["authentication_string"] == text


def test_an_id_that_a_user_cannot_carry_is_refused(users: UserOffice) -> None:
    for wrong in ("", "x" * 32, "A" * 32, "a" * 31, "a" * 33, "'" * 32):
        with pytest.raises(InvalidAttribute):
            users.connector.create(type(new_account())("dewi.lestari", Marker(wrong, 1), DEWI))
    assert list(users.connector.search()) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_stranger_with_a_hostile_name_is_seen_and_quoted_rightly(users: UserOffice, name: str) -> None:
    users.target.add_users([name])
    seen = users.connector.get(name)
    assert seen is not None
    assert (seen.username, seen.marker) == (name, None)
    with pytest.raises(PermissionDenied):
        users.connector.delete(seen)
    # Even a user that carries our marker under such a name is changed alone, and itself.
    account_id = "0123456789abcdef" * 2
    users.target.execute("ALTER USER %s@'%%' IDENTIFIED VIA mysql_native_password USING %s", name, carrier(account_id))
    (ours,) = users.connector.find(account_id)
    assert ours.username == name
    assert marker_of(ours) == Marker(account_id, 0, 0)
    renamed = users.connector.update(ours, Changes(username="dewi.lestari"), Marker(account_id, 5))
    assert (renamed.username, renamed.marker) == ("dewi.lestari", Marker(account_id, 5))
    assert users.connector.get(name) is None
    users.connector.delete(renamed)
    assert list(users.connector.search()) == []


def test_a_name_is_given_once_whatever_its_case_and_host(users: UserOffice) -> None:
    users.target.execute("CREATE USER 'Dewi.Lestari'@'10.%%'")
    with pytest.raises(AccountExists) as refusal:
        users.connector.create(new_account())
    assert refusal.value.marker is None
    with pytest.raises(AccountExists):
        users.connector.create(new_account("siak"))


def test_an_account_has_one_user_only(users: UserOffice) -> None:
    created = users.issued()
    again = type(new_account())("dewi.putri", marker_of(created), DEWI)
    with pytest.raises(AccountExists) as refusal:
        users.connector.create(again)
    assert refusal.value.remote_id == created.remote_id


class _Cut(BaseException):
    """The process ends here."""


def _cut_before(monkeypatch: pytest.MonkeyPatch, statement: str, call: Callable[[], object]) -> None:
    """Run the call and end it, with its connection, just before it sends this statement."""
    send = Line.change

    def change(line: Line, doing: str, text: str, *values: object) -> int:
        if text.startswith(statement):
            raise _Cut
        return send(line, doing, text, *values)

    with monkeypatch.context() as patch:
        patch.setattr(Line, "change", change)
        with pytest.raises(_Cut):
            call()


# Taking a user over

MINE = Marker("a" * 32, 1)
OLD_PASSWORD = "lama-sekali-dipakai-31"


def _stranger(users: UserOffice, options: str = "", name: str = "tamu") -> RemoteAccount:
    users.target.execute(f"CREATE USER {name} {options}")
    stranger = users.connector.get(name)
    assert stranger is not None
    return stranger


@pytest.mark.parametrize("scheme", ["ed25519", "mysql_native_password"])
def test_the_password_of_a_user_that_is_taken_over_stays_until_it_is_changed(users: UserOffice, scheme: str) -> None:
    stranger = _stranger(users, f"IDENTIFIED VIA {scheme} USING PASSWORD('{OLD_PASSWORD}')")
    users.connector.adopt(stranger, MINE)
    assert users.connector.authenticate("tamu", OLD_PASSWORD).outcome is Outcome.ACCEPTED
    assert users.connector.authenticate("tamu", "tebakan").outcome is Outcome.REJECTED
    with users.session(OLD_PASSWORD, "tamu") as session, session.cursor() as cursor:
        cursor.execute("SET PASSWORD = PASSWORD(%s)", [PASSWORD])
    users.connector.change_password("tamu", PASSWORD, OWN_PASSWORD)
    assert users.connector.authenticate("tamu", OWN_PASSWORD).outcome is Outcome.ACCEPTED
    assert users.connector.authenticate("tamu", OLD_PASSWORD).outcome is Outcome.REJECTED
    assert users.connector.find(MINE.account_id) == [replace(stranger, marker=MINE)]


def test_a_user_that_is_taken_over_stays_locked_and_expired(users: UserOffice) -> None:
    stranger = _stranger(users, "IDENTIFIED BY 'awal' PASSWORD EXPIRE ACCOUNT LOCK")
    assert (stranger.enabled, stranger.must_change) == (False, True)
    assert users.connector.adopt(stranger, MINE) == replace(stranger, marker=MINE)
    assert users.stored("tamu")["account_locked"] is True


def test_a_taking_over_that_was_cut_off_is_done_again(users: UserOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = _stranger(users)
    _cut_before(monkeypatch, "ALTER USER", lambda: users.connector.adopt(stranger, MINE))
    assert users.connector.get("tamu") == stranger
    assert users.connector.adopt(stranger, MINE) == replace(stranger, marker=MINE)


def test_a_user_that_does_not_sign_in_by_password_is_not_taken_over(users: UserOffice) -> None:
    stranger = _stranger(users, "IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('rahasia')")
    with pytest.raises(PermissionDenied):
        users.connector.adopt(stranger, MINE)
    assert users.connector.get("tamu") == stranger


def test_one_of_several_users_of_a_name_is_not_taken_over(users: UserOffice) -> None:
    stranger = _stranger(users)
    users.target.execute("CREATE USER Tamu@localhost")
    with pytest.raises(PermissionDenied, match="several"):
        users.connector.adopt(stranger, MINE)
    assert users.connector.find(MINE.account_id) == []


def test_the_servers_own_users_are_never_taken_over(users: UserOffice) -> None:
    service = users.connector.get(SERVICE)
    assert service is not None
    with pytest.raises(PermissionDenied):
        users.connector.adopt(service, MINE)
    assert users.connector.get(SERVICE) == service


def test_an_account_that_has_a_user_takes_no_second_one_over(users: UserOffice) -> None:
    created = users.issued()
    with pytest.raises(AccountExists):
        users.connector.adopt(_stranger(users), Marker(marker_of(created).account_id, 2))
    assert users.connector.find(marker_of(created).account_id) == [created]


def test_a_creation_cut_before_the_user_is_no_account_and_is_made_anew(
    users: UserOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = new_account(verifier=users.connector.make_verifier(PASSWORD))
    _cut_before(monkeypatch, "CREATE USER", lambda: users.connector.create(new))
    assert users.connector.get("dewi.lestari") is None
    assert users.connector.find(new.marker.account_id) == []
    assert users.connector.create(new).marker == new.marker


@pytest.mark.parametrize("statement", ["RENAME USER", "UPDATE `siak_provisioner`"])
def test_a_change_cut_in_the_middle_still_has_the_old_version_and_is_finished(
    users: UserOffice, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    created = users.activated()
    changes, marker = Changes(username="dewi.putri", enabled=False), next_version(created)
    _cut_before(monkeypatch, statement, lambda: users.connector.update(created, changes, marker))
    (left,) = users.connector.find(marker.account_id)
    assert (left.marker, left.remote_id, left.enabled) == (created.marker, created.remote_id, False)
    done = users.connector.update(left, changes, marker)
    assert (done.marker, done.username, done.enabled) == (marker, "dewi.putri", False)


def test_a_removal_cut_before_the_row_is_no_account_and_the_name_is_free(
    users: UserOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = users.issued()
    _cut_before(monkeypatch, "DELETE FROM", lambda: users.connector.delete(created))
    assert users.connector.find(marker_of(created).account_id) == []
    users.connector.delete(created)
    anew = users.connector.create(type(new_account())("dewi.lestari", marker_of(created), DEWI))
    assert anew.remote_id != created.remote_id


def test_a_row_that_was_lost_makes_the_account_version_zero_and_not_a_strangers(users: UserOffice) -> None:
    created = users.issued()
    users.target.execute("DELETE FROM siak_provisioner.accounts")
    (left,) = users.connector.find(marker_of(created).account_id)
    assert marker_of(left).version == 0
    with pytest.raises(ConnectorError):
        users.connector.update(created, Changes(), next_version(created))
    mended = users.connector.update(left, Changes(profile=DEWI), marker_of(created))
    assert (mended.marker, mended.profile) == (created.marker, created.profile)


def test_a_writer_whose_session_the_server_ended_in_its_sleep_changes_nothing(
    users: UserOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = users.activated()
    newer: list[RemoteAccount] = []
    send, asleep = Line.change, [True]

    def change(line: Line, doing: str, text: str, *values: object) -> int:
        if text.startswith("ALTER USER") and asleep.pop():
            # It holds the lock and sleeps; the server gives its session up, and somebody newer comes.
            asleep.append(False)
            users.target.execute(f"KILL CONNECTION USER {users.target.settings()['user']}")
            newer.append(users.another().update(created, Changes(enabled=False), next_version(created)))
        return send(line, doing, text, *values)

    monkeypatch.setattr(Line, "change", change)
    with pytest.raises((InDoubt, StaleVersion)):
        users.connector.update(created, Changes(enabled=True), next_version(created))
    assert users.connector.find(marker_of(created).account_id) == newer
    assert not newer[0].enabled


def test_writers_wait_for_each_other_and_give_up_in_time(users: UserOffice) -> None:
    created = users.issued()
    hasty = users.another(call_timeout=1.0)
    with users.connector._pool.writing(), pytest.raises(TargetUnavailable):
        hasty.update(created, Changes(enabled=False), next_version(created))
    assert hasty.get("dewi.lestari") == created


def test_many_accounts_made_at_once_are_all_there(users: UserOffice) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: users.connector.create(new_account(f"orang{number}")), range(24)))
    assert sorted(made, key=lambda seen: seen.username) == list(users.connector.search())


def test_a_server_that_hangs_in_a_write_leaves_it_in_doubt_and_in_a_read_does_not(users: UserOffice) -> None:
    created = users.activated()
    hasty = users.another(call_timeout=1.0)
    hasty.get("dewi.lestari")
    users.server.freeze()
    try:
        with pytest.raises(TargetUnavailable):
            hasty.get("dewi.lestari")
    finally:
        users.server.thaw()
    assert hasty.get("dewi.lestari") == created


def test_a_write_that_is_not_answered_is_in_doubt(users: UserOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    created = users.activated()
    hasty = users.another(call_timeout=1.0)
    send = Line.change

    def change(line: Line, doing: str, text: str, *values: object) -> int:
        if text.startswith("ALTER USER"):
            users.server.freeze()
        return send(line, doing, text, *values)

    with monkeypatch.context() as patch:
        patch.setattr(Line, "change", change)
        try:
            with pytest.raises(InDoubt):
                hasty.update(created, Changes(enabled=False), next_version(created))
        finally:
            users.server.thaw()
    # The server carries it out when it wakes up. The version still is the old one, so it is made again.
    done = users.connector.update(created, Changes(enabled=False), next_version(created))
    assert (done.enabled, done.marker) == (False, next_version(created))


def test_after_a_restart_of_the_server_calls_go_on(users: UserOffice) -> None:
    created = users.activated()
    users.server.restart()
    assert users.connector.get("dewi.lestari") == created
    assert users.connector.update(created, Changes(enabled=False), next_version(created)).enabled is False


def test_a_suspended_operators_sessions_end(users: UserOffice) -> None:
    created = users.activated()
    session = users.session(OWN_PASSWORD)
    suspended = users.connector.update(created, Changes(enabled=False), next_version(created))
    assert users.connector.end_sessions(suspended) == 1
    with pytest.raises(pymysql.err.OperationalError), session.cursor() as cursor:
        cursor.execute("SELECT 1")
    session.close()


def test_the_first_change_is_over_only_with_a_new_password(users: UserOffice) -> None:
    created = users.issued()
    with pytest.raises(InvalidAttribute):
        users.connector.update(created, Changes(must_change=False), next_version(created))
    assert users.connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE


def test_a_default_role_is_in_force_at_the_next_sign_in(users: UserOffice) -> None:
    service = users.target.settings()["user"]
    connector: MariadbConnector = users.another(default_role="siak")
    assert isinstance(connector, Entitles)
    created = users.activated()
    with pytest.raises(PermissionDenied):
        connector.grant(created, "siak")
    users.target.execute(f"GRANT UPDATE ON mysql.* TO {service}")
    connector.grant(created, "siak")
    with users.session(OWN_PASSWORD) as session, session.cursor() as cursor:
        cursor.execute("SELECT CURRENT_ROLE()")
        assert cursor.fetchall() == (("siak",),)


def test_a_role_that_is_not_there_cannot_be_granted(users: UserOffice) -> None:
    assert isinstance(users.connector, Entitles)
    with pytest.raises(InvalidAttribute):
        users.connector.grant(users.issued(), "tidak-ada'; --")


def test_without_roles_in_the_settings_the_capability_is_not_there(users: UserOffice) -> None:
    assert not isinstance(users.another(entitlements=None), Entitles)
