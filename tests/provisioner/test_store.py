"""The store: one unit of work at a time, whole or not at all, on disk when it says so."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from provisioner.provisioning import numbers
from provisioner.store import Store
from provisioner.store.address import HOLDS_LOCKS_SECONDS
from provisioner.store.tables import ActRow, CounterRow, LetterRow
from tests.stores import POSTGRESQL, SQLITE, store_of

NOW = datetime(2026, 6, 8, 2, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path, store_kind: str) -> Iterator[Store]:
    made = Store(store_of(tmp_path)["url"])
    if store_kind == SQLITE:
        made.create_tables()
    yield made
    made.close()


def letter(**more: object) -> LetterRow:
    return LetterRow(**{"channel": "public", "state": "draft", "created_at": NOW, **more})


def count(store: Store) -> int:
    with store.read() as session:
        return len(session.scalars(select(LetterRow)).all())


def test_a_unit_of_work_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.begin() as session:
        session.add(letter())
        session.flush()
        raise RuntimeError
    assert count(store) == 0


def test_an_error_quotes_no_value(store: Store) -> None:
    """It may end up in a log."""
    with store.begin() as session:
        session.add(letter(id="same", number="800/112"))
    with pytest.raises(IntegrityError) as failed, store.begin() as session:
        session.add(letter(id="same", number="a secret"))
    assert "a secret" not in str(failed.value)


def test_an_error_names_no_row(store: Store) -> None:
    """PostgreSQL would repeat the value that is there already."""
    with store.begin() as session:
        session.add(CounterRow(name="a secret", year=2026, value=1))
    with pytest.raises(IntegrityError) as failed, store.begin() as session:
        session.add(CounterRow(name="a secret", year=2026, value=2))
    assert "a secret" not in f"{failed.value!s} {failed.value!r} {failed.value.orig!s}"


def test_what_must_be_written_last_spoils_the_whole_unit_when_it_fails(store: Store) -> None:
    def refuse(_: Session) -> None:
        raise RuntimeError("the trail cannot be written")

    store.before_commit(refuse)
    with pytest.raises(RuntimeError), store.begin() as session:
        session.add(letter())
    assert count(store) == 0


def test_reading_changes_nothing_and_stays_readable(store: Store) -> None:
    with store.begin() as session:
        session.add(letter(number="1"))
    with store.read() as session:
        row = session.scalars(select(LetterRow)).one()
        row.number = "2"
    assert row.created_at == NOW
    with store.read() as session:
        assert session.scalars(select(LetterRow.number)).one() == "1"


def test_moments_come_back_aware_and_in_utc(store: Store) -> None:
    jakarta = timezone(timedelta(hours=7))
    with store.begin() as session:
        session.add(letter(created_at=NOW.astimezone(jakarta)))
    with store.read() as session:
        found = session.scalars(select(LetterRow.created_at)).one()
    assert (found, found.tzinfo) == (NOW, UTC)


def test_a_naive_moment_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="naive"), store.begin() as session:
        session.add(letter(created_at=NOW.replace(tzinfo=None)))
        session.flush()


def test_nothing_refers_to_what_does_not_exist(store: Store) -> None:
    with pytest.raises(IntegrityError), store.begin() as session:
        session.add(ActRow(letter_id="0" * 32, step=1, kind="x", state_before="", state_after="", at=NOW))
        session.flush()


@pytest.mark.parametrize("store_kind", [SQLITE], indirect=True)
def test_the_database_syncs_every_commit_and_overwrites_what_it_deletes(store: Store) -> None:
    with store.read() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


@pytest.mark.parametrize("store_kind", [POSTGRESQL], indirect=True)
def test_nobody_waits_for_ever_and_the_server_knows_who_asks(store: Store) -> None:
    with store.begin() as session:
        told = {
            name: session.execute(text(f"SHOW {name}")).scalar()
            for name in ("lock_timeout", "idle_in_transaction_session_timeout", "application_name")
        }
    assert told == {
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": f"{HOLDS_LOCKS_SECONDS}s",
        "application_name": "siak-provisioner",
    }


def test_a_reader_sees_one_picture_however_long_it_looks(store: Store) -> None:
    with store.begin() as session:
        session.add(letter(number="1"))
    with store.read() as reading:
        assert len(reading.scalars(select(LetterRow.id)).all()) == 1
        with store.begin() as session:
            session.add(letter(number="2"))
        assert len(reading.scalars(select(LetterRow.id)).all()) == 1
    assert count(store) == 2


def test_every_change_counts_the_revision_up(store: Store) -> None:
    with store.begin() as session:
        row = letter()
        session.add(row)
    first = row.revision
    with store.begin() as session:
        found = session.get_one(LetterRow, row.id)
        found.sender = "Kelurahan"
        session.flush()
        assert found.revision == first + 1


def test_writers_take_turns_and_numbers_have_neither_gaps_nor_doubles(store: Store) -> None:
    start = Barrier(4)

    def take(_: int) -> list[int]:
        start.wait()
        taken = []
        for _ in range(10):
            with store.begin() as session:
                taken.append(numbers.take(session, "request", 2026))
        return taken

    with ThreadPoolExecutor(4) as pool:
        every = [number for taken in pool.map(take, range(4)) for number in taken]
    assert sorted(every) == list(range(1, 41))


def test_a_number_of_a_failed_unit_is_given_back_and_each_year_begins_anew(store: Store) -> None:
    with pytest.raises(RuntimeError), store.begin() as session:
        assert numbers.take(session, "request", 2026) == 1
        raise RuntimeError
    with store.begin() as session:
        assert numbers.following(session, "request", 2026) == 1
        assert numbers.take(session, "request", 2026) == 1
        assert numbers.take(session, "request", 2026) == 2
        assert numbers.take(session, "request", 2027) == 1
        assert numbers.take(session, "pact", 2026) == 1
        assert numbers.following(session, "request", 2026) == 3
    with store.read() as session:
        assert len(session.scalars(select(CounterRow)).all()) == 3


def test_a_reader_is_not_held_up_by_a_writer(store: Store) -> None:
    with store.begin() as session:
        session.add(letter())
        session.flush()
        assert count(store) == 0
    assert count(store) == 1
