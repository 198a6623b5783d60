"""How officials sign in: password, second factor, first change, and typing it again before a grave act."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NoReturn

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioner import audit, totp
from provisioner.actor import Actor
from provisioner.audit import Subjects
from provisioner.errors import AuthenticationFailed, InvalidInput, NotFound
from provisioner.password_policy import PasswordPolicy
from provisioner.provisioning.context import Context
from provisioner.provisioning.officials import OFFICIAL_SIGN_IN, Officials, display_name
from provisioner.provisioning.sessions import SessionInfo, Sessions
from provisioner.provisioning.throttle import Throttle
from provisioner.store.tables import OfficialRow
from provisioner.verifier import Verifiers


@dataclass(frozen=True, repr=False)
class SignedIn:
    """A new or further session. ``stage`` says what is still demanded: ``totp``, ``change``, ``enrol-totp``, or
    ``full``."""

    token: str
    stage: str


@dataclass(frozen=True)
class OfficialSession:
    """A live session of an official."""

    actor: Actor
    stage: str
    info: SessionInfo


class OfficialSignIn:
    """Signs officials in and out. Wrong name, wrong password and wrong code cannot be told apart from outside."""

    def __init__(
        self,
        context: Context,
        officials: Officials,
        sessions: Sessions,
        throttle: Throttle,
        verifiers: Verifiers,
        policy: PasswordPolicy,
    ) -> None:
        self._context = context
        self._officials = officials
        self._sessions = sessions
        self._throttle = throttle
        self._verifiers = verifiers
        self._policy = policy

    def session(self, token: str, *, address: str = "", used: bool = True) -> "OfficialSession | None":
        """The live session behind a cookie, with the capacities its person has today; None when it is over. ``used``:
        as :meth:`Sessions.find`.
        """
        info = self._sessions.find(token, "official", used=used)
        if info is None:
            return None
        actor = self._officials.actor(info.subject_id, session_id=info.id, address=address)
        if actor is None:
            return None
        stage = self._stage_today(info, actor)
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
            row = self._row(session, username)
        matches = self._verifiers.matches(row.password_hash if row else None, password)
        if row is None or not matches or not self._officials.may_sign_in(row):
            self._failed(username, row, address, "wrong-credentials")
        with self._context.store.begin() as session:
            row = self._unchanged(session, row)
            stage = "totp" if row.totp_confirmed_at is not None else self._next_stage(row)
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
        if info.stage != "totp" or not self._use_code(row.id, code):
            self._failed(row.username, row, address, "wrong-second-factor")
        with self._context.store.begin() as session:
            row = self._unchanged(session, row)
            stage = self._next_stage(row)
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
        verifier = self._verifiers.make("argon2id", new).text
        with self._context.store.begin() as session:
            row = self._unchanged(session, row)
            forced, row.must_change, row.password_hash = row.must_change, False, verifier
            self._sessions.end_all(session, "official", row.id, but=info.id)
            stage = self._next_stage(row)
            token = self._sessions.advance(session, info.id, stage)
            self._context.trail.record(
                session,
                "official-password-changed",
                actor=self._in_trail(row),
                subjects=Subjects(official=row.id),
                official=row.username,
                forced=forced,
            )
            return SignedIn(token, stage)

    def begin_second_factor(self, info: SessionInfo) -> tuple[str, str]:
        """A new secret for an authenticator application; gives (its text, the address for a QR code).

        It counts only once :meth:`confirm_second_factor` saw a code made with it.
        """
        secret = totp.new_secret()
        with self._context.store.begin() as session:
            row = session.get_one(OfficialRow, info.subject_id)
            if row.totp_confirmed_at is not None:
                raise NotFound("second-factor-exists")
            row.totp_secret = self._context.keyring.seal("totp", secret)
            issuer = self._context.settings.totp.issuer or self._context.office.short_name
            return totp.secret_text(secret), totp.provisioning_uri(secret, row.username, issuer)

    def confirm_second_factor(self, info: SessionInfo, code: str) -> SignedIn:
        """The first code made with the new secret: from now on it is demanded.

        :raises AuthenticationFailed: the code is wrong.
        """
        if not self._use_code(info.subject_id, code, confirmed=False):
            raise AuthenticationFailed("wrong-second-factor")
        with self._context.store.begin() as session:
            row = session.get_one(OfficialRow, info.subject_id)
            row.totp_confirmed_at = self._context.clock()
            stage = self._next_stage(row)
            token = self._sessions.advance(session, info.id, stage)
            self._context.trail.record(
                session,
                "second-factor-enrolled",
                actor=self._in_trail(row),
                subjects=Subjects(official=row.id),
                official=row.username,
                method="totp",
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
        if not matches or (has_second and not self._use_code(row.id, code)):
            self._failed_here(actor, row, purpose)
        with self._context.store.begin() as session:
            row = self._unchanged(session, row)
            self._throttle.clear(session, OFFICIAL_SIGN_IN, row.username)
            self._context.trail.record(
                session,
                "official-reauthenticated",
                actor=self._in_trail(row),
                subjects=Subjects(official=row.id),
                purpose=purpose,
                official=row.username,
                second_factor=has_second,
            )
        return "password+totp" if has_second else "password"

    def sign_out(self, info: SessionInfo) -> None:
        """End this session."""
        with self._context.store.begin() as session:
            self._sessions.end(session, info.id)
            row = session.get(OfficialRow, info.subject_id)
            if row is not None:
                self._context.trail.record(
                    session,
                    "official-signed-out",
                    actor=self._in_trail(row),
                    subjects=Subjects(official=row.id),
                    official=row.username,
                )

    def sessions(self, info: SessionInfo) -> list[SessionInfo]:
        """The person's own live sessions, newest first."""
        with self._context.store.read() as session:
            return self._sessions.live(session, "official", info.subject_id)

    def end_session(self, info: SessionInfo, session_id: str) -> None:
        """End one of the person's own sessions."""
        with self._context.store.begin() as session:
            if any(each.id == session_id for each in self._sessions.live(session, "official", info.subject_id)):
                self._sessions.end(session, session_id)
                self._ended(session, session.get_one(OfficialRow, info.subject_id), 1)

    def end_other_sessions(self, info: SessionInfo) -> int:
        """End every own session but this one; gives how many there were."""
        with self._context.store.begin() as session:
            row = session.get_one(OfficialRow, info.subject_id)
            count = self._sessions.end_all(session, "official", row.id, but=info.id)
            self._ended(session, row, count)
            return count

    def _ended(self, session: Session, row: OfficialRow, count: int) -> None:
        self._context.trail.record(
            session,
            "session-ended",
            actor=self._in_trail(row),
            subjects=Subjects(official=row.id),
            whose="official",
            count=count,
            username=row.username,
        )

    def has_second_factor(self, info: SessionInfo) -> bool:
        """Whether this person's second factor is set up."""
        with self._context.store.read() as session:
            return session.get_one(OfficialRow, info.subject_id).totp_confirmed_at is not None

    def second_factor_demanded(self, row: OfficialRow) -> bool:
        """Whether one of the posts the person may act in now, own or as Plt. or Plh., must have a second factor."""
        actor = self._officials.actor(row.id)
        posts = actor.posts if actor is not None else frozenset(row.posts.split())
        return any(post in self._context.settings.totp.mandatory_for for post in posts)

    def _stage_today(self, info: SessionInfo, actor: Actor) -> str:
        """A mandate that began since the sign-in may demand a second factor that nobody asked for then."""
        mandatory = self._context.settings.totp.mandatory_for
        if info.stage != "full" or not any(post in mandatory for post in actor.posts):
            return info.stage
        with self._context.store.read() as session:
            enrolled = session.get_one(OfficialRow, actor.official_id).totp_confirmed_at is not None
        return "full" if enrolled else "enrol-totp"

    def _unchanged(self, session: Session, checked: OfficialRow) -> OfficialRow:
        """The official, if nothing of what was checked a moment ago (hashing is slow) was changed since.

        :raises AuthenticationFailed: reset, suspended, or the password changed meanwhile.
        """
        row = session.get_one(OfficialRow, checked.id)
        if row.password_hash != checked.password_hash or not self._officials.may_sign_in(row):
            raise AuthenticationFailed("wrong-credentials")
        return row

    def _next_stage(self, row: OfficialRow) -> str:
        if row.must_change:
            return "change"
        if row.totp_confirmed_at is None and self.second_factor_demanded(row):
            return "enrol-totp"
        return "full"

    def _use_code(self, official_id: str, code: str, *, confirmed: bool = True) -> bool:
        """Whether ``code`` is right; a code works once."""
        with self._context.store.begin() as session:
            row = session.get_one(OfficialRow, official_id)
            if row.totp_secret is None or (row.totp_confirmed_at is not None) is not confirmed:
                return False
            secret = self._context.keyring.open("totp", row.totp_secret)
            step = totp.verify(secret, code.strip(), self._context.clock(), row.totp_last_step)
            if step is None:
                return False
            row.totp_last_step = step
            return True

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
                actor=self._in_trail(row),
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
            actor=self._in_trail(row),
            subjects=Subjects(official=row.id),
            official=row.username,
            second_factor=second_factor,
            address=address or None,
        )

    def _row(self, session: Session, username: str) -> OfficialRow | None:
        return session.scalars(
            select(OfficialRow).where(func.lower(OfficialRow.username) == username.lower())
        ).one_or_none()

    def _in_trail(self, row: OfficialRow) -> audit.Actor:
        posts = row.posts.split()
        label = self._context.office.post(posts[0]).label.id if posts else row.position
        return audit.Actor.official(row.id, label, name=display_name(row))
