"""``check``: what an administrator should know before relying on a server. Nothing here raises or leaves a trace."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from connectors import findings
from connectors.mariadb.ledger import Ledger
from connectors.mariadb.line import Line
from connectors.mariadb.policy import rules_of
from connectors.mariadb.pool import Pool
from connectors.mariadb.settings import MariadbSettings
from connectors.mariadb.verifier import NATIVE
from connectors.template import Template
from provisioner.connector import ConnectorError, Finding, PermissionDenied, Severity

OLDEST = (10, 11)
DOCUMENT = "see docs/mariadb.md"


def _now() -> datetime:
    return datetime.now(UTC)


class Examination:
    """One run of the check."""

    def __init__(
        self, settings: MariadbSettings, pool: Pool, ledger: Ledger, clock: Callable[[], datetime] = _now
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._ledger = ledger
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
                found += _tried(part, line)
        finally:
            line.close()
        return found

    def _version(self, line: Line) -> Iterator[Finding]:
        version = _text(line, "SELECT @@version")
        numbers = version.partition("-")[0].split(".")
        if "MariaDB" not in version or tuple(int(each) for each in numbers[:2]) < OLDEST:
            yield Finding("reachable", Severity.ERROR, "the server is not MariaDB 10.11 or newer", DOCUMENT)

    def _certificate(self, line: Line) -> Iterator[Finding]:
        yield findings.certificate(line.certificate_ends(), self._clock())

    def _clock_difference(self, line: Line) -> Iterator[Finding]:
        before = self._clock()
        there = datetime.fromtimestamp(float(_text(line, "SELECT UNIX_TIMESTAMP(NOW(6))")), UTC)
        difference = max(before - there, there - self._clock(), timedelta(0))
        yield findings.clock(difference)

    def _rights(self, line: Line) -> Iterator[Finding]:
        lacking = [*self._privileges(line), *self._readable(line), *self._grantable(line)]
        yield from lacking
        if not lacking:
            yield Finding("rights", Severity.OK, "users can be made and removed, and their sessions ended")

    def _privileges(self, line: Line) -> Iterator[Finding]:
        statement = (
            "SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES WHERE REPLACE(GRANTEE, '''', '') = %s"
        )
        account = _text(line, "SELECT CURRENT_USER()")
        held = {row[0] for row in line.rows("reading rights", statement, account)}
        for needed in sorted({"CREATE USER", "CONNECTION ADMIN"} - held):
            yield Finding("rights", Severity.ERROR, f"the right {needed} is missing", f"GRANT {needed} ON *.*")
        if "SUPER" in held:
            message = "the service account may do far more than its work needs (SUPER)"
            yield Finding("rights", Severity.WARNING, message, DOCUMENT)

    def _readable(self, line: Line) -> Iterator[Finding]:
        tables = ["global_priv", *(["roles_mapping"] if self._settings.entitlements else [])]
        for table in tables:
            try:
                line.rows("reading rights", f"SELECT 1 FROM mysql.{table} LIMIT 1")  # noqa: S608
            except PermissionDenied:
                remedy = f"GRANT SELECT ON mysql.{table}"
                yield Finding("rights", Severity.ERROR, f"mysql.{table} cannot be read", remedy)
        try:
            self._ledger.prepare(line)
            # Concerns no row, and needs every right that a write needs.
            self._ledger.forget(line, "")
            self._ledger.rows(line, [""])
        except ConnectorError as error:
            yield Finding("rights", Severity.ERROR, f"our own table: {error}", f"{DOCUMENT}, or set create_tables")

    def _grantable(self, line: Line) -> Iterator[Finding]:
        texts = {text for templates in self._settings.entitlements.values() for text in templates}
        names = {template.render({}) for template in map(Template, texts) if not template.fields}
        statement = "SELECT ROLE_NAME FROM information_schema.APPLICABLE_ROLES WHERE IS_GRANTABLE = 'YES'"
        held = {row[0] for row in line.rows("reading rights", statement)}
        for name in sorted(names - held):
            message = f"the role {name} is not there or may not be granted"
            yield Finding("rights", Severity.ERROR, message, "GRANT ... WITH ADMIN OPTION to the service account")

    def _policy(self, line: Line) -> Iterator[Finding]:
        kind = "SELECT PLUGIN_NAME FROM information_schema.PLUGINS WHERE PLUGIN_TYPE = %s AND PLUGIN_STATUS = 'ACTIVE'"
        plugins = {row[0] for row in line.rows("reading the policy", kind, "AUTHENTICATION")}
        for needed in sorted({self._settings.scheme, NATIVE} - plugins):
            message = f"the server does not know the passwords' scheme {needed}"
            yield Finding("policy", Severity.ERROR, message, "plugin_load_add = auth_ed25519")
        judges = line.rows("reading the policy", kind, "PASSWORD VALIDATION")
        if judges and _text(line, "SELECT @@strict_password_validation") == "1":
            message = "the server refuses passwords that it has not seen (strict_password_validation)"
            remedy = "SET GLOBAL strict_password_validation = OFF, and in the server's settings file"
            yield Finding("policy", Severity.ERROR, message, remedy, "refuses-forms")
        yield findings.rules(rules_of(line))
        if _text(line, "SELECT @@general_log") == "1":
            message = "the server logs every statement, and with them what passwords are compared with"
            if self._settings.judged_by == "server":
                message = "the server logs every statement, and with them passwords in clear"
            yield Finding("policy", Severity.ERROR, message, "SET GLOBAL general_log = OFF", "logs")
        if _text(line, "SELECT @@read_only") != "0":
            yield Finding("policy", Severity.ERROR, "the server only reads: it is a replica", "see host")
        if _text(line, "SELECT @@disconnect_on_expired_password") == "1":
            message = "initial passwords are expired; programs that cannot change them are not even let in"
        else:
            message = "initial passwords are expired: the server allows nothing but their change"
        yield Finding("policy", Severity.OK, message)


def _tried(part: Callable[[Line], Iterator[Finding]], line: Line) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(part(line))
    except ConnectorError as error:
        subject = "rights" if isinstance(error, PermissionDenied) else "reachable"
        found.append(Finding(subject, Severity.ERROR, str(error), DOCUMENT))
    return found


def _text(line: Line, question: str) -> str:
    return str(line.rows("asking the server", question)[0][0])
