"""Stores as large offices have them: cases that went through the core, multiplied row by row, a hundred thousand times.

A prepared office takes a few letters through the SOP. Their rows are copied with new ids, names, numbers and days, in
bulk (``executemany`` on SQLite, ``COPY`` on PostgreSQL). What is sealed is copied as it is (sealing binds no ids); the
copies of events are chained anew, so that the trail verifies. Documents are left out: their bytes are never in a list.

    with filled(tmp_path / "large", prepared_office, 100_000) as office:  # SQLite; a RealOffice
    fill(template_file, postgresql_rows(connection), keyring, 100_000)
"""

import json
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import Boolean, Date, DateTime
from sqlalchemy.event import listen

from provisioner.audit.chain import MAC_PURPOSE, ChainRow
from provisioner.audit.entry import Subjects
from provisioner.keyring import Keyring
from provisioner.recorded_account import MOST_ROWS
from provisioner.store.tables import Model
from provisioner.store.tables.model import UtcDateTime
from tests.benchmarks.copied_cases import KEYS, OWNED
from tests.office import MovableClock, RealOffice

Row = list[Any]
CASES = ("done", "done", "handover", "review", "sent", "division", "pact-official")
"""Where the templates stand: the first two are accounts in use."""
OPEN_SHARE = 0.02
"""Of the cases, how many are still under way."""
RECORDED_SHARE = 0.1
"""Accounts without a pact that a list made known, for each account."""
SPREAD = timedelta(days=330)
"""The cases came in over so long a time."""
_EVENTS = frozenset(
    ("request-submitted", "letter-forwarded", "request-approved", "pact-signed", "account-created-in-target")
)
"""Kinds of events that copies have. A whole case has some seventeen; these are six of them."""
_HEAVY = {"document": b"-", "content": b"-", "scan": None}
_BATCH = 2000
_GIVEN = ("Dewi", "Agus", "Budi", "Citra", "Eko", "Fitri", "Gita", "Hadi", "Indah", "Joko", "Kartika", "Lukman", "Maya")
_MIDDLE = ("Lestari", "Wahyu", "Puspita", "Setya", "Nur", "Adi", "Rahma", "Tri", "Ayu", "Bagus", "Sri", "Dian", "Eka")
_FAMILY = ("Handayani", "Santoso", "Wijaya", "Kusuma", "Pratama", "Utami", "Hidayat", "Saputra", "Anggraini", "Wibowo")
_PLACES = ("Gedongan", "Kranggan", "Sentanan", "Jagalan", "Purwotengah", "Magersari", "Balongsari", "Wates", "Meri")


