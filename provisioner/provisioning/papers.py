"""The papers of the SOP: filled in from what is recorded, kept as they were made, read again.

A paper is made when somebody first asks for it and is kept from then on with its exact bytes. The same facts are the
same paper; once they have changed (another disposition, say) the next one is made as its next revision.
"""

import base64
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor
from provisioner.documents.letterhead import letter_words, letterhead
from provisioner.documents.qr import qr_svg
from provisioner.documents.renderer import Renderer
from provisioner.errors import NotFound, WrongState
from provisioner.paper import PaperKind, PaperSubject
from provisioner.provisioning import access, destroyed, lookup
from provisioner.provisioning.context import Context
from provisioner.provisioning.kept_papers import FACTS_PURPOSE, PAPER_PURPOSE, PaperView, newest, view
from provisioner.provisioning.numbers import ATTEMPTS, NumberGone
from provisioner.provisioning.paper_content import Gather, PaperFacts, as_json
from provisioner.provisioning.paper_numbers import PaperNumbers
from provisioner.provisioning.paper_refusals import PaperRefusal, refusal
from provisioner.store.locking import alone
from provisioner.store.tables import LetterRow, PaperRow

SHORT_ADDRESS = "/v/"
"""Where the QR code of a paper leads, before its code."""


@dataclass(frozen=True)
class OfferedPaper:
    """A paper that can be read now. ``made``: its newest revision, if it was made before."""

    kind: PaperKind
    subject: str
    made: PaperView | None
    refused: PaperRefusal | None = None
    """Why it could not be made when its case ended, if it was not made since."""


