"""What the tests of the PostgreSQL connector share: a connected connector, and the server's administrator."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from connectors.contract.subject import OWN_PASSWORD, new_account, next_version
from connectors.postgresql import PostgresqlConnector, scram
from provisioner.connector import Changes, ConnectorContext, RemoteAccount, Verifier
from tests.servers.postgresql import Postgresql
from tests.servers.role_server import RoleServer, role_server


def cheap_scram(password: str) -> Verifier:
    """A verifier that costs next to nothing to compute and to compare."""
    return scram.verifier(password, iterations=1)


@dataclass
class RoleOffice:
    """A server, the connector to it, and other connectors that a test asks for."""

    target: RoleServer
    connector: PostgresqlConnector
    _others: list[PostgresqlConnector] = field(default_factory=list)

    @property
    def server(self) -> Postgresql:
        """The server itself."""
        return self.target.server

    def another(self, call_timeout: float = 10.0, **overrides: Any) -> PostgresqlConnector:
        """A second connector with other settings."""
        settings = self.target.settings(**overrides)
        connector = PostgresqlConnector.from_settings(settings, ConnectorContext("basisdata", call_timeout))
        self._others.append(connector)
        return connector

    def activated(self, username: str = "dewi.lestari", password: str = OWN_PASSWORD) -> RemoteAccount:
        """An account whose operator has chosen a password."""
        created = self.connector.create(new_account(username, enabled=False))
        own = Changes(enabled=True, verifier=cheap_scram(password), must_change=False)
        return self.connector.update(created, own, next_version(created))

    def session(self, username: str = "dewi.lestari", password: str = OWN_PASSWORD) -> psycopg.Connection[Any]:
        """A session of an operator, in a program of their own."""
        return psycopg.connect(**self.server.parameters(username, password))

    def wait_for_no_session(self, username: str) -> None:
        """Until the server has none of this role. It ends one a moment after its client has closed the connection.

        :raises AssertionError: one stays open.
        """
        deadline = time.monotonic() + 20
        while self.target.execute("SELECT 1 FROM pg_stat_activity WHERE usename = %s", username):
            assert time.monotonic() < deadline, "a session stays open"
            time.sleep(0.02)

    def close(self) -> None:
        """Close every connector."""
        for connector in (self.connector, *self._others):
            connector.close()


@contextmanager
def role_office(server: Postgresql, folder: Path) -> Iterator[RoleOffice]:
    """Prepare the shared server and connect to it."""
    with role_server(server, folder) as target:
        connector = PostgresqlConnector.from_settings(target.settings(), ConnectorContext("basisdata"))
        office = RoleOffice(target, connector)
        try:
            yield office
        finally:
            office.close()
