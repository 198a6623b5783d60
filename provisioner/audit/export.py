"""The trail as JSON lines: what an auditor carries away and verifies elsewhere.

The first line is a header, then one line a row, and last a line with the head, so that a broken-off copy shows. With
``personal`` each row also carries salt and value of the personal fields that were not erased; without, an export holds
no personal value at all.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioner.audit.chain import GENESIS
from provisioner.audit.head import Head
from provisioner.audit.stored import stored_content
from provisioner.audit.trail import AuditTrail
from provisioner.errors import SealBroken
from provisioner.store.tables.audit import AuditHeadRow, AuditPersonalRow, AuditRow

FORMAT = "siak-provisioner-audit"
FORMAT_VERSION = 1
_BATCH = 500


def export(session: Session, trail: AuditTrail, *, personal: bool = False, after: int = 0) -> Iterator[str]:
    """Lines (each with its newline) of all rows after sequence number ``after``, read in batches, oldest first.

    An export that does not begin at the first row needs an anchor of the row before it to be verified.
    """
    yield _line({"format": FORMAT, "version": FORMAT_VERSION, "after": after, "personal": personal})
    until, head = _end(session)
    last = after
    while rows := _batch(session, last, until):
        kept = _kept(session, rows, trail) if personal else {}
        for row in rows:
            content = {**stored_content(row), "hash": row.hash, "mac": row.mac}
            yield _line({**content, "personal": kept.get(row.seq, {})} if personal else content)
            session.expunge(row)
        last = rows[-1].seq
    yield _line({"head": {"seq": head.seq, "hash": head.hash}})


def _end(session: Session) -> tuple[int, Head]:
    """The last row there is, and the head as the head row claims it: the verifier compares the two.

    One statement reads both, so that what is appended while the export runs stays out of it on every database.
    """
    newest = select(func.max(AuditRow.seq)).scalar_subquery()
    claimed_seq = select(AuditHeadRow.seq).scalar_subquery()
    claimed_hash = select(AuditHeadRow.hash).scalar_subquery()
    until, seq, head_hash = session.execute(select(newest, claimed_seq, claimed_hash)).one()
    return until or 0, Head(seq or 0, head_hash or GENESIS)


def _batch(session: Session, after: int, until: int) -> list[AuditRow]:
    query = select(AuditRow).where(AuditRow.seq > after, AuditRow.seq <= until).order_by(AuditRow.seq).limit(_BATCH)
    return list(session.scalars(query))


def _kept(session: Session, rows: Iterable[AuditRow], trail: AuditTrail) -> dict[int, dict[str, Any]]:
    kept: dict[int, dict[str, Any]] = {}
    query = select(AuditPersonalRow).where(AuditPersonalRow.seq.in_([row.seq for row in rows]))
    for secret in session.scalars(query):
        try:
            value = json.loads(trail.revealed(secret.sealed))
        except (SealBroken, ValueError):
            # Exported as it is: without a value it contradicts its commitment, and the verifier says so.
            value = None
        kept.setdefault(secret.seq, {})[secret.field] = {"salt": secret.salt.hex(), "value": value}
    return kept


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
