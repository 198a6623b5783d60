"""Recording: one transaction with the change, no gaps, personal values that can be destroyed."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from provisioner.audit import Actor, AuditTrail, Filters, Head, Subjects, UnknownEvent
from provisioner.audit.chain import GENESIS
from provisioner.audit.verify import verify
from provisioner.keyring import Keyring
from provisioner.store import Store
from provisioner.store.tables import AuditHeadRow, AuditPersonalRow, AuditRow, CounterRow

APPLICANT = Actor.applicant("request-1", name="Siti Aminah")


def submit(trail: AuditTrail, store: Store, request: str = "request-1", **fields: str) -> None:
    with store.begin() as session:
        trail.record(
            session,
            "request-submitted",
            actor=Actor.applicant(request, name="Siti Aminah"),
            subjects=Subjects(letter="letter-1", request=request),
            letter_number="800/112",
            applicant_name="Siti Aminah",
            nik="3576014107900001",
            address="192.0.2.7",
            **fields,
        )


def test_an_empty_trail_has_head_zero(store: Store, trail: AuditTrail) -> None:
    with store.read() as session:
        assert trail.head(session) == Head(0, GENESIS)


def test_the_head_is_the_last_row(store: Store, trail: AuditTrail, forward: Callable[..., None]) -> None:
    forward(3)
    with store.read() as session:
        last = session.scalars(select(AuditRow).order_by(AuditRow.seq.desc())).first()
        assert last is not None
        assert trail.head(session) == Head(3, last.hash)
        assert trail.head(session).short.startswith(f"3-{last.hash[:5]}-")


def test_a_unit_of_work_that_fails_leaves_neither_change_nor_event(store: Store, trail: AuditTrail) -> None:
    with pytest.raises(ZeroDivisionError), store.begin() as session:
        session.add(CounterRow(name="agenda", year=2026, value=1))
        trail.record(session, "draft-begun", actor=APPLICANT)
        raise ZeroDivisionError
    with store.read() as session:
        assert trail.head(session).seq == 0
        assert session.scalar(select(func.count()).select_from(AuditRow)) == 0
        assert session.scalar(select(func.count()).select_from(CounterRow)) == 0


def test_an_event_that_cannot_be_chained_takes_the_change_with_it(
    store: Store, trail: AuditTrail, forward: Callable[..., None]
) -> None:
    forward(2)
    with store.begin() as session:
        session.execute(update(AuditHeadRow).values(seq=0))
    with pytest.raises(IntegrityError), store.begin() as session:
        session.add(CounterRow(name="agenda", year=2026, value=1))
        trail.record(session, "draft-begun", actor=APPLICANT)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(CounterRow)) == 0


def test_events_of_a_rolled_back_transaction_do_not_reach_the_next_of_the_same_session(
    store: Store, trail: AuditTrail
) -> None:
    with store.begin() as session:
        trail.record(session, "draft-begun", actor=APPLICANT)
        session.rollback()
        session.connection(execution_options={"provisioner_writes": True})
        trail.record(session, "draft-discarded", actor=APPLICANT)
    with store.read() as session:
        assert list(session.scalars(select(AuditRow.kind))) == ["draft-discarded"]


def test_recording_inside_a_savepoint_is_refused(store: Store, trail: AuditTrail) -> None:
    with store.begin() as session, session.begin_nested(), pytest.raises(UnknownEvent, match="savepoint"):
        trail.record(session, "draft-begun", actor=APPLICANT)


def test_recording_while_only_reading_is_refused(store: Store, trail: AuditTrail) -> None:
    with store.read() as session:
        session.scalar(select(func.count()).select_from(AuditRow))
        with pytest.raises(UnknownEvent, match="reading"):
            trail.record(session, "draft-begun", actor=APPLICANT)


def test_an_actor_of_an_unknown_kind_is_refused(store: Store, trail: AuditTrail) -> None:
    with store.begin() as session, pytest.raises(UnknownEvent, match="robot"):
        trail.record(session, "draft-begun", actor=Actor("robot"))


def test_eight_threads_append_without_a_gap(
    store: Store, trail: AuditTrail, exported: Callable[..., list[str]], keyring: Keyring
) -> None:
    start = threading.Barrier(8)

    def work(thread: int) -> None:
        start.wait()
        for number in range(12):
            with store.begin() as session:
                session.add(CounterRow(name=f"{thread}-{number}", year=2026, value=number))
                trail.record(session, "draft-begun", actor=APPLICANT, subjects=Subjects(request=f"request-{thread}"))
                trail.record(
                    session, "draft-discarded", actor=APPLICANT, subjects=Subjects(request=f"request-{thread}")
                )

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work, thread) for thread in range(8)]:
            done.result()
    report = verify(exported(), mac=lambda data: keyring.mac("audit-row", data))
    assert (report.findings, report.rows, report.last) == ((), 192, 192)


def test_several_events_of_one_unit_of_work_stand_in_the_order_they_were_recorded(
    store: Store, trail: AuditTrail
) -> None:
    with store.begin() as session:
        for word in ("draft-begun", "draft-discarded", "draft-begun"):
            trail.record(session, word, actor=APPLICANT)
    with store.read() as session:
        rows = session.execute(select(AuditRow.seq, AuditRow.kind).order_by(AuditRow.seq)).all()
    assert [tuple(row) for row in rows] == [(1, "draft-begun"), (2, "draft-discarded"), (3, "draft-begun")]


def test_no_personal_value_stands_in_the_files_of_the_store(store: Store, trail: AuditTrail, tmp_path: Path) -> None:
    submit(trail, store)
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for value in (b"Siti Aminah", b"3576014107900001", b"192.0.2.7", "Siti".encode("utf-16-le")):
        assert value not in content


def test_the_same_personal_value_never_gives_the_same_commitment(store: Store, trail: AuditTrail) -> None:
    submit(trail, store)
    submit(trail, store)
    with store.read() as session:
        first, second = session.scalars(select(AuditRow.commitments)).all()
    assert first != second


def test_personal_values_are_revealed_to_the_reader(store: Store, trail: AuditTrail) -> None:
    submit(trail, store)
    with store.read() as session:
        (entry,) = trail.search(session).entries
    assert entry.actor.name == "Siti Aminah"
    assert entry.fields["nik"] == "3576014107900001"
    assert (entry.hidden, entry.doubtful, entry.intact) == (frozenset(), frozenset(), True)


def test_erased_values_are_gone_and_the_chain_stays_whole(
    store: Store, trail: AuditTrail, forward: Callable[..., None], exported: Callable[..., list[str]]
) -> None:
    forward()
    submit(trail, store)
    submit(trail, store, request="request-2")
    with store.begin() as session:
        assert trail.erase(session, Subjects(request="request-1")) == 4
    with store.read() as session:
        other, erased, _ = trail.search(session).entries
    assert erased.hidden == {"actor_name", "applicant_name", "nik", "address"}
    assert (erased.actor.name, erased.fields) == (None, {"letter_number": "800/112"})
    assert other.fields["nik"] == "3576014107900001"
    assert verify(exported()).sound


def test_erasing_a_letters_persons_leaves_the_officials_who_handled_it(
    store: Store, trail: AuditTrail, forward: Callable[..., None]
) -> None:
    forward()
    with store.begin() as session:
        trail.erase(session, Subjects(letter="letter-1"))
    with store.read() as session:
        (entry,) = trail.search(session).entries
    assert entry.actor.name == "Drs. MUHAMMAD IMRON"
    assert entry.hidden == {"instruction"}


def test_erasing_an_official_takes_the_name_but_not_what_they_wrote_of_others(
    store: Store, trail: AuditTrail, forward: Callable[..., None]
) -> None:
    forward()
    with store.begin() as session:
        trail.erase(session, Subjects(official="official-1"))
    with store.read() as session:
        (entry,) = trail.search(session).entries
    assert entry.actor == Actor.official("official-1", "Kepala Dinas")
    assert entry.hidden == {"actor_name"}


def test_erasing_nobody_is_refused(store: Store, trail: AuditTrail) -> None:
    with store.begin() as session, pytest.raises(ValueError, match="subject"):
        trail.erase(session, Subjects())


def test_a_personal_value_exchanged_for_another_is_doubted(store: Store, trail: AuditTrail, keyring: Keyring) -> None:
    submit(trail, store)
    with store.begin() as session:
        forged = keyring.seal("audit-personal", b'"3576014107900009"')
        session.execute(update(AuditPersonalRow).where(AuditPersonalRow.field == "nik").values(sealed=forged))
        session.execute(update(AuditPersonalRow).where(AuditPersonalRow.field == "address").values(sealed=b"rubbish"))
    with store.read() as session:
        (entry,) = trail.search(session).entries
    assert entry.doubtful == {"nik", "address"}
    assert "nik" not in entry.fields


@pytest.mark.parametrize("column", ["fields", "commitments"])
@pytest.mark.parametrize("content", ["{}", "rubbish", "[]", '{"x":"\\ud800"}'])
def test_a_changed_row_is_still_read_and_marked(store: Store, trail: AuditTrail, column: str, content: str) -> None:
    submit(trail, store)
    with store.begin() as session:
        session.execute(update(AuditRow).values(**{column: content}))
    with store.read() as session:
        (entry,) = trail.search(session).entries
    assert not entry.intact


def test_pages_go_from_the_newest_and_do_not_move_while_events_are_added(
    store: Store, trail: AuditTrail, forward: Callable[..., None]
) -> None:
    forward(5)
    with store.read() as session:
        first = trail.search(session, limit=2)
    forward(3)
    with store.read() as session:
        second = trail.search(session, before=first.next_before, limit=2)
        third = trail.search(session, before=second.next_before, limit=2)
    assert [entry.seq for page in (first, second, third) for entry in page.entries] == [5, 4, 3, 2, 1]
    assert third.next_before is None


def test_filters_narrow_by_kind_actor_subject_and_time(
    store: Store, trail: AuditTrail, forward: Callable[..., None]
) -> None:
    forward(2)
    submit(trail, store)
    with store.read() as session:
        seqs = {entry.seq: entry.at for entry in trail.search(session).entries}
        found = {
            "kind": trail.search(session, Filters(kinds=["request-submitted"])),
            "actor": trail.search(session, Filters(actor_kind="official", actor_id="official-1")),
            "request": trail.search(session, Filters(request="request-1")),
            "since": trail.search(session, Filters(since=seqs[3])),
            "until": trail.search(session, Filters(until=seqs[2])),
        }
    shown = {name: [entry.seq for entry in page.entries] for name, page in found.items()}
    assert shown == {"kind": [3], "actor": [2, 1], "request": [3], "since": [3], "until": [1]}


@pytest.mark.parametrize(
    ("text", "seqs"), [("800/1", [2]), ("kepala BIDANG", [2, 1]), ("kepala dinas", [2, 1]), ("%", []), ('"', [])]
)
def test_text_is_looked_for_literally_in_what_is_public(
    store: Store, trail: AuditTrail, forward: Callable[..., None], text: str, seqs: list[int]
) -> None:
    forward(2)
    with store.read() as session:
        found = trail.search(session, Filters(text=text)).entries
    assert [entry.seq for entry in found] == (seqs if text != '"' else [])
