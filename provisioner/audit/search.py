"""Reading the trail: filters, pages, and personal values as far as they were not erased."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from provisioner.audit.chain import ChainRow, commits_to
from provisioner.audit.entry import Actor, AuditEntry, Subjects
from provisioner.audit.events import ACTOR_NAME, Value
from provisioner.audit.stored import stored_content
from provisioner.errors import SealBroken
from provisioner.store.tables.audit import AuditPersonalRow, AuditRow

Opener = Callable[[bytes], bytes]
"""Decrypts one sealed personal value; raises SealBroken."""

LARGEST_PAGE = 500


@dataclass(frozen=True)
class Filters:
    """What to look for; everything given must hold. ``text`` is looked for in public fields, posts and kinds."""

    since: datetime | None = None
    """From this moment on."""
    until: datetime | None = None
    """Before this moment."""
    kinds: Sequence[str] = ()
    """Any of these."""
    actor_kind: str | None = None
    actor_id: str | None = None
    letter: str | None = None
    request: str | None = None
    account: str | None = None
    official: str | None = None
    text: str = ""


@dataclass(frozen=True)
class Page:
    """Events, newest first. ``next_before`` asks for the next page; None: there is none."""

    entries: tuple[AuditEntry, ...]
    next_before: int | None


def search(session: Session, filters: Filters, opener: Opener, *, before: int | None, limit: int) -> Page:
    """Events that meet the filters and stand before sequence number ``before``, newest first.

    ``limit`` is cut to 1..500. Pages go by sequence number, so events added meanwhile move nothing.
    """
    size = max(1, min(limit, LARGEST_PAGE))
    query = select(AuditRow).where(*_conditions(filters)).order_by(AuditRow.seq.desc()).limit(size + 1)
    if before is not None:
        query = query.where(AuditRow.seq < before)
    rows = session.scalars(query).all()
    shown = rows[:size]
    kept = _personal_rows(session, [row.seq for row in shown])
    entries = tuple(_entry(row, kept.get(row.seq, []), opener) for row in shown)
    return Page(entries, shown[-1].seq if len(rows) > size else None)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.since is not None:
        conditions.append(AuditRow.at >= filters.since)
    if filters.until is not None:
        conditions.append(AuditRow.at < filters.until)
    if filters.kinds:
        conditions.append(AuditRow.kind.in_(list(filters.kinds)))
    wanted = {
        AuditRow.actor_kind: filters.actor_kind,
        AuditRow.actor_id: filters.actor_id,
        AuditRow.letter_id: filters.letter,
        AuditRow.request_id: filters.request,
        AuditRow.account_id: filters.account,
        AuditRow.official_id: filters.official,
    }
    conditions += [column == value for column, value in wanted.items() if value is not None]
    if text := filters.text.strip():
        # In the fields the text stands as JSON writes it: a quotation mark, say, has a backslash before it.
        written = json.dumps(text, ensure_ascii=False)[1:-1]
        found = AuditRow.fields.icontains(written, autoescape=True)
        places = (AuditRow.actor_label, AuditRow.kind)
        conditions.append(or_(found, *(place.icontains(text, autoescape=True) for place in places)))
    return conditions


def _personal_rows(session: Session, seqs: Sequence[int]) -> dict[int, list[AuditPersonalRow]]:
    kept: dict[int, list[AuditPersonalRow]] = {}
    if seqs:
        for row in session.scalars(select(AuditPersonalRow).where(AuditPersonalRow.seq.in_(seqs))):
            kept.setdefault(row.seq, []).append(row)
    return kept


def _entry(row: AuditRow, kept: Iterable[AuditPersonalRow], opener: Opener) -> AuditEntry:
    content = stored_content(row)
    commitments = content["commitments"] if isinstance(content["commitments"], dict) else {}
    personal: dict[str, Value] = {}
    doubtful: set[str] = set()
    for secret in kept:
        value = _reveal(secret, str(commitments.get(secret.field, "")), opener)
        if value is None:
            doubtful.add(secret.field)
        else:
            personal[secret.field] = value
    hidden = commitments.keys() - personal.keys() - doubtful
    name = personal.pop(ACTOR_NAME, None)
    public = content["fields"] if isinstance(content["fields"], dict) else {}
    return AuditEntry(
        seq=row.seq,
        at=row.at,
        kind=row.kind,
        actor=Actor(row.actor_kind, row.actor_id, row.actor_label, None if name is None else str(name)),
        subjects=Subjects(row.letter_id, row.request_id, row.account_id, row.official_id),
        fields={**public, **personal},
        hidden=frozenset(hidden),
        doubtful=frozenset(doubtful),
        intact=_intact(content, row.hash),
        hash=row.hash,
    )


def _intact(content: Mapping[str, Any], row_hash: str) -> bool:
    try:
        return ChainRow.from_content(content).hash() == row_hash
    except ValueError:
        return False


def _reveal(secret: AuditPersonalRow, commitment: str, opener: Opener) -> Value | None:
    """The value, or None when it is not the one that was committed to."""
    try:
        value: Value = json.loads(opener(secret.sealed))
    except (SealBroken, ValueError):
        return None
    return value if commits_to(commitment, secret.salt, secret.field, value) else None
