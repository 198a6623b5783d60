"""What SQLite knows of its tables, and that the runner's questions are answered from indexes by it."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from provisioner.store.statistics import Statistics
from tests.office import RealOffice
from tests.stores import SQLITE

pytestmark = pytest.mark.parametrize("store_kind", [SQLITE], indirect=True)

MANY = 100_000
_FEW = "('ix_credential_wanted', 'ix_link_leased', 'ix_link_trouble')"
_ALIKE = "idx IN ('ix_account_state', 'ix_account_in_state', 'ix_link_due', 'ix_link_entry', 'ix_generation_lapsing')"
"""Indexes by which nearly all accounts are alike."""


def known(office: RealOffice) -> dict[str, str]:
    """What is known, by index."""
    with closing(sqlite3.connect(office.folder / "store.db")) as store:
        if not store.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchone():
            return {}
        return dict(store.execute("SELECT idx, stat FROM sqlite_stat1 WHERE idx IS NOT NULL").fetchall())


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """Every question that is put to a store meanwhile."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        heard.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def test_a_small_file_is_left_alone(office: RealOffice) -> None:
    office.core.heart.drain()
    assert known(office) == {}


def test_a_larger_one_is_counted_once_a_day(office: RealOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioner.store.statistics._SMALL_PAGES", 0)
    statistics = Statistics(office.core.context.store, office.clock)
    office.new("creation")
    statistics.renew_if_due()
    before = known(office)
    assert before["ix_credential_wanted"] == "1 1"
    office.core.heart.drain()
    statistics.renew_if_due()
    assert known(office) == before
    office.clock.move(days=1)
    statistics.renew_if_due()
    assert known(office) != before


def test_the_runners_questions_do_not_read_every_account(office: RealOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioner.store.statistics._SMALL_PAGES", 0)
    office.new("creation")
    Statistics(office.core.context.store, office.clock).renew_if_due()
    with asked() as questions:
        office.core.heart.drain()
    with closing(sqlite3.connect(office.folder / "store.db")) as store:
        # As if there were many accounts, and few of them waited for a password.
        for stat, which in ((f"{MANY} 1 1", "1"), (f"{MANY} {MANY} {MANY}", _ALIKE)):
            store.execute(f"UPDATE sqlite_stat1 SET stat = ? WHERE idx NOT IN {_FEW} AND {which}", (stat,))  # noqa: S608
        store.commit()
    with closing(sqlite3.connect(office.folder / "store.db")) as store:
        read = {
            line[3]: statement
            for statement, parameters in questions
            if re.match("SELECT|WITH", statement)
            for line in store.execute("EXPLAIN QUERY PLAN " + statement, [str(each) for each in parameters])
        }
    whole = {line: read[line] for line in read if re.fullmatch(r"SCAN (account|link|credential|generation)", line)}
    assert whole == {}
    assert "SCAN credential USING INDEX ix_credential_wanted" in read
    assert "SEARCH link USING INDEX ix_link_leased (target=?)" in read
