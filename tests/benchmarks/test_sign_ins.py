"""Operators who sign in through the portal, against the same binds at the directory itself, in turns.

The hash in the entries, and whatever the portal hashes itself, is Argon2id at its real cost. Portal, directory and
clients share the machine; the store and the directory are on the disk.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any

import ldap3
import pytest

from connectors.ldap_client.tls import VerifiedTls
from tests.benchmarks.directory_office import ARGON2
from tests.benchmarks.figures import Figure, Results, median
from tests.benchmarks.lean_client import Line, all_at_once
from tests.benchmarks.test_approval import RealTime
from tests.benchmarks.turns import Turns
from tests.house import OWN
from tests.office import RealOffice
from tests.servers.directory_tree import PEOPLE
from tests.servers.served import served
from tests.servers.settings_file import write_settings
from tests.servers.slapd import Slapd, private_slapd

pytestmark = pytest.mark.benchmark
CLIENTS, EACH, ROUNDS = 4, 15, 5
REAL_COST = {"argon2_memory_kib": 19456, "argon2_iterations": 2}
ANY_NUMBER = {"drafts_per_hour": 100_000, "submissions_per_hour": 100_000, "sign_ins_per_minute": 100_000}
_TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')
_COOKIE = re.compile(rb"\r\nset-cookie: (formulir=[^;]+)", re.IGNORECASE)


def test_sign_ins_against_binds(tmp_path: Path, prepared_office: Path, results: Results) -> None:
    with private_slapd(tmp_path / "directory", argon2=ARGON2, durable=True, maxsize=1 << 28) as directory:
        given = directory.settings(create_groups=True)
        target = {"kind": "ldap", "label": "Direktori", "sign_in": True, "settings": given}
        data = tmp_path / "office"
        people = _operators(data, prepared_office, target)
        config = _settings(tmp_path, data, target)
        with ExitStack() as stack:
            run = stack.enter_context(served(tmp_path / "run", data, "--config", str(config), "serve"))
            lines = [Line(run.address()) for _ in people]
            for line in lines:
                stack.callback(line.close)
            forms = [_form(line, name) for line, (name, _) in zip(lines, people, strict=True)]
            turns = Turns.take(
                lambda: _sign_in(lines, forms), lambda: _bind(directory, [dn for _, dn in people]), ROUNDS
            )
    share = median(turns.shares)
    results.add(Figure("binds at OpenLDAP, Argon2id in the entry", median(turns.raw), "binds/s", samples=turns.raw))
    results.add(Figure("operators' sign-ins through the portal", median(turns.ours), "sign-ins/s", samples=turns.ours))
    results.add(Figure("sign-ins against binds", share, "%", ">= 85 %", share >= 85, turns.shares))


def _operators(data: Path, prepared: Path, target: dict[str, Any]) -> list[tuple[str, str]]:
    """User names and entries of operators who chose a password of their own."""
    more = {"targets": {"direktori": target}, "limits": ANY_NUMBER, "passwords": REAL_COST}
    office = RealOffice(data, prepared, RealTime(), **more)
    try:
        found = []
        for number in range(CLIENTS):
            who = office.new("handover", number)
            (slip,) = office.open_envelope(who).slips
            account_id = office.request(who).account_id
            assert account_id is not None
            office.core.passwords.change(account_id, slip.password, OWN)
            office.core.heart.drain()
            found.append((slip.username, f"uid={slip.username},{PEOPLE}"))
        return found
    finally:
        office.close()


def _settings(folder: Path, data: Path, target: dict[str, Any]) -> Path:
    given = {
        "data_dir": str(data),
        "office_dir": str(Path(__file__).parents[2] / "config"),
        "passwords": REAL_COST,
        "limits": ANY_NUMBER,
        "totp": {"mandatory_for": []},
        "reconciliation": {"every_hours": 0},
    }
    return write_settings(folder / "provisioner.toml", given, {"direktori": target})


def _form(line: Line, username: str) -> bytes:
    """A sign-in, made ready."""
    page = line.ask(line.page("/akun-saya/masuk", "")).text
    token, cookie = _TOKEN.search(page), _COOKIE.search(page)
    assert token and cookie, page[:400]
    fields = {"csrf_token": token[1].decode(), "username": username, "password": OWN}
    return line.form("/akun-saya/masuk", cookie[1].decode(), fields)


def _sign_in(lines: Sequence[Line], forms: Sequence[bytes]) -> float:
    answers, seconds = all_at_once(lines, [[form] * EACH for form in forms])
    assert {answer.status for answer in answers} == {302}, answers[0].text[:2000]
    return len(answers) / seconds


def _bind(directory: Slapd, names: Sequence[str]) -> float:
    """Binds a second on connections that stay open."""
    tls = VerifiedTls(Path(directory.ca_file))
    server = ldap3.Server(directory.ldaps_url, use_ssl=True, tls=tls, get_info=ldap3.NONE)
    connections = [ldap3.Connection(server, user=name, password=OWN, auto_bind=True) for name in names]

    def one(connection: ldap3.Connection) -> None:
        for _ in range(EACH):
            assert connection.rebind(user=connection.user, password=OWN)

    started = perf_counter()
    with ThreadPoolExecutor(len(connections)) as threads:
        list(threads.map(one, connections))
    seconds = perf_counter() - started
    for connection in connections:
        connection.unbind()
    return EACH * len(connections) / seconds