class Rows(Protocol):
    """Where rows go."""

    def add(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Append; values as SQLite keeps them."""
        ...

    def run(self, statement: str, *values: Any) -> None:
        """A statement; ``?`` stands for a value."""
        ...


class SqliteRows:
    """Into an SQLite file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def add(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        self.connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608  Our own names.

    def run(self, statement: str, *values: Any) -> None:
        self.connection.execute(statement, values)


class PostgresqlRows:
    """Into a PostgreSQL database, by a role that may leave foreign keys unchecked (``session_replication_role``)."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.connection = connection
        connection.execute("SET session_replication_role = replica")

    def add(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        kinds = [Model.metadata.tables[table].c[name].type for name in columns]
        truths = [place for place, kind in enumerate(kinds) if isinstance(kind, Boolean)]
        moments = [place for place, kind in enumerate(kinds) if isinstance(kind, DateTime | UtcDateTime)]
        names = ", ".join(f'"{name}"' for name in columns)
        with self.connection.cursor().copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in rows:
                for place in truths:
                    row[place] = None if row[place] is None else bool(row[place])
                for place in moments:
                    row[place] = None if row[place] is None else f"{row[place]}+00:00"
                copy.write_row(row)

    def run(self, statement: str, *values: Any) -> None:
        self.connection.execute(statement.replace("?", "%s"), values)

    def settle(self) -> None:
        """Set the counters behind the numbers the database gives, and let it look at what there is."""
        for table in ("counter", "account_history"):
            self.connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 1) FROM {table}))"  # noqa: S608  Our own names.
            )
        self.connection.execute("ANALYZE")


@dataclass(frozen=True)
class _Change:
    """How one value of a copy differs from the template's."""

    place: int
    make: Callable[["_Copy", Any], Any]
    given: Any


@dataclass(frozen=True)
class _Sample:
    """One row of a template."""

    table: str
    columns: tuple[str, ...]
    values: tuple[Any, ...]
    changes: tuple[_Change, ...]


@dataclass
class _Copy:
    """What one copy is called."""

    number: int
    earlier: timedelta
    ids: Sequence[str]
    name: str
    unit: str
    username: str
    digits: random.Random = field(repr=False)


@contextmanager
def filled(folder: Path, prepared: Path, accounts: int, **settings: Any) -> Iterator[RealOffice]:
    """An office over an SQLite store of so many accounts."""
    office = template_office(folder, prepared, **settings)
    try:
        keyring = office.core.context.keyring
        office.core.context.store.close()
        file = folder / "store.db"
        with closing(sqlite3.connect(file)) as template, closing(sqlite3.connect(file)) as connection:
            connection.executescript("PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-200000")
            multiply(template, SqliteRows(connection), keyring, accounts)
            connection.execute("ANALYZE")
            connection.commit()
        yield office
    finally:
        office.close()


def template_office(folder: Path, prepared: Path, **settings: Any) -> RealOffice:
    """An office with one case at each of :data:`CASES`, a few days ago."""
    clock = MovableClock(datetime.now(UTC) - timedelta(days=3))
    office = RealOffice(folder, prepared, clock, **settings)
    listen(office.core.context.store.engine, "connect", _no_disk)
    for number, state in enumerate(CASES):
        office.new(state, number)
    return office


def copy_office(template: sqlite3.Connection, rows: Rows) -> None:
    """Every row of the template store into an empty one of the same revision, to be multiplied there. What the
    migrations noted in the empty one gives way to what they noted in the template.
    """
    for table in Model.metadata.sorted_tables:
        found = template.execute(f'SELECT * FROM "{table.name}"')  # noqa: S608  Our own names.
        columns = [each[0] for each in found.description]
        rows.run(f'DELETE FROM "{table.name}"')  # noqa: S608  What the migrations put there.
        while kept := [list(row) for row in found.fetchmany(_BATCH)]:
            rows.add(table.name, columns, kept)


def multiply(template: sqlite3.Connection, rows: Rows, keyring: Keyring, accounts: int) -> None:
    """Add copies until there are so many accounts, the open cases and recorded accounts that go with them."""
    cases = [_Case(template, letter) for (letter,) in template.execute("SELECT id FROM letter ORDER BY created_at, id")]
    ended, under_way = cases[:2], cases[2:]
    chain = _Chain(template, keyring)
    chosen = random.Random(accounts)  # noqa: S311  The same store for the same size.
    waiting: dict[str, tuple[Sequence[str], list[Row]]] = {}
    opens = max(1, int(accounts * OPEN_SHARE))
    for number in range(accounts + opens):
        case = ended[number % 2] if number < accounts else under_way[number % len(under_way)]
        copy = _named(number, accounts + opens, len(case.ids), chosen, recent=number >= accounts)
        for sample in case.samples:
            held = waiting.setdefault(sample.table, (sample.columns, []))
            held[1].append(_row(sample, copy))
        chain.follow(case, copy, waiting)
        if number % _BATCH == _BATCH - 1:
            _write(rows, waiting)
    _write(rows, waiting)
    _write(rows, {"recorded_account": _recorded(template, rows, int(accounts * RECORDED_SHARE), chosen)})
    chain.keep(rows)


def letters_at(template: sqlite3.Connection, rows: Rows, keyring: Keyring, state: str, count: int) -> None:
    """Add so many copies of the case that stands at one of :data:`CASES`, and nothing else."""
    found = template.execute("SELECT id FROM letter ORDER BY created_at, id").fetchall()
    case, chain = _Case(template, found[CASES.index(state)][0]), _Chain(template, keyring)
    chosen, waiting = random.Random(count), dict[str, tuple[Sequence[str], list[Row]]]()  # noqa: S311
    for number in range(count):
        copy = _named(number, count, len(case.ids), chosen, recent=True)
        for sample in case.samples:
            waiting.setdefault(sample.table, (sample.columns, []))[1].append(_row(sample, copy))
        chain.follow(case, copy, waiting)
    _write(rows, waiting)
    chain.keep(rows)


def _write(rows: Rows, waiting: dict[str, tuple[Sequence[str], list[Row]]]) -> None:
    for table, (columns, found) in waiting.items():
        if found:
            rows.add(table, columns, found)
            found.clear()


class _Case:
    """The rows of one letter and what went with it."""

    def __init__(self, template: sqlite3.Connection, letter: str) -> None:
        owners = {"id": [letter], "letter_id": [letter]}
        found: dict[str, list[dict[str, Any]]] = {}
        for name, (column,) in OWNED.items():
            found[name] = _of(template, name, column, owners[column])
            if name in ("request", "account", "credential"):
                owners[f"{name}_id"] = [row["id"] for row in found[name]]
        every = [row["id"] for each in found.values() for row in each if isinstance(row.get("id"), str)]
        self.ids = {old: place for place, old in enumerate(every)}
        self.samples = [_sample(name, row, self.ids) for name, each in found.items() for row in each]
        self.events = [
            _Event(row, json.loads(row["fields"]), json.loads(row["commitments"]), _personal(template, row["seq"]))
            for row in _of(template, "audit", "letter_id", [letter])
            if row["kind"] in _EVENTS
        ]


@dataclass(frozen=True)
class _Event:
    public: dict[str, Any]
    fields: dict[str, Any]
    commitments: dict[str, str]
    personal: Sequence[tuple[Any, ...]]


def _personal(template: sqlite3.Connection, seq: int) -> list[tuple[Any, ...]]:
    asked = "SELECT field, salt, sealed FROM audit_personal WHERE seq = ?"
    return template.execute(asked, (seq,)).fetchall()


def _of(template: sqlite3.Connection, table: str, column: str, owners: Sequence[str]) -> list[dict[str, Any]]:
    marks = ", ".join("?" * len(owners))
    asked = f'SELECT * FROM "{table}" WHERE "{column}" IN ({marks}) ORDER BY rowid'  # noqa: S608  Our own names.
    found = template.execute(asked, owners)
    names = [each[0] for each in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]


def _sample(name: str, row: dict[str, Any], ids: dict[str, int]) -> _Sample:
    table, changes = Model.metadata.tables[name], list[_Change]()
    row = {column: value for column, value in row.items() if not (column == "id" and isinstance(value, int))}
    for place, (column, value) in enumerate(row.items()):
        if column in _HEAVY and value is not None:
            row[column] = _HEAVY[column]
        elif value is not None and (change := _change(name, column, value, table.c[column].type, ids)):
            changes.append(_Change(place, *change))
    return _Sample(name, tuple(row), tuple(row.values()), tuple(changes))


def _change(table: str, column: str, value: Any, kind: Any, ids: dict[str, int]) -> tuple[Any, Any] | None:
    """What makes the copy's value, and what it is made from."""
    if isinstance(value, str) and value in ids:
        return (lambda copy, given: copy.ids[given]), ids[value]
    if column in KEYS:
        if isinstance(value, bytes):
            return (lambda copy, _given: copy.digits.randbytes(32)), None
        return (lambda copy, _given: f"{copy.digits.getrandbits(128):032x}"), None
    if isinstance(kind, DateTime | UtcDateTime):
        return (lambda copy, given: str(given - copy.earlier)), datetime.fromisoformat(value)
    if isinstance(kind, Date) and column in ("received_on", "letter_date"):
        return (lambda copy, given: str(given - copy.earlier)), date.fromisoformat(value)
    return _TEXTS.get((table, column)) or _TEXTS.get(("", column))


_TEXTS: dict[tuple[str, str], tuple[Any, Any]] = {
    ("", "full_name"): ((lambda copy, _given: copy.name), None),
    ("", "display_name"): ((lambda copy, _given: f"{copy.name}, A.Md."), None),
    ("", "org_unit"): ((lambda copy, _given: copy.unit), None),
    ("", "sender"): ((lambda copy, _given: copy.unit), None),
    ("", "username"): ((lambda copy, _given: copy.username), None),
    ("", "folded"): ((lambda copy, _given: copy.username), None),
    ("request", "number"): ((lambda copy, _given: f"{copy.number + 1000:06d}/PIAK/2026"), None),
    ("letter", "number"): ((lambda copy, _given: f"800/{copy.number + 1000}"), None),
    ("pact", "number"): ((lambda copy, _given: f"{copy.number + 1000:06d}/PI/2026"), None),
    ("pact", "sha256"): ((lambda copy, _given: f"{copy.digits.getrandbits(256):064x}"), None),
    ("register_entry", "number"): ((lambda copy, _given: f"{copy.number + 1000:06d}/agenda"), None),
    ("register_entry", "live_number"): ((lambda copy, _given: f"{copy.number + 1000:06d}/agenda"), None),
    ("register_entry", "letter_number"): ((lambda copy, _given: f"800/{copy.number + 1000}"), None),
    ("register_entry", "sequence"): ((lambda copy, _given: copy.number + 1000), None),
}


def _row(sample: _Sample, copy: _Copy) -> Row:
    row = list(sample.values)
    for change in sample.changes:
        row[change.place] = change.make(copy, change.given)
    return row


def _named(number: int, of: int, ids: int, chosen: random.Random, *, recent: bool) -> _Copy:
    name = f"{chosen.choice(_GIVEN)} {chosen.choice(_MIDDLE)} {chosen.choice(_FAMILY)}"
    ago = timedelta(seconds=(of - number) * SPREAD.total_seconds() / of)
    return _Copy(
        number,
        timedelta(seconds=60 * (of - number) / of) if recent else ago,
        [f"{chosen.getrandbits(128):032x}" for _ in range(ids)],
        name,
        f"Kelurahan {chosen.choice(_PLACES)} {chosen.randrange(40) + 1}",
        f"{name.split()[0].lower()}.{name.split()[2].lower()}{number}",
        chosen,
    )


class _Chain:
    """Copies of events, each chained to the one before."""

    def __init__(self, template: sqlite3.Connection, keyring: Keyring) -> None:
        self._keyring = keyring
        self._seq, self._hash = template.execute("SELECT seq, hash FROM audit_head").fetchone()

    def follow(self, case: _Case, copy: _Copy, waiting: dict[str, tuple[Sequence[str], list[Row]]]) -> None:
        """The events of one copy."""
        for event in case.events:
            public = event.public
            subject = {
                name: self._called(case, copy, public[f"{name}_id"]) for name in ("letter", "request", "account")
            }
            at = datetime.fromisoformat(public["at"]) - copy.earlier
            row = ChainRow(
                self._seq + 1,
                at.replace(tzinfo=UTC).isoformat(timespec="microseconds"),
                public["kind"],
                {
                    "kind": public["actor_kind"],
                    "id": self._called(case, copy, public["actor_id"]) or "",
                    "label": public["actor_label"],
                },
                Subjects(**subject, official=public["official_id"]).given(),
                event.fields,
                event.commitments,
                self._hash,
            )
            self._seq, self._hash = row.seq, row.hash()
            columns = tuple(public)
            named = {f"{name}_id": value for name, value in subject.items()}
            mac = self._keyring.mac(MAC_PURPOSE, bytes.fromhex(self._hash)).hex()
            own = {"seq": row.seq, "at": str(at), "actor_id": row.actor["id"], "previous": row.previous}
            values = {**public, **named, **own, "hash": self._hash, "mac": mac}
            waiting.setdefault("audit", (columns, []))[1].append([values[each] for each in columns])
            kept = waiting.setdefault("audit_personal", (("seq", "field", "salt", "sealed"), []))
            kept[1].extend([row.seq, *each] for each in event.personal)

    def keep(self, rows: Rows) -> None:
        """The end of the chain into the store, and into the mark of how far papers were made."""
        rows.run("UPDATE audit_head SET seq = ?, hash = ?", self._seq, self._hash)
        rows.run("DELETE FROM counter WHERE name = ?", "papers-followed")
        rows.add("counter", ("id", "name", "year", "value"), [[1000, "papers-followed", 0, self._seq]])

    @staticmethod
    def _called(case: _Case, copy: _Copy, old: str | None) -> str | None:
        return copy.ids[case.ids[old]] if old in case.ids else old


def _recorded(
    template: sqlite3.Connection, rows: Rows, count: int, chosen: random.Random
) -> tuple[Sequence[str], list[Row]]:
    """Accounts of a list that was read in."""
    now, soon = str(datetime.now(UTC).replace(tzinfo=None)), str(datetime.now(UTC).date() + timedelta(days=60))
    official = template.execute("SELECT id FROM official ORDER BY username").fetchone()[0]
    lists = [f"{chosen.getrandbits(128):032x}" for _ in range(1 + count // MOST_ROWS)]
    rows.add(
        "recorded_list",
        ("id", "target", "pact_by", "recorded_at", "recorded_by"),
        [[each, "sistem", soon, now, official] for each in lists],
    )
    columns = (
        *("id", "list_id", "line", "live_key", "target", "username", "folded", "full_name"),
        *("role", "region", "org_unit", "contact", "state", "pact_by"),
    )
    made = []
    for number in range(count):
        copy = _named(number, max(count, 1), 1, chosen, recent=True)
        name = f"lama.{copy.username}"
        own = [copy.ids[0], lists[number // MOST_ROWS], number % MOST_ROWS + 1, f"sistem:{name}", "sistem", name, name]
        made.append([*own, copy.name, "OPERATOR_KELURAHAN", "35.76.02.1004", copy.unit, b"", "recorded", soon])
    return columns, made


def _no_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")
