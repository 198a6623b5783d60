"""What ``check`` finds out about a table of accounts."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, false, func, insert, make_url, select, text, update

from connectors import findings
from connectors.postgresql_certificate import valid_until
from connectors.table.database import Database
from connectors.table.schema import Schema
from connectors.table.settings import TableSettings
from provisioner.connector import ConnectorError, Finding, Severity

_Check = Callable[[], Finding]
_HANDSHAKE_SECONDS = 5.0
_TIME = {
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
    "mysql": "SELECT UNIX_TIMESTAMP(NOW(6))",
    "mariadb": "SELECT UNIX_TIMESTAMP(NOW(6))",
}
"""The server's time in seconds since 1970. SQLite's is this machine's own."""


def _now() -> datetime:
    return datetime.now(UTC)


class TableCheck:
    """Changes nothing: the rights are tried with statements that concern no row."""

    def __init__(
        self, settings: TableSettings, schema: Schema, database: Database, clock: Callable[[], datetime] = _now
    ) -> None:
        self._settings = settings
        self._schema = schema
        self._database = database
        self._clock = clock
        self._url = make_url(settings.url)
        self._backend = self._url.get_backend_name()

    def findings(self) -> list[Finding]:
        """Stops at the first thing without which the rest makes no sense."""
        reachable = self._tried("reachable", self._reachable, "see url, table and columns of the settings")
        if reachable.severity is Severity.ERROR:
            return [reachable]
        rights = self._tried("rights", self._rights, "grant SELECT, INSERT, UPDATE and DELETE on the tables")
        names = self._tried("policy", self._names, "give the user name a unique index over its lower-case form")
        return [reachable, self._certificate(), rights, self._clock_difference(), names, self._first_change()]

    def _tried(self, subject: str, check: _Check, remedy: str) -> Finding:
        try:
            return check()
        except ConnectorError as error:
            return Finding(subject, Severity.ERROR, str(error), remedy)

    def _reachable(self) -> Finding:
        tables = [self._schema.accounts, *([self._schema.roles] if self._schema.roles is not None else [])]
        with self._database.read() as connection:
            for table in tables:
                connection.execute(select(table).limit(1))
        return Finding("reachable", Severity.OK, "the tables are there with all their columns")

    def _rights(self) -> Finding:
        accounts, enabled = self._schema.accounts, self._schema.enabled
        columns = list(accounts.columns)
        with self._database.write() as connection:
            connection.execute(insert(accounts).from_select(columns, select(*columns).where(false())))
            connection.execute(update(accounts).where(false()).values({enabled: False}))
            connection.execute(delete(accounts).where(false()))
        return Finding("rights", Severity.OK, "rows can be added, changed and removed")

    def _names(self) -> Finding:
        folded = self._schema.folded(self._schema.username)
        with self._database.read() as connection:
            doubled = connection.execute(select(folded).group_by(folded).having(func.count() > 1).limit(1)).first()
        if doubled is not None:
            message = "two rows have user names that differ in case only"
            return Finding("policy", Severity.ERROR, message, "rename one of them and add a unique index")
        return Finding("policy", Severity.OK, "user names are unique")

    def _first_change(self) -> Finding:
        if self._settings.withheld:
            message = "withheld: nobody can sign in before the first change of password is recorded here"
            return Finding("policy", Severity.OK, message)
        message = "the first change is enforced by those who sign people in here"
        return Finding("policy", Severity.OK, message, "set withheld where another application reads the table")

    def _clock_difference(self) -> Finding:
        question = _TIME.get(self._backend)
        if question is None:
            return findings.cannot_tell("clock", "the database is asked for no time")
        return self._tried("clock", lambda: self._compared(question), "let both machines keep their time by NTP")

    def _compared(self, question: str) -> Finding:
        with self._database.read() as connection:
            before = self._clock()
            there = datetime.fromtimestamp(float(connection.execute(text(question)).scalar_one()), UTC)
            return findings.clock(max(before - there, there - self._clock(), timedelta(0)))

    def _certificate(self) -> Finding:
        match self._backend:
            case "postgresql":
                verified, remedy = self._url.query.get("sslmode") == "verify-full", "add ?sslmode=verify-full to url"
            case "mysql" | "mariadb":
                verified, remedy = "ssl_ca" in self._url.query, "add ?ssl_ca=<file of the authority> to url"
            case "sqlite":
                return findings.cannot_tell("certificate", "a file on this machine needs none")
            case _:
                return findings.cannot_tell("certificate", "see the settings of this database's own driver")
        if not verified:
            message = "the server's certificate is not verified"
            return Finding("certificate", Severity.WARNING, message, remedy, "unverified")
        return self._tried("certificate", self._ends, "see url")

    def _ends(self) -> Finding:
        ends = self._postgresql_ends() if self._backend == "postgresql" else self._mariadb_ends()
        if ends is None:
            return findings.cannot_tell("certificate", "it is verified; the driver does not show when it ends")
        return findings.certificate(ends, self._clock())

    def _postgresql_ends(self) -> datetime | None:
        authority = self._url.query.get("sslrootcert")
        if not isinstance(authority, str) or self._url.host is None:
            return None
        return valid_until(self._url.host, self._url.port or 5432, authority, _HANDSHAKE_SECONDS)

    def _mariadb_ends(self) -> datetime | None:
        with self._database.read() as connection:
            # PyMySQL only; another driver has no such attribute.
            line = getattr(connection.connection.dbapi_connection, "_sock", None)
            certificate = line.getpeercert() if isinstance(line, ssl.SSLSocket) else None
        if not certificate:
            return None
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
