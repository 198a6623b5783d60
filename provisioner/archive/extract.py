"""Some rows of the audit trail, with a proof that they stand in its chain just so, and that none was left out.

Rows about the cases are whole. Of every row between them only its end is shown: the hash of the row before it and the
ids of what it is about. What stands before that (what happened, who, the fields) enters as the state of SHA-256 after
it, from which nothing can be read; yet whoever takes in the end finds the row's hash. So the chain is recomputed from
the first row to the head, which is printed on papers and noted outside, without showing what concerns other people.

What shows of other rows is at most the last 63 bytes before the hash (the word of the event, the tail of a public
field: never a personal value, for these are in no row) and random ids.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from provisioner.archive.sha256_state import BLOCK, state_after
from provisioner.audit import AuditTrail, Head
from provisioner.audit.chain import DOMAIN, GENESIS, canonical
from provisioner.audit.stored import stored_content
from provisioner.errors import SealBroken
from provisioner.store.tables.audit import AuditHeadRow, AuditPersonalRow, AuditRow

FORMAT = "siak-provisioner-audit-extract"
FORMAT_VERSION = 1
WITHHELD = ("address", "device", "nik")
"""Personal fields that a case file has no need of: their commitments stay in it, their values do not."""
LETTER_KIND = "letter"
_BATCH = 500
_AT_ONCE = 400


@dataclass
class Cases:
    """Ids of what the extract is about. A row is theirs when it is about one of these requests or accounts, about
    one of these letters as a whole, or tells of the letter's own scan.
    """

    requests: set[str] = field(default_factory=set)
    letters: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    """Where they lie in the archive."""

    def own(self, row: AuditRow) -> bool:
        """Whether the row is about these cases."""
        return (
            row.request_id in self.requests
            or row.account_id in self.accounts
            or (row.letter_id in self.letters and (row.request_id is None or _of_letter(row)))
        )

    def to_dict(self) -> dict[str, list[str]]:
        """As the extract's first line names them."""
        return {
            "requests": sorted(self.requests),
            "letters": sorted(self.letters),
            "accounts": sorted(self.accounts),
        }


def _of_letter(row: AuditRow) -> bool:
    """The letter's own scan is everybody's on it, whichever of them handed it in."""
    return row.kind == "attachment-added" and json.loads(row.fields).get("document") == LETTER_KIND


def extract(session: Session, trail: AuditTrail, cases: Cases) -> Iterator[str]:
    """Lines (each with its newline) from the first row about these cases to the head, read in batches."""
    first, head = _first(session, cases), _head(session)
    yield _line({"format": FORMAT, "version": FORMAT_VERSION, "about": cases.to_dict()})
    last = first - 1
    while first and (rows := _batch(session, last, head.seq)):
        kept = _kept(session, [row.seq for row in rows if cases.own(row)], trail)
        for row in rows:
            content = stored_content(row)
            if cases.own(row):
                yield _line({**content, "hash": row.hash, "personal": kept.get(row.seq, {})})
            else:
                yield _line(link(content, row.hash))
            session.expunge(row)
        last = rows[-1].seq
    yield _line({"head": {"seq": head.seq, "hash": head.hash}})


def link(content: Mapping[str, Any], row_hash: str) -> dict[str, object]:
    """A row of which only the end shows. ``content``: what is hashed of it."""
    data = DOMAIN + canonical(content)
    shown = data.rindex(b'"previous":"') // BLOCK * BLOCK
    state = b"".join(word.to_bytes(4, "big") for word in state_after(data[:shown]))
    rest = base64.b64encode(data[shown:]).decode()
    return {"seq": content["seq"], "hash": row_hash, "before": shown, "state": state.hex(), "rest": rest}


def _first(session: Session, cases: Cases) -> int:
    """Number of the first row about these cases; 0 when there is none."""
    found: list[int] = []
    whole = (or_(AuditRow.request_id.is_(None), AuditRow.kind == "attachment-added"),)
    for column, ids, more in (
        (AuditRow.request_id, cases.requests, ()),
        (AuditRow.account_id, cases.accounts, ()),
        (AuditRow.letter_id, cases.letters, whole),
    ):
        found += _first_of(session, column, sorted(ids), more)
    return min(found, default=0)


def _first_of(
    session: Session,
    column: InstrumentedAttribute[str | None],
    ids: list[str],
    more: tuple[ColumnElement[bool], ...],
) -> Iterator[int]:
    for start in range(0, len(ids), _AT_ONCE):
        asked = select(func.min(AuditRow.seq)).where(or_(column.in_(ids[start : start + _AT_ONCE])), *more)
        if (seq := session.scalar(asked)) is not None:
            yield seq


def _head(session: Session) -> Head:
    row = session.execute(select(AuditHeadRow.seq, AuditHeadRow.hash)).one_or_none()
    return Head(row.seq, row.hash) if row else Head(0, GENESIS)


def _batch(session: Session, after: int, until: int) -> list[AuditRow]:
    query = select(AuditRow).where(AuditRow.seq > after, AuditRow.seq <= until).order_by(AuditRow.seq).limit(_BATCH)
    return list(session.scalars(query))


def _kept(session: Session, numbers: list[int], trail: AuditTrail) -> dict[int, dict[str, Any]]:
    kept: dict[int, dict[str, Any]] = {}
    query = select(AuditPersonalRow).where(AuditPersonalRow.seq.in_(numbers), AuditPersonalRow.field.not_in(WITHHELD))
    for secret in session.scalars(query):
        try:
            value = json.loads(trail.revealed(secret.sealed))
        except (SealBroken, ValueError):
            value = None  # It contradicts its commitment then, and whoever verifies is told.
        kept.setdefault(secret.seq, {})[secret.field] = {"salt": secret.salt.hex(), "value": value}
        session.expunge(secret)
    return kept


def _line(content: Mapping[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"
