"""Signing in against the table, and the change of password by its user."""

from typing import Any

from sqlalchemy import Column, and_, select

from connectors import argon2id
from connectors.table.database import Database
from connectors.table.rows import Rows
from connectors.table.schema import Schema
from connectors.table.settings import TableSettings
from provisioner.connector import Authentication, Outcome, PermissionDenied, PolicyViolation


class SignIn:
    """Compares with the row's verifier. Hashing happens outside of any transaction."""

    def __init__(self, settings: TableSettings, schema: Schema, rows: Rows, database: Database) -> None:
        self._min_length = settings.password_min_length
        self._schema = schema
        self._rows = rows
        self._database = database
        self._cost = argon2id.Cost(settings.argon2_memory_kib, settings.argon2_iterations)
        ceiling = argon2id.Cost(settings.argon2_max_memory_kib, settings.argon2_max_iterations)
        self._verification = argon2id.Verification(self._cost, ceiling)

    def authenticate(self, username: str, password: str) -> Authentication:
        """Whether the account is disabled is told for the right password only; unknown users cost as much work."""
        stored = self._stored(username)
        if not self._verification.matches(password, stored.verifier if stored else None) or stored is None:
            return Authentication(Outcome.REJECTED)
        if not stored.enabled:
            return Authentication(Outcome.LOCKED)
        return Authentication(Outcome.MUST_CHANGE if stored.must_change else Outcome.ACCEPTED)

    def change_password(self, username: str, old: str, new: str) -> None:
        """Replace the verifier on condition that it is still the one ``old`` was compared with.

        :raises PermissionDenied: wrong user name or password, or the account is disabled.
        :raises PolicyViolation: the new password is too short or the old one.
        """
        stored = self._stored(username)
        if not self._verification.matches(old, stored.verifier if stored else None) or stored is None:
            raise PermissionDenied("wrong user name or password")
        if not stored.enabled:
            raise PermissionDenied("the account is disabled")
        if len(new) < self._min_length:
            raise PolicyViolation("the new password is too short", rule="too-short")
        if new == old:
            raise PolicyViolation("the new password is the old one", rule="in-history")
        self._replace(stored, argon2id.derive(new, self._cost))

    def _replace(self, stored: "_Stored", replacement: str) -> None:
        s = self._schema
        unchanged = and_(s.id == stored.id, s.verifier == stored.verifier, s.enabled.is_(True))
        values: dict[object, object] = {s.verifier: replacement}
        if s.must_change is not None:
            values[s.must_change] = False
        with self._database.write() as connection:
            if connection.execute(self._rows.change(unchanged, values)).rowcount == 0:
                raise PermissionDenied("the account was changed at the same moment")

    def _stored(self, username: str) -> "_Stored | None":
        s = self._schema
        columns: list[Column[Any]] = [
            s.id,
            s.verifier,
            s.enabled,
            *([s.must_change] if s.must_change is not None else []),
        ]
        with self._database.read() as connection:
            row = connection.execute(select(*columns).where(self._rows.named(username)).limit(1)).first()
        return _Stored(row[0], row[1], bool(row[2]), len(row) > 3 and bool(row[3])) if row is not None else None


class _Stored:
    """What a row says about signing in; has no repr that could show the verifier."""

    def __init__(self, row_id: object, verifier: str | None, enabled: bool, must_change: bool) -> None:
        self.id = row_id
        self.verifier = verifier
        self.enabled = enabled
        self.must_change = must_change
