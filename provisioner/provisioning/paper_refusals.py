"""What is known of papers that could not be made when their case ended."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.paper import PaperKind, PaperSubject
from provisioner.store.tables import AuditRow

EVENT = "paper-not-made"
_COLUMNS = {
    PaperSubject.LETTER: AuditRow.letter_id,
    PaperSubject.REQUEST: AuditRow.request_id,
    PaperSubject.ACCOUNT: AuditRow.account_id,
}


@dataclass(frozen=True)
class PaperRefusal:
    """``characters``: those that cannot be printed, as ``U+1F600``; empty for another reason."""

    code: str
    characters: str
    at: datetime


def refusal(session: Session, kind: PaperKind, subject: str) -> PaperRefusal | None:
    """The last time that this paper could not be made, if ever."""
    column = _COLUMNS.get(kind.subject)
    if column is None:
        return None
    asked = select(AuditRow.at, AuditRow.fields).where(AuditRow.kind == EVENT, column == subject)
    for row in session.execute(asked.order_by(AuditRow.seq.desc())):
        fields = json.loads(row.fields)
        if fields.get("document") == kind:
            return PaperRefusal(str(fields.get("code", "")), str(fields.get("characters", "")), row.at)
    return None
