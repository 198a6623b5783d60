"""The ADB's cards: work at systems that only a person can operate."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioner.account import OPEN, AccountState
from provisioner.actor import Actor
from provisioner.attachment import AttachmentReader, Paper
from provisioner.audit import Subjects
from provisioner.board import DONE, StoreBoard
from provisioner.board import OPEN as CARD_OPEN
from provisioner.convergence.readiness import Readiness
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import DUE, lock_accounts
from provisioner.credential.generation import takes_ticket
from provisioner.credential.issuing import sealed_generation
from provisioner.dispatch.wakeup import WakeUp
from provisioner.envelope import SlipContext, seal
from provisioner.errors import Conflict, InvalidInput, NotFound, WrongState
from provisioner.observation.reference import current_reference
from provisioner.plain_text import many_lines
from provisioner.provisioning.card_views import EVIDENCE, POSTS, WITH_PASSWORD, Card, CardViews, link_of
from provisioner.provisioning.context import Context
from provisioner.store.tables import (
    AccountRow,
    CardEvidenceRow,
    CredentialRow,
    LinkRow,
    ManualAccountRow,
    RequestRow,
    TaskCardRow,
)

__all__ = ["POSTS", "Card", "Cards"]

_LONGEST_PASSWORD = 256
_LONGEST_SENTENCE = 2000

Files = Sequence[tuple[str, bytes]]
"""(file name, content): a picture that shows the work as done, or several."""


class Cards(CardViews):
    """Use cases of the ADB. Every method that changes anything raises NotAllowed for other posts."""

    def __init__(
        self,
        context: Context,
        targets: TargetSet,
        board: StoreBoard,
        readiness: Readiness,
        wakeup: WakeUp,
        pictures: AttachmentReader,
    ) -> None:
        super().__init__(context, targets, board)
        self._readiness = readiness
        self._wakeup = wakeup
        self._pictures = pictures

    def confirm_created(
        self,
        actor: Actor,
        card_id: str,
        username: str,
        initial_password: str,
        evidence: str = "",
        files: Files = (),
    ) -> None:
        """The account is there (or its password was set anew): user name and initial password as that system has them.
        The password is sealed to the applicant's ticket in this call and kept nowhere.

        :raises InvalidInput: fields ``username``, ``initial_password``, ``evidence``; ``attachment-...``: see
            :class:`~provisioner.attachment.AttachmentReader`.
        :raises Conflict: ``username-taken-in-target``: somebody else has this name there.
        :raises WrongState: ``card-done``, ``card-superseded``, ``card-takes-no-password``, ``no-ticket``.
        """
        capacity = actor.require(*POSTS)
        username = username.strip()
        _require_filled(username, initial_password)
        shown = self._shown(evidence, files)
        with self._context.store.begin() as session:
            card = self._open_row(session, card_id)
            if card.action not in WITH_PASSWORD:
                raise WrongState("card-takes-no-password")
            self._require_evidence(card, shown)
            link, credential, request = self._sealable(session, card)
            self._refuse_taken(session, card, username)
            context = SlipContext(
                self._context.office.name, request.id, card.account_id, credential.name, credential.generation + 1
            )
            slip = seal(request.opening_key or b"", context, initial_password.encode())
            now = self._context.clock()
            generation = sealed_generation(credential, request.ticket_fingerprint or "", slip, now)
            self._board.confirm(session, card, username, generation=generation.number)
            link.applied_generation = generation.number
            session.flush()
            self._readiness.applied(session, [link])
            self._context.trail.record(
                session,
                "password-issued",
                actor=actor.in_trail(capacity),
                subjects=Subjects(request=request.id, account=card.account_id),
                credential=credential.name,
                generation=generation.number,
                targets=[card.target],
                username=username,
            )
            self._finish(session, actor, card, username, shown)

    def confirm_done(self, actor: Actor, card_id: str, evidence: str = "", files: Files = ()) -> None:
        """What the card asks is done. ``evidence``: a sentence.

        :raises InvalidInput: field ``evidence``: a sentence or a picture is demanded; ``attachment-...``.
        :raises WrongState: ``card-done``, ``card-superseded``, ``card-needs-password``.
        """
        actor.require(*POSTS)
        shown = self._shown(evidence, files)
        with self._context.store.begin() as session:
            card = self._open_row(session, card_id)
            if card.action in WITH_PASSWORD:
                raise WrongState("card-needs-password")
            self._require_evidence(card, shown)
            account = session.get_one(AccountRow, card.account_id)
            username = self._board.username_in(session, card) or account.username
            self._board.confirm(session, card, username)
            self._finish(session, actor, card, username, shown)

    def _shown(self, sentence: str, files: Files) -> "_Shown":
        """Before anything is locked: a picture takes a while."""
        try:
            said = many_lines(sentence, _LONGEST_SENTENCE)
        except InvalidInput as refused:
            raise InvalidInput(fields={"evidence": [refused.code]}) from None
        return _Shown(said, self._pictures.read(files) if files else None)

    def _require_evidence(self, card: TaskCardRow, shown: "_Shown") -> None:
        if card.action in self._context.settings.cards.evidence_for and not (shown.sentence or shown.paper):
            raise InvalidInput(fields={"evidence": ["evidence-required"]})

    def _refuse_taken(self, session: Session, card: TaskCardRow, username: str) -> None:
        taken = select(ManualAccountRow.id).where(
            ManualAccountRow.target == card.target,
            ManualAccountRow.account_id != card.account_id,
            ManualAccountRow.removed_at.is_(None),
            func.lower(ManualAccountRow.username) == username.lower(),
        )
        if session.scalars(taken).first() is not None:
            raise Conflict("username-taken-in-target", username=username, target=self._targets.label(card.target))

    def _sealable(self, session: Session, card: TaskCardRow) -> tuple[LinkRow, CredentialRow, RequestRow]:
        link = link_of(session, card)
        account = session.get_one(AccountRow, card.account_id, with_for_update=True)
        request = session.get_one(RequestRow, account.request_id)
        if AccountState(account.state) not in OPEN:
            raise WrongState("account-not-open", state=account.state)
        credential = link.credential
        if credential is None or not takes_ticket(credential, request):
            raise WrongState("no-ticket")
        return link, credential, request

    def _finish(self, session: Session, actor: Actor, card: TaskCardRow, username: str, shown: "_Shown") -> None:
        now = self._context.clock()
        card.state, card.done_at, card.done_by, card.evidence = DONE, now, actor.official_id, shown.sentence
        digest = self._keep(session, card, shown.paper)
        link = link_of(session, card)
        link.state, link.next_try_at, link.reference = DUE, now, current_reference()
        # A run that is under way read the board before: what it finds is not to be recorded over this.
        link.lease_token = link.lease_until = None
        self._context.trail.record(
            session,
            "card-done",
            actor=actor.in_trail(actor.require(*POSTS)),
            subjects=Subjects(request=link.account.request_id, account=card.account_id),
            target=card.target,
            task=card.action,
            card=card.id,
            username=username,
            note=shown.sentence,
            sha256=digest,
            late=card.due_at < now,
        )
        self._wakeup.after_commit(session)

    def _keep(self, session: Session, card: TaskCardRow, paper: Paper | None) -> str | None:
        """Seal the picture; its hash goes into the trail."""
        if paper is None:
            return None
        digest = sha256(paper.content).hexdigest()
        session.add(
            CardEvidenceRow(
                card_id=card.id,
                file_name=paper.file_name,
                media_type=paper.media_type,
                size=len(paper.content),
                sha256=digest,
                content=self._context.keyring.seal(EVIDENCE, paper.content),
            )
        )
        return digest

    def _row(self, session: Session, card_id: str) -> TaskCardRow:
        lock_accounts(session, select(TaskCardRow.account_id).where(TaskCardRow.id == card_id))
        row = session.get(TaskCardRow, card_id, with_for_update=True)
        if row is None:
            raise NotFound("card-unknown")
        return row

    def _open_row(self, session: Session, card_id: str) -> TaskCardRow:
        row = self._row(session, card_id)
        if row.state != CARD_OPEN:
            raise WrongState("card-done" if row.state == DONE else "card-superseded")
        return row


@dataclass(frozen=True)
class _Shown:
    """What shows a card as done."""

    sentence: str
    paper: Paper | None


def _require_filled(username: str, initial_password: str) -> None:
    fields: dict[str, list[str]] = {}
    if not username or len(username) > 100:
        fields["username"] = ["required" if not username else "too-long"]
    if not initial_password or len(initial_password) > _LONGEST_PASSWORD:
        fields["initial_password"] = ["required" if not initial_password else "too-long"]
    if fields:
        raise InvalidInput(fields=fields)
