"""What the tests of the LDAP connector share: a connected connector, and accounts with cheap verifiers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.contract.subject import OWN_PASSWORD, PASSWORD, cheap_argon2id, new_account, next_version
from connectors.ldap import LdapConnector
from provisioner.connector import ConnectorContext
from tests.servers.directory_tree import BIND_DN, GROUPS, PEOPLE, PLACEHOLDER, POLICY
from tests.servers.ldap_commands import LdapCommands
from tests.servers.slapd import Slapd, private_slapd

__all__ = [
    "BIND_DN",
    "GROUPS",
    "OWN_PASSWORD",
    "PASSWORD",
    "PEOPLE",
    "PLACEHOLDER",
    "POLICY",
    "Office",
    "cheap_argon2id",
    "new_account",
    "next_version",
    "office",
]


@dataclass(frozen=True)
class Office:
    """A directory, the connector to it, and the commands of other people."""

    directory: Slapd
    connector: LdapConnector
    commands: LdapCommands

    def another(self, call_timeout: float = 10.0, **overrides: Any) -> LdapConnector:
        """A second connector with other settings; the test closes it."""
        return LdapConnector.from_settings(
            self.directory.settings(**overrides), ConnectorContext("direktori", call_timeout)
        )


@contextmanager
def office(
    folder: Path, settings: dict[str, Any] | None = None, call_timeout: float = 10.0, **options: Any
) -> Iterator[Office]:
    """Start a directory with these options and connect to it with these settings."""
    with private_slapd(folder, **options) as directory:
        context = ConnectorContext("direktori", call_timeout)
        connector = LdapConnector.from_settings(directory.settings(**(settings or {})), context)
        try:
            yield Office(directory, connector, LdapCommands(directory))
        finally:
            connector.close()
