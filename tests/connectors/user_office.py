"""What the tests of the MariaDB connector share: a connected connector, and the server's administrator."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymysql

from connectors.contract.subject import OWN_PASSWORD, PASSWORD, new_account
from connectors.mariadb import MariadbConnector
from provisioner.connector import ConnectorContext, RemoteAccount
from tests.servers.mariadb import Mariadb
from tests.servers.user_server import UserServer, user_server


@dataclass
class UserOffice:
    """A server, the connector to it, and other connectors that a test asks for."""

    target: UserServer
    connector: MariadbConnector
    _others: list[MariadbConnector] = field(default_factory=list)

    @property
    def server(self) -> Mariadb:
        """The server itself."""
        return self.target.server

    def another(self, call_timeout: float = 10.0, **overrides: Any) -> MariadbConnector:
        """A second connector with other settings."""
        settings = self.target.settings(**overrides)
        connector = MariadbConnector.from_settings(settings, ConnectorContext("basisdata", call_timeout))
        self._others.append(connector)
        return connector

    def issued(self, username: str = "dewi.lestari") -> RemoteAccount:
        """An account with its initial password."""
        verifier = self.connector.make_verifier(PASSWORD)
        return self.connector.create(new_account(username, verifier=verifier, generation=1))

    def activated(self, username: str = "dewi.lestari") -> RemoteAccount:
        """An account whose operator has chosen a password."""
        self.issued(username)
        self.connector.change_password(username, PASSWORD, OWN_PASSWORD)
        account = self.connector.get(username)
        assert account is not None
        return account

    def session(self, password: str, username: str = "dewi.lestari", **options: Any) -> "pymysql.Connection[Any]":
        """A session of an operator, in a program of their own."""
        return pymysql.connect(**self.server.parameters(username, password), **options)

    def stored(self, username: str = "dewi.lestari") -> dict[str, Any]:
        """What the server itself keeps of a user."""
        ((text,),) = self.target.execute("SELECT Priv FROM mysql.global_priv WHERE User = %s", username)
        return dict(json.loads(text))

    def close(self) -> None:
        """Close every connector."""
        for connector in (self.connector, *self._others):
            connector.close()


@contextmanager
def user_office(server: Mariadb, folder: Path) -> Iterator[UserOffice]:
    """Prepare the shared server and connect to it."""
    with user_server(server, folder) as target:
        connector = MariadbConnector.from_settings(target.settings(), ConnectorContext("basisdata"))
        office = UserOffice(target, connector)
        try:
            yield office
        finally:
            office.close()
