"""The papers of the SOP: filled in from what is recorded, kept as they were made, read again.

A paper is made when somebody first asks for it and is kept from then on with its exact bytes. The same facts are the
same paper; once they have changed (another disposition, say) the next one is made as its next revision.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor
from provisioner.documents.letterhead import letterhead
from provisioner.documents.qr import qr_svg
from provisioner.documents.renderer import Renderer
from provisioner.errors import NotFound
from provisioner.paper import PaperKind
from provisioner.provisioning import access
from provisioner.provisioning.context import Context
from provisioner.store.tables import PaperRow

PAPER_PURPOSE = "paper-document"
FACTS_PURPOSE = "paper-facts"
SHORT_ADDRESS = "/v/"
"""Where the QR code of a paper leads, before its code."""


@dataclass(frozen=True)
class PaperFacts:
    """What a paper is filled from. ``values`` are plain (JSON): the template sees them as ``data.paper``."""

    values: Mapping[str, object]
    at: datetime
    """The moment the paper is dated: that of the newest thing it tells, so that the same facts give the same bytes."""
    letter_id: str | None = None
    request_id: str | None = None
    account_id: str | None = None
    letter_number: str = ""
    number: str = ""
    """The number that stands on it, if papers of this kind have one."""


Gather = Callable[[Session, str], PaperFacts]
"""Reads the facts about a subject (by its id).

:raises NotFound: there is no such subject. :raises WrongState: there is nothing to say on this paper yet.
"""


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


class Papers:
    """Makes papers and reads them. ``address``: of this service, for the QR codes."""

    def __init__(
        self, context: Context, renderer: Renderer, gathering: Mapping[PaperKind, Gather], address: str
    ) -> None:
        self._context = context
        self._renderer = renderer
        self._gathering = gathering
        self._address = address

    @property
    def kinds(self) -> tuple[PaperKind, ...]:
        """The kinds that can be made here, in the order of the SOP."""
        return tuple(kind for kind in PaperKind if kind in self._gathering)

    def make(self, kind: PaperKind, subject: str) -> PaperView:
        """The paper as the facts are now: the one that is kept, or a new revision.

        Rendered outside the transaction.

        :raises NotFound: no such subject. :raises WrongState: there is nothing to say on this paper yet.
        :raises ConfigurationError: the template is broken. :raises InvalidInput: ``unprintable-text``.
        """
        with self._context.store.read() as session:
            facts = self._gathering[kind](session, subject)
            text = json.dumps(facts.values, ensure_ascii=False, sort_keys=True)
            digest = self._context.keyring.mac("paper-facts", f"{kind} {subject} {text}".encode())
            kept = _newest(session, kind, subject)
            if kept is not None and kept.facts_digest == digest:
                return _view(kept)
        code = self._code(digest)
        pdf = self._render(kind, facts, code)
        with self._context.store.begin() as session:
            former = _newest(session, kind, subject)
            if former is not None and former.facts_digest == digest:
                return _view(former)
            return self._keep(session, kind, subject, facts, text, digest, code, pdf, former)

    def read(self, actor: Actor, paper_id: str) -> tuple[PaperView, bytes]:
        """A paper with its bytes, for an official. Written into the trail.

        :raises NotFound: no such paper. :raises NotAllowed: this person has no need of it.
        """
        actor.require(*access.BIO)
        with self._context.store.begin() as session:
            row = session.get(PaperRow, paper_id)
            if row is None:
                raise NotFound("paper-unknown")
            self._context.trail.record(
                session,
                "paper-read",
                actor=actor.in_trail(),
                subjects=audit.Subjects(letter=row.letter_id, request=row.request_id, account=row.account_id),
                document=row.kind,
                sha256=row.sha256,
                paper_number=row.number,
                revision=row.revision,
            )
            return _view(row), self._context.keyring.open(PAPER_PURPOSE, row.document)

    def bytes_of(self, paper: PaperView) -> bytes:
        """The kept bytes, for the core's own use: whoever calls it has asked who may read it."""
        with self._context.store.read() as session:
            return self._context.keyring.open(PAPER_PURPOSE, session.get_one(PaperRow, paper.id).document)

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _code(self, digest: bytes) -> str:
        """16 signs of base 32 (80 bits) that follow from the facts alone: the same facts give the same bytes."""
        return base64.b32encode(self._context.keyring.mac("paper-code", digest)[:10]).decode().lower()

    def _render(self, kind: PaperKind, facts: PaperFacts, code: str) -> bytes:
        address = f"{self._address}{SHORT_ADDRESS}{code}"
        data = {
            "office": letterhead(self._context.office, self._renderer),
            "paper": facts.values,
            "qr": qr_svg(address),
            "verify_at": address.partition("://")[2],
            "code": code,
        }
        return self._renderer.render(kind.template, data, facts.at)

    def _keep(
        self,
        session: Session,
        kind: PaperKind,
        subject: str,
        facts: PaperFacts,
        text: str,
        digest: bytes,
        code: str,
        pdf: bytes,
        former: PaperRow | None,
    ) -> PaperView:
        at, keyring = self._context.clock(), self._context.keyring
        if former is not None:
            former.replaced_at = at
        row = PaperRow(
            kind=kind.value,
            subject=subject,
            letter_id=facts.letter_id,
            request_id=facts.request_id,
            account_id=facts.account_id,
            revision=former.revision + 1 if former else 1,
            number=facts.number,
            code=code,
            facts=keyring.seal(FACTS_PURPOSE, text.encode()),
            facts_digest=digest,
            template_revision=self._renderer.revision(kind.template),
            document=keyring.seal(PAPER_PURPOSE, pdf),
            sha256=sha256(pdf).hexdigest(),
            length=len(pdf),
            made_at=at,
        )
        session.add(row)
        session.flush()
        self._context.trail.record(
            session,
            "paper-made",
            actor=audit.Actor.system(),
            subjects=audit.Subjects(letter=row.letter_id, request=row.request_id, account=row.account_id),
            document=row.kind,
            sha256=row.sha256,
            letter_number=facts.letter_number,
            paper_number=row.number,
            revision=row.revision,
            template_revision=row.template_revision,
        )
        return _view(row)


def _newest(session: Session, kind: PaperKind, subject: str) -> PaperRow | None:
    return session.scalars(
        select(PaperRow)
        .where(PaperRow.kind == kind.value, PaperRow.subject == subject)
        .order_by(PaperRow.revision.desc())
        .limit(1)
    ).one_or_none()


def _view(row: PaperRow) -> PaperView:
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
