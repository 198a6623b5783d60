"""The engine for many machines: any number of these runners, in ``provisioner work``, share the work of one store.

Procrastinate brings the wake-ups; who does what is agreed on in the store.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from threading import Event, Thread
from typing import Any

from procrastinate import App
from procrastinate.jobs import DeleteJobCondition

from provisioner.clock import Clock
from provisioner.dispatch.crew import DUTIES, Crew, Work
from provisioner.dispatch.hints import listening_app
from provisioner.dispatch.turns import StoreTurns
from provisioner.dispatch.wakeup import WakeUp
from provisioner.dispatch.workers import HEARTBEAT_SECONDS, QUEUE, SILENT_SECONDS
from provisioner.settings import DispatchSettings, RunnerSettings
from provisioner.store import Store

_log = logging.getLogger(__name__)

_AGAIN_SECONDS = 2.0
_DELETE_TAKEN = """
DELETE FROM procrastinate_jobs AS job WHERE job.queue_name = %(queue)s AND job.status = 'doing' AND NOT EXISTS (
    SELECT 1 FROM procrastinate_events AS event WHERE event.job_id = job.id AND event.type = 'started'
    AND event.at > now() - make_interval(secs => %(seconds)s))
"""


class ProcrastinateRunner:
    """One of many. Takes no lock, and nothing that another holds."""

    def __init__(
        self,
        work: Work,
        wakeup: WakeUp,
        store: Store,
        url: str,
        clock: Clock,
        settings: RunnerSettings,
        dispatch: DispatchSettings,
    ) -> None:
        self._turns = StoreTurns(store, clock, timedelta(seconds=settings.lease_seconds))
        self._crew = Crew(work, wakeup, self._turns, settings, shared=True)
        self._listener = Listener(listening_app(url, wakeup), self._turns)
        self._patience = dispatch.stop_seconds

    def start(self) -> None:
        """Begin to work, beside whoever does."""
        self._crew.start()
        self._listener.start()

    def stop(self, timeout: float | None = None) -> bool:
        """Finish what is in hand, hand back the rest, and end. False: something was not finished in time."""
        self._listener.stop()
        return self._crew.stop(self._patience if timeout is None else timeout)

    def drain(self, rounds: int = 100) -> None:
        """Do everything that is due now and that nobody else has in hand."""
        try:
            self._crew.drain(rounds)
        finally:
            self._turns.end()


class Listener:
    """A thread in which Procrastinate's worker waits for wake-ups. While it cannot, the sweep finds the work."""

    def __init__(self, app: App, turns: StoreTurns) -> None:
        self._app = app
        self._turns = turns
        self._stopping = Event()
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening: asyncio.Task[Any] | None = None

    def start(self) -> None:
        """Begin to wait."""
        self._stopping.clear()
        self._thread = Thread(target=lambda: asyncio.run(self._listen_for_ever()), name="wake-ups", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; a wake-up that was not taken is another worker's."""
        self._stopping.set()
        if self._loop is not None and self._listening is not None:
            self._loop.call_soon_threadsafe(self._listening.cancel)
        if self._thread is not None:
            self._thread.join(_AGAIN_SECONDS * 2)
            self._thread = None

    async def _listen_for_ever(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._listening = asyncio.create_task(self._listen_again_and_again())
        with suppress(asyncio.CancelledError):
            await self._listening

    async def _listen_again_and_again(self) -> None:
        while not self._stopping.is_set():
            try:
                async with self._app.open_async():
                    await self._listen()
            except Exception as error:  # The server is away, say. Only the kind: its text may name hosts and roles.
                _log.error("waiting for wake-ups met %s", type(error).__name__)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _listen(self) -> None:
        tidying = asyncio.create_task(self._tidy_for_ever())
        try:
            await self._app.run_worker_async(
                queues=[QUEUE],
                install_signal_handlers=False,
                delete_jobs=DeleteJobCondition.ALWAYS,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=SILENT_SECONDS,
                shutdown_graceful_timeout=1.0,
            )
        finally:
            tidying.cancel()

    async def _tidy_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SILENT_SECONDS)
            try:
                if await asyncio.to_thread(self._turns.ours, DUTIES):
                    await tidy(self._app)
            except Exception as error:  # As above; the next time is soon.
                _log.error("tidying wake-ups met %s", type(error).__name__)


async def tidy(app: App) -> None:
    """Delete wake-ups that were taken a while ago, and workers that died: the work itself was found by others.

    Whoever took a wake-up is done with it within milliseconds, or has died, or could not say so when the database was
    away. Procrastinate asks for the jobs of silent workers only, and one of the last kind lives.
    """
    await app.connector.execute_query_async(query=_DELETE_TAKEN, queue=QUEUE, seconds=SILENT_SECONDS)
    await app.job_manager.prune_stalled_workers(SILENT_SECONDS)
