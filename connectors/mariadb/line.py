"""One connection: verified TLS, two ways to sign in, every answer in time."""

import select
import ssl
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pymysql
from pymysql.constants import CLIENT

from connectors.mariadb.errors import translated
from connectors.mariadb.settings import MariadbSettings

CAN_HANDLE_EXPIRED_PASSWORDS = 1 << 22
"""Without it a server with ``disconnect_on_expired_password`` refuses the connection."""
_WAYS = (b"client_ed25519", b"mysql_native_password")
_TLS_VERSION = ssl.TLSVersion.TLSv1_2


class _Connection(pymysql.Connection):  # type: ignore[misc]
    """Answers as often as the server asks: a user of ours has two ways to sign in, and PyMySQL gives up at the second
    question. Giving up would hide wrong passwords from the server's own counter (``max_password_errors``).
    """

    def _process_auth(self, plugin_name: bytes, auth_packet: Any, handler: Any = None) -> Any:
        while True:
            if plugin_name not in _WAYS:
                # Others would send the password itself.
                raise pymysql.OperationalError(2059, "the server asks to sign in in a way that we do not")
            auth_packet = super()._process_auth(plugin_name, auth_packet, handler)
            if not auth_packet.is_auth_switch_request():
                return auth_packet
            auth_packet.read_uint8()
            plugin_name = auth_packet.read_string()


class Line:
    """Statements with values in their places; the driver does the quoting, as CREATE USER takes no parameters."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.idle_since = time.monotonic()
        self.written = False
        """Whether something was sent in this call that changes the target."""

    @classmethod
    def open(
        cls, settings: MariadbSettings, user: str, password: str, call_timeout: float, *, expired: bool = False
    ) -> "Line":
        """Connect and sign in. Raises the driver's errors.

        :param expired: come in with an expired password too, to change it.
        """
        try:
            trust = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
        except OSError as error:
            raise pymysql.OperationalError(2026, "ca_file cannot be read") from error
        trust.minimum_version = _TLS_VERSION
        connection = _Connection(
            host=settings.host,
            port=settings.port,
            user=user,
            password=password.encode(),
            ssl=trust,
            charset="utf8mb4",
            autocommit=True,
            local_infile=False,
            client_flag=CLIENT.FOUND_ROWS | (CAN_HANDLE_EXPIRED_PASSWORDS if expired else 0),
            connect_timeout=min(settings.connect_timeout, max(1, int(call_timeout))),
            read_timeout=call_timeout,
            write_timeout=call_timeout,
        )
        return cls(connection)

    def rows(self, doing: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What a question gives.

        :raises ConnectorError: see :mod:`connectors.mariadb.errors`.
        """
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement, values)
                return list(cursor.fetchall())
        except pymysql.MySQLError as error:
            raise translated(doing, error, written=self.written) from error

    def change(self, doing: str, statement: str, *values: object) -> int:
        """Send a change and count the rows it met.

        :raises InDoubt: no answer came.
        :raises ConnectorError: see :mod:`connectors.mariadb.errors`.
        """
        self.written = True
        try:
            with self._connection.cursor() as cursor:
                return int(cursor.execute(statement, values))
        except pymysql.MySQLError as error:
            raise translated(doing, error, written=True) from error

    def execute(self, statement: str, *values: object) -> None:
        """Raises the driver's errors."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)

    @property
    def alive(self) -> bool:
        """Whether the other end is there: an idle server has nothing to say but farewell."""
        if not self._connection.open:
            return False
        watch = select.poll()
        watch.register(self._connection._sock, select.POLLIN)
        return not watch.poll(0)

    def certificate_ends(self) -> datetime:
        """When the server's certificate ends."""
        certificate = self._connection._sock.getpeercert() or {}
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)

    def close(self) -> None:
        """In good order where that is possible; an error may have closed it already."""
        with suppress(pymysql.MySQLError):
            self._connection.close()
