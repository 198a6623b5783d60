"""The connector for roles of a PostgreSQL server."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self

from connectors.postgresql import scram, statements
from connectors.postgresql.comment import Comment, kept
from connectors.postgresql.examination import Examination
from connectors.postgresql.lock import on_name, on_role
from connectors.postgresql.memberships import Memberships
from connectors.postgresql.pool import Line, Pool
from connectors.postgresql.roles import Role, Roles, oid_of
from connectors.postgresql.sessions import Sessions
from connectors.postgresql.settings import PostgresqlSettings
from connectors.postgresql.sign_in import SignIn
from connectors.postgresql.validity import Validity
from connectors.username import require_fit
from provisioner.connector import (
    AccountExists,
    Authentication,
    Changes,
    ConnectorContext,
    Finding,
    Limits,
    Marker,
    NewAccount,
    PasswordRules,
    PolicyViolation,
    Profile,
    RemoteAccount,
    Seen,
    Sought,
    StaleVersion,
    TargetUnavailable,
    UnknownAccount,
    Verifier,
)

_JUDGES = frozenset({"passwordcheck", "credcheck"})
"""Modules that look into passwords; of a SCRAM verifier they see only whether it is the user name."""

PAGE = 500
"""Roles read at once by a search."""


class PostgresqlConnector:
    """Every write is one transaction: it holds the role, compares the marker in its comment, and replaces it."""

    def __init__(self, settings: PostgresqlSettings, context: ConnectorContext) -> None:
        self.limits = Limits(settings.username_max_length, verifier_schemes=(scram.SCHEME,))
        self._settings = settings
        self._pool = Pool(settings, context.call_timeout)
        self._roles = Roles(settings)
        self._validity = Validity(settings.timezone)
        self._memberships = Memberships(settings, self._pool, self._roles)
        self._sessions = Sessions(self._pool, self._roles)
        self._sign_in = SignIn(settings, self._pool, self.limits)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], context: ConnectorContext) -> Self:
        """See the port."""
        return cls(PostgresqlSettings.model_validate(settings), context)

    def check(self) -> list[Finding]:
        """See :class:`~connectors.postgresql.examination.Examination`."""
        return Examination(self._settings, self._pool).findings()

    def password_rules(self) -> list[PasswordRules]:
        """See :class:`~provisioner.connector.ShowsPasswordRules`. PostgreSQL itself has none; a module that judges
        passwords shows only where the service account may see which are loaded (``pg_read_all_settings``).
        """
        with self._pool.reading("reading the policy") as line:
            row = line.execute("SELECT setting FROM pg_settings WHERE name = 'shared_preload_libraries'").fetchone()
        loaded = {each.strip() for each in str(row[0]).split(",")} if row is not None else set()
        return [PasswordRules(", ".join(sorted(judges)), examined=True)] if (judges := loaded & _JUDGES) else []

    def get(self, username: str) -> RemoteAccount | None:
        """Any role under this name, groups and superusers too: a name can be given once."""
        with self._pool.reading("reading a role") as line:
            role = self._roles.named(line, username)
        return self._roles.account(role) if role is not None else None

    def find(self, account_id: str) -> list[RemoteAccount]:
        """Every role under this account's marker."""
        with self._pool.reading("looking for a marker") as line:
            found = self._roles.marked(line, account_id)
        return [self._roles.account(role) for role in found]

    def read_several(self, sought: Sequence[Sought]) -> list[Seen]:
        """See :meth:`~connectors.postgresql.roles.Roles.several`."""
        with self._pool.reading("reading several roles") as line:
            return self._roles.several(line, sought)

    def search(self) -> Iterator[RemoteAccount]:
        """See :meth:`~connectors.postgresql.roles.Roles.page`."""
        after = 0
        while True:
            with self._pool.reading("reading the roles") as line:
                page = self._roles.page(line, after, PAGE)
            yield from map(self._roles.account, page)
            if len(page) < PAGE:
                return
            after = page[-1].oid

    def create(self, new: NewAccount) -> RemoteAccount:
        """See the port. The role is read back in the transaction that makes it."""
        name = require_fit(new.username, self.limits)
        verifier = scram.checked(new.verifier) if new.verifier is not None else None
        unenforced = new.must_change and verifier is not None
        creation = statements.create(
            name,
            log_in=new.enabled and not unenforced,
            limit=self._settings.connection_limit,
            until=self._validity.instant(new.profile.valid_until),
            verifier=None if unenforced else verifier,
        )
        comment = Comment(new.marker, kept(new.profile, self._settings.profile))
        with self._telling_owner(name), self._pool.writing("creating a role", on_name(name)) as line:
            self._require_free(line, name)
            line.execute(statements.together(creation, statements.comment(name, str(comment))))
            role = self._written(self._roles.called(line, name), new.marker)
        if unenforced:
            raise PolicyViolation("the first change of password would not be enforced", rule="not-enforced")
        return self._roles.account(role)

    def update(self, current: RemoteAccount, changes: Changes, marker: Marker) -> RemoteAccount:
        """See the port."""
        new_name = require_fit(changes.username, self.limits) if changes.username is not None else None
        verifier = scram.checked(changes.verifier) if changes.verifier is not None else None
        if verifier is not None and changes.must_change is not False:
            raise PolicyViolation("the first change of password would not be enforced", rule="not-enforced")
        profile, oid = changes.profile, oid_of(current)
        until = self._validity.instant(profile.valid_until) if profile is not None else None
        limit = self._settings.connection_limit if profile is not None else None
        with self._telling_owner(new_name), self._pool.writing("changing a role", on_role(oid)) as line:
            role = self._roles.current(line, current)
            name = role.name
            if new_name is not None and new_name != name:
                line.execute(on_name(new_name))
                self._require_free(line, new_name, but_for=oid)
                line.execute(statements.rename(name, new_name))
                name = new_name
            log_in = role.may_log_in if changes.enabled is None and verifier is not None else changes.enabled
            self._execute(line, statements.alter(name, log_in=log_in, limit=limit, until=until))
            # Last, when the role is ours until the commit: the server logs failed statements as they are.
            self._execute(line, statements.alter(name, verifier=verifier))
            line.execute(statements.comment(name, str(self._comment(role, profile, marker))))
            return self._roles.account(self._written(self._roles.identified(line, oid), marker))

    def adopt(self, current: RemoteAccount, marker: Marker) -> RemoteAccount:
        """See :class:`~provisioner.connector.Adopts`. The comment that the role had is kept behind the marker.

        :raises PermissionDenied: also for what is no person's role: see
            :meth:`~connectors.postgresql.roles.Roles.foreign_comment`.
        """
        oid = oid_of(current)
        with self._pool.writing("taking a role over", on_role(oid)) as line:
            before = self._roles.foreign_comment(line, current)
            role = self._roles.identified(line, oid)
            if role is None:
                raise UnknownAccount("the role is gone")
            line.execute(statements.comment(role.name, str(Comment(marker, before=before))))
            return self._roles.account(self._written(self._roles.identified(line, oid), marker))

    def delete(self, current: RemoteAccount) -> None:
        """See the port. Open sessions are ended first; what the role owns is left alone, and prevents it.

        :raises PermissionDenied: the role owns objects or holds rights somewhere.
        """
        with suppress(UnknownAccount):
            oid = oid_of(current)
            with self._pool.writing("dropping a role", on_role(oid)) as line:
                role = self._roles.current(line, current)
                self._sessions.end(line, oid)
                line.execute(statements.drop(role.name))
                if self._roles.identified(line, oid) is not None:
                    raise StaleVersion("the role was renamed at the same moment")

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def enforces_first_change(self) -> bool:
        """PostgreSQL knows no first change: a role that may log in may do everything it has the right to."""
        return False

    def make_verifier(self, password: str) -> Verifier:
        """See :mod:`connectors.postgresql.scram`."""
        return scram.verifier(password, self._settings.scram_iterations)

    def open_session_limit(self) -> timedelta | None:
        """Sessions end with :meth:`end_sessions`; by themselves they have no end."""
        return None

    def end_sessions(self, current: RemoteAccount) -> int:
        """How many were open."""
        return self._sessions.end_all(current)

    def entitlements_for(self, profile: Profile) -> frozenset[str]:
        """From the settings' templates."""
        return self._memberships.held_by(profile)

    def grant(self, current: RemoteAccount, entitlement: str) -> None:
        """See :meth:`~connectors.postgresql.memberships.Memberships.grant`."""
        self._memberships.grant(current, entitlement)

    def revoke(self, current: RemoteAccount, entitlement: str) -> None:
        """See :meth:`~connectors.postgresql.memberships.Memberships.revoke`."""
        self._memberships.revoke(current, entitlement)

    def authenticate(self, username: str, password: str) -> Authentication:
        """See :class:`~connectors.postgresql.sign_in.SignIn`."""
        return self._sign_in.authenticate(username, password)

    def change_password(self, username: str, old: str, new: str) -> None:
        """See :class:`~connectors.postgresql.sign_in.SignIn`."""
        self._sign_in.change_password(username, old, new)

    def _comment(self, role: Role, profile: Profile | None, marker: Marker) -> Comment:
        there = role.comment if role.comment is not None else Comment(marker)
        profile_kept = there.profile if profile is None else kept(profile, self._settings.profile)
        return replace(there, marker=marker, profile=profile_kept)

    def _execute(self, line: Line, statement: Any) -> None:
        if statement is not None:
            line.execute(statement)

    def _written(self, role: Role | None, marker: Marker) -> Role:
        """The server takes names only: the new marker, read back by oid, shows that it was our role all along.

        :raises StaleVersion: it was renamed at the same moment. The transaction is given up.
        """
        if role is None or role.comment is None or role.comment.marker != marker:
            raise StaleVersion("the role was renamed at the same moment")
        return role

    def _require_free(self, line: Line, name: str, but_for: int | None = None) -> None:
        """The caller holds the name until the end: a creation that fails would be logged by the server as it is, with
        its verifier.

        :raises AccountExists: some role has the name.
        """
        owner = self._roles.named(line, name)
        if owner is not None and owner.oid != but_for:
            raise _exists(self._roles.account(owner))

    @contextmanager
    def _telling_owner(self, name: str | None) -> Iterator[None]:
        """Where the catalogue itself said that the name is taken, find out by whom: another writer was quicker."""
        try:
            yield
        except AccountExists as error:
            if error.remote_id is not None or name is None:
                raise
            owner = self.get(name)
            if owner is None:
                raise TargetUnavailable("the name was taken and given back at the same moment") from error
            raise _exists(owner) from error


def _exists(owner: RemoteAccount) -> AccountExists:
    return AccountExists(f"the role {owner.username!r} is there already", owner.marker, owner.remote_id)
