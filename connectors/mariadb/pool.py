"""Connections of the service account: kept while idle, looked at before use, and one writer at a time.

A writer holds a named lock of the server on the very connection it writes on. When it sleeps for too long the server
ends its session (``wait_timeout``) and with it the lock: what it sends afterwards goes nowhere. A statement that the
server is still at when its sender has given up keeps the lock until it is done. So nobody writes on what somebody newer
has changed.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from threading import Lock

import pymysql

from connectors.mariadb.errors import translated
from connectors.mariadb.line import Line
from connectors.mariadb.settings import MariadbSettings
from provisioner.connector import PermissionDenied, TargetUnavailable


class Pool:
    """Lends connections; one call on each at a time."""

    def __init__(self, settings: MariadbSettings, call_timeout: float) -> None:
        self._settings = settings
        self._call_timeout = call_timeout
        # The server ends silent sessions after this many seconds; here they are given up in half that time.
        self._patience = max(4, round(2 * call_timeout))
        self._lock_name = (
            f"siak-provisioner:{sha256(f'{settings.db_schema}.{settings.table}'.encode()).hexdigest()[:16]}"
        )
        self._idle: list[Line] = []
        self._guard = Lock()

    @contextmanager
    def reading(self) -> Iterator[Line]:
        """A connection.

        :raises TargetUnavailable: the server does not answer.
        :raises PermissionDenied: it refuses the service account.
        """
        line = self._take() or self.open()
        line.written = False
        try:
            yield line
        except BaseException:
            # Whatever state it is in, perhaps between a statement and its answer; and a lock must not outlive a call.
            line.close()
            raise
        self._give_back(line)

    @contextmanager
    def writing(self) -> Iterator[Line]:
        """A connection that holds the lock.

        :raises TargetUnavailable: another writer holds it all the time.
        """
        with self.reading() as line:
            wait = max(1, self._call_timeout / 2)
            if line.rows("waiting for other writers", "SELECT GET_LOCK(%s, %s)", self._lock_name, wait) != [(1,)]:
                raise TargetUnavailable("another writer is at work")
            yield line
            line.rows("finishing", "SELECT RELEASE_LOCK(%s)", self._lock_name)

    def open(self) -> Line:
        """A new connection; the caller closes it."""
        try:
            line = Line.open(self._settings, self._settings.user, self._password(), self._call_timeout)
        except pymysql.MySQLError as error:
            raise translated("signing in to the server", error) from error
        # Whatever the server's own mode is, quoting means what the driver thinks it means.
        mode = "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION"
        line.rows("signing in to the server", "SET SESSION sql_mode = %s, wait_timeout = %s", mode, self._patience)
        return line

    def close(self) -> None:
        """Close what is idle."""
        with self._guard:
            idle, self._idle = self._idle, []
        for line in idle:
            line.close()

    def _take(self) -> Line | None:
        while True:
            with self._guard:
                if not self._idle:
                    return None
                line = self._idle.pop()
            if time.monotonic() - line.idle_since < self._patience / 2 and line.alive:
                return line
            line.close()

    def _give_back(self, line: Line) -> None:
        line.idle_since = time.monotonic()
        with self._guard:
            if len(self._idle) < self._settings.idle_connections:
                self._idle.append(line)
                return
        line.close()

    def _password(self) -> str:
        """:raises PermissionDenied: there is none."""
        settings = self._settings
        if settings.password_file is not None:
            try:
                password = settings.password_file.read_text("utf-8").partition("\n")[0].rstrip("\r")
            except (OSError, UnicodeDecodeError) as error:
                raise PermissionDenied("password_file cannot be read") from error
        else:
            password = os.environ.get(settings.password_env or "", "")
        if not password:
            raise PermissionDenied("the service account's password is empty: see password_env, password_file")
        return password
