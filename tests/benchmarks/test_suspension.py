"""How fast a directory's accounts are suspended, against changing the same entries with ``ldapmodify``.

Both take turns in one run, over TLS, on a durable slapd. The raw side is one command with one connection that replaces
two attributes of each entry, as suspending does; it reads nothing, fences nothing and notes nothing anywhere.
"""

import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from provisioner.actor import Actor, Capacity
from provisioner.bootstrap import Provisioner, build
from provisioner.settings import load_settings
from provisioner.store.tables import AccountRow, LinkRow
from tests.benchmarks.figures import Figure, Results, median
from tests.benchmarks.full_directory import prepared
from tests.servers.directory_tree import PEOPLE
from tests.servers.ldap_commands import LdapCommands
from tests.servers.slapd import Slapd, private_slapd

pytestmark = pytest.mark.benchmark
ACCOUNTS = 1000
ROUNDS = 3
TO_REACH = 25


def test_suspending_a_thousand_accounts_against_ldapmodify(tmp_path: Path, results: Results) -> None:
    with private_slapd(tmp_path, durable=True, maxsize=1 << 30) as directory:
        core = build(load_settings(prepared(tmp_path, directory, ACCOUNTS)))
        try:
            suspended, raw = [], [_raw(directory, 0)]
            for number in range(1, ROUNDS + 1):
                _everybody(core, "reactivate")
                _carried_out(core)
                _everybody(core, "suspend_now")
                suspended.append(ACCOUNTS / _carried_out(core))
                raw.append(_raw(directory, number))
        finally:
            core.close()
    shares = [200 * rate / (before + after) for rate, before, after in zip(suspended, raw, raw[1:], strict=False)]
    results.add(Figure("entries changed by ldapmodify", median(raw), "entries/s", samples=tuple(raw)))
    what = f"accounts suspended, of {ACCOUNTS:,} in slapd"
    results.add(Figure(what, median(suspended), "accounts/s", samples=tuple(suspended)))
    share, goal = median(shares), f">= {TO_REACH} %"
    results.add(Figure("suspending against ldapmodify", share, "%", goal, share >= TO_REACH, tuple(shares)))


def _everybody(core: Provisioner, act: str) -> None:
    """Decide it for every account, as the database administrator does on the page; nothing is written there yet."""
    adb = Actor("kasi", "adb", "ADB", (Capacity("adb", "ADB"), Capacity("section_head", "Kasi")))
    with core.context.store.read() as session:
        ids = session.scalars(
            select(AccountRow.id).where(AccountRow.state == ("active" if act == "suspend_now" else "suspended"))
        ).all()
    for account_id in ids:
        getattr(core.accounts, act)(adb, account_id)


def _carried_out(core: Provisioner) -> float:
    """Seconds from the moment the runner may begin until every link is recorded as done."""
    waiting = select(func.count()).select_from(LinkRow).where(LinkRow.state != "done")
    started = time.perf_counter()
    core.heart.runner.start()
    while True:
        with core.context.store.read() as session:
            if not session.scalar(waiting):
                break
        time.sleep(0.01)
    took = time.perf_counter() - started
    core.heart.runner.stop()
    return took


def _raw(directory: Slapd, number: int) -> float:
    """Entries a second."""
    ldif = "".join(
        f"dn: uid=operator{each:06d},{PEOPLE}\nchangetype: modify\n"
        f"replace: roomNumber\nroomNumber: {number}\n-\nreplace: description\ndescription: {number}\n\n"
        for each in range(ACCOUNTS)
    )
    started = time.perf_counter()
    done = LdapCommands(directory).modify(ldif)
    took = time.perf_counter() - started
    assert done.code == 0, done.output
    return ACCOUNTS / took
