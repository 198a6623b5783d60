"""What an operator does here: sign in with the issued credentials, change the password, look after own sessions."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.audit import Filters, Subjects
from provisioner.pact_due import PactDue
from provisioner.provisioning.context import Context
from provisioner.provisioning.kept_pacts import PactView, newest, view
from provisioner.provisioning.operator_sign_in import OperatorSignIn, SignIn
from provisioner.provisioning.pact_renewals import PactRenewals
from provisioner.provisioning.passwords import Changed, Passwords
from provisioner.provisioning.places import Place, Places
from provisioner.provisioning.sessions import SessionInfo, Sessions
from provisioner.provisioning.throttle import Throttle
from provisioner.store.tables import AccountRow

BLOCKED_STATES = ("suspended", "revoked", "expired", "locked")
_SIGN_INS_SHOWN = 10


@dataclass(frozen=True)
class OperatorActor:
    """The operator of a session, as pages name them."""

    account_id: str
    username: str
    name: str
    session_id: str


@dataclass(frozen=True)
class OperatorSession:
    """A live session. ``stage`` is ``change`` while nothing but changing the password is allowed, ``pact`` while
    nothing but signing the pact anew is, then ``full``.
    """

    actor: OperatorActor
    stage: str
    info: SessionInfo
    initial: bool = False
    """The initial password was not changed yet."""


@dataclass(frozen=True)
class SignInLine:
    """One past sign-in, or a failed one."""

    at: datetime
    worked: bool
    address: str


@dataclass(frozen=True)
class OwnAccount:
    """What the operator's own page shows. ``places``: "Anda bisa masuk ke: ..."."""

    username: str
    display_name: str
    role: str
    region: str
    org_unit: str
    state: str
    valid_until: date | None
    password_changed_at: datetime | None
    places: tuple[Place, ...]
    pact: PactView | None
    sign_ins: tuple[SignInLine, ...]
    sessions: tuple[SessionInfo, ...]
    due: PactDue | None = None
    """The pact has to be signed anew."""


