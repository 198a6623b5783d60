"""The heartbeat of one process: it is entered among the others, and ends where it may not go on."""

import logging
import os
import signal
from collections.abc import Callable
from threading import Event, Thread

from provisioner.errors import ConfigurationError, WrongState
from provisioner.provisioning.processes import SEEN_EVERY, Kind, Processes
from provisioner.store import Store
from provisioner.store.schema import SchemaState, refuse_unusable, schema_state

_log = logging.getLogger(__name__)


def end_in_good_order() -> None:
    """As a person who stops the service: what is in hand is finished."""
    os.kill(os.getpid(), signal.SIGTERM)


class Presence:
    """Whatever works with the store for longer has one: ``start`` when it begins, ``stop`` when it ends.

    ``may_not_go_on`` is called once, from the thread of the heartbeat, when a later release has changed the schema so
    that this program must not work with it, or when another machine has taken its place: it has to take no more work,
    and end.
    """

    def __init__(
        self, store: Store, kind: Kind, engine: str, may_not_go_on: Callable[[], None] = end_in_good_order
    ) -> None:
        self._store = store
        self._processes = Processes(store)
        self._kind, self._engine = kind, engine
        self._may_not_go_on = may_not_go_on
        self._stopping = Event()
        self._thread: Thread | None = None
        self._id = ""

    def start(self) -> None:
        """Enter this process, and say from now on that it lives.

        :raises ConfigurationError: the schema is not one that this program can work with.
        :raises WrongState: ``runner-elsewhere``, see :meth:`Processes.enter`.
        """
        self._id = self._processes.enter(self._kind, self._engine)
        # Once it is entered, nobody changes the schema under it; looked at only before, somebody might have since.
        try:
            refuse_unusable(self._store.engine)
        except ConfigurationError:
            self._processes.leave(self._id)
            raise
        self._thread = Thread(target=self._beat, name="presence", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """It ends in good order. Not started, or stopped already, is fine."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            self._processes.leave(self._id)

    def beat(self) -> bool:
        """Say that it lives, and look whether it may go on; False: it may not."""
        if schema_state(self._store.engine) is SchemaState.BEYOND:
            _log.error("a later release changed the database so that this program cannot use it: it ends")
            return False
        try:
            if not self._processes.seen(self._id):
                # It was frozen, or cut off from the database, for so long that it was forgotten.
                self._id = self._processes.enter(self._kind, self._engine)
        except WrongState as error:
            _log.error("%s: this process ends", error)
            return False
        return True

    def _beat(self) -> None:
        while not self._stopping.wait(SEEN_EVERY.total_seconds()):
            try:
                if not self.beat():
                    self._may_not_go_on()
                    return
            except Exception as error:  # The database is away: others see that by the silence.
                _log.error("the heartbeat met %s", type(error).__name__)
