"""Procrastinate's part: wake-ups that are jobs, deferred in the unit of work that makes the work.

A job says "somebody look" and nothing else: it carries no personal data and no secret, it has no lock (one that waits
would hold up the others) and no queueing lock (one that is refused would spoil the caller's unit of work). It is done
as soon as a worker has been woken by it; one whose worker died, or could not say so, is tidied away
(:func:`provisioner.dispatch.many_workers.tidy`). What there is to do stands in the store and is claimed there.
"""

from typing import Any

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from provisioner.dispatch.wakeup import WakeUp
from provisioner.dispatch.workers import QUEUE

LOOK = "look"

_DEFERRED = "provisioner.hint-deferred"
_WAITING = text(
    "SELECT count(*) FROM"
    " (SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = :queue LIMIT :most) AS waiting"
)


def deferring_app() -> App:
    """Procrastinate for those who only defer, on connections of their own."""
    # One that is open for listening cannot defer on a connection that is handed to it: hence two.
    app = App(connector=SyncPsycopgConnector())
    app.task(name=LOOK, queue=QUEUE)(_look_elsewhere)
    return app


def listening_app(url: str, wakeup: WakeUp) -> App:
    """Procrastinate over the database at this SQLAlchemy address, whose jobs wake ``wakeup``. Connects to nothing."""
    place = make_url(url)
    named = place.translate_connect_args(username="user", database="dbname")
    kwargs: dict[str, Any] = {**place.query, **named, "application_name": "siak-provisioner-wake-ups"}
    app = App(connector=PsycopgConnector(kwargs=kwargs, min_size=1, max_size=2))

    async def look() -> None:
        wakeup.now()

    app.task(name=LOOK, queue=QUEUE)(look)
    return app


async def _look_elsewhere() -> None:
    raise AssertionError("deferred here, done by a worker")  # pragma: no cover


class DeferredWakeUp(WakeUp):
    """Wakes a worker, on whatever machine, and the threads of this process if there are any."""

    def __init__(self, most: int) -> None:
        """``most``: hints that may wait; beyond that workers are behind or away, and one more tells them nothing."""
        super().__init__()
        self._app = deferring_app()
        self._most = most

    def after_commit(self, session: Session) -> None:
        """Defer a job in this very unit of work, one however often it is asked for."""
        if session.info.get(_DEFERRED) is session.get_transaction():
            return
        session.info[_DEFERRED] = session.get_transaction()
        connection = session.connection()
        waiting = connection.scalar(_WAITING, {"queue": QUEUE, "most": self._most}) or 0
        if waiting < self._most:
            self._app.tasks[LOOK].configure(connection=connection.connection.driver_connection).defer()
        super().after_commit(session)