class Operators:
    """Operators' own sessions over signing in and changing the password."""

    def __init__(
        self,
        context: Context,
        sign_in: OperatorSignIn,
        passwords: Passwords,
        places: Places,
        sessions: Sessions,
        throttle: Throttle,
        renewals: PactRenewals,
    ) -> None:
        self._context = context
        self._renewals = renewals
        self._sign_in = sign_in
        self._passwords = passwords
        self._places = places
        self._sessions = sessions
        self._throttle = throttle

    def sign_in(self, username: str, password: str, *, address: str = "", agent: str = "") -> tuple[str, str]:
        """Sign in with the password of the sign-in target; gives (token, stage). ``pact``: the pact has to be signed
        anew; whether that can wait is said by the session's own stage.

        :raises AuthenticationFailed: always the same, whatever was wrong. :raises LockedOut: too many failures.
        :raises TooMany: too many tries from this address. :raises WrongState: the target cannot be reached now.
        """
        limit = self._context.settings.limits.sign_ins_per_minute
        self._throttle.take("sign-in", address, limit, timedelta(minutes=1))
        started: list[tuple[str, str]] = []

        def begin(session: Session, found: SignIn) -> None:
            stage = "change" if found.must_change else "full"
            token, _ = self._sessions.start(
                session, "operator", found.account_id, stage=stage, address=address, agent=agent
            )
            due = self._renewals.remind(session, session.get_one(AccountRow, found.account_id))
            started.append((token, "pact" if due is not None and stage == "full" else stage))

        self._sign_in.sign_in(username, password, address=address, device=agent, begin=begin)
        return started[0]

    def session(self, token: str, *, used: bool = True) -> OperatorSession | None:
        """The live session behind a cookie; None when it is over or the account may not be used any more. ``used``: as
        :meth:`Sessions.find`.
        """
        info = self._sessions.find(token, "operator", used=used)
        if info is None:
            return None
        with self._context.store.read() as session:
            row = session.get(AccountRow, info.subject_id)
            if row is None or row.state in BLOCKED_STATES:
                return None
            actor = OperatorActor(row.id, row.username, row.display_name, info.id)
            stage = "pact" if info.stage == "full" and self._renewals.is_late(row) else info.stage
            return OperatorSession(actor, stage, info, initial=row.password_changed_at is None)

    def change_password(self, here: OperatorSession, old: str, new: str, *, address: str = "") -> tuple[str, Changed]:
        """Change the own password; every other session ends. Gives (new token, what came of it).

        Raises as :meth:`Passwords.change`.
        """
        changed = self._passwords.change(
            here.actor.account_id, old, new, address=address, device=here.info.agent, here=here.info.id
        )
        with self._context.store.begin() as session:
            self._sessions.end_all(session, "operator", here.actor.account_id, but=here.info.id)
            return self._sessions.advance(session, here.info.id, "full"), changed

    def places(self, here: OperatorSession) -> tuple[Place, ...]:
        """Where the operator can sign in."""
        return self._places.of(here.actor.account_id)

    def home(self, here: OperatorSession) -> OwnAccount:
        """Everything the operator's own page shows."""
        account_id = here.actor.account_id
        places = self._places.of(account_id)
        with self._context.store.read() as session:
            row = session.get_one(AccountRow, account_id)
            pact = newest(session, row.request_id)
            kinds = ("operator-signed-in", "operator-sign-in-failed")
            found = self._context.trail.search(session, Filters(kinds=kinds, account=account_id), limit=_SIGN_INS_SHOWN)
            return OwnAccount(
                username=row.username,
                display_name=row.display_name,
                role=row.role,
                region=row.region,
                org_unit=row.org_unit,
                state=row.state,
                valid_until=row.valid_until,
                password_changed_at=row.password_changed_at,
                places=places,
                pact=view(session, pact) if pact else None,
                sign_ins=tuple(
                    SignInLine(entry.at, entry.kind == kinds[0], str(entry.fields.get("address", "")))
                    for entry in found.entries
                ),
                sessions=tuple(self._sessions.live(session, "operator", account_id)),
                due=self._renewals.due(row),
            )

    def end_session(self, here: OperatorSession, session_id: str) -> None:
        """End one of the own sessions."""
        with self._context.store.begin() as session:
            own = self._sessions.live(session, "operator", here.actor.account_id)
            if any(each.id == session_id for each in own):
                self._sessions.end(session, session_id)
                self._record_end(session, here, 1)

    def end_other_sessions(self, here: OperatorSession) -> int:
        """End every own session but this one; gives how many there were."""
        with self._context.store.begin() as session:
            count = self._sessions.end_all(session, "operator", here.actor.account_id, but=here.info.id)
            self._record_end(session, here, count)
            return count

    def sign_out(self, here: OperatorSession) -> None:
        """End this session."""
        with self._context.store.begin() as session:
            self._sessions.end(session, here.info.id)
            self._context.trail.record(
                session,
                "operator-signed-out",
                actor=audit.Actor.operator(here.actor.account_id, name=here.actor.name),
                subjects=Subjects(account=here.actor.account_id),
                username=here.actor.username,
            )

    def request_of(self, here: OperatorSession) -> str:
        """The id of the request the account came from (its pact hangs on it)."""
        with self._context.store.read() as session:
            return session.scalars(select(AccountRow.request_id).where(AccountRow.id == here.actor.account_id)).one()

    def _record_end(self, session: Any, here: OperatorSession, count: int) -> None:
        self._context.trail.record(
            session,
            "session-ended",
            actor=audit.Actor.operator(here.actor.account_id, name=here.actor.name),
            subjects=Subjects(account=here.actor.account_id),
            whose="operator",
            count=count,
            username=here.actor.username,
        )
