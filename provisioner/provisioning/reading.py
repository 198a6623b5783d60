"""What officials see: their inbox, the list of requests, a letter, a request. Says what this person may do here."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.errors import NotFound, ProvisionerError
from provisioner.letter import LetterState
from provisioner.procedure import Act
from provisioner.provisioning import access, acts, history, lookup, visits
from provisioner.provisioning.attachments import papers_of
from provisioner.provisioning.bio import BioForms, Checked
from provisioner.provisioning.context import Context
from provisioner.provisioning.desk_views import Inbox, LetterLine, LetterView, RequestLine, RequestView
from provisioner.provisioning.enrolment_codes import TicketNews, ended_with_request, is_under_way, ticket_news
from provisioner.provisioning.known_people import other_with_staff_number
from provisioner.provisioning.pacts import newest, view
from provisioner.provisioning.person_numbers import has_number
from provisioner.provisioning.sop_line import StepView, sop_line, step_number
from provisioner.request import OPEN, PACT_OPEN, TAKES_PART, RequestState
from provisioner.store.tables import (
    AccountRow,
    DeskVisitRow,
    EnrolmentRow,
    LetterRow,
    PactRow,
    RequestRow,
)
from provisioner.worktime import WorkTime

PER_PAGE = 25
TELL_FOR = timedelta(days=14)
"""How long a replaced ticket is something to tell its owner of."""


class Reading:
    """Reads for officials. Nothing here changes anything but "opened" marks, which the desks' use cases set."""

    def __init__(self, context: Context, forms: BioForms, worktime: WorkTime) -> None:
        self._context = context
        self._forms = forms
        self._worktime = worktime

    def inbox(self, actor: Actor) -> Inbox:
        """What waits for this person, in any of their capacities."""
        procedure = self._context.procedure
        review, create = self._context.step_of(Act.REVIEW).actor, self._context.step_of(Act.CREATE).actor
        with self._context.store.read() as session:
            desks = [step.number for step in procedure.steps_of(Act.DISPOSE) if actor.holds(step.actor)]
            letters = session.scalars(
                select(LetterRow)
                .where(LetterRow.state == LetterState.DISPOSING.value, LetterRow.step.in_(desks))
                .order_by(LetterRow.received_at)
            ).all()
            requests = _in_states(session, [RequestState.REVIEW]) if actor.holds(review) else ()
            by_button = self._context.settings.procedure.step_5 == "button" and actor.holds(create, review)
            creations = _in_states(session, [RequestState.CREATION]) if by_button else ()
            pacts = (
                session.scalars(
                    select(PactRow)
                    .where(PactRow.state == "applicant-signed", PactRow.prepared_by == actor.official_id)
                    .order_by(PactRow.applicant_signed_at)
                ).all()
                if actor.holds(review)
                else ()
            )
            drafts = (
                session.scalars(
                    select(LetterRow).where(
                        LetterRow.channel == "counter",
                        LetterRow.state.in_((LetterState.DRAFT.value, LetterState.RETURNED.value)),
                    )
                ).all()
                if actor.holds("secretary")
                else ()
            )
            with_applicant = [RequestState.BIO_FORM, RequestState.RETURNED]
            back = _in_states(session, with_applicant) if actor.holds("secretary") else ()
            return Inbox(
                tuple(self._letter_line(session, row) for row in letters),
                tuple(self._request_line(session, row) for row in requests),
                tuple(view(session, row) for row in pacts),
                tuple(self._request_line(session, row) for row in creations if row.account_id is None),
                _codes_to_agree(session, actor, self._context.clock()),
                tuple(self._letter_line(session, row) for row in drafts),
                tuple(self._request_line(session, row) for row in back if row.letter.channel == "counter"),
            )

    def search(
        self, actor: Actor, *, text: str = "", state: str = "", page: int = 1, per_page: int = PER_PAGE
    ) -> tuple[list[RequestLine], int]:
        """Requests that were sent, newest first: (one page of lines, how many there are in all).

        ``state``: ``open``, or a state as pages show it: that of the letter while the request goes with it, else the
        request's own. Nothing has a state that is not known.
        """
        actor.require(*access.REQUESTS)
        query = select(RequestRow).join(LetterRow).where(RequestRow.number.is_not(None))
        if state:
            query = query.where(_shown_as(state))
        if text.strip():
            query = query.where(self._matches(text.strip(), by_number=actor.holds(*access.SCANS)))
        with self._context.store.read() as session:
            total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            rows = session.scalars(
                query.order_by(RequestRow.submitted_at.desc(), RequestRow.id)
                .limit(per_page)
                .offset((max(1, page) - 1) * per_page)
            ).all()
            return [self._request_line(session, row) for row in rows], total

    def letter(self, actor: Actor, letter_id: str) -> LetterView:
        """One letter with everybody on it.

        :raises NotFound: no such letter, or still a draft that is not the office's.
        """
        actor.require(*access.REQUESTS)
        with self._context.store.read() as session:
            row = lookup.letter(session, letter_id)
            if _is_private(row):
                raise NotFound("letter-unknown")
            return self._letter_view(session, actor, row)

    def request(self, actor: Actor, request_id: str) -> RequestView:
        """One request with its letter, its trail, its pact and what this person may do with it.

        :raises NotFound: no such request, or still a draft that is not the office's.
        """
        actor.require(*access.REQUESTS)
        with self._context.store.read() as session:
            row = lookup.request(session, request_id)
            if _is_private(row.letter) or _never_sent(row):
                raise NotFound("request-unknown")
            letter = self._letter_view(session, actor, row.letter)
            pact = newest(session, row.id)
            duplicate, duplicate_of = self._duplicate(session, row)
            actions, blocked = self._request_actions(session, actor, row)
            line = self._request_line(session, row)
            news = ticket_news(session, row, self._context.clock())
            bio_shown = access.reads_bio(actor, row.letter)
            papers = papers_of(session, row.letter_id, row.id if bio_shown else None)
            return RequestView(
                line=line,
                letter=letter,
                revision=row.revision,
                bio=self._masked(row) if bio_shown else Checked({}, None, {}, {}),
                bio_shown=bio_shown,
                bio_complete=row.bio_complete,
                bio_frozen_at=row.bio_frozen_at,
                has_ticket=row.opening_key is not None,
                code_ended=ended_with_request(session, row),
                check_code_known=row.check_code is not None,
                username=row.username or "",
                answer=row.answer,
                valid_until=row.valid_until,
                replaces_username=row.replaces_username,
                steps=tuple(self._line(session, row.letter, row)),
                acts=history.of_request(session, row, actor),
                papers=papers if actor.holds(*access.SCANS) else (),
                pact=view(session, pact) if pact else None,
                account_id=row.account_id,
                duplicate=duplicate,
                duplicate_of=duplicate_of,
                same_staff_number=other_with_staff_number(session, row) if actor.holds(*access.BIO) else None,
                phone=self._phone(row, line, actor),
                ticket=news,
                phone_to_tell=self._phone_to_tell(row, news, actor),
                actions=actions,
                blocked=blocked,
            )

    def reveal_nik(self, actor: Actor, request_id: str) -> str:
        """The whole NIK, for the desks that check it. Written into the trail.

        :raises NotAllowed: not one of these desks.
        """
        capacity = actor.require(*access.NIK)
        with self._context.store.begin() as session:
            row = lookup.request(session, request_id)
            nik = self._forms.checked(row).typed.get("nik", "")
            self._context.trail.record(
                session,
                "nik-shown",
                actor=actor.in_trail(capacity),
                subjects=lookup.subjects(row.letter, row),
                letter_number=row.letter.number,
                applicant_name=row.display_name,
            )
            return nik

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _matches(self, text: str, *, by_number: bool) -> ColumnElement[bool]:
        """Name, numbers, sender, unit or user name; ``by_number``: a whole NIK or staff number by its keyed form."""
        like = f"%{text.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        columns = (
            RequestRow.full_name,
            RequestRow.number,
            RequestRow.org_unit,
            RequestRow.username,
            LetterRow.number,
            LetterRow.sender,
        )
        found: list[ColumnElement[bool]] = [column.ilike(like, escape="!") for column in columns]
        if by_number:
            found += has_number(text, self._context.keyring, RequestRow.person_key, RequestRow.staff_key)
        return or_(*found)

    def _letter_line(self, session: Session, row: LetterRow) -> LetterLine:
        visit = visits.current(session, row.id, None)
        return LetterLine(
            row.id,
            row.number,
            row.sender,
            row.urgency,
            row.state,
            row.step,
            tuple(each.display_name or each.full_name for each in row.requests if each.state in TAKES_PART),
            visit.arrived_at if visit else row.received_at or row.created_at,
            visit is not None and visit.opened_at is not None,
        )

    def _request_line(self, session: Session, row: RequestRow) -> RequestLine:
        visit = visits.current(session, row.letter_id, row.id) or (
            visits.current(session, row.letter_id, None) if row.state == RequestState.WITH_LETTER else None
        )
        return RequestLine(
            row.id,
            row.number or "",
            row.letter_id,
            row.letter.number,
            row.letter.sender,
            row.display_name or row.full_name,
            row.role,
            row.region,
            row.state,
            row.letter.state,
            step_number(self._context.procedure, row.letter, row),
            visit.desk if visit else "",
            visit.arrived_at if visit else row.finished_at or row.submitted_at or row.created_at,
            visit is not None and visit.opened_at is not None,
        )

    def _letter_view(self, session: Session, actor: Actor, row: LetterRow) -> LetterView:
        actions, blocked = self._letter_actions(session, actor, row)
        visit = visits.current(session, row.id, None)
        return LetterView(
            id=row.id,
            number=row.number,
            letter_date=row.letter_date,
            sender=row.sender,
            subject=row.subject,
            urgency=row.urgency,
            channel=row.channel,
            state=row.state,
            step=row.step,
            desk=visit.desk if visit else "",
            revision=row.revision,
            received_at=row.received_at,
            requests=tuple(self._request_line(session, each) for each in row.requests if not _never_sent(each)),
            line=tuple(self._line(session, row, None)),
            acts=history.of_letter(session, row, actor),
            earlier=history.earlier_letters(session, row.requests),
            moved_on=tuple(self._request_line(session, each) for each in history.moved_on(session, row)),
            papers=papers_of(session, row.id, None) if actor.holds(*access.SCANS) else (),
            actions=actions,
            blocked=blocked,
        )

    def _line(self, session: Session, letter: LetterRow, request: RequestRow | None) -> list[StepView]:
        mine: ColumnElement[bool] = DeskVisitRow.request_id.is_(None)
        if request is not None:
            mine = or_(mine, DeskVisitRow.request_id == request.id)
        found = session.scalars(select(DeskVisitRow).where(DeskVisitRow.letter_id == letter.id, mine)).all()
        return sop_line(self._context.procedure, letter, request, found, self._worktime, self._context.clock())

    def _letter_actions(self, session: Session, actor: Actor, row: LetterRow) -> tuple[frozenset[str], str]:
        if row.state != LetterState.DISPOSING:
            return frozenset(), ""
        step = self._context.procedure.step(row.step)
        blocked = self._blocked(session, actor, (step.actor,), row.id, None, step.number, row.requests)
        return (frozenset(), blocked) if blocked else (frozenset({"forward", "return", "reject"}), "")

    def _request_actions(self, session: Session, actor: Actor, row: RequestRow) -> tuple[frozenset[str], str]:
        review, create = self._context.step_of(Act.REVIEW), self._context.step_of(Act.CREATE)
        if row.state == RequestState.CREATION:
            if row.account_id is not None or self._context.settings.procedure.step_5 != "button":
                return frozenset(), ""
            besides = review.number if not actor.holds(create.actor) else None
            posts = (create.actor, review.actor)
            blocked = self._blocked(session, actor, posts, row.letter_id, row.id, create.number, [row], besides)
            return (frozenset(), blocked) if blocked else (frozenset({"create"}), "")
        if row.state != RequestState.REVIEW and row.state not in PACT_OPEN:
            return frozenset(), ""
        blocked = self._blocked(session, actor, (review.actor,), row.letter_id, row.id, review.number, [row])
        if blocked:
            return frozenset(), blocked
        possible = {
            RequestState.REVIEW: {"approve", "return", "reject"},
            RequestState.PACT_APPLICANT: {"make-anew"},
            RequestState.PACT_OFFICIAL: {"sign", "make-anew", "reject"},
        }
        return frozenset(possible[RequestState(row.state)]), ""

    def _blocked(
        self,
        session: Session,
        actor: Actor,
        posts: Sequence[str],
        letter_id: str,
        request_id: str | None,
        step: int,
        requests: Iterable[RequestRow],
        besides: int | None = None,
    ) -> str:
        """The code of the rule that keeps this person from acting; empty when nothing does."""
        try:
            actor.require(*posts)
            acts.refuse_own_request(actor, requests)
            allowed = self._context.settings.procedure.allow_two_steps
            acts.refuse_second_step(session, actor, letter_id, request_id, step, allowed=allowed, besides=besides)
        except ProvisionerError as refusal:
            return refusal.code
        return ""

    def _masked(self, row: RequestRow) -> Checked:
        checked = self._forms.checked(row)
        masked = dict(checked.typed)
        if masked.get("nik"):
            masked["nik"] = checked.form.nik.masked() if checked.form else f"{masked['nik'][:4]}…"
        return Checked(masked, checked.form, checked.errors, checked.warnings)

    def _duplicate(self, session: Session, row: RequestRow) -> tuple[str, str]:
        if row.person_key is None or row.state not in OPEN:
            return "", ""
        account = session.scalars(
            select(AccountRow).where(AccountRow.person_key == row.person_key, AccountRow.state != "revoked")
        ).first()
        if account is not None and account.request_id != row.id:
            return "person-has-account", account.username
        other = session.scalars(
            select(RequestRow).where(
                RequestRow.person_key == row.person_key,
                RequestRow.id != row.id,
                RequestRow.number.is_not(None),
                RequestRow.state.in_([each.value for each in OPEN]),
            )
        ).first()
        return ("person-has-request", other.number or "") if other is not None else ("", "")

    def _phone(self, row: RequestRow, line: RequestLine, actor: Actor) -> str:
        if line.desk != visits.APPLICANT_DESK:
            return ""
        holder = self._context.procedure.step(line.step).actor
        review = self._context.step_of(Act.REVIEW).actor
        if not actor.holds(review if holder == visits.APPLICANT_DESK else holder, "secretary"):
            return ""
        return self._number_of(row)

    def _phone_to_tell(self, row: RequestRow, news: TicketNews, actor: Actor) -> str:
        at = news.replaced_at
        if at is None or self._context.clock() - at > TELL_FOR or not actor.holds(*access.TELLERS):
            return ""
        return self._number_of(row)

    def _number_of(self, row: RequestRow) -> str:
        form = self._forms.checked(row).form
        return form.phone.e164 if form is not None and form.phone else ""


