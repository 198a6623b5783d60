"""A directory that hangs, dies, refuses us or shows a wrong certificate."""

import socket
import ssl
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.contract.subject import marker_of
from connectors.ldap import LdapConnector
from connectors.ldap_client import ber
from connectors.ldap_client.session import Session
from provisioner.connector import (
    Changes,
    ConnectorContext,
    InDoubt,
    PermissionDenied,
    ProtocolError,
    Severity,
    StaleVersion,
    TargetUnavailable,
)
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
from tests.servers.certificates import write_certificates

SHORT = 0.6


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as ready:
        yield ready


@contextmanager
def frozen(there: Office) -> Iterator[None]:
    """The directory hangs; calls that begin meanwhile are given little time."""
    pool = there.connector._pool
    usual, pool.call_timeout = pool.call_timeout, SHORT
    there.directory.freeze()
    try:
        yield
    finally:
        there.directory.thaw()
        pool.call_timeout = usual


def after_the_thaw(look: Callable[[], Any]) -> Any:
    """What is there once the directory has carried out what it was sent; asked for until then, at most ten seconds."""
    patient = threading.Event()
    for _ in range(100):
        try:
            found = look()
        except TargetUnavailable:
            found = None
        if found:
            return found
        patient.wait(0.1)
    return None


def test_a_create_without_an_answer_is_in_doubt_and_found_after_the_thaw(there: Office) -> None:
    # Without a first change to prove, the add is the first thing that is sent on the connection that stands.
    assert there.connector.get("dewi.lestari") is None
    new = new_account()
    with frozen(there), pytest.raises(InDoubt):
        there.connector.create(new)
    (found,) = after_the_thaw(lambda: there.connector.find(new.marker.account_id))
    assert found.marker == new.marker


def test_an_update_without_an_answer_is_in_doubt_and_carried_out_later(there: Office) -> None:
    created = there.connector.create(new_account())
    marker = next_version(created)
    with frozen(there), pytest.raises(InDoubt):
        there.connector.update(created, Changes(enabled=False), marker)
    account_id = marker.account_id
    found = after_the_thaw(lambda: [x for x in there.connector.find(account_id) if x.marker == marker])
    assert not found[0].enabled
    with pytest.raises(StaleVersion):
        there.connector.update(created, Changes(enabled=False), marker)


