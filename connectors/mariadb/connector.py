"""The connector for users of a MariaDB server.

Changing users is not transactional there: each statement takes effect at once. So the steps stand in an order in which
every cut leaves something that the next run knows for ours and finishes, and all of them under one lock (see
:mod:`connectors.mariadb.pool`):

- create: our table's row, then the user whole in one statement. A row without a user is no account; a user carries the
  id of its account from its first moment.
- update: the user, the name, then the row. Until the row says so the old version counts, and the change is made again.
- adopt: the row, then the user in one statement, as at a creation.
- delete: the user, then the row.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self

from connectors.mariadb import marked, verifier
from connectors.mariadb.accounts import Accounts
from connectors.mariadb.examination import Examination
from connectors.mariadb.ledger import Ledger, Row
from connectors.mariadb.line import Line
from connectors.mariadb.policy import rules_of
from connectors.mariadb.pool import Pool
from connectors.mariadb.roles import Roles
from connectors.mariadb.settings import MariadbSettings
from connectors.mariadb.sign_in import SignIn
from connectors.mariadb.users import User, Users
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
    PermissionDenied,
    PolicyViolation,
    Profile,
    ProtocolError,
    RemoteAccount,
    StaleVersion,
    UnknownAccount,
    Verifier,
)

PAGE = 500
"""Users read at once by a search."""


class MariadbConnector:
    """Every write takes the server's lock, compares the marker in our table, and replaces it last."""

    def __init__(self, settings: MariadbSettings, context: ConnectorContext) -> None:
        self.limits = Limits(settings.username_max_length, verifier_schemes=(settings.scheme,))
        self._settings = settings
        self._pool = Pool(settings, context.call_timeout)
        self._users = Users(settings)
        self._ledger = Ledger(settings)
        self._roles = Roles(settings) if settings.entitlements else None
        self._accounts = Accounts(self._users, self._ledger, self._roles)
        self._sign_in = SignIn(settings, self.limits, context.call_timeout)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], context: ConnectorContext) -> Self:
        """A target with roles gets the connector that also grants and revokes."""
        valid = MariadbSettings.model_validate(settings)
        kind: Any = EntitlingMariadbConnector if valid.entitlements else cls
        return kind(valid, context)  # type: ignore[no-any-return]

    def check(self) -> list[Finding]:
        """See :class:`~connectors.mariadb.examination.Examination`."""
        return Examination(self._settings, self._pool, self._ledger).findings()

    def get(self, username: str) -> RemoteAccount | None:
        """Any user of this name, whatever its case and host: a name is given once."""
        with self._reading() as line:
            return self._accounts.named(line, username)

    def find(self, account_id: str) -> list[RemoteAccount]:
        """Every user that carries this account's id."""
        with self._reading() as line:
            return self._accounts.of(line, account_id)

    def search(self) -> Iterator[RemoteAccount]:
        """Users in order of name, without the server's own (see the settings)."""
        after: tuple[str, str] | None = ("", "")
        while after is not None:
            with self._reading() as line:
                accounts, after = self._accounts.page(line, after, PAGE)
            yield from accounts

    def create(self, new: NewAccount) -> RemoteAccount:
        """See the port. The server's own words on the user prove that it enforces the first change."""
        name = require_fit(new.username, self.limits)
        password = verifier.checked(new.verifier, self._settings.scheme) if new.verifier is not None else None
        marked.carrier(new.marker.account_id)
        with self._writing() as line:
            self._require_free(line, name)
            self._require_absent(line, new.marker.account_id)
            self._ledger.claim(line, new.marker, new.profile)
            account_id, locked = new.marker.account_id, not new.enabled
            self._users.create(line, name, account_id, password, locked=locked, expired=new.must_change)
            account = self._accounts.one(line, account_id)
            if new.must_change and not account.must_change:
                (user,) = self._users.carrying(line, account_id)
                self._users.alter(line, user, account_id, locked=True)
                raise PolicyViolation("the first change of password would not be enforced", rule="not-enforced")
            return account

    def update(self, current: RemoteAccount, changes: Changes, marker: Marker) -> RemoteAccount:
        """See the port."""
        name = require_fit(changes.username, self.limits) if changes.username is not None else None
        password = verifier.checked(changes.verifier, self._settings.scheme) if changes.verifier is not None else None
        with self._writing() as line:
            user, row = self._current(line, current)
            if marker.account_id != row.marker.account_id:
                raise InvalidAttribute("the new marker is another account's")
            if name is not None and name != user.name:
                self._require_free(line, name, but_for=marker.account_id)
            self._alter(line, user, changes, password, marker.account_id)
            if name is not None and name != user.name:
                self._users.rename(line, user, name)
            self._ledger.advance(line, row, marker, changes.profile)
            account = self._accounts.one(line, marker.account_id)
            if changes.must_change and not account.must_change:
                raise PolicyViolation("the first change of password would not be enforced", rule="not-enforced")
            return account

    def adopt(self, current: RemoteAccount, marker: Marker) -> RemoteAccount:
        """See :class:`~provisioner.connector.Adopts` and :meth:`~connectors.mariadb.accounts.Accounts.stranger`."""
        if current.marker is not None:
            raise PermissionDenied("the user carries a marker already")
        marked.carrier(marker.account_id)
        with self._writing() as line:
            user = self._accounts.stranger(line, current)
            self._require_absent(line, marker.account_id)
            self._ledger.claim_adopted(line, marker, user.own_id)
            self._users.mark(line, user, marker.account_id)
            return self._accounts.one(line, marker.account_id)

    def delete(self, current: RemoteAccount) -> None:
        """See the port. Open sessions are ended first: the server lets them live on without their user."""
        with self._writing() as line:
            try:
                user, row = self._current(line, current)
            except UnknownAccount:
                return
            self._users.drop(line, user)
            line.change("ending sessions", "KILL CONNECTION USER %s", user.name)
            self._ledger.forget(line, row.marker.account_id)

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def password_rules(self) -> list[PasswordRules]:
        """See :class:`~provisioner.connector.ShowsPasswordRules`."""
        with self._pool.reading() as line:
            shown = rules_of(line)
        return [replace(shown, min_length=max(shown.min_length, self._settings.password_min_length))]

    def enforces_first_change(self) -> bool:
        """The server refuses every statement but SET PASSWORD while the password is expired (1820)."""
        return True

    def make_verifier(self, password: str) -> Verifier:
        """In the scheme of the settings."""
        return verifier.make(self._settings.scheme, password)

    def open_session_limit(self) -> timedelta | None:
        """Sessions end with :meth:`end_sessions`; by themselves they have no end that we know."""
        return None

    def end_sessions(self, current: RemoteAccount) -> int:
        """Every session of this user name."""
        with self._writing() as line:
            user, _ = self._carried(line, current)
            return line.change("ending sessions", "KILL CONNECTION USER %s", user.name)

    def authenticate(self, username: str, password: str) -> Authentication:
        """See :class:`~connectors.mariadb.sign_in.SignIn`."""
        return self._sign_in.authenticate(username, password)

    def change_password(self, username: str, old: str, new: str) -> None:
        """See :class:`~connectors.mariadb.sign_in.SignIn`."""
        self._sign_in.change_password(username, old, new)

    @contextmanager
    def _reading(self) -> Iterator[Line]:
        with self._pool.reading() as line:
            self._ledger.prepare(line)
            yield line

    @contextmanager
    def _writing(self) -> Iterator[Line]:
        with self._pool.writing() as line:
            self._ledger.prepare(line)
            yield line

    def _current(self, line: Line, current: RemoteAccount) -> tuple[User, Row]:
        """The user, as long as it carries the marker that was read.

        :raises StaleVersion: it carries another one.
        """
        user, row = self._carried(line, current)
        if row.marker != current.marker:
            raise StaleVersion("the entry's marker is not the one that was read")
        return user, row

    def _carried(self, line: Line, current: RemoteAccount) -> tuple[User, Row]:
        """:raises PermissionDenied: a stranger's entry is never touched.
        :raises UnknownAccount: the user is gone.
        """
        if current.marker is None:
            raise PermissionDenied("the entry does not carry our marker")
        account_id = current.marker.account_id
        users = self._users.carrying(line, account_id) if marked.fits(account_id) else []
        row = self._accounts.row_of(line, account_id) if users else None
        if row is None or row.remote_id != current.remote_id:
            raise UnknownAccount("the entry is gone")
        if len(users) > 1:
            raise ProtocolError("several users carry the same account's marker")
        return users[0], row

    def _alter(self, line: Line, user: User, changes: Changes, password: str | None, account_id: str) -> None:
        if password is None and changes.must_change is False and user.expired:
            # Only a new password ends it. Writing the old one again could undo what its user does at this moment.
            raise InvalidAttribute("the first change is over only with a new password", "must_change")
        still = user.expired and changes.must_change is None and password is not None
        self._users.alter(
            line,
            user,
            account_id,
            password=password,
            locked=None if changes.enabled is None else not changes.enabled,
            expired=bool(changes.must_change) or still,
        )

    def _require_free(self, line: Line, name: str, but_for: str | None = None) -> None:
        owner = self._accounts.named(line, name)
        if owner is not None and (owner.marker is None or owner.marker.account_id != but_for):
            raise AccountExists(f"the user name {name!r} is taken", owner.marker, owner.remote_id)
        if self._users.role_exists(line, name):
            raise AccountExists(f"the user name {name!r} is a role's")

    def _require_absent(self, line: Line, account_id: str) -> None:
        for there in self._accounts.of(line, account_id):
            raise AccountExists(f"the account is there as {there.username!r}", there.marker, there.remote_id)


class EntitlingMariadbConnector(MariadbConnector):
    """A connector whose target also has roles."""

    def entitlements_for(self, profile: Profile) -> frozenset[str]:
        """From the settings' templates."""
        return self._granting.held_by(profile)

    def grant(self, current: RemoteAccount, entitlement: str) -> None:
        """See :class:`~connectors.mariadb.roles.Roles`."""
        with self._writing() as line:
            user, _ = self._current(line, current)
            self._granting.grant(line, user, entitlement)

    def revoke(self, current: RemoteAccount, entitlement: str) -> None:
        """See :class:`~connectors.mariadb.roles.Roles`."""
        with self._writing() as line:
            user, _ = self._current(line, current)
            self._granting.revoke(line, user, entitlement)

    @property
    def _granting(self) -> Roles:
        if self._roles is None:
            raise ValueError("entitlements: not set")
        return self._roles
