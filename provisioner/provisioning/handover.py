"""Step 6: the applicant opens the envelope with the ticket. Once, with ten minutes' grace for the same browser."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.account import OPEN, AccountAct, AccountState, after
from provisioner.audit import Actor, Subjects
from provisioner.convergence.readiness import Milestones, living
from provisioner.convergence.target_set import TargetSet
from provisioner.credential.generation import GenerationState, newest
from provisioner.errors import ChangedMeanwhile, NotFound, WrongState
from provisioner.provisioning.context import Context
from provisioner.provisioning.envelope_alarms import EnvelopeAlarms
from provisioner.provisioning.envelope_status import Envelopes, EnvelopeStatus, SlipStatus
from provisioner.provisioning.handed_over import HandedOver
from provisioner.provisioning.sessions import SessionInfo
from provisioner.provisioning.slips import Slip, Slips, current, with_session, with_ticket
from provisioner.store.tables import AccountRow, CredentialRow, RequestRow, SessionRow
from provisioner.ticket import Ticket

_MORE_TIMES = 2


@dataclass(frozen=True)
class Opening:
    """An opened envelope."""

    account_id: str
    request_id: str
    slips: tuple[Slip, ...]
    shown_until: datetime


class Handover:
    """Opening, and showing what was opened again for a while."""

    def __init__(
        self,
        context: Context,
        targets: TargetSet,
        milestones: Milestones,
        envelopes: Envelopes,
        alarms: EnvelopeAlarms,
    ) -> None:
        self._context = context
        self._slips = Slips(context.office.name, targets)
        self._targets = targets
        self._milestones = milestones
        self._envelopes = envelopes
        self._alarms = alarms
        self._grace = timedelta(minutes=context.settings.envelope.grace_minutes)

    def status(self, account_id: str) -> EnvelopeStatus:
        """How the envelope is. :raises NotFound: ``account-unknown``."""
        return self._envelopes.status(account_id)

    def look(self, account_id: str, session_id: str, address: str = "") -> EnvelopeStatus:
        """How the envelope is, for who typed its ticket in the browser with this session (empty: a new one). If it was
        opened, and not there, that is told, and an alarm is raised.

        :raises NotFound: ``account-unknown``.
        """
        with self._context.store.begin() as session:
            account = session.get(AccountRow, account_id, with_for_update=True)
            if account is None:
                raise NotFound("account-unknown")
            found = self._envelopes.status_of(account)
            if AccountState(account.state) in OPEN and not found.can_open:
                self._alarm_if_foreign(session, account, self._locked(session, account), session_id, address)
            return found

    def open(self, ticket_text: str, session_id: str, address: str = "", token: str = "") -> Opening:
        """Open every slip that is ready; what was opened by the same browser a moment ago is shown again.

        The verifiers of what is opened are erased in the same unit of work: from then on only a new generation ever
        writes a password. ``token``: of the browser's session; :meth:`show` needs no ticket afterwards.

        :raises InvalidInput: the ticket is mistyped (``code-...``).
        :raises NotFound: ``ticket-unknown``.
        :raises WrongState: ``envelope-not-ready``, ``envelope-opened-before`` (``at``; ``here``: by this browser),
            ``envelope-lapsed``, ``envelope-used``, ``account-not-open`` (``state``), ``session-of-another``: this
            browser is another applicant's at the moment; ``changed-meanwhile``, again and again.
        """
        ticket = Ticket.parse(ticket_text)
        for _ in range(_MORE_TIMES):
            # A worker may note something about the account at this instant; what the applicant does is not over for it.
            with suppress(ChangedMeanwhile):
                return self._open_now(ticket, session_id, address, token)
        return self._open_now(ticket, session_id, address, token)

    def _open_now(self, ticket: Ticket, session_id: str, address: str, token: str) -> Opening:
        fingerprint, key = ticket.keys().fingerprint(), ticket.opening_key()
        with self._context.store.begin() as session:
            # The request first, then the account: whoever exchanges the ticket at this instant does so too.
            holding = select(RequestRow).where(RequestRow.ticket_fingerprint == fingerprint)
            request = session.scalars(holding.with_for_update(key_share=True)).one_or_none()
            if request is None:
                raise NotFound("ticket-unknown")
            _refuse_session_of_another(session, request, session_id)
            account = self._owner(session, request)
            credentials = self._locked(session, account)
            ready = [each for each in credentials if self._envelopes.slip(each).state == "ready"]
            shown = [each for each in credentials if self._may_see_again(each, session_id)]
            if ready or shown:
                slips = self._slips.read(session, account, (*ready, *shown), with_ticket(key))
                self._open(session, account, ready, session_id, address)
                if not ready:
                    self._record(session, account, "envelope-shown-again", shown, address)
                if token:
                    self._slips.keep(account, (*ready, *shown), slips, token)
                return self._opening(account, (*ready, *shown), slips)
            refusal = self._refused(session, account, credentials, session_id, address)
        # Raised outside, so that the alarm stays in the trail.
        raise refusal

    def show(self, here: SessionInfo, token: str, address: str = "") -> Opening:
        """What this browser opened, for as long as it may see it: when the page is loaded, and loaded again. ``token``:
        of the session ``here``.

        :raises SealBroken: ``slip-broken``: the token is not that of the session.
        :raises WrongState: as :meth:`open`, and ``envelope-closed``: it was not opened yet.
        """
        with self._context.store.begin() as session:
            request = session.get(RequestRow, here.subject_id)
            if request is None:
                raise WrongState("envelope-not-ready")
            account = self._owner(session, request)
            credentials = self._locked(session, account)
            shown = [
                each
                for each in credentials
                if self._may_see_again(each, here.id) and current(each).shown_slip is not None
            ]
            if not shown:
                raise self._closed(credentials, here.id)
            slips = self._slips.read(session, account, shown, with_session(token))
            again = [each for each in shown if current(each).first_shown_at is not None]
            if again:
                self._record(session, account, "envelope-shown-again", again, address)
            for each in shown:
                current(each).first_shown_at = current(each).first_shown_at or self._context.clock()
            return self._opening(account, shown, slips)

    def shown_until(self, here: SessionInfo) -> datetime | None:
        """Until when :meth:`show` answers this browser; None: it has nothing to show it."""
        with self._context.store.read() as session:
            request = session.get(RequestRow, here.subject_id)
            if request is None or request.account_id is None:
                return None
            account = session.get_one(AccountRow, request.account_id)
            if AccountState(account.state) not in OPEN:
                return None
            shown = [
                current(each) for each in account.credentials if living(each) and self._may_see_again(each, here.id)
            ]
            return min((each.shown_until for each in shown if each.shown_until and each.shown_slip), default=None)

    def look_again(self, session: Session, account: AccountRow) -> None:
        """A system takes no part any more: if it was the last that the applicant waited for, step 6 is done."""
        if any(self._envelopes.slip(each).state in ("opened", "own") for each in account.credentials if living(each)):
            self._after_opening(session, account)

    def _owner(self, session: Session, request: RequestRow) -> AccountRow:
        if request.account_id is None:
            raise WrongState("envelope-not-ready")
        account = session.get_one(AccountRow, request.account_id, with_for_update=True)
        if AccountState(account.state) is AccountState.LOCKED:
            raise WrongState("envelope-lapsed")
        if AccountState(account.state) not in OPEN:
            raise WrongState("account-not-open", state=account.state)
        return account

    def _locked(self, session: Session, account: AccountRow) -> Sequence[CredentialRow]:
        """The same lock as issuing takes."""
        rows = select(CredentialRow).where(CredentialRow.account_id == account.id).order_by(CredentialRow.name)
        return [each for each in session.scalars(rows.with_for_update(key_share=True)) if living(each)]

    def _may_see_again(self, credential: CredentialRow, session_id: str) -> bool:
        found = newest(credential.generations)
        return (
            found is not None
            and not credential.wanted
            and found.state == GenerationState.OPENED
            and found.slip is not None
            and found.shown_until is not None
            and found.shown_until > self._context.clock()
            and bool(session_id)
            and found.opened_by_session == session_id
        )

    def _opening(self, account: AccountRow, credentials: Sequence[CredentialRow], slips: tuple[Slip, ...]) -> Opening:
        until = min(current(each).shown_until or self._context.clock() for each in credentials)
        return Opening(account.id, account.request_id, slips, until)

    def _open(
        self, session: Session, account: AccountRow, ready: Sequence[CredentialRow], session_id: str, address: str
    ) -> None:
        now = self._context.clock()
        for credential in ready:
            generation = current(credential)
            generation.state, generation.verifiers = GenerationState.OPENED, None
            generation.opened_at, generation.shown_until = now, now + self._grace
            generation.opened_by_session, generation.opened_from = session_id, address[:60]
            generation.handed_over = self._handed_over(session, account, credential)
        if ready:
            self._record(session, account, "envelope-opened", ready, address)
            self._after_opening(session, account)

    def _handed_over(self, session: Session, account: AccountRow, credential: CredentialRow) -> str:
        request = session.get_one(RequestRow, account.request_id)
        systems = tuple(self._targets.label(link.target) for link in living(credential))
        return HandedOver(account.username, systems, request.check_code or "").to_json()

    def _record(
        self, session: Session, account: AccountRow, kind: str, credentials: Sequence[CredentialRow], address: str
    ) -> None:
        self._context.trail.record(
            session,
            kind,
            actor=Actor.applicant(account.request_id, name=account.display_name),
            subjects=Subjects(request=account.request_id, account=account.id),
            username=account.username,
            address=address,
            generations=[str(current(each).number) for each in credentials],
            credentials=[each.name for each in credentials],
        )

    def _after_opening(self, session: Session, account: AccountRow) -> None:
        states = [self._envelopes.slip(each).state for each in account.credentials if living(each)]
        if "waiting" in states or "ready" in states:
            return
        self._milestones.received(session, account)
        if self._targets.sign_in is None and account.state == AccountState.PENDING_ACTIVATION:
            # No first change can be seen here: what is known is that the person has the passwords.
            now = self._context.clock()
            account.state, account.state_at = after(AccountState(account.state), AccountAct.ACTIVATE), now

    def _refused(
        self,
        session: Session,
        account: AccountRow,
        credentials: Sequence[CredentialRow],
        session_id: str,
        address: str,
    ) -> WrongState:
        self._alarm_if_foreign(session, account, credentials, session_id, address)
        return self._closed(credentials, session_id)

    def _closed(self, credentials: Sequence[CredentialRow], session_id: str) -> WrongState:
        """Why there is nothing to see."""
        states = [self._envelopes.slip(each) for each in credentials]
        opened = _opened(states)
        if opened is not None:
            here = session_id in _openers(credentials)
            return WrongState("envelope-opened-before", at=opened.opened_at, here=here)
        if any(each.state == "lapsed" for each in states):
            return WrongState("envelope-lapsed")
        if states and all(each.state == "own" for each in states):
            return WrongState("envelope-used")
        ready = any(each.state == "ready" for each in states)
        return WrongState("envelope-closed" if ready else "envelope-not-ready")

    def _alarm_if_foreign(
        self,
        session: Session,
        account: AccountRow,
        credentials: Sequence[CredentialRow],
        session_id: str,
        address: str,
    ) -> None:
        opened = _opened([self._envelopes.slip(each) for each in credentials])
        if opened is not None and session_id not in _openers(credentials):
            self._alarms.sound(session, account, opened, address)


def _opened(states: Sequence[SlipStatus]) -> SlipStatus | None:
    return next((each for each in states if each.state == "opened" and each.opened_at is not None), None)


def _openers(credentials: Sequence[CredentialRow]) -> set[str]:
    """Sessions that opened one of these envelopes."""
    return {each.opened_by_session for row in credentials for each in row.generations if each.opened_by_session}


def _refuse_session_of_another(session: Session, request: RequestRow, session_id: str) -> None:
    row = session.get(SessionRow, session_id)
    if row is not None and row.subject_id != request.id:
        raise WrongState("session-of-another")
