"""How officials sign in: password, second factor, first change, and typing it again before a grave act."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NoReturn

from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor
from provisioner.audit import Subjects
from provisioner.errors import AuthenticationFailed, InvalidInput
from provisioner.password_policy import PasswordPolicy
from provisioner.provisioning.context import Context
from provisioner.provisioning.official_rows import OFFICIAL_SIGN_IN, find_official, in_trail, lapsed, may_sign_in
from provisioner.provisioning.official_stages import SignedIn, Stages
from provisioner.provisioning.officials import Officials
from provisioner.provisioning.second_factors import SecondFactors
from provisioner.provisioning.sessions import SessionInfo, Sessions
from provisioner.provisioning.throttle import Throttle
from provisioner.store.tables import OfficialRow
from provisioner.verifier import Verifiers


@dataclass(frozen=True)
class OfficialSession:
    """A live session of an official."""

    actor: Actor
    stage: str
    info: SessionInfo


class OfficialSignIn:
    """Signs officials in. Wrong name, wrong password and wrong code cannot be told apart from outside."""

    def __init__(
        self,
        context: Context,
        officials: Officials,
        stages: Stages,
        second_factors: SecondFactors,
        sessions: Sessions,
        throttle: Throttle,
        verifiers: Verifiers,
        policy: PasswordPolicy,
    ) -> None:
        self._context = context
        self._officials = officials
        self._stages = stages
        self._second_factors = second_factors
        self._sessions = sessions
        self._throttle = throttle
        self._verifiers = verifiers
        self._policy = policy

    def session(self, token: str, *, address: str = "", used: bool = True) -> "OfficialSession | None":
        """The live session behind a cookie, with the capacities its person has today; None when it is over. ``used``:
        as :meth:`Sessions.find`.
        """
        with self._context.store.read() as session:
            info = self._sessions.living(session, token, "official")
            if info is None:
                return None
            actor = self._officials.actor_in(session, info.subject_id, session_id=info.id, address=address)
        if used:
            self._sessions.seen(info)
        if actor is None:
            return None
        stage = self._stages.today(info, actor)
        # Who has not finished signing in may do nothing but that, whichever front end asks.
        return OfficialSession(actor if stage == "full" else replace(actor, capacities=()), stage, info)

    def sign_in(self, username: str, password: str, *, address: str = "", agent: str = "") -> SignedIn:
        """Check name and password.

        :raises AuthenticationFailed: never says what was wrong. :raises LockedOut: too many failures.
        :raises TooMany: too many tries from this address.
        """
        username = username.strip()[:100]
        self._take_try(address)
        self._throttle.refuse_locked(OFFICIAL_SIGN_IN, username)
        with self._context.store.read() as session:
            row = find_official(session, username)
        matches = self._verifiers.matches(row.password_hash if row else None, password)
        if row is None or not matches or not may_sign_in(self._context, row):
            self._failed(username, row, address, "wrong-credentials")
        if lapsed(self._context, row):
            self._failed(username, row, address, "first-password-lapsed")
        with self._context.store.begin() as session:
            row = self._unchanged(session, row)
            stage = "totp" if row.totp_confirmed_at is not None else self._stages.after_password(row)
            token, _ = self._sessions.start(session, "official", row.id, stage=stage, address=address, agent=agent)
            if stage != "totp":
                self._signed_in(session, row, second_factor=False, address=address)
            return SignedIn(token, stage)

    def second_factor(self, info: SessionInfo, code: str, *, address: str = "") -> SignedIn:
        """Check the six digits of a session at stage ``totp``.

        :raises AuthenticationFailed: wrong or used code. :raises LockedOut: too many failures.
        """
        self._take_try(address)
        with self._context.store.read() as session:
            row = session.get_one(OfficialRow, info.subject_id)
        self._throttle.refuse_locked(OFFICIAL_SIGN_IN, row.username)
        if info.stage != "totp" or not self._second_factors.use_code(row.id, code):
            self._failed(row.username, row, address, "wrong-second-factor")
        with self._context.store.begin() as session:
            row = self._unchanged(session, row)
            stage = self._stages.after_password(row)
            token = self._sessions.advance(session, info.id, stage)
            self._signed_in(session, row, second_factor=True, address=address)
            return SignedIn(token, stage)

    def change_password(self, info: SessionInfo, old: str, new: str) -> SignedIn:
        """Change the own password; every other session ends.

        :raises AuthenticationFailed: the old one is wrong. :raises InvalidInput: the new one breaks a rule.
        """
        with self._context.store.read() as session:
            row = session.get_one(OfficialRow, info.subject_id)
        self._throttle.refuse_locked(OFFICIAL_SIGN_IN, row.username)
        if info.stage == "totp" or not self._verifiers.matches(row.password_hash, old):
            self._failed(row.username, row, "", "wrong-credentials")
        violations = self._policy.violations(new, username=row.username, full_name=row.full_name, old=old)
        if violations:
            raise InvalidInput("password-refused", fields={"new": violations})
        verifier = self._verifiers.make(new).text
        with self._context.store.begin() as session:
            row = self._unchanged(session, row)
            forced, row.must_change, row.password_hash = row.must_change, False, verifier
            self._sessions.end_all(session, "official", row.id, but=info.id)
            stage = self._stages.after_password(row)
            token = self._sessions.advance(session, info.id, stage)
            self._context.trail.record(
                session,
                "official-password-changed",
                actor=in_trail(self._context, row),
                subjects=Subjects(official=row.id),
                official=row.username,
                forced=forced,
            )
            return SignedIn(token, stage)

    def confirm(self, actor: Actor, password: str, code: str, purpose: str) -> str:
        """Type password and second factor again before a grave act; gives what was really checked.

        :raises AuthenticationFailed: wrong. :raises LockedOut: too many failures, also ends the session.
        """
        self._throttle.refuse_locked(OFFICIAL_SIGN_IN, actor.username)
        with self._context.store.read() as session:
            row = session.get_one(OfficialRow, actor.official_id)
        matches = self._verifiers.matches(row.password_hash, password)
        has_second = row.totp_confirmed_at is not None
        if not matches or (has_second and not self._second_factors.use_code(row.id, code)):
            self._failed_here(actor, row, purpose)
        with self._context.store.begin() as session:
            row = self._unchanged(session, row)
            self._throttle.clear(session, OFFICIAL_SIGN_IN, row.username)
            self._context.trail.record(
                session,
                "official-reauthenticated",
                actor=in_trail(self._context, row),
                subjects=Subjects(official=row.id),
                purpose=purpose,
                official=row.username,
                second_factor=has_second,
            )
        return "password+totp" if has_second else "password"

    def _unchanged(self, session: Session, checked: OfficialRow) -> OfficialRow:
        """The official, if nothing of what was checked a moment ago (hashing is slow) was changed since.

        :raises AuthenticationFailed: reset, suspended, or the password changed meanwhile.
        """
        row = session.get_one(OfficialRow, checked.id)
        if row.password_hash != checked.password_hash or not may_sign_in(self._context, row):
            raise AuthenticationFailed("wrong-credentials")
        return row

    def _take_try(self, address: str) -> None:
        limit = self._context.settings.limits.sign_ins_per_minute
        self._throttle.take("sign-in", address, limit, timedelta(minutes=1))

    def _failed(self, username: str, row: OfficialRow | None, address: str, code: str) -> NoReturn:
        with self._context.store.begin() as session:
            self._context.trail.record(
                session,
                "official-sign-in-failed",
                actor=audit.Actor.visitor(),
                subjects=Subjects(official=row.id) if row else Subjects(),
                code=code,
                # A name nobody has is not kept: people type passwords into the wrong field.
                official=row.username if row else None,
                address=address or None,
            )
            locked = self._count_failure(session, username, row)
        if locked:
            self._throttle.refuse_locked(OFFICIAL_SIGN_IN, username)
        raise AuthenticationFailed("wrong-credentials")

    def _failed_here(self, actor: Actor, row: OfficialRow, purpose: str) -> NoReturn:
        """Whoever guesses at somebody's open browser loses the session too."""
        with self._context.store.begin() as session:
            self._context.trail.record(
                session,
                "official-reauthentication-failed",
                actor=in_trail(self._context, row),
                subjects=Subjects(official=row.id),
                purpose=purpose,
                code="wrong-credentials",
                official=row.username,
                address=actor.address or None,
            )
            locked = self._count_failure(session, row.username, row)
        if locked:
            if actor.session_id:
                self._sessions.leave(actor.session_id)
            self._throttle.refuse_locked(OFFICIAL_SIGN_IN, row.username)
        raise AuthenticationFailed("wrong-credentials")

    def _count_failure(self, session: Session, username: str, row: OfficialRow | None) -> bool:
        """True: it was one too many, and the name is locked."""
        locked = self._throttle.failed(session, OFFICIAL_SIGN_IN, username)
        if locked and row is not None:
            self._context.trail.record(
                session,
                "official-locked-out",
                actor=audit.Actor.system(),
                subjects=Subjects(official=row.id),
                official=row.username,
            )
        return locked

    def _signed_in(self, session: Session, row: OfficialRow, *, second_factor: bool, address: str) -> None:
        self._throttle.clear(session, OFFICIAL_SIGN_IN, row.username)
        row.last_sign_in_at = self._context.clock()
        self._context.trail.record(
            session,
            "official-signed-in",
            actor=in_trail(self._context, row),
            subjects=Subjects(official=row.id),
            official=row.username,
            second_factor=second_factor,
            address=address or None,
        )