def _is_private(letter: LetterRow) -> bool:
    """What an applicant is still writing is nobody's business at the office."""
    return letter.state == LetterState.DRAFT and letter.channel != "counter"


def _never_sent(request: RequestRow) -> bool:
    """Who was taken off a letter before it was sent: the office has never seen them as an applicant."""
    return request.state == RequestState.WITHDRAWN and request.submitted_at is None


def _shown_as(state: str) -> ColumnElement[bool]:
    """The requests that lists show in this state."""
    if state == "open":
        return RequestRow.state.in_([each.value for each in OPEN])
    with_letter = RequestRow.state == RequestState.WITH_LETTER
    return or_(and_(with_letter, LetterRow.state == state), and_(~with_letter, RequestRow.state == state))


def _in_states(session: Session, states: Sequence[RequestState]) -> Sequence[RequestRow]:
    return session.scalars(
        select(RequestRow)
        .where(RequestRow.state.in_([state.value for state in states]))
        .order_by(RequestRow.submitted_at)
    ).all()


def _codes_to_agree(session: Session, actor: Actor, now: datetime) -> int:
    if not actor.holds("section_head", "adb", "it"):
        return 0
    waiting = (
        select(func.count())
        .select_from(EnrolmentRow)
        .join(RequestRow, EnrolmentRow.request_id == RequestRow.id)
        .where(
            is_under_way(),
            EnrolmentRow.agreed_by.is_(None),
            EnrolmentRow.code_key.is_(None),
            EnrolmentRow.asked_by != actor.official_id,
            or_(EnrolmentRow.expires_at.is_(None), EnrolmentRow.expires_at > now),
        )
    )
    return session.scalar(waiting) or 0
