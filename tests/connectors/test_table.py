"""What only the table connector has: its file, its conditions, its roles."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from connectors.contract import DEWI, cheap_argon2id, new_account
from connectors.table import TableConnector
from provisioner.connector import (
    Changes,
    ConnectorContext,
    Entitles,
    Finding,
    InvalidAttribute,
    Marker,
    Outcome,
    PermissionDenied,
    ProtocolError,
    RemoteAccount,
    Severity,
    StaleVersion,
    TargetUnavailable,
    UnknownAccount,
)
from tests.connectors.subjects import CHEAP_ARGON2

Build = Callable[..., TableConnector]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Builds connectors to one SQLite file, from settings over the usual ones."""
    built: list[TableConnector] = []

    def connector(*, call_timeout: float = 10.0, **settings: Any) -> TableConnector:
        usual = {"url": f"sqlite:///{tmp_path / 'accounts.db'}", "create_tables": True, **CHEAP_ARGON2}
        context = ConnectorContext("basisdata", call_timeout=call_timeout)
        built.append(TableConnector.from_settings({**usual, **settings}, context))
        return built[-1]

    yield connector
    for each in built:
        each.close()


def _by_hand(folder: Path, statement: str, *values: object) -> list[Any]:
    with closing(sqlite3.connect(folder / "accounts.db", isolation_level=None)) as connection:
        return connection.execute(statement, values).fetchall()


def _errors(findings: list[Finding]) -> list[str]:
    return [finding.subject for finding in findings if finding.severity is Severity.ERROR]


def test_building_it_touches_no_file(build: Build, tmp_path: Path) -> None:
    build()
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_for_its_owner_only(build: Build, tmp_path: Path) -> None:
    build().create(new_account())
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}
    assert "accounts.db-wal" in modes


