"""``check``: what an administrator should know before relying on a server. Nothing here raises or leaves a trace."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import LiteralString

from psycopg import Error

from connectors import findings
from connectors.postgresql import statements
from connectors.postgresql.errors import meaning_of
from connectors.postgresql.pool import Line, Pool
from connectors.postgresql.settings import PostgresqlSettings
from connectors.postgresql_certificate import valid_until
from connectors.template import Template
from provisioner.connector import ConnectorError, Finding, PermissionDenied, Severity

OLDEST = 150000
PROBE = "siak-provisioner-probe"
"""Made and rolled back."""


def _now() -> datetime:
    return datetime.now(UTC)


class Examination:
    """One run of the check."""

    def __init__(self, settings: PostgresqlSettings, pool: Pool, clock: Callable[[], datetime] = _now) -> None:
        self._settings = settings
        self._pool = pool
        self._clock = clock

    def findings(self) -> list[Finding]:
        """Stops at the first thing without which the rest makes no sense."""
        try:
            line = self._pool.open()
        except ConnectorError as error:
            return [Finding("reachable", Severity.ERROR, str(error), "see host, user and the password's setting")]
        found = [Finding("reachable", Severity.OK, "the server answers and accepts the service account")]
        try:
            for part in (self._version, self._certificate, self._clock_difference, self._rights, self._policy):
                found += self._tried(part, line)
        finally:
            line.close()
        return found

    def _tried(self, part: Callable[[Line], Iterator[Finding]], line: Line) -> list[Finding]:
        try:
            return list(part(line))
        except ConnectorError as error:
            return [Finding("reachable", Severity.ERROR, str(error))]
        except Error as error:
            subject = "rights" if meaning_of(error) is PermissionDenied else "reachable"
            return [Finding(subject, Severity.ERROR, f"the server refused a question ({type(error).__name__})")]

    def _version(self, line: Line) -> Iterator[Finding]:
        if line.info.server_version < OLDEST:
            yield Finding("reachable", Severity.ERROR, "the server is older than PostgreSQL 15", "upgrade it")

    def _certificate(self, _line: Line) -> Iterator[Finding]:
        if self._settings.by_socket:
            yield findings.cannot_tell("certificate", "a connection within this machine needs none")
        else:
            settings = self._settings
            ca_file = str(settings.ca_file) if settings.ca_file else None
            ends = valid_until(settings.host, settings.port, ca_file, settings.connect_timeout)
            yield findings.certificate(ends, self._clock())

    def _clock_difference(self, line: Line) -> Iterator[Finding]:
        before = self._clock()
        there = datetime.fromtimestamp(float(_one(line, "SELECT extract(epoch FROM clock_timestamp())::text")), UTC)
        difference = max(before - there, there - self._clock(), timedelta(0))
        yield findings.clock(difference)

    def _rights(self, line: Line) -> Iterator[Finding]:
        if _one(line, "SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user") == "true":
            message = "the service account is a superuser: it could do far more than its work needs"
            yield Finding("rights", Severity.WARNING, message, "see docs/postgresql.md")
        lacking = [*self._creation(line), *self._signals(line)]
        yield from lacking
        if not lacking:
            yield Finding("rights", Severity.OK, "roles can be made, granted and dropped, and their sessions ended")

    def _creation(self, line: Line) -> Iterator[Finding]:
        """By doing it, and giving the transaction up."""
        line.execute("BEGIN")
        try:
            line.execute(statements.create(PROBE, log_in=False, limit=0, until="infinity"))
            line.execute(statements.comment(PROBE, "made by a check and rolled back"))
            for group in sorted(self._groups()):
                line.execute("SAVEPOINT grant_one")
                try:
                    line.execute(statements.grant(group, PROBE))
                except Error as error:
                    line.execute("ROLLBACK TO grant_one")
                    denied = meaning_of(error) is PermissionDenied
                    message = f"the group role {group} {'may not be granted' if denied else 'is not there'}"
                    yield Finding("rights", Severity.ERROR, message, "see docs/postgresql.md")
            line.execute(statements.drop(PROBE))
        except Error as error:
            message = f"roles cannot be made ({type(error).__name__})"
            yield Finding("rights", Severity.ERROR, message, "ALTER ROLE ... CREATEROLE for the service account")
        finally:
            line.execute("ROLLBACK")

    def _groups(self) -> set[str]:
        """Those whose names are known without a person."""
        texts = {text for templates in self._settings.entitlements.values() for text in templates}
        return {template.render({}) for template in map(Template, texts) if not template.fields}

    def _signals(self, line: Line) -> Iterator[Finding]:
        if _one(line, "SELECT pg_has_role('pg_signal_backend', 'USAGE')::text") != "true":
            message = "sessions of a suspended operator cannot be ended"
            yield Finding("rights", Severity.ERROR, message, "GRANT pg_signal_backend TO the service account")

    def _policy(self, line: Line) -> Iterator[Finding]:
        message = "withheld: roles may not log in before the first change of password is recorded here"
        yield Finding("policy", Severity.OK, message)
        if _one(line, "SHOW password_encryption") != "scram-sha-256":
            message = "a password that a user changes with other programs is stored as MD5"
            yield Finding("policy", Severity.WARNING, message, "password_encryption = 'scram-sha-256'")
        if _one(line, "SHOW log_statement") != "none":
            message = "the server logs statements, and with them the verifiers of passwords"
            remedy = "ALTER ROLE ... SET log_statement = 'none'"
            yield Finding("policy", Severity.WARNING, message, remedy, "logs")
        if _one(line, "SHOW log_min_duration_statement") != "-1":
            message = "the server logs statements that take long, and with them the verifiers of passwords"
            yield Finding(
                "policy", Severity.WARNING, message, "ALTER ROLE ... SET log_min_duration_statement = -1", "logs"
            )
        if not in_english(_one(line, "SHOW lc_messages")):
            message = "the server's messages are not in English: a refused sign-in reads as a server out of reach"
            yield Finding("policy", Severity.WARNING, message, "lc_messages = 'C' in postgresql.conf")


def in_english(locale: str) -> bool:
    """Whether a server with these ``lc_messages`` says what it refuses in the words that we know."""
    return locale.partition(".")[0].partition("_")[0] in ("C", "POSIX", "en", "")


def _one(line: Line, question: LiteralString) -> str:
    row = line.execute(question).fetchone()
    return str(row[0]) if row is not None else ""
