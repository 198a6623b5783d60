"""Comparing a whole directory with the store, against reading the same entries with the raw tools.

The command is run as a process of its own, so that its resident memory is its own; the raw readings take turns with it.
"""

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ldap3 import SUBTREE, Connection, Server, Tls

from tests.benchmarks.figures import Figure, Results, median
from tests.benchmarks.full_directory import prepared
from tests.servers.directory_tree import BIND_DN, BIND_PASSWORD, PEOPLE
from tests.servers.ldap_commands import LdapCommands
from tests.servers.slapd import Slapd, private_slapd

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.filterwarnings("ignore:ssl.match_hostname:DeprecationWarning"),  # ldap3's own way of checking names.
]

_ATTRIBUTES = (
    *("uid", "carLicense", "memberOf", "businessCategory", "pwdAccountLockedTime", "cn", "sn", "displayName", "mail"),
    *("telephoneNumber", "title", "ou", "employeeNumber", "entryUUID", "pwdReset", "pwdPolicySubentry"),
)
"""What the connector asks for."""

ROUNDS = 3
CHANGES = 100


def test_comparing_a_directory_of_ten_and_of_a_hundred_thousand_accounts(tmp_path: Path, results: Results) -> None:
    seconds = {accounts: _measured(tmp_path, accounts, results) for accounts in (10_000, 100_000)}
    growth = (seconds[100_000] / 10 / seconds[10_000] - 1) * 100
    results.add(
        Figure("time per account, 100,000 against 10,000 accounts", growth, "% more", "<= 20 %", met=growth <= 20)
    )


def _measured(folder: Path, accounts: int, results: Results) -> float:
    room = folder / str(accounts)
    room.mkdir()
    with private_slapd(room, maxsize=1 << 32) as directory:
        config = prepared(room, directory, accounts)
        took, raw, resident = [], [], 0
        by_ldap3 = [_ldap3(directory, accounts)]
        for _ in range(ROUNDS):
            raw.append(_ldapsearch(directory, accounts))
            seconds, kilobytes = _command(config, accounts)
            took.append(seconds)
            resident = max(resident, kilobytes)
        changed = [_changes(config, directory, accounts, number) for number in range(ROUNDS)]
    named, seconds = f"{accounts:,} accounts in slapd", median(took)
    results.add(Figure(f"ldapsearch reads {named}", median(raw), "s", samples=tuple(raw)))
    results.add(Figure(f"ldap3 reads {named}", median(by_ldap3), "s"))
    big = accounts == 100_000
    whole = Figure(f"full comparison of {named}", seconds, "s", samples=tuple(took))
    memory = Figure(f"resident memory for {named}", resident * 1024 / 1e6, "MB")
    results.add(replace(whole, target="< 20 s", met=seconds < 20) if big else whole)
    results.add(replace(memory, target="< 250 MB", met=resident * 1024 < 250e6) if big else memory)
    within, whole_command = [[sample[index] for sample in changed] for index in (0, 1)]
    after = f"after {CHANGES} changes among {accounts:,} accounts"
    met = median(within) < 1
    results.add(Figure(f"comparison of changes {after}", median(within), "s", "< 1 s", met, tuple(within)))
    results.add(Figure(f"the same with the start of the command, {after}", median(whole_command), "s"))
    return seconds


def _changes(config: Path, directory: Slapd, accounts: int, number: int) -> tuple[float, float]:
    """Change some entries behind the office's back; seconds of the run, and of the whole command."""
    step = accounts // CHANGES
    ldif = "".join(
        f"dn: uid=operator{each * step:06d},{PEOPLE}\nchangetype: modify\nreplace: ou\nou: Tempat {number}\n\n"
        for each in range(CHANGES)
    )
    done = LdapCommands(directory).modify(ldif)
    assert done.code == 0, done.output
    started = time.perf_counter()
    told, _ = _reconcile(config, "--changes")
    took = time.perf_counter() - started
    assert (told["state"], told["only_changes"]) == ("finished", True), told
    # What has the very stamp of the cursor is told once more: the last entry that was loaded.
    assert CHANGES <= told["read"] <= CHANGES + 1, told
    assert (told["drift"], told["in_order"]) == (CHANGES, accounts - CHANGES), told
    return told["seconds"], took


def _command(config: Path, accounts: int) -> tuple[float, int]:
    """Seconds from the first sign of life to the last, and the most memory (KiB) that the command ever held."""
    started = time.perf_counter()
    told, kilobytes = _reconcile(config)
    took = time.perf_counter() - started
    assert (told["state"], told["in_order"]) == ("finished", accounts), told
    return took, kilobytes


def _reconcile(config: Path, *further: str) -> tuple[dict[str, Any], int]:
    """What the command tells at its end, and the peak of its own memory: getrusage tells of children that of the
    largest one, slapd's loader among them.
    """
    words = [str(Path(sys.executable).with_name("provisioner")), "--config", str(config), "reconcile"]
    out, peak = config.parent / "told", 0
    with out.open("wb") as told_here:
        process = subprocess.Popen([*words, "--target", "direktori", "--json", *further], stdout=told_here)
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text()
        if found := re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE):
            peak = int(found[1])
        time.sleep(0.02)
    assert process.returncode in (0, 1)
    told: dict[str, Any] = json.loads(out.read_text().splitlines()[-1])
    return told, peak


def _ldapsearch(directory: Slapd, accounts: int) -> float:
    password = ["-y", str(_without_newline(directory))]
    paged = ["-E", "pr=500/noprompt", "-LLL", "-o", "ldif-wrap=no", "-b", PEOPLE, "(uid=*)", *_ATTRIBUTES]
    environment = {**os.environ, "LDAPTLS_CACERT": directory.ca_file}
    started = time.perf_counter()
    command = ["ldapsearch", "-x", "-H", directory.ldaps_url, "-D", BIND_DN, *password, *paged]
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    took = time.perf_counter() - started
    assert done.stdout.count(b"\ndn: ") + done.stdout.startswith(b"dn: ") == accounts
    return took


def _ldap3(directory: Slapd, accounts: int) -> float:
    server = Server(directory.ldaps_url, tls=Tls(ca_certs_file=directory.ca_file, validate=2), get_info="NO_INFO")
    connection = Connection(server, BIND_DN, BIND_PASSWORD, auto_bind=True)
    try:
        started, count, cookie = time.perf_counter(), 0, None
        while True:
            connection.search(
                PEOPLE, "(uid=*)", SUBTREE, attributes=list(_ATTRIBUTES), paged_size=500, paged_cookie=cookie
            )
            count += len(connection.response)
            cookie = connection.result["controls"]["1.2.840.113556.1.4.319"]["value"]["cookie"]
            if not cookie:
                break
        took = time.perf_counter() - started
    finally:
        connection.unbind()
    assert count == accounts
    return took


def _without_newline(directory: Slapd) -> Path:
    file = directory.folder / "bench.secret"
    file.write_text(BIND_PASSWORD)
    file.chmod(0o600)
    return file
