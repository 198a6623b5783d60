"""``provisioner serve`` as an administrator meets it: a process, a port, a data folder, signals."""

import re
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.served import Served, served

CHEAP = {"PROVISIONER_PASSWORDS__ARGON2_MEMORY_KIB": "64", "PROVISIONER_PASSWORDS__ARGON2_ITERATIONS": "1"}
FIRST_PASSWORD = re.compile(r"\b\w{4}(?:-\w{4}){4}$", re.MULTILINE)
PEOPLE = 7
PATIENCE_SECONDS = 20
"""Less than the service itself has with a client."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("service")
    environment = {**CHEAP, "NOTIFY_SOCKET": str(folder / "notify")}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(environment["NOTIFY_SOCKET"])
        with served(folder, folder / "data", "serve", "--demo", environment=environment) as service:
            service.address()
            supervisor.settimeout(PATIENCE_SECONDS)
            assert supervisor.recv(100) == b"READY=1", "whatever started it is told when it answers"
            yield service


def _start(folder: Path, data: Path, *arguments: str, **environment: str) -> Served:
    return Served(folder, data, *arguments, environment={**CHEAP, **environment})


def _get(address: str) -> tuple[int, str, bytes]:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  Our own server.
        return answer.status, answer.headers.get_content_type(), answer.read()


def test_the_first_page_and_the_stylesheet_are_answered_at_the_printed_address(running: Served) -> None:
    status, kind, page = _get(running.address())
    assert (status, kind) == (200, "text/html")
    sheet = re.search(rb'href="(/static/style\.css[^"]*)"', page)
    assert sheet is not None
    status, kind, _ = _get(running.address().rstrip("/") + sheet[1].decode())
    assert (status, kind) == (200, "text/css")


def test_the_people_of_the_demonstration_office_are_printed_with_their_first_passwords(running: Served) -> None:
    assert len(FIRST_PASSWORD.findall(running.said)) == PEOPLE
    assert running.address() in running.said.split("Ready after")[0], "the address of the first lines is the real one"


def test_nothing_is_complained_about_while_all_is_well(running: Served) -> None:
    assert running.complained == ""


def test_the_data_folder_and_the_keys_are_their_owners_only(running: Served) -> None:
    assert running.data.stat().st_mode & 0o077 == 0
    assert (running.data / "keys" / "keyring.json").stat().st_mode & 0o077 == 0


def test_a_second_service_on_the_same_data_folder_is_refused_in_a_sentence(running: Served, tmp_path: Path) -> None:
    second = _start(tmp_path, running.data, "serve")
    assert second.ended() == 1
    assert second.complained.startswith("Error: runner already running")
    assert "Traceback" not in second.complained
    assert _get(running.address())[0] == 200


def test_a_port_that_is_taken_is_refused_in_a_sentence_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        service = _start(tmp_path, tmp_path / "data", "serve", "--demo", PROVISIONER_WEB__PORT=str(port))
        assert service.ended() == 3
    assert service.complained == f"Error: web.port: cannot listen at 127.0.0.1 port {port}: Address already in use\n"
    assert service.said == ""
    assert not (tmp_path / "data").exists()


def test_an_office_that_was_not_prepared_is_refused_in_a_sentence(tmp_path: Path) -> None:
    service = _start(tmp_path, tmp_path / "data", "serve")
    assert service.ended() == 3
    assert "run provisioner init" in service.complained
    assert "Traceback" not in service.complained
    assert not (tmp_path / "data").exists()


def test_a_file_of_the_office_that_is_wrong_is_told_once_and_ends_the_service(tmp_path: Path) -> None:
    office = tmp_path / "office"
    office.mkdir()
    for file in (Path(__file__).parents[3] / "config").iterdir():
        if file.is_file():
            (office / file.name).write_bytes(file.read_bytes())
    (office / "procedure.toml").write_text("number = \n")
    service = _start(tmp_path, tmp_path / "data", "serve", "--demo", PROVISIONER_OFFICE_DIR=str(office))
    assert service.ended() == 3
    (line,) = service.complained.splitlines()
    assert re.match(r"Error: \S*procedure\.toml:1: ", line)


def test_sigterm_ends_it_in_good_order_and_the_next_start_prints_no_password_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = _start(tmp_path / "first", data, "serve", "--demo")
    first.address()
    assert first.stop() == 0
    assert first.complained == ""
    second = _start(tmp_path / "second", data, "serve", "--demo")
    second.address()
    assert second.stop() == 0
    assert len(FIRST_PASSWORD.findall(first.said)) == PEOPLE
    assert FIRST_PASSWORD.findall(second.said) == []
    assert "provisioner official reset" in second.said


def test_after_it_was_killed_the_next_start_takes_the_same_port_and_the_runner(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(tmp_path / "first", data, "serve", "--demo", environment=CHEAP) as first:
        address = first.address()
        first.process.kill()
        first.ended()
    port = address.rstrip("/").rpartition(":")[2]
    environment = {**CHEAP, "PROVISIONER_WEB__PORT": port}
    with served(tmp_path / "second", data, "serve", environment=environment) as second:
        assert second.address() == address
        assert _get(address)[0] == 200


def test_a_page_that_was_asked_for_before_it_is_stopped_still_arrives(tmp_path: Path) -> None:
    """Whoever sent a request before the signal gets the whole page."""
    with served(tmp_path, tmp_path / "data", "serve", "--demo", environment=CHEAP) as service:
        address = service.address()
        port = int(address.rstrip("/").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.settimeout(30)
            client.sendall(b"POST /masuk HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 1\r\n\r\n")
            client.sendall(b"x")
            assert service.stop() == 0
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 4")
        assert answer.rstrip().endswith(b"</html>")


def test_connections_that_say_nothing_yet_neither_occupy_it_nor_hold_up_its_end(tmp_path: Path) -> None:
    """Browsers open connections ahead: more of them than the service has threads."""
    with served(tmp_path, tmp_path / "data", "serve", "--demo", environment=CHEAP) as service:
        address = service.address()
        port = int(address.rstrip("/").rpartition(":")[2])
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
        assert _get(address)[0] == 200
        service.process.terminate()
        for line in silent:
            line.settimeout(PATIENCE_SECONDS)
            assert line.recv(1) == b"", "closed by the service, not by the patience of anybody"
            line.close()
        assert service.ended() == 0