def test_a_rename_without_an_answer_is_in_doubt_and_finished_by_reading_again(
    there: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = there.connector.create(new_account())
    changes, marker = Changes(username="dewi.putri", enabled=False), next_version(created)
    rename = Session.rename

    def interrupted(session: Session, dn: str, rdn: str, read_before: Sequence[str], **further: Any) -> Any:
        with frozen(there):
            session.extend(SHORT)
            return rename(session, dn, rdn, read_before, **further)

    monkeypatch.setattr(Session, "rename", interrupted)
    with pytest.raises(InDoubt):
        there.connector.update(created, changes, marker)
    monkeypatch.undo()
    (renamed,) = after_the_thaw(
        lambda: [x for x in there.connector.find(marker.account_id) if x.username == "dewi.putri"]
    )
    # The marker moves last: whoever reads it knows that there is work left.
    assert (renamed.marker, renamed.enabled) == (created.marker, True)
    with pytest.raises(StaleVersion):
        there.connector.update(created, Changes(enabled=False), marker)
    finished = there.connector.update(renamed, changes, marker)
    assert (finished.username, finished.marker, finished.enabled) == ("dewi.putri", marker, False)


def test_a_client_that_vanishes_in_the_middle_of_anything_leaves_the_directory_running(there: Office) -> None:
    created = there.connector.create(new_account(verifier=cheap_argon2id(PASSWORD)))
    reset = Changes(username="dewi.putri", enabled=False, verifier=cheap_argon2id(OWN_PASSWORD), must_change=True)
    calls: list[Callable[[], object]] = [
        lambda: there.connector.create(new_account("budi")),
        lambda: there.connector.update(created, reset, next_version(created)),
        lambda: there.connector.grant(created, "peran-OPERATOR_DAFDUK"),
        lambda: there.connector.delete(created),
        lambda: list(there.connector.search()),
        lambda: there.connector.authenticate("dewi.lestari", PASSWORD),
    ]
    pid = there.directory.pid
    for call in calls:
        assert after_the_thaw(lambda: there.connector.get("cn") is None)
        with frozen(there), pytest.raises((InDoubt, TargetUnavailable)):
            call()
    assert after_the_thaw(lambda: there.connector.find(marker_of(created).account_id) is not None)
    assert there.directory.pid == pid
    there.commands.show("dewi.lestari")


def test_a_change_of_password_without_an_answer_is_in_doubt(there: Office) -> None:
    there.connector.create(new_account(verifier=cheap_argon2id(PASSWORD)))
    dn = f"uid=dewi.lestari,{PEOPLE}"
    with there.connector._pool.signed_in(dn, PASSWORD.encode()) as (session, _), frozen(there), pytest.raises(InDoubt):
        session.extend(SHORT)
        session.change_password(PASSWORD.encode(), OWN_PASSWORD.encode())


def test_a_reading_without_an_answer_is_unavailable(there: Office) -> None:
    there.connector.get("dewi.lestari")
    with frozen(there):
        for call in (lambda: there.connector.get("dewi.lestari"), lambda: list(there.connector.search())):
            with pytest.raises(TargetUnavailable):
                call()
        assert there.connector.check()[0].severity is Severity.ERROR


def test_a_read_back_without_an_answer_leaves_the_write_in_doubt(there: Office) -> None:
    # The answer to the write came; whether the caller may say so is another matter.
    created = there.connector.create(new_account())
    with there.connector._pool.session() as session:
        there.connector._change(session, created, Changes(), next_version(created))
        with frozen(there), pytest.raises(InDoubt):
            session.extend(SHORT)
            session.read(f"uid=dewi.lestari,{PEOPLE}", ["uid"])


def test_a_directory_that_was_restarted_is_used_again_without_an_error(there: Office) -> None:
    created = there.connector.create(new_account())
    there.directory.restart()
    assert there.connector.get("dewi.lestari") == created
    there.directory.kill()
    there.directory.start()
    again = there.connector.update(created, Changes(), next_version(created))
    assert again.marker == next_version(created)


def test_a_directory_that_is_down_is_unavailable_and_comes_back(there: Office) -> None:
    created = there.connector.create(new_account())
    there.directory.stop()
    for call in (
        lambda: there.connector.get("x"),
        lambda: there.connector.delete(created),
        lambda: there.connector.create(new_account("budi")),
        lambda: there.connector.authenticate("dewi.lestari", PASSWORD),
    ):
        with pytest.raises(TargetUnavailable):
            call()
    there.directory.start()
    assert there.connector.get("dewi.lestari") == created


def test_connections_that_the_server_closed_for_idleness_are_noticed(tmp_path: Path) -> None:
    with office(tmp_path, idle_timeout=1) as there:
        created = there.connector.create(new_account())
        (session,) = there.connector._pool._idle
        waiting = threading.Event()
        while session.alive():
            waiting.wait(0.1)
        assert there.connector.update(created, Changes(), next_version(created)).marker == next_version(created)


def test_the_second_address_is_used_while_the_first_is_down(there: Office) -> None:
    dead = f"ldaps://127.0.0.1:{_closed_port()}"
    connector = there.another(urls=[dead, there.directory.ldaps_url])
    connector.create(new_account())
    assert connector.get("dewi.lestari") is not None
    findings = {(finding.subject, finding.severity) for finding in connector.check()}
    assert {("reachable", Severity.ERROR), ("reachable", Severity.OK)} <= findings
    connector.close()


def test_starttls_and_the_local_socket_work_too(there: Office) -> None:
    upgraded = there.another(urls=[there.directory.ldap_url])
    created = upgraded.create(new_account(verifier=cheap_argon2id(PASSWORD)))
    upgraded.close()
    local = there.another(urls=[there.directory.ldapi_url], bind_dn=None, bind_password_file=None)
    assert local.get("dewi.lestari") == created
    assert {finding.severity for finding in local.check()} == {Severity.OK}
    assert local.authenticate("dewi.lestari", PASSWORD).outcome.value == "must-change"
    local.close()


@pytest.mark.parametrize("scheme", ["ldaps_url", "ldap_url"])
def test_a_certificate_of_another_authority_is_refused(there: Office, tmp_path: Path, scheme: str) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    connector = there.another(urls=[getattr(there.directory, scheme)], ca_file=str(write_certificates(folder).ca))
    with pytest.raises(TargetUnavailable, match="certificate verify failed"):
        connector.get("dewi.lestari")
    assert [finding.subject for finding in connector.check()] == ["reachable"]
    connector.close()


def test_the_machines_own_authorities_do_not_vouch_for_it(there: Office) -> None:
    connector = there.another(ca_file=None)
    with pytest.raises(TargetUnavailable, match="certificate verify failed"):
        connector.get("dewi.lestari")
    connector.close()


def test_a_certificate_for_another_host_is_refused(there: Office) -> None:
    connector = there.another(urls=[there.directory.ldaps_url.replace("127.0.0.1", "127.0.0.2")])
    with pytest.raises(TargetUnavailable):
        connector.get("dewi.lestari")
    connector.close()


def test_a_server_that_knows_no_starttls_gets_no_password(tmp_path: Path) -> None:
    heard: list[bytes] = []

    def refuse(connection: socket.socket) -> None:
        heard.append(connection.recv(4096))
        ((_, message),) = ber.elements(heard[-1])
        number = next(ber.elements(message))[1]
        # An ExtendedResponse: protocolError
        result = ber.encode(0x0A, b"\x02") + ber.encode(0x04, b"") + ber.encode(0x04, b"")
        connection.sendall(ber.encode(0x30, ber.encode(0x02, number) + ber.encode(0x78, result)))
        heard.append(connection.recv(4096))

    with _server(refuse) as port:
        connector = _connector(tmp_path, f"ldap://127.0.0.1:{port}")
        with pytest.raises(TargetUnavailable):
            connector.get("dewi.lestari")
        connector.close()
    assert b"sangat-rahasia" not in b"".join(heard)


@pytest.mark.parametrize(
    "garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x30\x03\x02\x01", b"\x30\x84\xff\xff\xff\xff", b""]
)
def test_a_server_that_speaks_no_ldap_is_an_error_of_ours_and_no_crash(there: Office, garbage: bytes) -> None:
    def babble(connection: socket.socket) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        folder = Path(there.directory.ca_file).parent
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        with context.wrap_socket(connection, server_side=True) as speaking:
            speaking.recv(4096)
            speaking.sendall(garbage)

    with _server(babble) as port:
        connector = there.another(urls=[f"ldaps://127.0.0.1:{port}"], call_timeout=SHORT)
        with pytest.raises((TargetUnavailable, ProtocolError)):
            connector.get("dewi.lestari")
        assert connector.check()[0].severity is Severity.ERROR
        connector.close()