class Papers:
    """Makes papers and reads them. ``address``: of this service, for the QR codes."""

    def __init__(
        self,
        context: Context,
        renderer: Renderer,
        gathering: Mapping[PaperKind, Gather],
        draft: Callable[[Context, Session, LetterRow], Mapping[str, object]],
        address: str,
    ) -> None:
        self._context = context
        self._renderer = renderer
        self._gathering = gathering
        self._draft = draft
        self._address = address
        self._numbers = PaperNumbers(context)

    @property
    def kinds(self) -> tuple[PaperKind, ...]:
        """The kinds that can be made here, in the order of the SOP."""
        return tuple(kind for kind in PaperKind if kind in self._gathering)

    def make(self, kind: PaperKind, subject: str, *, unattended: bool = False) -> PaperView:
        """The paper as the facts are now: the one that is kept, or a new revision.

        Rendered outside the transaction. ``unattended``: nobody asked for it, so a number of the office's own book,
        which somebody may still type, is waited for.

        :raises NotFound: no such subject. :raises WrongState: there is nothing to say on this paper yet;
            ``number-awaited``: only unattended.
        :raises ConfigurationError: the template is broken. :raises InvalidInput: ``unprintable-text``.
        """
        with self._context.store.read() as session:
            destroyed.refuse_subject(session, kind, subject)
            facts = self._gathering[kind](session, subject)
            digest = self._digest(kind, subject, facts)
            kept = newest(session, kind, subject)
            if kept is not None and kept.facts_digest == digest:
                return view(kept)
        for _ in range(ATTEMPTS):
            with self._context.store.read() as session:
                whole = self._numbers.numbered(session, kind, subject, facts)
            if unattended and whole.outgoing is not None and whole.number == "":
                raise WrongState("number-awaited", state="")
            code = self._code(digest)
            pdf = self._render(kind, whole, code)
            with suppress(NumberGone), self._context.store.begin() as session:
                alone(session, "paper", f"{kind}:{subject}")
                destroyed.refuse_subject(session, kind, subject)
                former = newest(session, kind, subject)
                if former is not None and former.facts_digest == digest:
                    return view(former)
                self._numbers.take(session, kind, whole, former)
                return self._keep(session, kind, subject, whole, digest, code, pdf, former)
        raise WrongState("changed-meanwhile", state="")

    def stands(self, session: Session, kind: PaperKind, subject: str, newest: PaperRow | None) -> bool:
        """Whether ``newest``, the newest revision that is kept, is the paper as the facts are now. Raises as
        :meth:`make` does before it renders.
        """
        facts = self._gathering[kind](session, subject)
        return newest is not None and newest.facts_digest == self._digest(kind, subject, facts)

    def offered(self, actor: Actor, *subjects: tuple[PaperKind, str]) -> list[OfferedPaper]:
        """Those of the papers that can be read now, by this person. Nothing is made."""
        allowed = [(kind, subject) for kind, subject in subjects if access.reads_paper(actor, kind)]
        return self._offered(allowed)

    def show(self, actor: Actor, kind: PaperKind, subject: str) -> tuple[PaperView, bytes]:
        """The paper as the facts are now, for an official; made if need be. Raises as :meth:`make`, :meth:`read`."""
        access.require_kind(actor, kind)
        return self.read(actor, self.make(kind, subject).id)

    def own_offered(self, request_id: str) -> list[OfferedPaper]:
        """Which papers the applicant can read now."""
        return self._offered([(kind, self._own_subject(kind, request_id)) for kind in access.OWN_PAPERS])

    def show_own(self, request_id: str, kind: PaperKind) -> tuple[PaperView, bytes]:
        """An applicant's own paper. Written into the trail.

        :raises NotFound: not one that applicants read. Else as :meth:`make`.
        """
        if kind not in access.OWN_PAPERS:
            raise NotFound("paper-unknown")
        made = self.make(kind, self._own_subject(kind, request_id))
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            reader = audit.Actor.applicant(request.id, name=request.display_name)
            return self._read(session, session.get_one(PaperRow, made.id), reader)

    def read(self, actor: Actor, paper_id: str) -> tuple[PaperView, bytes]:
        """A paper with its bytes, for an official. Written into the trail.

        :raises NotFound: no such paper. :raises NotAllowed: this person has no need of it.
        """
        with self._context.store.begin() as session:
            row = session.get(PaperRow, paper_id)
            if row is None:
                raise NotFound("paper-unknown")
            access.require_kind(actor, PaperKind(row.kind))
            destroyed.refuse(destroyed.of_paper(session, row))
            return self._read(session, row, actor.in_trail())

    def letter_to_sign(self, request_id: str) -> bytes:
        """The applicant's letter as it is written so far, to be signed by hand and scanned. It is nobody's paper yet:
        not kept, without a code to check it by.

        :raises WrongState: ``sent-already``. Else as :meth:`make`.
        """
        context = self._context
        with context.store.read() as session:
            letter = lookup.request(session, request_id).letter
            if letter.received_at is not None:
                raise WrongState("sent-already", state=letter.state)
            values = self._draft(context, session, letter)
        return self._renderer.render(PaperKind.REQUEST_LETTER.template, self._data(values, ""), context.clock())

    def bytes_of(self, paper: PaperView) -> bytes:
        """The kept bytes, for the core's own use: whoever calls it has asked who may read it."""
        with self._context.store.read() as session:
            return self._context.keyring.open(PAPER_PURPOSE, session.get_one(PaperRow, paper.id).document)

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _read(self, session: Session, row: PaperRow, reader: audit.Actor) -> tuple[PaperView, bytes]:
        self._context.trail.record(
            session,
            "paper-read",
            actor=reader,
            subjects=audit.Subjects(letter=row.letter_id, request=row.request_id, account=row.account_id),
            document=row.kind,
            sha256=row.sha256,
            paper_number=row.number,
            revision=row.revision,
        )
        return view(row), self._context.keyring.open(PAPER_PURPOSE, row.document)

    def _offered(self, subjects: Iterable[tuple[PaperKind, str]]) -> list[OfferedPaper]:
        found = []
        with self._context.store.read() as session:
            for kind, subject in subjects:
                with suppress(NotFound, WrongState):
                    destroyed.refuse_subject(session, kind, subject)
                    self._gathering[kind](session, subject)
                    made = newest(session, kind, subject)
                    refused = refusal(session, kind, subject)
                    if refused is not None and made is not None and made.made_at > refused.at:
                        refused = None
                    found.append(OfferedPaper(kind, subject, view(made) if made is not None else None, refused))
        return found

    def _own_subject(self, kind: PaperKind, request_id: str) -> str:
        if kind.subject is not PaperSubject.LETTER:
            return request_id
        with self._context.store.read() as session:
            return lookup.request(session, request_id).letter_id

    def _digest(self, kind: PaperKind, subject: str, facts: PaperFacts) -> bytes:
        return self._context.keyring.mac("paper-facts", f"{kind} {subject} {as_json(facts.settled)}".encode())

    def _code(self, digest: bytes) -> str:
        """16 signs of base 32 (80 bits) that follow from the facts alone: the same facts give the same bytes."""
        return base64.b32encode(self._context.keyring.mac("paper-code", digest)[:10]).decode().lower()

    def _render(self, kind: PaperKind, facts: PaperFacts, code: str) -> bytes:
        return self._renderer.render(kind.template, self._data(facts.values, code), facts.at)

    def _data(self, values: Mapping[str, object], code: str) -> dict[str, object]:
        address = f"{self._address}{SHORT_ADDRESS}{code}"
        return {
            "office": letterhead(self._context.office, self._renderer),
            "words": letter_words(self._context.office),
            "paper": values,
            "qr": qr_svg(address),
            "verify_at": address.partition("://")[2],
            "code": code,
        }

    def _keep(
        self,
        session: Session,
        kind: PaperKind,
        subject: str,
        facts: PaperFacts,
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
            facts=keyring.seal(FACTS_PURPOSE, as_json(facts.values).encode()),
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
        return view(row)