def test_a_missing_file_is_not_made_unless_tables_shall_be_created(build: Build, tmp_path: Path) -> None:
    connector = build(create_tables=False)
    with pytest.raises(TargetUnavailable):
        connector.get("dewi.lestari")
    assert _errors(connector.check()) == ["reachable"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_makes_it_unavailable(build: Build, tmp_path: Path) -> None:
    connector = build(url=f"sqlite:///{tmp_path / 'no' / 'such' / 'accounts.db'}")
    with pytest.raises(TargetUnavailable):
        connector.create(new_account())


def test_a_table_that_lacks_a_column_is_found_by_the_check(build: Build, tmp_path: Path) -> None:
    _by_hand(tmp_path, "CREATE TABLE accounts (id TEXT PRIMARY KEY, username TEXT)")
    assert _errors(build(create_tables=False).check()) == ["reachable"]


def test_user_names_that_differ_in_case_only_are_found_by_the_check(build: Build, tmp_path: Path) -> None:
    connector = build()
    connector.create(new_account())
    _by_hand(tmp_path, "DROP INDEX uq_accounts_username_folded")
    _by_hand(tmp_path, "INSERT INTO accounts (id, username, enabled) VALUES ('x', 'DEWI.LESTARI', 1)")
    assert _errors(connector.check()) == ["policy"]


def test_the_check_writes_nothing(build: Build, tmp_path: Path) -> None:
    connector = build(entitlements={})
    connector.create(new_account())
    before = _by_hand(tmp_path, "SELECT * FROM accounts")
    assert _errors(connector.check()) == []
    assert _by_hand(tmp_path, "SELECT * FROM accounts") == before


def test_a_file_locked_by_another_program_makes_it_unavailable_and_changes_nothing(
    build: Build, tmp_path: Path
) -> None:
    connector = build(call_timeout=0.05)
    created = connector.create(new_account())
    with closing(sqlite3.connect(tmp_path / "accounts.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TargetUnavailable):
            connector.update(created, Changes(enabled=False), Marker("x", 2))
        with pytest.raises(TargetUnavailable):
            connector.delete(created)
        assert connector.get("dewi.lestari") == created
        other.execute("ROLLBACK")
    connector.delete(created)


def test_a_replaced_verifier_does_not_stay_in_the_file(build: Build, tmp_path: Path) -> None:
    connector = build()
    first = cheap_argon2id("wengi-lunga-telas-42")
    created = connector.create(new_account(verifier=first))
    secret = first.text.rpartition("$")[2].encode()
    assert any(secret in path.read_bytes() for path in tmp_path.iterdir())
    connector.change_password("dewi.lestari", "wengi-lunga-telas-42", "sepeda biru di jalan")
    _by_hand(tmp_path, "PRAGMA wal_checkpoint(TRUNCATE)")
    assert not any(secret in path.read_bytes() for path in tmp_path.iterdir())
    assert connector.get("dewi.lestari") != created


def test_several_that_start_at_once_create_the_tables_once(build: Build, tmp_path: Path) -> None:
    def first_use(connector: TableConnector) -> RemoteAccount | None:
        start.wait(30)
        return connector.get("dewi.lestari")

    with ThreadPoolExecutor(6) as pool:
        for number in range(40):  # Before they waited they met in one of dozens of files.
            connectors = [build(url=f"sqlite:///{tmp_path / f'{number}.db'}") for _ in range(6)]
            start = Barrier(len(connectors))
            assert list(pool.map(first_use, connectors)) == [None] * len(connectors)


def test_of_two_changes_of_one_password_at_the_same_moment_one_is_refused(build: Build) -> None:
    connector = build()
    connector.create(new_account(verifier=cheap_argon2id("wengi-lunga-telas-42")))
    start = Barrier(2)

    def change(new: str) -> bool:
        start.wait(30)
        try:
            connector.change_password("dewi.lestari", "wengi-lunga-telas-42", new)
        except PermissionDenied:
            return False
        return True

    wanted = ["sepeda biru di jalan", "sepeda merah di pasar"]
    with ThreadPoolExecutor(2) as pool:
        changed = list(pool.map(change, wanted))
    assert sorted(changed) == [False, True]
    outcomes = [connector.authenticate("dewi.lestari", new).outcome for new in wanted]
    assert outcomes == [Outcome.ACCEPTED if done else Outcome.REJECTED for done in changed]


def test_a_suspended_account_is_told_as_locked_for_the_right_password_only(build: Build) -> None:
    connector = build()
    connector.create(new_account(verifier=cheap_argon2id("wengi-lunga-telas-42"), enabled=False))
    assert connector.authenticate("dewi.lestari", "wengi-lunga-telas-42").outcome is Outcome.LOCKED
    assert connector.authenticate("dewi.lestari", "bukan itu").outcome is Outcome.REJECTED


@pytest.mark.parametrize(
    "text",
    [
        "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
        "$argon2id$v=19$m=64,t=90000,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
        "$argon2id$v=19$m=64,t=1,p=4$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
        "$argon2id$v=19$m=0,t=0,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
        "$argon2id$v=19$m=1,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
        "wengi-lunga-telas-42",
        "",
    ],
)
def test_a_stored_text_that_is_too_dear_or_no_verifier_matches_nothing(build: Build, tmp_path: Path, text: str) -> None:
    connector = build()
    connector.create(new_account())
    _by_hand(tmp_path, "UPDATE accounts SET verifier = ?", text)
    assert connector.authenticate("dewi.lestari", "wengi-lunga-telas-42").outcome is Outcome.REJECTED
    assert connector.authenticate("dewi.lestari", "").outcome is Outcome.REJECTED


def test_roles_are_granted_on_condition_of_the_marker(build: Build) -> None:
    connector = build(entitlements={"rules": {"*": ["siak"]}})
    assert isinstance(connector, Entitles)
    early = connector.create(new_account())
    assert early.marker is not None
    now = connector.update(early, Changes(), Marker(early.marker.account_id, 2))
    with pytest.raises(StaleVersion):
        connector.grant(early, "siak")
    with pytest.raises(StaleVersion):
        connector.revoke(early, "siak")
    connector.delete(now)
    with pytest.raises(UnknownAccount):
        connector.grant(now, "siak")


def test_a_stale_delete_takes_no_roles_away(build: Build) -> None:
    connector = build(entitlements={"rules": {"*": ["siak"]}})
    assert isinstance(connector, Entitles)
    early = connector.create(new_account())
    assert early.marker is not None
    now = connector.update(early, Changes(), Marker(early.marker.account_id, 2))
    connector.grant(now, "siak")
    with pytest.raises(StaleVersion):
        connector.delete(early)
    (seen,) = connector.find(early.marker.account_id)
    assert seen.entitlements == {"siak"}


def test_a_target_without_a_table_of_roles_lacks_the_capability(build: Build) -> None:
    assert not isinstance(build(), Entitles)


def test_a_column_made_of_several_fields_is_written_but_not_compared(build: Build, tmp_path: Path) -> None:
    columns = {"profile": {"nama": "{full_name}", "keterangan": "{position}, {org_unit}"}}
    created = build(columns=columns).create(new_account())
    assert created.profile == {"full_name": DEWI.full_name}
    assert _by_hand(tmp_path, "SELECT keterangan FROM accounts") == [("Operator SIAK, Kelurahan Gedongan",)]


def test_a_row_that_is_not_ours_but_broken_is_still_read(build: Build, tmp_path: Path) -> None:
    connector = build()
    connector.get("nobody")
    _by_hand(tmp_path, "INSERT INTO accounts (id, username, enabled) VALUES ('x', 'Ürümqi', 0)")
    (seen,) = connector.search()
    assert (seen.username, seen.marker, seen.enabled, seen.must_change) == ("Ürümqi", None, False, None)
    assert set(seen.profile.values()) == {""}


def test_a_column_of_the_application_that_forbids_our_row_is_told_as_such(build: Build, tmp_path: Path) -> None:
    build().get("nobody")
    _by_hand(tmp_path, "CREATE UNIQUE INDEX one_person_one_place ON accounts (org_unit)")
    connector = build()
    first = connector.create(new_account())
    with pytest.raises(InvalidAttribute):
        connector.create(new_account("budi.santoso"))
    elsewhere = connector.create(new_account("budi.santoso", profile=replace(DEWI, org_unit="Kelurahan Mentikan")))
    assert elsewhere.marker is not None
    with pytest.raises(InvalidAttribute):
        connector.update(elsewhere, Changes(profile=DEWI), Marker(elsewhere.marker.account_id, 2))
    assert sorted(connector.search(), key=lambda seen: seen.username) == [elsewhere, first]


def test_a_file_that_is_no_database_is_told_by_the_check(build: Build, tmp_path: Path) -> None:
    (tmp_path / "accounts.db").write_bytes(b"not a database at all, but long enough to be read as one" * 20)
    connector = build()
    with pytest.raises(ProtocolError):
        connector.get("dewi.lestari")
    assert _errors(connector.check()) == ["reachable"]


def test_the_application_tells_how_long_its_sessions_live(build: Build) -> None:
    assert build().open_session_limit() is None
    assert build(open_session_seconds=900).open_session_limit() == timedelta(minutes=15)
