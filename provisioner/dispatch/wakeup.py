"""Hints that there is work. A lost or doubled one is harmless: a sweep finds whatever is due."""

from threading import Condition

from sqlalchemy import event
from sqlalchemy.orm import Session


class WakeUp:
    """Wakes the runner of this process; without one it does nothing."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._count = 0

    def now(self) -> None:
        """Wake whoever waits."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def after_commit(self, session: Session) -> None:
        """Wake once the running unit of work has committed; after a rollback nobody is woken."""

        @event.listens_for(session, "after_commit", once=True)
        def wake(_session: Session) -> None:
            self.now()

    @property
    def seen(self) -> int:
        """How often somebody called so far; to be handed to :meth:`wait`."""
        return self._count

    def wait(self, seen: int, seconds: float) -> None:
        """Wait until somebody calls after ``seen`` was read, or for so long."""
        with self._condition:
            self._condition.wait_for(lambda: self._count != seen, seconds)
