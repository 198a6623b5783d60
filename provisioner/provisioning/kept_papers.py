"""Papers as they are kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.paper import PaperKind
from provisioner.store.tables import PaperRow

PAPER_PURPOSE = "paper-document"
FACTS_PURPOSE = "paper-facts"


@dataclass(frozen=True)
class PaperView:
    """One paper as pages list it."""

    id: str
    kind: PaperKind
    revision: int
    number: str
    code: str
    sha256: str
    length: int
    made_at: datetime
    replaced: bool
    letter_id: str | None
    request_id: str | None
    account_id: str | None


def newest(session: Session, kind: PaperKind, subject: str) -> PaperRow | None:
    """The newest revision; None: the paper was never made."""
    return session.scalars(
        select(PaperRow)
        .where(PaperRow.kind == kind.value, PaperRow.subject == subject)
        .order_by(PaperRow.revision.desc())
        .limit(1)
    ).one_or_none()


def view(row: PaperRow) -> PaperView:
    """The paper of a row."""
    return PaperView(
        row.id,
        PaperKind(row.kind),
        row.revision,
        row.number,
        row.code,
        row.sha256,
        row.length,
        row.made_at,
        row.replaced_at is not None,
        row.letter_id,
        row.request_id,
        row.account_id,
    )
