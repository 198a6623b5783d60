"""Connections to the directory: kept while idle, checked before use, one call on each at a time.

ldap3's own pooling strategies are not thread-safe and do not always recover, hence this small one.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from urllib.parse import unquote, urlsplit

from ldap3 import EXTERNAL, NONE, SASL, SIMPLE, SYNC, Connection, Server

from connectors.ldap_client.deadline import Deadline
from connectors.ldap_client.errors import SUCCESS, Answer, breakdown, refusal
from connectors.ldap_client.password_policy import CHANGE_AFTER_RESET
from connectors.ldap_client.session import Refuse, Session
from connectors.ldap_client.settings import LdapClientSettings
from connectors.ldap_client.tls import VerifiedTls
from provisioner.connector import ConnectorError, PermissionDenied, TargetUnavailable

MAX_IDLE_SECONDS = 60.0
SIGNING_IN = "signing in to the directory"


class Pool:
    """Lends sessions of the service account.

    :param denies_absent: see :class:`~connectors.ldap_client.session.Session`, as for ``refuse``.
    :raises ValueError: the file of the certificate authority is not usable.
    """

    def __init__(
        self,
        settings: LdapClientSettings,
        call_timeout: float,
        *,
        denies_absent: bool = False,
        refuse: Refuse = refusal,
    ) -> None:
        self.call_timeout = call_timeout
        self._settings = settings
        self._denies_absent = denies_absent
        self._refuse = refuse
        self._tls = VerifiedTls(settings.ca_file)
        self._idle: list[Session] = []
        self._for_sign_ins: list[Session] = []
        self._closed = False
        self._preferred = settings.urls[0]
        self._lock = Lock()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session for one call, which has ``call_timeout`` seconds in all.

        :raises TargetUnavailable: no address answers.
        :raises PermissionDenied: the directory refuses the service account.
        """
        deadline = Deadline(self.call_timeout)
        session = self._take(self._idle) or self._open_any(deadline)
        session.begin(deadline)
        try:
            yield session
        except (ConnectorError, GeneratorExit):
            self._give_back(session, self._idle)
            raise
        except BaseException:
            # Interrupted anywhere, perhaps between a request and its answer.
            session.close()
            raise
        self._give_back(session, self._idle)

    def open(self, url: str, deadline: Deadline) -> Session:
        """A new session of the service account at this address; the caller closes it."""
        session = self._connect(url, deadline, self._service(url, deadline))
        try:
            answer = session.bind(SIGNING_IN)
            if answer.code != SUCCESS:
                raise self._refuse(answer, SIGNING_IN)
            if answer.policy.error == CHANGE_AFTER_RESET:
                raise PermissionDenied("the service account's own password must be changed first")
        except BaseException:
            session.close()
            raise
        return session

    def try_password(self, dn: str, password: bytes) -> Answer:
        """How a sign-in as this person goes, on a connection that is kept for the next one to sign in, whoever that is:
        every bind replaces the one before (RFC 4513, section 4), and nothing but binds is ever asked on it. A new one
        for each would be a TLS handshake for each.
        """
        deadline = Deadline(self.call_timeout)
        session = self._take(self._for_sign_ins)
        if session is None:
            server = self._server(self._preferred, deadline)
            session = self._connect(self._preferred, deadline, Connection(server, **_PLAIN))
        session.begin(deadline)
        try:
            answer = session.bind_as(dn, password, "signing in")
        except BaseException:
            session.close()
            raise
        self._give_back(session, self._for_sign_ins)
        return answer

    @contextmanager
    def signed_in(self, dn: str, password: bytes) -> Iterator[tuple[Session, Answer]]:
        """A connection of the user's own and how the sign-in went; never kept."""
        deadline = Deadline(self.call_timeout)
        url = self._preferred
        server = self._server(url, deadline)
        session = self._connect(url, deadline, Connection(server, dn, password, authentication=SIMPLE, **_PLAIN))
        try:
            yield session, session.bind("signing in")
        finally:
            session.close()

    def close(self) -> None:
        """Close what is idle, and later what is still lent when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle, self._for_sign_ins = [*self._idle, *self._for_sign_ins], [], []
        for session in idle:
            session.close()

    def _take(self, idle: list[Session]) -> Session | None:
        while True:
            with self._lock:
                if not idle:
                    return None
                session = idle.pop()
            if time.monotonic() - session.idle_since < MAX_IDLE_SECONDS and session.alive():
                return session
            session.close()

    def _give_back(self, session: Session, kept: list[Session]) -> None:
        session.idle_since = time.monotonic()
        with self._lock:
            wanted = not session.broken and session.url == self._preferred
            if wanted and not self._closed and len(kept) < self._settings.idle_connections:
                kept.append(session)
                return
        session.close()

    def _open_any(self, deadline: Deadline) -> Session:
        urls = self._settings.urls
        start = urls.index(self._preferred)
        failures: list[TargetUnavailable] = []
        for url in [*urls[start:], *urls[:start]]:
            try:
                session = self.open(url, deadline)
            except TargetUnavailable as error:
                failures.append(error)
            else:
                self._preferred = url
                return session
        raise TargetUnavailable("; ".join(str(failure) for failure in failures)) from failures[-1]

    def _connect(self, url: str, deadline: Deadline, connection: Connection) -> Session:
        session = Session(connection, url, denies_absent=self._denies_absent, refuse=self._refuse)
        try:
            connection.open(read_server_info=False)
            connection.socket.settimeout(max(deadline.remaining(), 0.001))
            if url.startswith("ldap:"):
                connection.start_tls(read_server_info=False)
        except Exception as error:
            session.close()
            raise breakdown(error, f"connecting to {url}", writing=False) from error
        session.begin(deadline)
        return session

    def _server(self, url: str, deadline: Deadline) -> Server:
        # A new one each time: ldap3 keeps the state of one connection in it.
        patience = max(min(self._settings.connect_timeout, deadline.remaining() / len(self._settings.urls)), 0.001)
        parts = urlsplit(url)
        if parts.scheme == "ldapi":
            return Server("ldapi://" + unquote(parts.netloc), get_info=NONE, connect_timeout=patience)
        secure = parts.scheme == "ldaps"
        port = parts.port or (636 if secure else 389)
        return Server(parts.hostname, port, use_ssl=secure, tls=self._tls, get_info=NONE, connect_timeout=patience)

    def _service(self, url: str, deadline: Deadline) -> Connection:
        server = self._server(url, deadline)
        settings = self._settings
        if settings.bind_dn is None:
            return Connection(server, authentication=SASL, sasl_mechanism=EXTERNAL, sasl_credentials=(), **_PLAIN)
        return Connection(server, settings.bind_dn, self._password(), authentication=SIMPLE, **_PLAIN)

    def _password(self) -> bytes:
        settings = self._settings
        if settings.bind_password_file is not None:
            try:
                lines = settings.bind_password_file.read_bytes().splitlines()
            except OSError as error:
                raise PermissionDenied(f"bind_password_file cannot be read: {error.strerror}") from error
            password = lines[0] if lines else b""
        else:
            password = os.environb.get(os.fsencode(settings.bind_password_env or ""), b"")
        if not password:
            raise PermissionDenied("the service account's password is empty: see bind_password_env, bind_password_file")
        return password


_PLAIN = {
    "client_strategy": SYNC,
    "check_names": False,
    "auto_escape": False,
    "auto_referrals": False,
    "auto_range": False,
    "return_empty_attributes": False,
    "raise_exceptions": False,
}
"""No schema, no following of referrals, no exceptions for results: answers are judged by our own table."""
