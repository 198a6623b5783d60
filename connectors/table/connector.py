"""The connector for a table of accounts."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from connectors.table.check import TableCheck
from connectors.table.database import Database
from connectors.table.roles import Roles
from connectors.table.rows import Rows
from connectors.table.schema import Schema
from connectors.table.settings import TableSettings
from connectors.table.sign_in import SignIn
from connectors.username import require_fit
from provisioner.connector import (
    AccountExists,
    Authentication,
    Changes,
    ConnectorContext,
    Finding,
    InvalidAttribute,
    Limits,
    Marker,
    NewAccount,
    PasswordRules,
    PolicyViolation,
    Profile,
    RemoteAccount,
    StaleVersion,
)

PAGE = 500
"""Rows read at once by a search."""


class TableConnector:
    """Every write is one transaction and conditional on the marker's three columns."""

    def __init__(self, settings: TableSettings, context: ConnectorContext) -> None:
        self.limits = Limits(username_max_length=settings.username_max_length)
        self._settings = settings
        self._schema = Schema(settings)
        self._rows = Rows(self._schema, settings)
        self._database = Database(
            settings.address(),
            self._schema,
            create_tables=settings.create_tables,
            call_timeout=context.call_timeout,
        )
        self._sign_in = SignIn(settings, self._schema, self._rows, self._database)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], context: ConnectorContext) -> Self:
        """A target with a table of roles gets the connector that also grants and revokes."""
        valid = TableSettings.model_validate(settings)
        kind: Any = cls if valid.entitlements is None else EntitlingTableConnector
        return kind(valid, context)  # type: ignore[no-any-return]

    def check(self) -> list[Finding]:
        """See :class:`~connectors.table.check.TableCheck`."""
        return TableCheck(self._settings, self._schema, self._database).findings()

    def password_rules(self) -> list[PasswordRules]:
        """See :class:`~provisioner.connector.ShowsPasswordRules`: the settings' own."""
        return [PasswordRules("password_min_length", min_length=self._settings.password_min_length)]

    def get(self, username: str) -> RemoteAccount | None:
        """Names are compared as the database's ``lower`` does."""
        with self._database.read() as connection:
            return self._named(connection, username)

    def find(self, account_id: str) -> list[RemoteAccount]:
        """Every row under this account's marker."""
        with self._database.read() as connection:
            rows = connection.execute(self._rows.select().where(self._schema.marker_account == account_id)).all()
            return self._rows.seen(connection, rows)

    def search(self) -> Iterator[RemoteAccount]:
        """Rows in order of their primary key, a page a transaction, so that no long one holds the database up."""
        page = self._rows.select().order_by(self._schema.id).limit(PAGE)
        after = page
        while True:
            with self._database.read() as connection:
                accounts = self._rows.seen(connection, connection.execute(after).all())
            yield from accounts
            if len(accounts) < PAGE:
                return
            after = page.where(self._schema.id > self._schema.id_value(accounts[-1].remote_id))

    def create(self, new: NewAccount) -> RemoteAccount:
        """See the port. The row is read back in the transaction that writes it."""
        unenforced = self._settings.withheld and new.must_change and new.verifier is not None
        verifier = self._rows.verifier_value(new.verifier)
        values = {
            self._schema.username: require_fit(new.username, self.limits),
            self._schema.enabled: new.enabled and not unenforced,
            self._schema.verifier: self._rows.verifier_value(None) if unenforced else verifier,
            **self._must_change(new.must_change),
            **self._rows.profile_values(new.profile),
            **self._rows.marker_values(new.marker),
        }
        if self._settings.columns.id_kind == "uuid":
            values[self._schema.id] = uuid4().hex
        account = self._insert(new.username, values)
        if unenforced:
            raise PolicyViolation("the first change of password would not be enforced", rule="not-enforced")
        return account

    def update(self, current: RemoteAccount, changes: Changes, marker: Marker) -> RemoteAccount:
        """See the port."""
        values = self._changed_values(changes) | self._rows.marker_values(marker)
        condition = self._rows.unchanged(current)
        try:
            with self._database.write() as connection:
                if changes.username is not None:
                    self._require_free(connection, changes.username, but_for=current.remote_id)
                if self._apply(connection, self._rows.change(condition, values)) == 0:
                    raise self._rows.missed(connection, current)
                return self._seen_again(connection, current.remote_id)
        except _Refused as refusal:
            raise self._refusal_of(changes.username, current.remote_id) from refusal

    def adopt(self, current: RemoteAccount, marker: Marker) -> RemoteAccount:
        """See :class:`~provisioner.connector.Adopts`."""
        statement = self._rows.change(self._rows.unmarked(current), self._rows.marker_values(marker))
        try:
            with self._database.write() as connection:
                if self._apply(connection, statement) == 0:
                    raise self._rows.missed_unmarked(connection, current)
                return self._seen_again(connection, current.remote_id)
        except _Refused as refusal:
            raise self._refusal_of(None) from refusal

    def delete(self, current: RemoteAccount) -> None:
        """See the port."""
        with self._database.write() as connection:
            match self._rows.held(connection, current):
                case None:
                    self._before_removal(connection, current)
                    connection.execute(self._rows.removal(self._rows.unchanged(current)))
                case StaleVersion() as stale:
                    raise stale

    def close(self) -> None:
        """Close idle connections."""
        self._database.close()

    def enforces_first_change(self) -> bool:
        """False in withheld mode."""
        return not self._settings.withheld

    def open_session_limit(self) -> timedelta | None:
        """As the settings say; the table itself knows of no sessions."""
        seconds = self._settings.open_session_seconds
        return None if seconds is None else timedelta(seconds=seconds)

    def authenticate(self, username: str, password: str) -> Authentication:
        """See :class:`~connectors.table.sign_in.SignIn`."""
        return self._sign_in.authenticate(username, password)

    def change_password(self, username: str, old: str, new: str) -> None:
        """See :class:`~connectors.table.sign_in.SignIn`."""
        self._sign_in.change_password(username, old, new)

    def _before_removal(self, connection: Connection, current: RemoteAccount) -> None:
        """What hangs on the row and has to go first. Nothing here."""

    def _insert(self, username: str, values: Mapping[Any, Any]) -> RemoteAccount:
        try:
            with self._database.write() as connection:
                self._require_free(connection, username)
                self._apply(connection, self._rows.insertion(values))
                account = self._named(connection, username)
                if account is None:
                    raise InvalidAttribute("the database did not keep the row as it was written")
                return account
        except _Refused as refusal:
            raise self._refusal_of(username) from refusal

    def _changed_values(self, changes: Changes) -> dict[Any, Any]:
        values: dict[Any, Any] = {}
        if changes.username is not None:
            values[self._schema.username] = require_fit(changes.username, self.limits)
        if changes.profile is not None:
            values |= self._rows.profile_values(changes.profile)
        if changes.enabled is not None:
            values[self._schema.enabled] = changes.enabled
        if changes.verifier is not None:
            if self._settings.withheld and changes.must_change is not False:
                raise PolicyViolation("the first change of password would not be enforced", rule="not-enforced")
            values[self._schema.verifier] = self._rows.verifier_value(changes.verifier)
        return values if changes.must_change is None else values | self._must_change(changes.must_change)

    def _must_change(self, value: bool) -> dict[Any, Any]:
        return {} if self._schema.must_change is None else {self._schema.must_change: value}

    def _named(self, connection: Connection, username: str) -> RemoteAccount | None:
        rows = connection.execute(self._rows.select().where(self._rows.named(username)).limit(1)).all()
        return next(iter(self._rows.seen(connection, rows)), None)

    def _seen_again(self, connection: Connection, remote_id: str) -> RemoteAccount:
        rows = connection.execute(self._rows.select().where(self._rows.identified(remote_id))).all()
        return self._rows.seen(connection, rows)[0]

    def _require_free(self, connection: Connection, username: str, but_for: str | None = None) -> None:
        owner = self._named(connection, username)
        if owner is not None and owner.remote_id != but_for:
            raise AccountExists(f"the user name {username!r} is taken", owner.marker, owner.remote_id)

    def _apply(self, connection: Connection, statement: Any) -> int:
        try:
            return int(connection.execute(statement).rowcount)
        except IntegrityError as error:
            raise _Refused from error

    def _refusal_of(self, username: str | None, but_for: str | None = None) -> Exception:
        """Why a constraint said no: the name was taken in the meantime, or a value is not allowed."""
        owner = self.get(username) if username is not None else None
        if owner is not None and owner.remote_id != but_for:
            return AccountExists(f"the user name {username!r} is taken", owner.marker, owner.remote_id)
        return InvalidAttribute("a constraint of the table refuses a value")


class EntitlingTableConnector(TableConnector):
    """A table connector whose target also has a table of roles."""

    def __init__(self, settings: TableSettings, context: ConnectorContext) -> None:
        super().__init__(settings, context)
        self._roles = Roles(settings, self._schema, self._rows, self._database)

    def entitlements_for(self, profile: Profile) -> frozenset[str]:
        """From the settings' templates."""
        return self._roles.held_by(profile)

    def grant(self, current: RemoteAccount, entitlement: str) -> None:
        """See :meth:`~connectors.table.roles.Roles.grant`."""
        self._roles.grant(current, entitlement)

    def revoke(self, current: RemoteAccount, entitlement: str) -> None:
        """See :meth:`~connectors.table.roles.Roles.revoke`."""
        self._roles.revoke(current, entitlement)

    def _before_removal(self, connection: Connection, current: RemoteAccount) -> None:
        self._roles.remove_all(connection, current)


class _Refused(Exception):
    """A constraint of the table said no; why is only known after the transaction was given up."""
