"""Pemusnahan arsip: the secretary proposes a list, the head approves it with their password. Nobody does both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from provisioner.actor import Actor, Capacity
from provisioner.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from provisioner.plain_text import one_line
from provisioner.provisioning import access, outgoing, signatories
from provisioner.provisioning.case_files import CaseFiles, Written
from provisioner.provisioning.context import Context
from provisioner.provisioning.destruction_record import CaseRecord
from provisioner.provisioning.official_sign_in import OfficialSignIn
from provisioner.provisioning.retention import KeptCase, Retention
from provisioner.retention import DestructionState, Outcome
from provisioner.store.tables import (
    BoxRow,
    DestructionCaseRow,
    DestructionRow,
    FilingRow,
    LetterRow,
    OfficialRow,
    RequestRow,
)

LONGEST_BASIS = 500
PAGE = 25
KIND = "destruction-record"
"""Of the outgoing letter whose number the minutes get."""
SUBJECT = "Berita acara pemusnahan arsip"


@dataclass(frozen=True)
class CaseLine:
    """One case on a list."""

    request_id: str
    number: str
    letter_number: str
    box: str
    """Where its papers lie; of a destroyed one, where they lay."""
    outcome: Outcome


@dataclass(frozen=True)
class DestructionView:
    """A proposal and what became of it."""

    id: str
    state: DestructionState
    basis: str
    years: int
    proposed_at: datetime
    proposed_by: str
    decided_at: datetime | None
    decided_by: str
    number: str
    day: date | None
    archive_at: datetime | None
    archive_sha256: str
    done_at: datetime | None
    count: int
    destroyed: int
    left_out: int
    fingerprint: str
    """Of the list and its basis: who approves, approves what they saw."""
    cases: tuple[CaseLine, ...] = ()
    mine: bool = False
    """The person who looks proposed it."""


class Destructions:
    """Use cases. Methods raise NotAllowed, and NotFound ``destruction-unknown``."""

    def __init__(self, context: Context, retention: Retention, sign_in: OfficialSignIn, case_files: CaseFiles) -> None:
        self._context = context
        self._retention = retention
        self._sign_in = sign_in
        self._case_files = case_files

    def propose(self, actor: Actor, request_ids: Sequence[str], basis: str, *, everything: str | None = None) -> str:
        """Propose these cases, or everything that is due (``everything``: what the list was searched for); gives the
        proposal's id.

        :raises InvalidInput: field ``basis``; field ``case``: none was chosen. :raises Conflict:
            ``destruction-not-due``: one of them is not due (any more), or is on another list.
        """
        capacity = actor.require(*access.PROPOSERS)
        words = _basis(basis)
        try:
            with self._context.store.begin() as session:
                cases = self._chosen(session, request_ids, everything)
                row = DestructionRow(
                    state=DestructionState.PROPOSED,
                    basis=words,
                    years=self._retention.years or 0,
                    proposed_by=actor.official_id,
                    proposed_as=signatories.frozen(actor, capacity),
                    proposed_at=self._context.clock(),
                )
                row.cases = [
                    DestructionCaseRow(
                        position=place, request_id=case.request_id, live_key=case.request_id, number=case.number
                    )
                    for place, case in enumerate(cases, start=1)
                ]
                session.add(row)
                session.flush()
                self._note(session, "destruction-proposed", actor, capacity, row, basis=words, years=row.years)
                return row.id
        except IntegrityError as error:  # Somebody else put one of them on a list at the same moment.
            raise Conflict("destruction-not-due") from error

    def withdraw(self, actor: Actor, destruction_id: str) -> None:
        """The secretary takes a proposal back, or the head does not approve it. Its cases may be proposed again.

        :raises WrongState: ``destruction-decided``.
        """
        capacity = actor.require(*access.PROPOSERS, *access.APPROVERS)
        with self._context.store.begin() as session:
            row = self._open(session, destruction_id)
            row.state = DestructionState.WITHDRAWN
            self._decided(row, actor, capacity)
            for case in row.cases:
                case.live_key = None
            self._note(session, "destruction-withdrawn", actor, capacity, row)

    def approve(self, actor: Actor, destruction_id: str, fingerprint: str, password: str, code: str = "") -> None:
        """The head approves the list as they saw it, with password and second factor; it is carried out by and by.

        :raises NotAllowed: ``own-proposal``. :raises WrongState: ``destruction-decided``. :raises Conflict:
            ``changed-meanwhile``; ``destruction-not-due``: a case on it is not due any more.
        :raises AuthenticationFailed: wrong. :raises LockedOut: too many failures.
        """
        capacity = actor.require(*access.APPROVERS)
        with self._context.store.read() as session:
            self._refuse(session, actor, self._open(session, destruction_id), fingerprint)
        used = self._sign_in.confirm(actor, password, code, purpose="destroy-archive")
        with self._context.store.begin() as session:
            row = self._open(session, destruction_id)
            self._refuse(session, actor, row, fingerprint)
            row.state, row.authentication = DestructionState.APPROVED, used
            self._decided(row, actor, capacity)
            row.day = self._context.today()
            row.number = self._number(session, row.day, actor, capacity)
            self._note(
                session,
                "destruction-approved",
                actor,
                capacity,
                row,
                paper_number=row.number,
                basis=row.basis,
                authentication=used,
                archive_sha256=row.archive_sha256,
            )

    def archive(self, actor: Actor, destruction_id: str) -> Iterator[Written]:
        """Exactly these cases as one ZIP, to be kept elsewhere, while nothing is decided; its manifest is noted.

        Raises like :meth:`CaseFiles.zip`, and WrongState ``destruction-decided``.
        """
        with self._context.store.read() as session:
            wanted = [case.request_id for case in self._open(session, destruction_id).cases]

        def whole(session: Session, manifest: str) -> None:
            row = self._find(session, destruction_id)
            row.archive_sha256, row.archive_at = manifest, self._context.clock()

        return self._case_files.zip(actor, wanted, whole=whole)

    def page(self, actor: Actor, page: int = 1) -> tuple[list[DestructionView], int]:
        """Every proposal, newest first, without the cases; and how many there are."""
        actor.require(*access.RETENTION)
        with self._context.store.read() as session:
            total = session.scalar(select(func.count()).select_from(DestructionRow)) or 0
            newest = select(DestructionRow).order_by(DestructionRow.proposed_at.desc(), DestructionRow.id)
            rows = session.scalars(newest.limit(PAGE).offset((max(1, page) - 1) * PAGE)).all()
            return [_view(actor, row) for row in rows], total

    def waiting(self, actor: Actor) -> int:
        """How many proposals wait for this person's decision."""
        if not actor.holds(*access.APPROVERS):
            return 0
        asked = select(func.count()).where(
            DestructionRow.state == DestructionState.PROPOSED, DestructionRow.proposed_by != actor.official_id
        )
        with self._context.store.read() as session:
            return session.scalar(asked) or 0

    def view(self, actor: Actor, destruction_id: str) -> DestructionView:
        """One proposal with every case on it."""
        actor.require(*access.RETENTION)
        with self._context.store.read() as session:
            row = self._find(session, destruction_id)
            return _view(actor, row, cases=_lines(session, row))

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _chosen(self, session: Session, request_ids: Sequence[str], everything: str | None) -> list[KeptCase]:
        if everything is not None:
            cases = self._retention.due(session, everything)
        else:
            wanted = list(dict.fromkeys(request_ids))
            cases = self._retention.due(session, only=wanted)
            if len(cases) < len(wanted):
                raise Conflict("destruction-not-due")
        if not cases:
            raise InvalidInput("destruction-none", fields={"case": ["case-none"]})
        return cases

    def _find(self, session: Session, destruction_id: str) -> DestructionRow:
        row = session.get(DestructionRow, destruction_id)
        if row is None:
            raise NotFound("destruction-unknown")
        return row

    def _open(self, session: Session, destruction_id: str) -> DestructionRow:
        row = self._find(session, destruction_id)
        if row.state != DestructionState.PROPOSED:
            raise WrongState("destruction-decided", state=row.state)
        return row

    def _refuse(self, session: Session, actor: Actor, row: DestructionRow, fingerprint: str) -> None:
        """Whatever forbids that this person approves this list now."""
        proposer = session.get_one(OfficialRow, row.proposed_by)
        same_person = proposer.person_key is not None and proposer.person_key == actor.person_key
        if row.proposed_by == actor.official_id or same_person:
            raise NotAllowed("own-proposal")
        if _fingerprint(row) != fingerprint:
            raise Conflict("changed-meanwhile")
        if not all(self._retention.still_due(session, case.request_id) for case in row.cases):
            raise Conflict("destruction-not-due")

    def _decided(self, row: DestructionRow, actor: Actor, capacity: Capacity) -> None:
        row.decided_by, row.decided_at = actor.official_id, self._context.clock()
        row.decided_as = signatories.frozen(actor, capacity)

    def _number(self, session: Session, day: date, actor: Actor, capacity: Capacity) -> str:
        return outgoing.assign(
            session,
            self._context,
            kind=KIND,
            letter_id=None,
            request_id=None,
            day=day,
            subject=SUBJECT,
            addressee="",
            by=actor.in_trail(capacity),
        )

    def _note(
        self,
        session: Session,
        kind: str,
        actor: Actor,
        capacity: Capacity,
        row: DestructionRow,
        **more: str | int | None,
    ) -> None:
        self._context.trail.record(
            session,
            kind,
            actor=actor.in_trail(capacity),
            subjects=None,
            count=len(row.cases),
            sha256=_fingerprint(row),
            **more,
        )


