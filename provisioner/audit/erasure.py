"""Destroying personal values of the trail, when their retention ends or the law says so. The chain stays whole."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select
from sqlalchemy.orm import Session

from provisioner.audit.entry import Subjects
from provisioner.audit.events import ACTOR_NAME, EVERYWHERE
from provisioner.store.tables.audit import AuditPersonalRow, AuditRow

_ABOUT_ACTOR = sorted(EVERYWHERE)
_ORIGIN = sorted(EVERYWHERE - {ACTOR_NAME})
_THEMSELVES = ("applicant", "operator", "visitor")


def erase(session: Session, subjects: Subjects) -> int:
    """Delete salt and sealed value of every personal field about these subjects; returns how many.

    A letter, request or account: what the events say of the person it is about, and their own name and addresses where
    they acted themselves; the names of officials who handled it stay. An official: their name and addresses wherever
    they acted, and what is said of them. Recording ``personal-data-erased`` is the caller's part. The values are gone
    from the database with the commit; from older backups when those are.

    :raises ValueError: no subject is given, which would mean everybody.
    """
    about = _rows_about(subjects)
    if not about:
        raise ValueError("erase needs a subject")
    own = [AuditRow.actor_kind.in_(_THEMSELVES)]
    conditions = [
        and_(or_(*about), or_(AuditPersonalRow.field.not_in(_ABOUT_ACTOR), *own)),
    ]
    if subjects.official:
        acted = and_(AuditRow.actor_kind == "official", AuditRow.actor_id == subjects.official)
        conditions.append(and_(acted, AuditPersonalRow.field.in_(_ABOUT_ACTOR)))
    keys = (
        select(AuditPersonalRow.seq, AuditPersonalRow.field)
        .join(AuditRow, AuditRow.seq == AuditPersonalRow.seq)
        .where(or_(*conditions))
    )
    return _delete(session, keys)


def erase_before(session: Session, before: datetime, concluded: ColumnElement[bool], limit: int) -> int:
    """Delete personal values of events before a moment, the oldest first, at most ``limit``; returns how many.

    Network addresses and devices of every event; everything else where ``concluded``, a condition on
    :class:`AuditRow`, holds. Recording ``personal-data-erased`` is the caller's part.
    """
    keys = (
        select(AuditPersonalRow.seq, AuditPersonalRow.field)
        .join(AuditRow, AuditRow.seq == AuditPersonalRow.seq)
        .where(AuditRow.at < before, or_(AuditPersonalRow.field.in_(_ORIGIN), concluded))
        .order_by(AuditPersonalRow.seq)
        .limit(limit)
    )
    return _delete(session, keys)


def _delete(session: Session, keys: Select[int, str]) -> int:
    found = session.execute(keys).all()
    for seq, field in found:
        session.execute(delete(AuditPersonalRow).where(AuditPersonalRow.seq == seq, AuditPersonalRow.field == field))
    return len(found)


def _rows_about(subjects: Subjects) -> Sequence[ColumnElement[bool]]:
    columns = {
        "letter": AuditRow.letter_id,
        "request": AuditRow.request_id,
        "account": AuditRow.account_id,
        "official": AuditRow.official_id,
    }
    return [columns[name] == value for name, value in subjects.given().items()]
