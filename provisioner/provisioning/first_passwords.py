"""Officials' first passwords: drawn when the paper that carries them is made, and known to nobody from a screen.

Each one drawn makes the one before worthless and ends what was begun with it. So a paper that was lost or opened by
somebody else needs nothing but another one; and whoever finds their password refused knows that something is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TypeVar

from provisioner import audit
from provisioner.actor import Actor
from provisioner.audit import Subjects
from provisioner.documents.first_password import FirstPasswordFacts, FirstPasswordLetters
from provisioner.documents.renderer import Renderer
from provisioner.errors import WrongState
from provisioner.initial_password import initial_password
from provisioner.provisioning.context import Context
from provisioner.provisioning.official_rows import OFFICIAL_SIGN_IN, display_name, may_sign_in, official_by_username
from provisioner.provisioning.sessions import Sessions
from provisioner.provisioning.throttle import Throttle
from provisioner.store.tables import OfficialRow
from provisioner.verifier import Verifiers

Made = TypeVar("Made")


@dataclass(frozen=True)
class FirstPassword:
    """A first password on its way out. Never kept, never shown in a page."""

    username: str
    name: str
    posts: tuple[str, ...]
    """In the office's words."""
    password: str
    until: datetime

    def __repr__(self) -> str:
        return f"FirstPassword({self.username})"


def holds_until(context: Context) -> datetime:
    """The end of the last day on which a first password that is drawn now lets anybody in."""
    day = context.today() + timedelta(days=context.settings.passwords.first_days)
    return datetime.combine(day, time(23, 59, 59), context.office.zone)


class FirstPasswords:
    """Draws them, for those who have no password of their own (yet, or any more)."""

    def __init__(
        self, context: Context, renderer: Renderer, sessions: Sessions, throttle: Throttle, verifiers: Verifiers
    ) -> None:
        self._context = context
        self._letters = FirstPasswordLetters(renderer, context.office)
        self._sessions = sessions
        self._throttle = throttle
        self._verifiers = verifiers

    def envelope(self, username: str, by: Actor | None = None) -> bytes:
        """A new first password as a letter to fold and seal (PDF/A-2b), which is kept nowhere. ``by`` None: somebody
        at the machine itself.

        :raises NotFound: no such official. :raises NotAllowed: only IT.
        :raises WrongState: ``own-password-set``: they chose one of their own; reset it first.
            ``official-not-let-in``: suspended, or past the last day.
        :raises ConfigurationError: the letter's template is broken. Nothing was changed then.
        """
        return self._draw(username, by, "envelope", self._paper)

    def shown(self, username: str) -> str:
        """The same for a screen, at the machine itself only, where no paper can be made. Raises like
        :meth:`envelope`."""
        return self._draw(username, None, "screen", lambda drawn: drawn.password)

    def _draw(self, username: str, by: Actor | None, method: str, make: Callable[[FirstPassword], Made]) -> Made:
        if by is not None:
            by.require("it")
        drawn = self._drawn(username)
        # Hashing and setting the paper are slow, and the paper may fail: both before anything is changed.
        verifier, made = self._verifiers.make(drawn.password).text, make(drawn)
        with self._context.store.begin() as session:
            row = official_by_username(session, username)
            self._refuse(row)
            row.password_hash = verifier
            row.first_password_at, row.first_password_until = self._context.clock(), drawn.until
            self._sessions.end_all(session, "official", row.id)
            self._throttle.clear(session, OFFICIAL_SIGN_IN, row.username)
            self._context.trail.record(
                session,
                "official-first-password-made",
                actor=by.in_trail() if by else audit.Actor.command(),
                subjects=Subjects(official=row.id),
                official=row.username,
                until=drawn.until.date(),
                method=method,
                name=display_name(row),
            )
        return made

    def _drawn(self, username: str) -> FirstPassword:
        office = self._context.office
        with self._context.store.read() as session:
            row = official_by_username(session, username)
            self._refuse(row)
            posts = tuple(office.post(post).title for post in row.posts.split())
            return FirstPassword(row.username, display_name(row), posts, initial_password(), holds_until(self._context))

    def _refuse(self, row: OfficialRow) -> None:
        if not row.must_change:
            raise WrongState("own-password-set", username=row.username)
        if not may_sign_in(self._context, row):
            raise WrongState("official-not-let-in", username=row.username)

    def _paper(self, drawn: FirstPassword) -> bytes:
        return self._letters.render(
            FirstPasswordFacts(
                username=drawn.username,
                name=drawn.name,
                posts=drawn.posts,
                password=drawn.password,
                until=drawn.until,
                made_at=self._context.clock(),
                address=f"{self._context.settings.web.address}/masuk",
            )
        )