def _basis(text: str) -> str:
    try:
        words = one_line(text, LONGEST_BASIS)
    except InvalidInput as wrong:
        raise InvalidInput("destruction-invalid", fields={"basis": [wrong.code]}) from None
    if not words:
        raise InvalidInput("destruction-invalid", fields={"basis": ["required"]})
    return words


def _fingerprint(row: DestructionRow) -> str:
    """SHA-256 of basis and list, one a line."""
    lines = (row.basis, *(f"{case.number} {case.request_id}" for case in row.cases))
    return sha256("\n".join(lines).encode()).hexdigest()


def _view(actor: Actor, row: DestructionRow, cases: tuple[CaseLine, ...] = ()) -> DestructionView:
    outcomes = [case.outcome for case in row.cases]
    proposer = signatories.read(row.proposed_as)
    decider = signatories.read(row.decided_as) if row.decided_as else None
    return DestructionView(
        row.id,
        DestructionState(row.state),
        row.basis,
        row.years,
        row.proposed_at,
        f"{proposer.name}, {proposer.position_in_full()}",
        row.decided_at,
        f"{decider.name}, {decider.position_in_full()}" if decider else "",
        row.number,
        row.day,
        row.archive_at,
        row.archive_sha256 or "",
        row.done_at,
        len(outcomes),
        outcomes.count(Outcome.DESTROYED),
        outcomes.count(Outcome.LEFT_OUT),
        _fingerprint(row),
        cases,
        row.proposed_by == actor.official_id,
    )


def _lines(session: Session, row: DestructionRow) -> tuple[CaseLine, ...]:
    asked = (
        select(DestructionCaseRow, LetterRow.number, BoxRow.number)
        .join(RequestRow, RequestRow.id == DestructionCaseRow.request_id)
        .join(LetterRow, LetterRow.id == RequestRow.letter_id)
        .outerjoin(FilingRow, FilingRow.request_id == RequestRow.id)
        .outerjoin(BoxRow, BoxRow.id == FilingRow.box_id)
        .where(DestructionCaseRow.destruction_id == row.id)
        .order_by(DestructionCaseRow.position)
    )
    return tuple(
        CaseLine(case.request_id, case.number, letter, box or CaseRecord.read(case.record).box, Outcome(case.outcome))
        for case, letter, box in session.execute(asked)
    )
