"""Papers that could be made of what is recorded and were not, or that say what is not so any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from provisioner.errors import ProvisionerError
from provisioner.paper import CASE_KINDS, PaperKind, PaperSubject
from provisioner.provisioning.case_facts import subjects_of
from provisioner.provisioning.papers import Papers
from provisioner.store.tables import PaperRow, RequestRow

Which = tuple[PaperKind, str]
"""A kind of paper, and the id of what it is about."""
OF_A_CASE = frozenset({PaperSubject.LETTER, PaperSubject.REQUEST, PaperSubject.ACCOUNT})
NO_GATHERER, NO_ACCOUNT = "not-made-here", "no-account"


@dataclass(frozen=True)
class Outstanding:
    """What one request lacks. ``refused``: kinds of which there is no paper, and why."""

    request_id: str
    due: tuple[Which, ...]
    refused: Mapping[PaperKind, str]


class OutstandingPapers:
    """Tells and makes them."""

    def __init__(self, papers: Papers) -> None:
        self._papers = papers

    def of(self, session: Session, request: RequestRow, kept: Sequence[PaperRow]) -> Outstanding:
        """``kept``: at least the newest revision of every paper about the request, its letter and its account."""
        newest: dict[Which, PaperRow] = {}
        for row in sorted(kept, key=lambda row: row.revision):
            newest[PaperKind(row.kind), row.subject] = row
        due, refused, subjects = list[Which](), dict[PaperKind, str](), subjects_of(request)
        for kind in CASE_KINDS:
            if kind.subject not in OF_A_CASE:
                continue
            subject = subjects.get(kind.subject)
            if kind not in self._papers.kinds:
                refused[kind] = NO_GATHERER
            elif subject is None:
                refused[kind] = NO_ACCOUNT
            else:
                try:
                    if not self._papers.stands(session, kind, subject, newest.get((kind, subject))):
                        due.append((kind, subject))
                except ProvisionerError as error:
                    refused[kind] = error.code
        return Outstanding(request.id, tuple(due), refused)

    def make(self, which: Which) -> str:
        """Make it. Empty, or the code of what is against it."""
        try:
            self._papers.make(*which)
        except ProvisionerError as error:
            return error.code
        return ""
