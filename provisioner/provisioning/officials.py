"""Officials' own accounts, and what IT does with them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor
from provisioner.audit import Subjects
from provisioner.errors import Conflict, InvalidInput
from provisioner.initial_password import initial_password
from provisioner.office import PostId
from provisioner.provisioning.context import Context
from provisioner.provisioning.first_passwords import holds_until
from provisioner.provisioning.official_rows import (
    OFFICIAL_SIGN_IN,
    actor_of,
    display_name,
    find_official,
    may_sign_in,
    official_by_username,
)
from provisioner.provisioning.official_terms import term_errors
from provisioner.provisioning.sessions import Sessions
from provisioner.provisioning.throttle import Throttle
from provisioner.store.locking import alone
from provisioner.store.tables import OfficialRow
from provisioner.verifier import Verifiers


@dataclass(frozen=True)
class OfficialProfile:
    """What is known of an official. ``posts`` are identifiers of the office's posts."""

    username: str
    full_name: str
    posts: tuple[str, ...]
    title_prefix: str = ""
    title_suffix: str = ""
    staff_number: str = ""
    nik: str = ""
    """Only its keyed digest is kept, to refuse decisions on the own request."""
    rank: str = ""
    position: str = ""
    expires_on: date | None = None


class Officials:
    """Adds, resets, suspends and finds officials."""

    def __init__(self, context: Context, sessions: Sessions, throttle: Throttle, verifiers: Verifiers) -> None:
        self._context = context
        self._sessions = sessions
        self._throttle = throttle
        self._verifiers = verifiers

    def add(self, profile: OfficialProfile, by: Actor | None = None, password: str | None = None) -> tuple[str, str]:
        """Add an official; gives (id, first password), for tests and trials. What people get is drawn for them by
        :class:`provisioner.provisioning.first_passwords.FirstPasswords`, and makes this one worthless.

        ``by`` None: the command line on the machine itself.

        :raises Conflict: ``official-exists``. :raises InvalidInput: a post the office does not have, no name, or
            an auditor without an end (see :mod:`provisioner.provisioning.official_terms`).
        :raises NotAllowed: only IT.
        """
        if by is not None:
            by.require("it")
        self._check(profile)
        first = password or initial_password()
        verifier = self._verifiers.make(first).text
        with self._context.store.begin() as session:
            alone(session, "official", profile.username.casefold())
            if find_official(session, profile.username) is not None:
                raise Conflict("official-exists", username=profile.username)
            row = OfficialRow(
                username=profile.username,
                full_name=profile.full_name,
                title_prefix=profile.title_prefix,
                title_suffix=profile.title_suffix,
                staff_number=profile.staff_number,
                staff_key=self._key("staff", profile.staff_number),
                person_key=self._key("nik", profile.nik),
                rank=profile.rank,
                position=profile.position,
                posts=" ".join(profile.posts),
                password_hash=verifier,
                must_change=True,
                first_password_until=holds_until(self._context),
                expires_on=profile.expires_on,
                created_at=self._context.clock(),
            )
            session.add(row)
            session.flush()
            self._record(session, "official-added", row, by, roles=list(profile.posts), name=display_name(row))
            return row.id, first

    def reset(self, username: str, by: Actor | None = None) -> str:
        """Nobody signs in with what was known before; the second factor goes, every session ends. Gives a first
        password, as :meth:`add`.

        :raises NotFound: no such official. :raises NotAllowed: only IT.
        """
        if by is not None:
            by.require("it")
        first = initial_password()
        verifier = self._verifiers.make(first).text
        with self._context.store.begin() as session:
            row = official_by_username(session, username)
            had_second = row.totp_confirmed_at is not None
            row.password_hash, row.must_change = verifier, True
            row.first_password_at, row.first_password_until = None, holds_until(self._context)
            row.totp_secret = row.totp_confirmed_at = row.totp_last_step = None
            self._sessions.end_all(session, "official", row.id)
            self._throttle.clear(session, OFFICIAL_SIGN_IN, row.username)
            self._record(session, "official-reset", row, by, name=display_name(row))
            if had_second:
                self._record(session, "second-factor-removed", row, by, method="totp")
            return first

    def suspend(self, username: str, reason: str = "", by: Actor | None = None) -> None:
        """Nobody signs in with it any more, and every session of it ends at once.

        :raises NotFound: no such official. :raises NotAllowed: only IT.
        """
        if by is not None:
            by.require("it")
        with self._context.store.begin() as session:
            row = official_by_username(session, username)
            row.suspended_at = self._context.clock()
            self._sessions.end_all(session, "official", row.id)
            self._record(session, "official-suspended", row, by, name=display_name(row), reason=reason[:500])

    def reactivate(self, username: str, by: Actor | None = None) -> None:
        """Let a suspended official sign in again.

        :raises NotFound: no such official. :raises NotAllowed: only IT.
        """
        if by is not None:
            by.require("it")
        with self._context.store.begin() as session:
            row = official_by_username(session, username)
            row.suspended_at = None
            self._record(session, "official-reactivated", row, by, name=display_name(row))

    def end_sessions(self, username: str, by: Actor) -> int:
        """End every session of an official; gives how many there were.

        :raises NotAllowed: only IT.
        """
        capacity = by.require("it")
        with self._context.store.begin() as session:
            row = official_by_username(session, username)
            count = self._sessions.end_all(session, "official", row.id)
            self._context.trail.record(
                session,
                "session-ended",
                actor=by.in_trail(capacity),
                subjects=Subjects(official=row.id),
                whose="official",
                count=count,
                username=row.username,
            )
            return count

    def actor(self, official_id: str, *, session_id: str = "", address: str = "") -> Actor | None:
        """The official with the capacities they have today; None when suspended, ended or unknown."""
        with self._context.store.read() as session:
            return self.actor_in(session, official_id, session_id=session_id, address=address)

    def actor_in(self, session: Session, official_id: str, *, session_id: str = "", address: str = "") -> Actor | None:
        """As :meth:`actor`, in the caller's unit of work."""
        row = session.get(OfficialRow, official_id)
        if row is None or not may_sign_in(self._context, row):
            return None
        return actor_of(self._context, session, row, session_id=session_id, address=address)

    def _record(
        self, session: Session, kind: str, row: OfficialRow, by: Actor | None, **fields: str | list[str] | None
    ) -> None:
        """``by`` None: somebody at the machine itself."""
        self._context.trail.record(
            session,
            kind,
            actor=by.in_trail() if by else audit.Actor.command(),
            subjects=Subjects(official=row.id),
            official=row.username,
            **fields,
        )

    def _check(self, profile: OfficialProfile) -> None:
        errors: dict[str, list[str]] = {}
        if not profile.username.strip() or len(profile.username) > 100 or profile.username != profile.username.strip():
            errors["username"] = ["malformed"]
        if not profile.full_name.strip():
            errors["full_name"] = ["missing"]
        if not profile.posts or any(post not in set(PostId) for post in profile.posts):
            errors["posts"] = ["unknown"]
        if wrong_end := term_errors(self._context, profile.posts, profile.expires_on):
            errors["expires_on"] = wrong_end
        if errors:
            raise InvalidInput("official-invalid", fields=errors)

    def _key(self, purpose: str, digits: str) -> bytes | None:
        return self._context.keyring.lookup(purpose, digits) if digits else None
