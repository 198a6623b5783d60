"""Reading the trail: filters, pages, and personal values as far as they were not erased."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, union_all
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
READ_THROUGH = 10_000
"""So many events are looked through for a text, newest first, before a page ends: the next one goes on there."""
CLOCKS_APART = timedelta(hours=1)
"""Events are numbered as they are committed. Machines whose clocks differ by less never hide one from a day."""


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
    """Events, newest first. ``next_before`` asks for the next page; None: there is none. A page for a text may have
    fewer than asked for, or none, and still be followed by others.
    """

    entries: tuple[AuditEntry, ...]
    next_before: int | None


def search(session: Session, filters: Filters, opener: Opener, *, before: int | None, limit: int) -> Page:
    """Events that meet the filters and stand before sequence number ``before``, newest first.

    ``limit`` is cut to 1..500. Pages go by sequence number, so events added meanwhile move nothing.
    """
    size = max(1, min(limit, LARGEST_PAGE))
    reach = _reach(session, filters, before)
    rows = _newest(session, filters, reach, size + 1)
    shown = rows[:size]
    kept = _personal_rows(session, [row.seq for row in shown])
    entries = tuple(_entry(row, kept.get(row.seq, []), opener) for row in shown)
    older = reach.after + 1 if reach.cut_off else None
    return Page(entries, shown[-1].seq if len(rows) > size else older)


@dataclass(frozen=True)
class _Reach:
    """The piece of the trail that one page looks through: ``after`` < sequence number < ``before``."""

    after: int
    before: int
    cut_off: bool
    """There is more of it further back."""


def _reach(session: Session, filters: Filters, before: int | None) -> _Reach:
    """Text is read through :data:`READ_THROUGH` events at a time, and days are found by the numbers around them."""
    end = (session.scalar(select(func.max(AuditRow.seq))) or 0) + 1
    end, start = min(before or end, end), 0
    if filters.until is not None:
        late = select(AuditRow.seq).where(AuditRow.at > filters.until + CLOCKS_APART).order_by(AuditRow.at).limit(1)
        end = min(end, session.scalar(late) or end)
    if filters.since is not None:
        early = select(AuditRow.seq).where(AuditRow.at < filters.since - CLOCKS_APART)
        start = session.scalar(early.order_by(AuditRow.at.desc()).limit(1)) or 0
    bound = end - READ_THROUGH - 1 if filters.text.strip() and not _about_one(filters) else start
    return _Reach(max(start, bound), end, bound > start)


def _about_one(filters: Filters) -> bool:
    """One letter, request, account or official has few events: an index leads to all of them."""
    return any((filters.letter, filters.request, filters.account, filters.official))


def _newest(session: Session, filters: Filters, reach: _Reach, most: int) -> Sequence[AuditRow]:
    """The newest events of a reach that meet the filters. Several kinds are asked for one by one: an index then gives
    the newest of each, where all together would be sorted first.
    """
    within = (AuditRow.seq > reach.after, AuditRow.seq < reach.before, *_conditions(filters))
    newest = select(AuditRow).order_by(AuditRow.seq.desc()).limit(most)
    if not filters.kinds or _about_one(filters):
        of_any = (AuditRow.kind.in_(list(filters.kinds)),) if filters.kinds else ()
        return session.scalars(newest.where(*within, *of_any)).all()
    one_by_one = [
        select(AuditRow.seq).where(*within, AuditRow.kind == kind).order_by(AuditRow.seq.desc()).limit(most).subquery()
        for kind in dict.fromkeys(filters.kinds)
    ]
    found = session.scalars(union_all(*(select(each.c.seq) for each in one_by_one))).all()
    chosen = sorted(found, reverse=True)[:most]
    return session.scalars(newest.where(AuditRow.seq.in_(chosen))).all() if chosen else ()


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.since is not None:
        conditions.append(AuditRow.at >= filters.since)
    if filters.until is not None:
        conditions.append(AuditRow.at < filters.until)
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
