"""Many cases out of a few: letters that went through the core are copied row by row, with new ids, numbers and names.

What is sealed is copied as it is (sealing binds no ids). What an id enters is made anew: digests and codes of papers,
and the audit trail, in which every copy has its own events, appended by the trail itself.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Table, insert, or_, select, text
from sqlalchemy.orm import Session

from provisioner.audit import Actor, Subjects
from provisioner.paper import PaperKind
from provisioner.store.tables import AuditPersonalRow, AuditRow, PaperRow
from provisioner.store.tables.model import Model
from tests.office import RealOffice

Row = dict[str, Any]
OWNED = {
    "letter": ("id",),
    "register_entry": ("letter_id",),
    "request": ("letter_id",),
    "act": ("letter_id",),
    "desk_visit": ("letter_id",),
    "attachment": ("letter_id",),
    "pact": ("request_id",),
    "username": ("request_id",),
    "account": ("request_id",),
    "account_history": ("account_id",),
    "credential": ("account_id",),
    "generation": ("credential_id",),
    "link": ("account_id",),
    "paper": ("letter_id",),
}
"""Tables of a case, owners first, and the column that says whose a row is."""
KEYS = ("tracking_key", "ticket_fingerprint", "person_key", "staff_key", "code_key")
"""Columns in which every person has another value."""


class CopiedCases:
    """Copies of the letters of an office, one after the other."""

    def __init__(self, office: RealOffice, letter_ids: Sequence[str], apart: timedelta = timedelta(minutes=1)) -> None:
        """``apart``: by how much every copy is later than the one before."""
        self._apart = apart
        self._context = office.core.context
        self._papers = office.core.papers
        self._number = 0
        with self._context.store.read() as session:
            self._letters = [_rows_of(session, letter_id) for letter_id in letter_ids]
            self._events = [self._events_of(session, rows) for rows in self._letters]

    def add(self, requests: int) -> int:
        """Copy letters, each in its turn, until there are at least so many requests more; gives how many there are."""
        made = 0
        while made < requests:
            which = self._number % len(self._letters)
            self._number += 1
            made += self._copy(self._letters[which], self._events[which])
        return made

    def _copy(self, rows: Mapping[str, Sequence[Row]], events: Sequence[tuple[Row, Row]]) -> int:
        names = {row["id"]: uuid4().hex for each in rows.values() for row in each if isinstance(row.get("id"), str)}
        later = self._apart * self._number
        with self._context.store.begin() as session:
            # On PostgreSQL it concerns those that were made so that they can be put off.
            is_sqlite = session.get_bind().dialect.name == "sqlite"
            session.execute(text("PRAGMA defer_foreign_keys=ON" if is_sqlite else "SET CONSTRAINTS ALL DEFERRED"))
            for name, found in rows.items():
                if found:
                    copies = [self._row(name, row, names, later) for row in found]
                    session.execute(insert(Model.metadata.tables[name]), copies)
            session.expire_all()
            self._renew_papers(session, names[rows["letter"][0]["id"]])
            for public, personal in events:
                self._record(session, public, personal, names)
        return len(rows["request"])

    def _row(self, table: str, row: Row, names: Mapping[str, str], later: timedelta) -> Row:
        new: Row = {}
        for column, value in row.items():
            if column == "id" and isinstance(value, int):
                continue  # The database counts.
            if column in KEYS and value is not None:
                new[column] = os.urandom(16) if isinstance(value, bytes) else uuid4().hex
            elif isinstance(value, datetime):
                new[column] = value + later
            else:
                new[column] = names.get(value, value) if isinstance(value, str) else value
        tail = f"{self._number:05d}"
        for column in {"request": ("number",), "pact": ("number",), "paper": ("code",)}.get(table, ()):
            new[column] = f"{tail}-{row[column]}"[:20] if column == "code" else f"{tail}-{row[column]}"
        if table in ("account", "account_history", "username", "request"):
            for column in ("username", "folded"):
                if new.get(column):
                    new[column] = f"{row[column]}.{tail}"
        if table == "register_entry":
            new["sequence"] = row["sequence"] + 1000 * self._number
            new["number"], new["live_number"] = f"{tail}-{row['number']}", f"{tail}-{row['live_number']}"
        return new

    def _renew_papers(self, session: Session, letter_id: str) -> None:
        """A paper is known by a digest of its facts and of what it is about."""
        for paper in session.scalars(select(PaperRow).where(PaperRow.letter_id == letter_id)):
            if paper.replaced_at is None:
                kind = PaperKind(paper.kind)
                facts = self._papers._gathering[kind](session, paper.subject)
                paper.facts_digest = self._papers._digest(kind, paper.subject, facts)
                paper.code = self._papers._code(paper.facts_digest)

    # -- the trail ---------------------------------------------------------------------------------------------------

    def _events_of(self, session: Session, rows: Mapping[str, Sequence[Row]]) -> list[tuple[Row, Row]]:
        ids = {table: [row["id"] for row in rows[table]] for table in ("letter", "request", "account")}
        asked = select(AuditRow).where(
            or_(
                AuditRow.letter_id.in_(ids["letter"]),
                AuditRow.request_id.in_(ids["request"]),
                AuditRow.account_id.in_(ids["account"]),
            )
        )
        return [
            (_columns(row), self._personal(session, row.seq)) for row in session.scalars(asked.order_by(AuditRow.seq))
        ]

    def _personal(self, session: Session, seq: int) -> Row:
        kept = session.scalars(select(AuditPersonalRow).where(AuditPersonalRow.seq == seq))
        return {row.field: json.loads(self._context.trail.revealed(row.sealed)) for row in kept}

    def _record(self, session: Session, public: Row, personal: Row, names: Mapping[str, str]) -> None:
        def named(column: str) -> str | None:
            return names.get(public[column], public[column])

        personal = dict(personal)
        actor = Actor(
            public["actor_kind"], named("actor_id") or "", public["actor_label"], personal.pop("actor_name", None)
        )
        about = Subjects(named("letter_id"), named("request_id"), named("account_id"), public["official_id"])
        fields = {**json.loads(public["fields"]), **personal}
        self._context.trail.record(session, public["kind"], actor=actor, subjects=about, **fields)


def _rows_of(session: Session, letter_id: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    owners = {"letter_id": [letter_id], "id": [letter_id]}
    for name, (column,) in OWNED.items():
        table = Model.metadata.tables[name]
        found[name] = list(_rows(session, table, column, owners[column]))
        if name in ("request", "account", "credential"):
            owners[f"{name}_id"] = [row["id"] for row in found[name]]
    return found


def _rows(session: Session, table: Table, column: str, owners: Sequence[str]) -> Iterator[Row]:
    order = [each for each in (table.c.get("at"), table.c.get("id")) if each is not None]
    for row in session.execute(select(table).where(table.c[column].in_(owners)).order_by(*order)):
        yield dict(row._mapping)


def _columns(row: AuditRow) -> Row:
    return {column.key: getattr(row, column.key) for column in AuditRow.__table__.columns}
