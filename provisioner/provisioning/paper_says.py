"""What the office says to the public about one of its papers: no more than the paper itself shows."""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.paper import PaperKind, PaperSubject
from provisioner.provisioning import destroyed
from provisioner.provisioning.context import Context
from provisioner.provisioning.kept_papers import FACTS_PURPOSE
from provisioner.provisioning.paper_facts.shown import ON_PAPER_ONLY, shown
from provisioner.retention import Destroyed
from provisioner.store.tables import AccountRow, LetterRow, PaperRow, RequestRow

ENDED = frozenset({AccountState.REVOKED.value, AccountState.EXPIRED.value})
"""States of an account in which a paper that hands it over says something that is over."""
_HANDS_OVER = frozenset({PaperKind.HANDOVER_RECEIPT})


@dataclass(frozen=True)
class PaperSays:
    """``shown``, code and digest are empty for somebody who has not shown that they have the paper."""

    kind: PaperKind
    number: str
    revision: int
    made_at: datetime
    newer_at: datetime | None
    """When the next revision was made; None while this is the newest."""
    shown: tuple[tuple[str, tuple[str, ...]], ...]
    """(label, texts), see :data:`provisioner.provisioning.paper_facts.shown.SHOWN`."""
    request_state: str
    """Of the letter or the request it is about; empty for papers about an account."""
    account_state: str
    """Of the account it is about; empty while there is none."""
    code: str
    sha256: str
    length: int
    destroyed: Destroyed | None = None
    """The archive was destroyed: only kind, number, dates and digest are still known."""

    @property
    def replaced(self) -> bool:
        """There is a newer revision."""
        return self.newer_at is not None

    @property
    def over(self) -> bool:
        """What it gives is taken back: an account that it hands over is revoked or has expired."""
        return self.kind in _HANDS_OVER and self.account_state in ENDED

    @property
    def on_paper_only(self) -> tuple[str, ...]:
        """What the paper shows besides, and this does not."""
        return ON_PAPER_ONLY[self.kind] if self.shown else ()

    def without_persons(self) -> "PaperSays":
        """For somebody who only named its number."""
        return replace(self, shown=(), code="", sha256="", length=0, request_state="", account_state="")


def say(context: Context, session: Session, paper: PaperRow) -> PaperSays:
    """What the office says about ``paper`` now."""
    kind = PaperKind(paper.kind)
    values = json.loads(context.keyring.open(FACTS_PURPOSE, paper.facts)) if paper.facts else {}
    account = session.get(AccountRow, paper.account_id) if paper.account_id else None
    return PaperSays(
        kind,
        paper.number or str(values.get("number", "")),
        paper.revision,
        paper.made_at,
        paper.replaced_at,
        shown(kind, values),
        _request_state(session, kind, paper),
        account.state if account else "",
        paper.code,
        paper.sha256,
        paper.length,
        destroyed.of_paper(session, paper),
    )


def _request_state(session: Session, kind: PaperKind, paper: PaperRow) -> str:
    if kind.subject is PaperSubject.REQUEST and paper.request_id:
        return session.scalars(select(RequestRow.state).where(RequestRow.id == paper.request_id)).one()
    if kind.subject is PaperSubject.LETTER and paper.letter_id:
        return session.scalars(select(LetterRow.state).where(LetterRow.id == paper.letter_id)).one()
    return ""