def test_a_refused_service_account_is_a_matter_of_rights(there: Office, tmp_path: Path) -> None:
    secret = tmp_path / "wrong"
    for content in ("wrong\n", "", "\n"):
        secret.write_text(content)
        connector = there.another(bind_password_file=str(secret))
        with pytest.raises(PermissionDenied) as refusal:
            connector.get("dewi.lestari")
        assert "wrong" not in repr(refusal.value)
        assert connector.check()[0].subject == "reachable"
        connector.close()


def test_the_password_may_come_from_the_environment(there: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = there.another(bind_password_file=None, bind_password_env="DIREKTORI_SANDI")
    with pytest.raises(PermissionDenied, match="bind_password_env"):
        connector.get("dewi.lestari")
    monkeypatch.setenv("DIREKTORI_SANDI", "service-account-password")
    assert connector.get("dewi.lestari") is None
    connector.close()


def test_a_password_file_that_cannot_be_read_is_told(there: Office, tmp_path: Path) -> None:
    connector = there.another(bind_password_file=str(tmp_path / "none"))
    with pytest.raises(PermissionDenied, match="bind_password_file"):
        connector.get("dewi.lestari")
    connector.close()


def test_a_directory_that_has_no_room_left_is_unavailable_and_the_entry_absent(tmp_path: Path) -> None:
    with office(tmp_path, maxsize=1 << 20) as there:
        last = None
        for number in range(5000):
            last = new_account(f"orang{number}")
            try:
                there.connector.create(last)
            except TargetUnavailable:
                break
        else:
            pytest.fail("the directory never filled up")
        assert there.connector.find(last.marker.account_id) == []


def test_a_read_only_directory_is_told_as_a_matter_of_rights(tmp_path: Path) -> None:
    with office(tmp_path, database_lines="readonly on") as there, pytest.raises(PermissionDenied):
        there.connector.create(new_account())


def test_many_threads_share_a_few_connections(there: Office) -> None:
    connector = there.another(idle_connections=2)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                created = connector.create(new_account(f"u{number}x{turn}"))
                updated = connector.update(created, Changes(enabled=False), next_version(created))
                connector.delete(updated)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(connector._pool._idle) <= 2
    assert list(connector.search()) == []
    connector.close()


def test_nothing_secret_shows_in_what_is_printed(there: Office) -> None:
    created = there.connector.create(new_account(verifier=cheap_argon2id(PASSWORD)))
    shown = repr((created, there.connector, there.connector._pool, there.connector._settings))
    assert "service-account-password" not in shown
    assert "$argon2id$" not in shown


@contextmanager
def _server(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that treats every connection like this; the number of its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(2)
                    try:
                        behave(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join()


def _connector(folder: Path, url: str) -> LdapConnector:
    secret = folder / "secret"
    secret.write_text("sangat-rahasia")
    settings = {"urls": [url], "bind_dn": "cn=p,dc=x", "bind_password_file": str(secret), "people_base": "ou=p,dc=x"}
    return LdapConnector.from_settings(settings, ConnectorContext("direktori", SHORT))


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def test_a_reading_given_up_after_the_end_leaves_no_connection(there: Office) -> None:
    for number in range(3):
        there.connector.create(new_account(f"orang{number}"))
    before = _sockets()
    reading = there.connector.search()
    assert isinstance(reading, Generator)
    next(reading)
    there.connector.close()
    reading.close()
    assert _sockets() < before


def _sockets() -> int:
    links = [each.readlink() for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    return sum(str(link).startswith("socket:") for link in links)
