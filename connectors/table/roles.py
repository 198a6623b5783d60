"""Roles in a table of their own."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from connectors.entitlements import EntitlementRules
from connectors.table.database import Database
from connectors.table.rows import Rows
from connectors.table.schema import Schema
from connectors.table.settings import TableSettings
from provisioner.connector import Profile, RemoteAccount


class Roles:
    """Who holds which role."""

    def __init__(self, settings: TableSettings, schema: Schema, rows: Rows, database: Database) -> None:
        if settings.entitlements is None or schema.roles is None:
            raise ValueError("entitlements: not set")
        self._rules = EntitlementRules(settings.entitlements.rules)
        self._table = schema.roles
        self._schema = schema
        self._rows = rows
        self._database = database

    def held_by(self, profile: Profile) -> frozenset[str]:
        """What an account with this profile should hold."""
        return self._rules.holds_for(profile)

    def grant(self, current: RemoteAccount, role: str) -> None:
        """Granting twice is a success.

        :raises StaleVersion: the account's marker is not the one that was read.
        :raises UnknownAccount: the account is gone.
        """
        with self._owned(current) as connection:
            if connection.execute(select(self._table).where(self._held(current, role))).first() is None:
                account, name = self._schema.role_account, self._schema.role_name
                values = {account: self._schema.id_value(current.remote_id), name: role}
                connection.execute(insert(self._table).values(values))

    def revoke(self, current: RemoteAccount, role: str) -> None:
        """Revoking the absent is a success. Raises as :meth:`grant`."""
        with self._owned(current) as connection:
            connection.execute(delete(self._table).where(self._held(current, role)))

    def remove_all(self, connection: Connection, current: RemoteAccount) -> None:
        """Within the caller's transaction, which holds the account's row."""
        owner = self._schema.role_account
        connection.execute(delete(self._table).where(owner == self._schema.id_value(current.remote_id)))

    @contextmanager
    def _owned(self, current: RemoteAccount) -> Iterator[Connection]:
        """A transaction that holds the account's row."""
        with self._database.write() as connection:
            refusal = self._rows.held(connection, current)
            if refusal is not None:
                raise refusal
            yield connection

    def _held(self, current: RemoteAccount, role: str) -> ColumnElement[bool]:
        account, name = self._schema.role_account, self._schema.role_name
        return and_(account == self._schema.id_value(current.remote_id), name == role)
