"""Officials' own accounts: who they are, which posts they hold or stand in for, and what IT does with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor, Capacity
from provisioner.audit import Subjects
from provisioner.errors import Conflict, InvalidInput, NotFound
from provisioner.initial_password import initial_password
from provisioner.office import PostId
from provisioner.provisioning.context import Context
from provisioner.provisioning.sessions import Sessions
from provisioner.provisioning.throttle import Throttle
from provisioner.store.tables import ActRow, MandateRow, OfficialRow
from provisioner.verifier import Verifiers

OFFICIAL_SIGN_IN = "official-sign-in"


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


@dataclass(frozen=True)
class OfficialSummary:
    """One line of the list of officials."""

    id: str
    username: str
    name: str
    posts: tuple[str, ...]
    mandates: tuple["MandateSummary", ...]
    second_factor: bool
    must_change: bool
    suspended_at: datetime | None
    expires_on: date | None
    last_sign_in_at: datetime | None
    live_sessions: int


@dataclass(frozen=True)
class MandateSummary:
    """A Plt. or Plh., present or to come."""

    id: str
    post: str
    kind: str
    order_number: str
    order_date: date
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class DecisionLine:
    """An act of an official, for "what did they decide since"."""

    at: datetime
    kind: str
    step: int
    post: str
    letter_id: str
    letter_number: str
    request_id: str | None
    request_number: str | None
    applicant: str
    undone: bool


class Officials:
    """Adds, changes and looks up officials. Signing in is in :mod:`provisioner.provisioning.official_sign_in`."""

    def __init__(self, context: Context, sessions: Sessions, throttle: Throttle, verifiers: Verifiers) -> None:
        self._context = context
        self._sessions = sessions
        self._throttle = throttle
        self._verifiers = verifiers

    def add(self, profile: OfficialProfile, by: Actor | None = None, password: str | None = None) -> tuple[str, str]:
        """Add an official; gives (id, first password). The password is shown once and must be changed at sign-in.

        ``by`` None: the command line on the machine itself.

        :raises Conflict: ``official-exists``. :raises InvalidInput: a post the office does not have, or no name.
        :raises NotAllowed: only IT.
        """
        if by is not None:
            by.require("it")
        self._check(profile)
        first = password or initial_password()
        verifier = self._verifiers.make("argon2id", first).text
        with self._context.store.begin() as session:
            taken = select(OfficialRow).where(func.lower(OfficialRow.username) == profile.username.lower())
            if session.scalars(taken).first() is not None:
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
                expires_on=profile.expires_on,
                created_at=self._context.clock(),
            )
            session.add(row)
            session.flush()
            self._context.trail.record(
                session,
                "official-added",
                actor=by.in_trail() if by else audit.Actor.command(),
                subjects=Subjects(official=row.id),
                official=row.username,
                roles=list(profile.posts),
                name=display_name(row),
            )
            return row.id, first

    def reset(self, username: str, by: Actor | None = None) -> str:
        """A new first password, without second factor; every session ends. Gives the password, shown once.

        :raises NotFound: no such official. :raises NotAllowed: only IT.
        """
        if by is not None:
            by.require("it")
        first = initial_password()
        verifier = self._verifiers.make("argon2id", first).text
        with self._context.store.begin() as session:
            row = official_by_username(session, username)
            had_second = row.totp_confirmed_at is not None
            row.password_hash, row.must_change = verifier, True
            row.totp_secret = row.totp_confirmed_at = row.totp_last_step = None
            self._sessions.end_all(session, "official", row.id)
            self._throttle.clear(session, OFFICIAL_SIGN_IN, row.username)
            self._context.trail.record(
                session,
                "official-reset",
                actor=by.in_trail() if by else audit.Actor.command(),
                subjects=Subjects(official=row.id),
                official=row.username,
                name=display_name(row),
            )
            if had_second:
                self._context.trail.record(
                    session,
                    "second-factor-removed",
                    actor=by.in_trail() if by else audit.Actor.command(),
                    subjects=Subjects(official=row.id),
                    official=row.username,
                    method="totp",
                )
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
            self._context.trail.record(
                session,
                "official-suspended",
                actor=by.in_trail() if by else audit.Actor.command(),
                subjects=Subjects(official=row.id),
                official=row.username,
                name=display_name(row),
                reason=reason[:500],
            )

    def reactivate(self, username: str, by: Actor | None = None) -> None:
        """Let a suspended official sign in again.

        :raises NotFound: no such official. :raises NotAllowed: only IT.
        """
        if by is not None:
            by.require("it")
        with self._context.store.begin() as session:
            row = official_by_username(session, username)
            row.suspended_at = None
            self._context.trail.record(
                session,
                "official-reactivated",
                actor=by.in_trail() if by else audit.Actor.command(),
                subjects=Subjects(official=row.id),
                official=row.username,
                name=display_name(row),
            )

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

    def everybody(self) -> list[OfficialSummary]:
        """Every official, by name, with mandates that hold or will."""
        today = self._context.today()
        with self._context.store.read() as session:
            rows = session.scalars(select(OfficialRow).order_by(OfficialRow.full_name)).all()
            mandates: dict[str, list[MandateRow]] = {}
            for mandate in session.scalars(
                select(MandateRow).where(MandateRow.ended_at.is_(None), MandateRow.ends_on >= today)
            ):
                mandates.setdefault(mandate.official_id, []).append(mandate)
            return [self._summary(session, row, mandates.get(row.id, ())) for row in rows]

    def decisions(self, by: Actor, username: str, since: datetime) -> list[DecisionLine]:
        """What an official decided since a moment, newest first: what to look at when their account was misused.

        :raises NotAllowed: neither IT nor auditor.
        """
        capacity = by.require("it", "auditor")
        with self._context.store.begin() as session:
            row = official_by_username(session, username)
            found = session.scalars(
                select(ActRow).where(ActRow.official_id == row.id, ActRow.at >= since).order_by(ActRow.at.desc())
            ).all()
            lines = [_decision(act) for act in found]
            self._context.trail.record(
                session,
                "decisions-listed",
                actor=by.in_trail(capacity),
                subjects=Subjects(official=row.id),
                official=row.username,
                since=since,
                count=len(lines),
            )
        return lines

    def actor(self, official_id: str, *, session_id: str = "", address: str = "") -> Actor | None:
        """The official with the capacities they have today; None when suspended, ended or unknown."""
        with self._context.store.read() as session:
            row = session.get(OfficialRow, official_id)
            if row is None or not self.may_sign_in(row):
                return None
            return Actor(
                official_id=row.id,
                username=row.username,
                name=display_name(row),
                capacities=self._capacities(session, row),
                staff_number=row.staff_number,
                rank=row.rank,
                position=row.position,
                person_key=row.person_key,
                staff_key=row.staff_key,
                session_id=session_id,
                address=address,
            )

    def may_sign_in(self, row: OfficialRow) -> bool:
        """Neither suspended nor past the account's last day."""
        return row.suspended_at is None and (row.expires_on is None or row.expires_on >= self._context.today())

    def _capacities(self, session: Session, row: OfficialRow) -> tuple[Capacity, ...]:
        own = [Capacity(post, self._context.office.post(post).label.id) for post in row.posts.split()]
        today = self._context.today()
        mandates = session.scalars(
            select(MandateRow).where(
                MandateRow.official_id == row.id,
                MandateRow.ended_at.is_(None),
                MandateRow.starts_on <= today,
                MandateRow.ends_on >= today,
            )
        )
        for each in mandates:
            label = f"{'Plt.' if each.kind == 'PLT' else 'Plh.'} {self._context.office.post(each.post).label.id}"
            own.append(Capacity(each.post, label, each.kind, f"{each.order_number}, {each.order_date.isoformat()}"))
        return tuple(own)

    def _summary(self, session: Session, row: OfficialRow, mandates: Sequence[MandateRow]) -> OfficialSummary:
        return OfficialSummary(
            row.id,
            row.username,
            display_name(row),
            tuple(row.posts.split()),
            tuple(
                MandateSummary(m.id, m.post, m.kind, m.order_number, m.order_date, m.starts_on, m.ends_on)
                for m in mandates
            ),
            row.totp_confirmed_at is not None,
            row.must_change,
            row.suspended_at,
            row.expires_on,
            row.last_sign_in_at,
            len(self._sessions.live(session, "official", row.id)),
        )

    def _check(self, profile: OfficialProfile) -> None:
        errors: dict[str, list[str]] = {}
        if not profile.username.strip() or len(profile.username) > 100 or profile.username != profile.username.strip():
            errors["username"] = ["malformed"]
        if not profile.full_name.strip():
            errors["full_name"] = ["missing"]
        if not profile.posts or any(post not in set(PostId) for post in profile.posts):
            errors["posts"] = ["unknown"]
        if errors:
            raise InvalidInput("official-invalid", fields=errors)

    def _key(self, purpose: str, digits: str) -> bytes | None:
        return self._context.keyring.lookup(purpose, digits) if digits else None


def official_by_username(session: Session, username: str) -> OfficialRow:
    """:raises NotFound: ``official-unknown``."""
    row = session.scalars(select(OfficialRow).where(func.lower(OfficialRow.username) == username.lower())).one_or_none()
    if row is None:
        raise NotFound("official-unknown")
    return row


def display_name(row: OfficialRow) -> str:
    """The name with titles, as papers write it."""
    name = f"{row.title_prefix} {row.full_name}".strip()
    return f"{name}, {row.title_suffix}" if row.title_suffix else name


def _decision(act: ActRow) -> DecisionLine:
    request = next((each for each in act.letter.requests if each.id == act.request_id), None)
    applicant = request.display_name if request else ", ".join(each.display_name for each in act.letter.requests)
    return DecisionLine(
        act.at,
        act.kind,
        act.step,
        act.post,
        act.letter_id,
        act.letter.number,
        act.request_id,
        request.number if request else None,
        applicant,
        act.undone_at is not None,
    )
