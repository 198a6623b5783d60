"""Connections to the server: kept while idle, looked at before use, one call on each at a time."""

import os
import select
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Composed

from connectors.postgresql.errors import Overdue, committing, connection_refused, translated
from connectors.postgresql.settings import PostgresqlSettings
from provisioner.connector import PermissionDenied

MAX_IDLE_SECONDS = 60.0
Answer = TypeVar("Answer")


class Line(psycopg.Connection[tuple[Any, ...]]):
    """A connection on which every wait ends at the call's deadline, however silent the server is."""

    deadline = float("inf")
    idle_since = 0.0

    def wait(self, gen: Generator[Any, Any, Answer], *args: Any, **kwargs: Any) -> Answer:
        """See psycopg.

        :raises Overdue: no answer in time. The connection is of no use any more.
        """
        return super().wait(self._bounded(gen), *args, **kwargs)

    def _bounded(self, steps: Generator[Any, Any, Answer]) -> Generator[Any, Any, Answer]:
        # The driver comes back several times a second even if nothing has arrived.
        try:
            wanted = next(steps)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > self.deadline:
                    raise Overdue("no answer in time")
                wanted = steps.send(ready)
        except StopIteration as end:
            answer: Answer = end.value
            return answer

    @property
    def alive(self) -> bool:
        """Whether the other end is there: an idle server has nothing to say but farewell."""
        if self.closed:
            return False
        watch = select.poll()
        watch.register(self.fileno(), select.POLLIN)
        return not watch.poll(0)


class Pool:
    """Lends connections of the service account."""

    def __init__(self, settings: PostgresqlSettings, call_timeout: float) -> None:
        self._settings = settings
        self._call_timeout = call_timeout
        self._idle: list[Line] = []
        self._lock = Lock()

    @contextmanager
    def reading(self, doing: str) -> Iterator[Line]:
        """Each statement is a transaction of its own.

        :raises TargetUnavailable: the server does not answer.
        :raises PermissionDenied: it refuses the service account.
        """
        with self._lent() as line, translated(doing):
            yield line

    @contextmanager
    def writing(self, doing: str, lock: Composed) -> Iterator[Line]:
        """A transaction that begins with ``lock``: committed when the block ends well, and else rolled back.

        :raises TargetUnavailable: the server does not answer; nothing was changed.
        :raises InDoubt: the commit was sent and not answered.
        """
        with self._lent() as line:
            # Every message is answered before the next: in the driver's pipelines the server keeps no time limit on a
            # client that freezes in the middle, and the lock would be held for ever.
            with translated(doing):
                line.execute(SQL("BEGIN; ") + lock)
                yield line
            with committing(doing):
                line.execute("COMMIT")

    def open(self) -> Line:
        """A new connection of the service account; the caller closes it."""
        settings = self._settings
        return self.connect("signing in to the server", settings.user, self._password(), settings.database)

    def connect(self, doing: str, user: str, password: str | None, database: str) -> Line:
        """A new connection of anybody's; the caller closes it. The password is proven to the server, never sent to it.

        :raises ConnectorError: see :func:`~connectors.postgresql.errors.connection_refused`; ``__cause__`` is the
            driver's error.
        """
        settings = self._settings
        milliseconds = max(1, int(self._call_timeout * 1000))
        limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        try:
            line = Line.connect(
                host=settings.host,
                port=settings.port,
                user=user,
                password=password,
                passfile=os.devnull,
                dbname=database,
                sslmode="verify-full",
                sslrootcert=str(settings.ca_file) if settings.ca_file else "system",
                require_auth="none" if password is None else "scram-sha-256",
                connect_timeout=min(settings.connect_timeout, max(2, int(self._call_timeout))),
                tcp_user_timeout=milliseconds,
                options=" ".join(f"-c {limit}={milliseconds}" for limit in limits),
                application_name="siak-provisioner",
                client_encoding="utf8",
                autocommit=True,
            )
        except psycopg.Error as error:
            raise connection_refused(doing, error) from error
        line.deadline = time.monotonic() + self._call_timeout
        return line

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for line in idle:
            line.close()

    @contextmanager
    def _lent(self) -> Iterator[Line]:
        deadline = time.monotonic() + self._call_timeout
        line = self._take() or self.open()
        line.deadline = deadline
        try:
            yield line
        except Exception:
            self._undo(line)
            self._give_back(line)
            raise
        except BaseException:
            # Interrupted anywhere, perhaps between a statement and its answer.
            line.close()
            raise
        self._give_back(line)

    def _undo(self, line: Line) -> None:
        if line.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            with suppress(psycopg.Error):
                line.execute("ROLLBACK")

    def _take(self) -> Line | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                line = self._idle.pop()
            if time.monotonic() - line.idle_since < MAX_IDLE_SECONDS and line.alive:
                return line
            line.close()

    def _give_back(self, line: Line) -> None:
        line.idle_since = time.monotonic()
        with self._lock:
            clean = line.info.transaction_status is TransactionStatus.IDLE
            if clean and len(self._idle) < self._settings.idle_connections:
                self._idle.append(line)
                return
        line.close()

    def _password(self) -> str | None:
        """:raises PermissionDenied: there is none where there should be one."""
        settings = self._settings
        if settings.password_file is not None:
            try:
                password = settings.password_file.read_text("utf-8").partition("\n")[0].rstrip("\r")
            except (OSError, UnicodeDecodeError) as error:
                raise PermissionDenied("password_file cannot be read") from error
        elif settings.password_env is not None:
            password = os.environ.get(settings.password_env, "")
        else:
            return None
        if not password:
            raise PermissionDenied("the service account's password is empty: see password_env, password_file")
        return password
