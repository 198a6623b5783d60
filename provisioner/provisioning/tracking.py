"""What applicants see: their own draft and request (with the ticket), or its state alone (with the tracking code)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.errors import NotFound
from provisioner.letter import LetterState
from provisioner.provisioning import acts, lookup, visits
from provisioner.provisioning.attachments import PaperLine, papers_of
from provisioner.provisioning.bio import BioForms, Checked
from provisioner.provisioning.context import Context
from provisioner.provisioning.enrolment_codes import TicketNews, ticket_news
from provisioner.provisioning.sop_line import StepView, sop_line
from provisioner.provisioning.throttle import Throttle
from provisioner.request import OPEN, TAKES_PART, RequestState
from provisioner.store.tables import ActRow, DeskVisitRow, LetterRow, RequestRow
from provisioner.ticket import TrackingCode
from provisioner.worktime import WorkTime


@dataclass(frozen=True)
class Tracked:
    """The state of a request and nothing else: no name, no number of anybody."""

    state: str
    letter_state: str
    steps: tuple[StepView, ...]
    updated_at: datetime
    must_act: bool
    """The applicant is to do something: repair, fill the bio form, sign the pact, open the envelope."""
    ticket: TicketNews


@dataclass(frozen=True)
class OwnRequest:
    """An applicant's own request, whole."""

    id: str
    number: str
    revision: int
    state: str
    letter_revision: int
    letter_state: str
    letter: Mapping[str, str]
    letter_date: date | None
    received_at: datetime | None
    applicants: int
    """How many people the letter names who did not withdraw."""
    editable: bool
    """Letter and bio form may be changed: a draft, returned, or the bio form is still missing."""
    letter_editable: bool
    can_withdraw: bool
    bio: Checked
    papers: tuple[PaperLine, ...]
    steps: tuple[StepView, ...]
    check_code: str
    tracking_code: str
    """Shown to its owner again; it gives less than the session that reads this."""
    returned_reason: str
    rejected_reason: str
    answer: str
    username: str
    account_id: str | None
    display_name: str
    ticket: TicketNews


class Tracking:
    """Reads for applicants."""

    def __init__(self, context: Context, forms: BioForms, throttle: Throttle, worktime: WorkTime) -> None:
        self._context = context
        self._forms = forms
        self._throttle = throttle
        self._worktime = worktime

    def by_code(self, typed: str, *, address: str = "") -> Tracked:
        """The state behind a tracking code.

        :raises InvalidInput: mistyped. :raises NotFound: unknown. :raises TooMany: too many tries.
        """
        limit = self._context.settings.limits.codes_per_minute
        self._throttle.take("code", address, limit, timedelta(minutes=1))
        key = TrackingCode.parse(typed).lookup(self._context.keyring)
        with self._context.store.read() as session:
            row = session.scalars(select(RequestRow).where(RequestRow.tracking_key == key)).one_or_none()
            if row is None:
                raise NotFound("tracking-code-unknown")
            changes = [
                row.created_at,
                *(visit.arrived_at for visit in _visits(session, row)),
                *([row.finished_at] if row.finished_at else []),
            ]
            news = ticket_news(session, row, self._context.clock())
            return Tracked(row.state, row.letter.state, self._steps(session, row), max(changes), _must_act(row), news)

    def own(self, request_id: str, actor: Actor | None = None) -> OwnRequest:
        """The applicant's own request; reading it is the applicant's "opening" of what a desk did.

        It writes only when there is something to open, so a page may ask again and again.

        ``actor``: the secretary, for somebody at the counter.

        :raises NotFound: it is gone, or not of the counter. :raises NotAllowed: an official who is not the secretary.
        """
        while True:
            with self._context.store.read() as session:
                row = lookup.request(session, request_id)
                lookup.on_behalf(row, actor)
                if not _unopened(session, row):
                    return self._own(session, row)
            # Nothing is shown before it is written down that it was: an act that was read cannot be undone.
            self._open(request_id)

    def _open(self, request_id: str) -> None:
        at = self._context.clock()
        with self._context.store.begin() as session:
            row = lookup.request(session, request_id)
            if not _unopened(session, row):
                return
            acts.seen_by_next_desk(session, row.letter_id, None, at)
            acts.seen_by_next_desk(session, row.letter_id, row.id, at)
            visits.opened(session, row.letter_id, row.id, None, at)

    def _own(self, session: Session, row: RequestRow) -> OwnRequest:
        letter = row.letter
        draft_or_back = letter.state in (LetterState.DRAFT, LetterState.RETURNED)
        with_letter = row.state == RequestState.WITH_LETTER
        return OwnRequest(
            id=row.id,
            number=row.number or "",
            revision=row.revision,
            state=row.state,
            letter_revision=letter.revision,
            letter_state=letter.state,
            letter=_letter_fields(letter),
            letter_date=letter.letter_date,
            received_at=letter.received_at,
            applicants=sum(each.state in TAKES_PART for each in letter.requests),
            editable=(with_letter and draft_or_back) or row.state in (RequestState.BIO_FORM, RequestState.RETURNED),
            letter_editable=with_letter and draft_or_back,
            can_withdraw=row.state in OPEN - {RequestState.CREATION, RequestState.HANDOVER},
            bio=self._forms.checked(row),
            papers=papers_of(session, letter.id, row.id),
            steps=self._steps(session, row),
            check_code=row.check_code or "",
            tracking_code=self._tracking_code(row),
            returned_reason=_reason(session, row, "return"),
            rejected_reason=_reason(session, row, "reject"),
            answer=row.answer,
            username=row.username or "",
            account_id=row.account_id,
            display_name=row.display_name,
            ticket=ticket_news(session, row, self._context.clock()),
        )

    def _tracking_code(self, row: RequestRow) -> str:
        if row.tracking_code is None:
            return ""
        return self._context.keyring.open(lookup.TRACKING_PURPOSE, row.tracking_code).decode()

    def _steps(self, session: Session, row: RequestRow) -> tuple[StepView, ...]:
        found = _visits(session, row)
        now = self._context.clock()
        return tuple(sop_line(self._context.procedure, row.letter, row, found, self._worktime, now))


