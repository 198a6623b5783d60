"""A PostgreSQL prepared for accounts as roles: the service account with the least rights, and the groups."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg import sql

from connectors.postgresql import scram
from tests.servers.postgresql import Postgresql

SERVICE = "siak_provisioner"
SERVICE_PASSWORD = "layanan-peran-basis-data"
GROUPS = ("siak", "dafduk", "wilayah-35.76.02")
ENTITLEMENTS = {"*": ["siak"], "OPERATOR_DAFDUK": ["dafduk", "wilayah-{region}"]}
_FIRST_OF_OURS = 16384
"""Roles below came with the server (FirstNormalObjectId)."""


class RoleServer:
    """Roles belong to the whole server, so one test at a time has it to itself."""

    def __init__(self, server: Postgresql, folder: Path) -> None:
        self.server = server
        self.password_file = folder / "service.password"
        self.password_file.write_text(SERVICE_PASSWORD + "\n")

    def settings(self, **overrides: Any) -> dict[str, Any]:
        """Settings for ``PostgresqlConnector.from_settings``; an override of None takes a key out."""
        settings: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self.server.port,
            "user": SERVICE,
            "password_file": str(self.password_file),
            "ca_file": self.server.ca_file,
            "entitlements": ENTITLEMENTS,
        }
        return {name: value for name, value in (settings | overrides).items() if value is not None}

    def execute(self, statement: Any, *values: Any) -> list[tuple[Any, ...]]:
        """As the server's administrator would."""
        with self.server.superuser() as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def add_login_roles(self, names: Iterable[str]) -> None:
        """Roles of somebody else."""
        with self.server.superuser() as connection, connection.transaction():
            for name in names:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))

    def prepare(self) -> None:
        """The statements of docs/postgresql.md. The service account's own verifier is a cheap one."""
        with self.server.superuser() as connection:
            verifier = scram.verifier(SERVICE_PASSWORD, iterations=1).text
            service = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}")
            connection.execute(service.format(sql.Identifier(SERVICE), sql.Literal(verifier)))
            connection.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(sql.Identifier(SERVICE)))
            for group in GROUPS:
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(group)))

    def clear(self, but: Iterable[str] = ()) -> None:
        """Remove every role that did not come with the server, but for these."""
        found = "SELECT rolname FROM pg_roles WHERE oid >= %s AND rolname <> ALL (%s)"
        with self.server.superuser() as connection:
            names = [sql.Identifier(name) for (name,) in connection.execute(found, [_FIRST_OF_OURS, list(but)])]
            if names:
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.SQL(", ").join(names)))


@contextmanager
def role_server(server: Postgresql, folder: Path) -> Iterator[RoleServer]:
    """Prepare the shared server, and leave it as it was."""
    prepared = RoleServer(server, folder)
    prepared.prepare()
    try:
        yield prepared
    finally:
        prepared.clear()
