"""Lockouts and rate limits, kept in the store so that every process sees them."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.errors import LockedOut, TooMany
from provisioner.provisioning.context import Context
from provisioner.store.locking import alone
from provisioner.store.tables import ThrottleRow

OPERATOR_SIGN_IN = "operator"
"""What operators' failed sign-ins are counted under, by user name."""

HELP_FROM, HELP_FOR = "help", "help-for"
"""What requests for help are counted under: by address, and by user name."""


class Throttle:
    """Counts tries by a key. The key may hold a name or an address: only its keyed digest is stored."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def take(self, what: str, whose: str, limit: int, per: timedelta) -> None:
        """Count one try of ``what`` by ``whose``: a network address, or (:data:`HELP_FOR`) what was typed as a name.

        :raises TooMany: more than ``limit`` in this stretch of time; ``data["until"]`` says when to come back.
        """
        now = self._context.clock()
        with self._context.store.begin() as session:
            row = self._row(session, what, whose, now)
            if row.window_ends_at <= now:
                row.count, row.window_ends_at = 0, now + per
            row.count += 1
            exceeded, until = row.count > limit, row.window_ends_at
            if row.count == limit + 1:
                # Once for each stretch of time: who goes on trying must not fill the trail.
                self._context.trail.record(
                    session,
                    "too-many-tries",
                    actor=audit.Actor.visitor(),
                    area=what,
                    count=limit,
                    # What was typed as a name may be anything, even a password in the wrong field.
                    address=None if what == HELP_FOR else whose or None,
                )
        if exceeded:
            raise TooMany("too-many-tries", what=what, until=until)

    def refuse_locked(self, what: str, whose: str) -> None:
        """:raises LockedOut: ``whose`` failed too often; ``data["until"]`` says how long."""
        with self._context.store.read() as session:
            row = session.get(ThrottleRow, self._key(what, whose))
        if row is not None and row.locked_until is not None and row.locked_until > self._context.clock():
            raise LockedOut("locked-out", until=row.locked_until)

    def failed(self, session: Session, what: str, whose: str) -> bool:
        """Count a failure; True when it locked ``whose`` out. The lock's length is a setting."""
        lockout, now = self._context.settings.lockout, self._context.clock()
        span = timedelta(minutes=lockout.minutes)
        row = self._row(session, what, whose, now)
        if row.window_ends_at <= now:
            row.count = 0
        row.count, row.window_ends_at = row.count + 1, now + span
        if row.count < lockout.max_failures:
            return False
        row.count, row.locked_until = 0, now + span
        return True

    def clear(self, session: Session, what: str, whose: str) -> None:
        """Forget the failures: a sign-in worked, or an official unlocked the name."""
        session.execute(delete(ThrottleRow).where(ThrottleRow.key == self._key(what, whose)))

    def has_old(self, session: Session) -> bool:
        """Whether there are rows that mean nothing any more."""
        return session.scalars(select(ThrottleRow.key).where(self._old()).limit(1)).first() is not None

    def forget_old(self, session: Session) -> None:
        """Remove rows that mean nothing any more."""
        session.execute(delete(ThrottleRow).where(self._old()))

    def _old(self) -> ColumnElement[bool]:
        return ThrottleRow.window_ends_at < self._context.clock() - timedelta(days=1)

    def _row(self, session: Session, what: str, whose: str, now: datetime) -> ThrottleRow:
        key = self._key(what, whose)
        alone(session, "throttle", key)
        row = session.get(ThrottleRow, key)
        if row is None:
            row = ThrottleRow(key=key, count=0, window_ends_at=now)
            session.add(row)
        return row

    def _key(self, what: str, whose: str) -> str:
        return f"{what}:{self._context.keyring.lookup('throttle', whose.casefold()).hex()[:64]}"