def _visits(session: Session, row: RequestRow) -> list[DeskVisitRow]:
    mine = or_(DeskVisitRow.request_id.is_(None), DeskVisitRow.request_id == row.id)
    return list(session.scalars(select(DeskVisitRow).where(DeskVisitRow.letter_id == row.letter_id, mine)))


def _letter_fields(letter: LetterRow) -> dict[str, str]:
    return {
        "number": letter.number,
        "letter_date": letter.letter_date.isoformat() if letter.letter_date else "",
        "sender": letter.sender,
        "subject": letter.subject,
        "urgency": letter.urgency,
    }


def _unopened(session: Session, row: RequestRow) -> bool:
    """Whether the applicant sees something here for the first time that a desk did."""
    if not _must_act(row) and row.state != RequestState.REJECTED:
        return False
    newest = (acts.last(session, row.letter_id, None), acts.last(session, row.letter_id, row.id))
    visit = visits.current(session, row.letter_id, row.id)
    unseen = any(act is not None and act.seen_at is None for act in newest)
    return unseen or (visit is not None and visit.opened_at is None)


def _must_act(row: RequestRow) -> bool:
    if row.state == RequestState.WITH_LETTER:
        return row.letter.state in (LetterState.DRAFT, LetterState.RETURNED)
    return row.state in (
        RequestState.BIO_FORM,
        RequestState.RETURNED,
        RequestState.PACT_APPLICANT,
        RequestState.HANDOVER,
    )


def _reason(session: Session, row: RequestRow, kind: str) -> str:
    """The note of the newest act of ``kind`` on the request or its letter, where that is where things stand."""
    standing = {
        "return": row.state == RequestState.RETURNED or row.letter.state == LetterState.RETURNED,
        "reject": row.state == RequestState.REJECTED,
    }
    if not standing[kind]:
        return ""
    found = session.scalars(
        select(ActRow)
        .where(
            ActRow.letter_id == row.letter_id,
            or_(ActRow.request_id.is_(None), ActRow.request_id == row.id),
            ActRow.kind == kind,
            ActRow.undone_at.is_(None),
        )
        .order_by(ActRow.at.desc())
    ).first()
    return found.note if found else ""
