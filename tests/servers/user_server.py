"""A MariaDB prepared for accounts as users: the service account with the least rights, the roles, our database."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.servers.mariadb import Mariadb

SERVICE = "siak_provisioner"
SERVICE_PASSWORD = "layanan-pengguna-basis-data"
ROLES = ("siak", "dafduk", "wilayah-35.76.02")
ENTITLEMENTS = {"*": ["siak"], "OPERATOR_DAFDUK": ["dafduk", "wilayah-{region}"]}
_ENTRIES = "SELECT User, Host, JSON_VALUE(Priv, '$.is_role') IS TRUE FROM mysql.global_priv"


class UserServer:
    """Users belong to the whole server, so one test at a time has it to itself."""

    def __init__(self, server: Mariadb, folder: Path) -> None:
        self.server = server
        self.password_file = folder / "service.password"
        self.password_file.write_text(SERVICE_PASSWORD + "\n")
        self._there_before = set(self.execute(_ENTRIES))

    def settings(self, **overrides: Any) -> dict[str, Any]:
        """Settings for ``MariadbConnector.from_settings``; an override of None takes a key out."""
        settings: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self.server.port,
            "user": SERVICE,
            "password_file": str(self.password_file),
            "ca_file": self.server.ca_file,
            "create_tables": True,
            "system_accounts": sorted({name for name, _, _ in self._there_before}),
            "entitlements": ENTITLEMENTS,
        }
        return {name: value for name, value in (settings | overrides).items() if value is not None}

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """As the server's administrator would."""
        with closing(self.server.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    def add_users(self, names: Iterable[str]) -> None:
        """Users of somebody else, many in one statement: each statement is a write to disk."""
        names = list(names)
        with closing(self.server.superuser()) as connection, connection.cursor() as cursor:
            for first in range(0, len(names), 500):
                some = names[first : first + 500]
                cursor.execute("CREATE USER " + ", ".join(["%s"] * len(some)), some)

    def prepare(self) -> None:
        """The statements of docs/mariadb.md."""
        self.server.execute(
            "CREATE DATABASE siak_provisioner CHARACTER SET utf8mb4",
            f"CREATE USER {SERVICE} IDENTIFIED VIA ed25519 USING PASSWORD('{SERVICE_PASSWORD}') REQUIRE SSL",
            f"GRANT CREATE USER, CONNECTION ADMIN ON *.* TO {SERVICE}",
            f"GRANT SELECT ON mysql.global_priv TO {SERVICE}",
            f"GRANT SELECT ON mysql.roles_mapping TO {SERVICE}",
            f"GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON siak_provisioner.* TO {SERVICE}",
            *(f"CREATE ROLE `{role}`" for role in ROLES),
            *(f"GRANT `{role}` TO {SERVICE} WITH ADMIN OPTION" for role in ROLES),
        )

    def clear(self) -> None:
        """Remove every user and role that was not there before, and our database."""
        found = set(self.execute(_ENTRIES)) - self._there_before
        roles = [name for name, _, is_role in found if is_role]
        users = [(name, host) for name, host, is_role in found if not is_role]
        with closing(self.server.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute("DROP DATABASE siak_provisioner")
            for first in range(0, len(users), 500):
                some = users[first : first + 500]
                values = [part for user in some for part in user]
                cursor.execute("DROP USER " + ", ".join(["%s@%s"] * len(some)), values)
            for role in roles:
                cursor.execute("DROP ROLE %s", [role])


@contextmanager
def user_server(server: Mariadb, folder: Path) -> Iterator[UserServer]:
    """Prepare the shared server, and leave it as it was."""
    prepared = UserServer(server, folder)
    prepared.prepare()
    try:
        yield prepared
    finally:
        prepared.clear()
