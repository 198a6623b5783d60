"""The month's list: looked up once a day by whichever process comes first, kept, and read from there by everybody."""

import logging
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Thread

from pydantic import TypeAdapter

from provisioner.actor import Actor
from provisioner.month.point import Point, Subject, Urgency, by_urgency
from provisioner.provisioning.context import Context
from provisioner.store.tables import MonthCheckRow

_log = logging.getLogger(__name__)

Source = Callable[[], Iterable[Point]]
_POINTS = TypeAdapter(list[Point])
_ROW = 1
_TAKEN_FOR_DEAD = timedelta(minutes=10)
_FIRST_LOOK_SECONDS = 300.0
"""A service that has just begun has more urgent things to do."""
_LOOK_EVERY_SECONDS = 300.0
READERS = ("it",)
TOLD = ("it", "head")
"""Who is told in their inbox how many points there are."""


@dataclass(frozen=True)
class MonthList:
    """What the last look found, the most urgent first. ``checked_at`` None: nobody has looked yet."""

    checked_at: datetime | None = None
    host: str = ""
    points: tuple[Point, ...] = ()
    running: bool = False

    def of(self, urgency: Urgency) -> list[Point]:
        """The points that are so urgent."""
        return [each for each in self.points if each.urgency is urgency]


class MonthlyCheck:
    """Looks, keeps and tells. What is looked at is given with :meth:`asks`, last of all when everything is built."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._sources: dict[str, Source] = {}
        self._look_at = time.monotonic() + _FIRST_LOOK_SECONDS

    def asks(self, **sources: Source) -> None:
        """What is asked, by a word for the log."""
        self._sources = dict(sources)

    def kept(self, actor: Actor) -> MonthList:
        """The last list. :raises NotAllowed: only IT."""
        actor.require(*READERS)
        return self._kept()

    def told(self, actor: Actor) -> MonthList | None:
        """The last list for the inbox; None for everybody whom it does not concern."""
        return self._kept() if actor.holds(*TOLD) else None

    def look_now(self, actor: Actor, patience: float) -> bool:
        """Look in a thread of its own and wait ``patience`` seconds for it. True: it has ended.

        :raises NotAllowed: only IT.
        """
        actor.require("it")
        thread = self._start()
        if thread is None:
            return False
        thread.join(patience)
        return not thread.is_alive()

    def look(self) -> MonthList:
        """Look in this thread, whoever else does, and keep what was found. For the command."""
        self._begin(by_force=True)
        self._carry_out()
        return self._kept()

    def look_if_due(self) -> None:
        """A duty: look when nobody has for long. It asks slow things, so it holds no other duty up."""
        every = self._context.settings.upkeep.check_hours
        if not every or time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + _LOOK_EVERY_SECONDS
        last = self._kept().checked_at
        if last is None or last + timedelta(hours=every) <= self._context.clock():
            self._start()

    def _start(self) -> Thread | None:
        if not self._begin():
            return None
        thread = Thread(target=self._carry_out, name="month-check", daemon=True)
        thread.start()
        return thread

    def _begin(self, by_force: bool = False) -> bool:
        now = self._context.clock()
        with self._context.store.begin() as session:
            row = session.get(MonthCheckRow, _ROW, with_for_update=True)
            if row is None:
                row = MonthCheckRow(id=_ROW, host="", points="[]")
                session.add(row)
            if not by_force and row.running_since is not None and row.running_since + _TAKEN_FOR_DEAD > now:
                return False
            row.running_since = now
        return True

    def _carry_out(self) -> None:
        try:
            self._keep(self._found())
        except Exception as error:  # The store may be closed by now: the next look tells it anew.
            _log.error("the month's list could not be kept: %s", type(error).__name__)

    def _found(self) -> list[Point]:
        found: list[Point] = []
        for name, source in self._sources.items():
            try:
                found.extend(source())
            except Exception as error:  # One that fails must not hide the others; its text may quote values.
                _log.error("the month's list: %s ended in %s", name, type(error).__name__)
                facts: dict[str, str | int] = {"message": f"this could not be looked up ({type(error).__name__})"}
                found.append(
                    Point(Subject.CHECK, Urgency.UNKNOWN, about=name, facts={**facts, "remedy": "see the log"})
                )
        return by_urgency(found)

    def _keep(self, points: list[Point]) -> None:
        with self._context.store.begin() as session:
            row = session.get_one(MonthCheckRow, _ROW, with_for_update=True)
            row.running_since, row.checked_at = None, self._context.clock()
            row.host, row.points = socket.gethostname()[:100], _POINTS.dump_json(points).decode()

    def _kept(self) -> MonthList:
        with self._context.store.read() as session:
            row = session.get(MonthCheckRow, _ROW)
            if row is None:
                return MonthList()
            running = row.running_since is not None and row.running_since + _TAKEN_FOR_DEAD > self._context.clock()
            return MonthList(row.checked_at, row.host, tuple(_POINTS.validate_json(row.points)), running)
