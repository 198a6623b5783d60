"""What ``check`` finds out about a table of accounts."""

from collections.abc import Callable

from sqlalchemy import delete, false, func, insert, make_url, select, update

from connectors.table.database import Database
from connectors.table.schema import Schema
from connectors.table.settings import TableSettings
from provisioner.connector import ConnectorError, Finding, Severity

_Check = Callable[[], Finding]


class TableCheck:
    """Changes nothing: the rights are tried with statements that concern no row."""

    def __init__(self, settings: TableSettings, schema: Schema, database: Database) -> None:
        self._settings = settings
        self._schema = schema
        self._database = database

    def findings(self) -> list[Finding]:
        """Stops at the first thing without which the rest makes no sense."""
        reachable = self._tried("reachable", self._reachable, "see url, table and columns of the settings")
        if reachable.severity is Severity.ERROR:
            return [reachable]
        rights = self._tried("rights", self._rights, "grant SELECT, INSERT, UPDATE and DELETE on the tables")
        names = self._tried("policy", self._names, "give the user name a unique index over its lower-case form")
        return [reachable, rights, names, self._first_change(), *self._encryption()]

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

    def _encryption(self) -> list[Finding]:
        url = make_url(self._settings.url)
        match url.get_backend_name():
            case "postgresql":
                verified, remedy = url.query.get("sslmode") == "verify-full", "add ?sslmode=verify-full to url"
            case "mysql" | "mariadb":
                verified, remedy = "ssl_ca" in url.query, "add ?ssl_ca=<file of the authority> to url"
            case _:
                return []
        message = "the server's certificate is not verified"
        return [] if verified else [Finding("certificate", Severity.WARNING, message, remedy)]
