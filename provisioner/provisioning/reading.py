"""What officials see of a letter and of a request."""

from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.errors import NotFound
from provisioner.letter import LetterState
from provisioner.procedure import Act
from provisioner.provisioning import access, destroyed, history, lookup, register_book, visits
from provisioner.provisioning.attachments import papers_of
from provisioner.provisioning.bio import BioForms, Checked
from provisioner.provisioning.context import Context
from provisioner.provisioning.desk_views import LetterView, RequestLine, RequestView
from provisioner.provisioning.duplicates import other_account, other_request
from provisioner.provisioning.enrolment_codes import TicketNews, ended_with_request, ticket_news
from provisioner.provisioning.kept_pacts import newest, view
from provisioner.provisioning.known_people import other_with_staff_number
from provisioner.provisioning.lines import request_line
from provisioner.provisioning.possible_acts import PossibleActs
from provisioner.provisioning.sop_line import StepView, sop_line
from provisioner.request import OPEN, RequestState
from provisioner.store.tables import (
    DeskVisitRow,
    LetterRow,
    RequestRow,
)
from provisioner.worktime import WorkTime

TELL_FOR = timedelta(days=14)
"""How long a replaced ticket is something to tell its owner of."""


class Reading:
    """Reads for officials. Nothing here changes anything but "opened" marks, which the desks' use cases set."""

    def __init__(self, context: Context, forms: BioForms, worktime: WorkTime, possible: PossibleActs) -> None:
        self._context = context
        self._possible = possible
        self._forms = forms
        self._worktime = worktime

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
            actions, blocked = self._possible.on_request(session, actor, row)
            line = request_line(session, self._context.procedure, row)
            news = ticket_news(session, row, self._context.clock())
            bio_shown = access.reads_bio(actor, row.letter)
            papers = papers_of(session, row.letter_id, row.id if bio_shown else None, internal=True)
            return RequestView(
                line=line,
                letter=letter,
                revision=row.revision,
                bio=self._masked(row) if bio_shown else Checked({}, None, {}, {}),
                bio_shown=bio_shown,
                bio_complete=row.bio_complete,
                bio_frozen_at=row.bio_frozen_at,
                has_ticket=row.ticket_fingerprint is not None,
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
                destroyed=destroyed.of_row(session, row),
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

    def _letter_view(self, session: Session, actor: Actor, row: LetterRow) -> LetterView:
        actions, blocked = self._possible.on_letter(session, actor, row)
        visit = visits.current(session, row.id, None)
        entry = register_book.entry_of(session, row)
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
            register_number=entry.number if entry else "",
            register_void=entry is not None and entry.void_at is not None,
            requests=tuple(
                request_line(session, self._context.procedure, each) for each in row.requests if not _never_sent(each)
            ),
            line=tuple(self._line(session, row, None)),
            acts=history.of_letter(session, row, actor),
            earlier=history.earlier_letters(session, row.requests),
            moved_on=tuple(
                request_line(session, self._context.procedure, each) for each in history.moved_on(session, row)
            ),
            papers=papers_of(session, row.id, None, internal=True) if actor.holds(*access.SCANS) else (),
            actions=actions,
            blocked=blocked,
            destroyed=destroyed.of_row(session, row),
        )

    def _line(self, session: Session, letter: LetterRow, request: RequestRow | None) -> list[StepView]:
        mine: ColumnElement[bool] = DeskVisitRow.request_id.is_(None)
        if request is not None:
            mine = or_(mine, DeskVisitRow.request_id == request.id)
        found = session.scalars(select(DeskVisitRow).where(DeskVisitRow.letter_id == letter.id, mine)).all()
        return sop_line(self._context.procedure, letter, request, found, self._worktime, self._context.clock())

    def _masked(self, row: RequestRow) -> Checked:
        checked = self._forms.checked(row)
        masked = dict(checked.typed)
        if masked.get("nik"):
            masked["nik"] = checked.form.nik.masked() if checked.form else f"{masked['nik'][:4]}…"
        return Checked(masked, checked.form, checked.errors, checked.warnings)

    def _duplicate(self, session: Session, row: RequestRow) -> tuple[str, str]:
        if row.state not in OPEN:
            return "", ""
        account = other_account(session, row)
        if account is not None:
            return "person-has-account", account.username
        other = other_request(session, row)
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
