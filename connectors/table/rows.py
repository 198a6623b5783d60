"""Rows and the statements over them, in terms of the port."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Insert,
    Row,
    RowMapping,
    Select,
    Update,
    and_,
    delete,
    insert,
    select,
    update,
)

from connectors import argon2id
from connectors.table.schema import Schema
from connectors.table.settings import TableSettings
from connectors.template import Template
from provisioner.connector import (
    InvalidAttribute,
    Marker,
    PermissionDenied,
    Profile,
    RemoteAccount,
    StaleVersion,
    UnknownAccount,
    Verifier,
)


class Rows:
    """Translates between rows and what the core knows. Never reads a verifier for the core."""

    def __init__(self, schema: Schema, settings: TableSettings) -> None:
        self._schema = schema
        self._unusable = settings.unusable_verifier
        self._templates = {column: Template(text) for column, text in settings.columns.profile.items()}
        self._fields = {
            column: template.sole_field
            for column, template in self._templates.items()
            if template.sole_field is not None
        }

    def select(self) -> Select[Any]:
        """Everything the core may know of a row, under fixed names."""
        s = self._schema
        columns: list[ColumnElement[Any]] = [
            s.id.label("id"),
            s.username.label("username"),
            s.marker_account.label("account"),
            s.marker_version.label("version"),
            s.marker_generation.label("generation"),
            s.enabled.label("enabled"),
            *(s.profile[column].label(f"profile_{field}") for column, field in self._fields.items()),
        ]
        if s.must_change is not None:
            columns.append(s.must_change.label("must_change"))
        return select(*columns)

    def named(self, username: str) -> ColumnElement[bool]:
        """The row under this user name; the database folds both sides alike."""
        return self._schema.folded(self._schema.username) == self._schema.folded(username)

    def identified(self, remote_id: str) -> ColumnElement[bool]:
        """The row with this primary key."""
        return self._schema.id == self._schema.id_value(remote_id)

    def unchanged(self, current: RemoteAccount) -> ColumnElement[bool]:
        """The row with this primary key, as long as it carries the marker that was read.

        :raises PermissionDenied: it carried none: a stranger's row is never touched.
        """
        if current.marker is None:
            raise PermissionDenied("the entry does not carry our marker")
        s = self._schema
        return and_(
            self.identified(current.remote_id),
            s.marker_account == current.marker.account_id,
            s.marker_version == current.marker.version,
            s.marker_generation == current.marker.generation,
        )

    def unmarked(self, current: RemoteAccount) -> ColumnElement[bool]:
        """The row with this primary key and name, as long as it carries no marker. Some databases give the number of a
        removed row away again: the name must be the same, too.

        :raises PermissionDenied: it carried one when it was read.
        """
        if current.marker is not None:
            raise PermissionDenied("the entry carries a marker already")
        return and_(
            self.identified(current.remote_id), self.named(current.username), self._schema.marker_account.is_(None)
        )

    def missed_unmarked(self, connection: Connection, current: RemoteAccount) -> StaleVersion | UnknownAccount:
        """Why no row met :meth:`unmarked`."""
        same = and_(self.identified(current.remote_id), self.named(current.username))
        if connection.execute(select(self._schema.id).where(same)).first() is not None:
            return StaleVersion("the entry carries a marker by now")
        return UnknownAccount("the entry is gone")

    def held(self, connection: Connection, current: RemoteAccount) -> StaleVersion | UnknownAccount | None:
        """Hold the row until the transaction ends, so that nobody changes its marker; or why it cannot be.

        A row under this primary key that carries another account's marker, or none, is not the one that was read:
        some databases give a number away again.
        """
        ours = self.unchanged(current)
        if connection.execute(select(self._schema.id).where(ours).with_for_update()).first() is not None:
            return None
        return self.missed(connection, current)

    def missed(self, connection: Connection, current: RemoteAccount) -> StaleVersion | UnknownAccount:
        """Why no row met :meth:`unchanged`."""
        if current.marker is not None:
            same = and_(self.identified(current.remote_id), self._schema.marker_account == current.marker.account_id)
            if connection.execute(select(self._schema.id).where(same)).first() is not None:
                return StaleVersion("the entry's marker is not the one that was read")
        return UnknownAccount("the entry is gone")

    def seen(self, connection: Connection, rows: Iterable[Row[Any]]) -> list[RemoteAccount]:
        """Rows of :meth:`select` as accounts, with their roles."""
        found = [row._mapping for row in rows]
        roles = self._roles_of(connection, [row["id"] for row in found])
        return [self._account(row, roles.get(row["id"], set())) for row in found]

    def insertion(self, values: Mapping[Any, Any]) -> Insert:
        """A new row; columns not named are NULL or the table's default."""
        return insert(self._schema.accounts).values(dict(values))

    def change(self, condition: ColumnElement[bool], values: Mapping[Any, Any]) -> Update:
        """A conditional change."""
        return update(self._schema.accounts).where(condition).values(dict(values))

    def removal(self, condition: ColumnElement[bool]) -> Delete:
        """A conditional removal."""
        return delete(self._schema.accounts).where(condition)

    def marker_values(self, marker: Marker) -> dict[Any, Any]:
        """The marker's columns."""
        s = self._schema
        return {
            s.marker_account: marker.account_id,
            s.marker_version: marker.version,
            s.marker_generation: marker.generation,
        }

    def profile_values(self, profile: Profile) -> dict[Any, Any]:
        """The profile's columns."""
        values = profile.values()
        return {self._schema.profile[column]: each.render(values) for column, each in self._templates.items()}

    def verifier_value(self, verifier: Verifier | None) -> str | None:
        """What stands in the verifier column.

        :raises InvalidAttribute: not an argon2id text of the kind we verify.
        """
        if verifier is None:
            return self._unusable
        if verifier.scheme != argon2id.SCHEME or argon2id.Cost.of(verifier.text) is None:
            raise InvalidAttribute("only argon2id verifiers with one lane are taken", "verifier")
        return verifier.text

    def _account(self, row: RowMapping, roles: set[str]) -> RemoteAccount:
        must_change = row.get("must_change")
        marker = Marker(row["account"], row["version"] or 0, row["generation"] or 0) if row["account"] else None
        return RemoteAccount(
            remote_id=str(row["id"]),
            username=row["username"],
            marker=marker,
            enabled=bool(row["enabled"]),
            must_change=None if must_change is None else bool(must_change),
            profile={field: row[f"profile_{field}"] or "" for field in self._fields.values()},
            entitlements=frozenset(roles),
        )

    def _roles_of(self, connection: Connection, ids: list[Any]) -> dict[Any, set[str]]:
        if self._schema.roles is None or not ids:
            return {}
        owner, name = self._schema.role_account, self._schema.role_name
        held: dict[Any, set[str]] = {}
        for account, role in connection.execute(select(owner, name).where(owner.in_(ids))):
            held.setdefault(account, set()).add(role)
        return held
