"""The port, carried out on a domain of Active Directory.

- Everything is addressed by ``<GUID=...>``, so that a renamed or moved entry is the same entry.
- **create** is one add: marker, a random password that nobody knows and that must be changed, and the suspension when
  it is asked for. There is never an entry without a password: a domain controller would either refuse to enable it or
  let people in with an empty one.
- **update**, a rename included, is one modify that begins by deleting the marker that was read and adding the new one:
  the domain controller refuses all of it (noSuchAttribute) when somebody newer wrote. The entry's ``CN`` follows in a
  request of its own; it is there for the eye, and nothing here depends on it.
- **adopt** is one modify that nobody can send twice: see :mod:`connectors.ldap_client.adoption`.
- **set_password** is one modify in the same way.
- **delete** has no condition in Active Directory, which knows no assertions (RFC 4528). So the marker is first given an
  ending, in one modify, conditional as ever, that also disables the entry. From then on every writer but another
  removal is stale, and the entry can go. Cut off between the two, it stays disabled under our marker until the removal
  is tried again. Nothing else can be wanted of it by then: an account that is to be absent never comes back.
- **grant** and **revoke** change another entry: see :mod:`connectors.ldap_client.groups`.

All this holds at one domain controller. Between several, the last change wins, attribute by attribute, when they
replicate: the first address should be the one that takes all writes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Self

from connectors.active_directory.account_control import LAST_SET, instant
from connectors.active_directory.accounts import DomainAccounts, by_guid
from connectors.active_directory.adoption import DomainAdoption
from connectors.active_directory.changes import DomainChanges
from connectors.active_directory.entry import UserObject
from connectors.active_directory.errors import refusal
from connectors.active_directory.examination import DomainExamination
from connectors.active_directory.groups import DomainGroups
from connectors.active_directory.settings import ActiveDirectorySettings
from connectors.active_directory.sign_in import DomainSignIn, password_refusal
from connectors.entitlements import EntitlementRules
from connectors.ldap_client.connector import not_enforced
from connectors.ldap_client.entry import ours
from connectors.ldap_client.errors import (
    CONSTRAINT_VIOLATION,
    ENTRY_EXISTS,
    NO_SUCH_ATTRIBUTE,
    NO_SUCH_OBJECT,
    SUCCESS,
)
from connectors.ldap_client.names import child
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.session import Entry, Session
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
    News,
    PasswordRules,
    PermissionDenied,
    Profile,
    RemoteAccount,
    StaleVersion,
    UnknownAccount,
)

LAST_SIGN_INS = ("lastLogon", "lastLogonTimestamp")


class ActiveDirectoryConnector:
    """A target that is a domain. See docs/active-directory.md for what it needs."""

    def __init__(self, settings: ActiveDirectorySettings, context: ConnectorContext) -> None:
        self.limits = Limits(settings.username_max_length, settings.username_pattern, ())
        self._settings = settings
        self._pool = Pool(settings, context.call_timeout, refuse=refusal)
        self._shape = UserObject(settings)
        self._accounts = DomainAccounts(settings, self._shape)
        self._adoption = DomainAdoption(settings, self._shape, self._accounts)
        self._groups = DomainGroups(settings, self._shape, self._accounts)
        self._sign_in = DomainSignIn(self._pool, self._accounts, self._shape, settings.domain)
        self._rules = EntitlementRules(settings.entitlements)
        self._changes = DomainChanges(settings, self._pool, self._shape)
        self.sees_removals = self._changes.sees_removals

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], context: ConnectorContext) -> Self:
        """See :class:`~provisioner.connector.Connector`."""
        return cls(ActiveDirectorySettings.model_validate(dict(settings)), context)

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def check(self) -> list[Finding]:
        """See :class:`~provisioner.connector.Connector`."""
        return DomainExamination(self._settings, self._pool, self._shape).findings()

    def password_rules(self) -> list[PasswordRules]:
        """See :class:`~provisioner.connector.ShowsPasswordRules`."""
        policies = DomainExamination(self._settings, self._pool, self._shape).policies()
        return [policy.rules for policy in policies.values() if policy is not None]

    # Reading

    def get(self, username: str) -> RemoteAccount | None:
        """See :class:`~provisioner.connector.Connector`. Looks in the whole domain, where names are unique."""
        with self._pool.session() as session:
            entry = self._accounts.by_username(session, username)
            return self._shape.account(entry) if entry else None

    def find(self, account_id: str) -> list[RemoteAccount]:
        """See :class:`~provisioner.connector.Connector`."""
        with self._pool.session() as session:
            return [self._shape.account(entry) for entry in self._accounts.by_account(session, account_id)]

    def search(self) -> Iterator[RemoteAccount]:
        """See :class:`~provisioner.connector.Connector`. Each page may take ``call_timeout``."""
        with self._pool.session() as session:
            for page in self._accounts.pages(session, self._pool.call_timeout):
                yield from map(self._shape.account, page)

    def cursor(self) -> str | None:
        """See :class:`~provisioner.connector.TellsChanges`."""
        return self._changes.cursor()

    def changes(self, cursor: str) -> Iterator[News]:
        """See :class:`~provisioner.connector.TellsChanges`."""
        return self._changes.changes(cursor)

    # Writing

    def create(self, new: NewAccount) -> RemoteAccount:
        """See :class:`~provisioner.connector.Connector`."""
        dn = self._shape.dn(require_fit(new.username, self.limits))
        attributes = self._shape.new(new)
        with self._pool.session() as session, self._in_core_words():
            answer = session.add(dn, attributes, self._shape.attributes)
            if answer.code in (ENTRY_EXISTS, CONSTRAINT_VIOLATION):
                self._refuse_name(session, new.username)
            if answer.code == ENTRY_EXISTS:
                # Only the CN is in use: of an account that was renamed, or of something that is no account.
                beside = f"{new.username} {new.marker.account_id[:12]}"
                dn = child(self._shape.rdn(beside), self._settings.people_base)
                answer = session.add(dn, attributes, self._shape.attributes)
            if answer.code == NO_SUCH_OBJECT:
                raise PermissionDenied(f"{self._settings.people_base} is not there or not shown to the service account")
            session.expect(answer, "creating the entry")
            entry = session.read(dn, self._shape.attributes)
            if entry is None:
                raise UnknownAccount("the entry was removed while it was created")
            return self._shape.account(entry)

    def update(self, current: RemoteAccount, changes: Changes, marker: Marker) -> RemoteAccount:
        """See :class:`~provisioner.connector.Connector`.

        :raises PolicyViolation: rule ``not-enforced``: the account would be let in with a first change that the domain
            controller would not enforce. Nothing was changed.
        """
        ours(current)
        if changes.username is not None:
            require_fit(changes.username, self.limits)
        with self._pool.session() as session, self._in_core_words():
            entry = self._accounts.locate(session, current)
            demanded = changes.must_change or (changes.enabled and entry.first(LAST_SET) == "0")
            if demanded and self._shape.would_not_demand(entry):
                raise not_enforced("nothing was changed")
            wanted = self._shape.changes(current, changes, marker, entry)
            answer = session.modify(by_guid(current.remote_id), wanted)
            if changes.username is not None and answer.code in (ENTRY_EXISTS, CONSTRAINT_VIOLATION):
                self._refuse_name(session, changes.username, current.remote_id)
            session.expect(answer, "changing the entry")
            if changes.username is not None and changes.username != current.username:
                session.rename(entry.dn, self._shape.rdn(changes.username))
            return self._shape.account(self._accounts.locate(session, current))

    def adopt(self, current: RemoteAccount, marker: Marker) -> RemoteAccount:
        """See :class:`~provisioner.connector.Adopts` and :mod:`connectors.active_directory.adoption`."""
        with self._pool.session() as session:
            return self._adoption.take_over(session, current, marker)

    def set_password(
        self, current: RemoteAccount, password: str, marker: Marker, *, must_change: bool
    ) -> RemoteAccount:
        """See :class:`~provisioner.connector.SetsPasswords`. Also ends a lock after too many wrong passwords."""
        ours(current)
        wanted = self._shape.password_changes(current, password, marker, must_change=must_change)
        with self._pool.session() as session:
            entry = self._accounts.locate(session, current)
            if must_change and self._shape.would_not_demand(entry):
                raise not_enforced("nothing was changed")
            answer = session.modify(by_guid(current.remote_id), wanted)
            if answer.code != SUCCESS:
                raise password_refusal(session, self._settings.domain, answer, password, entry)
            account = self._shape.account(self._accounts.locate(session, current))
            if must_change and not account.must_change:
                self._suspend(session, account, marker)
                raise not_enforced("the entry was left disabled")
            return account

    def delete(self, current: RemoteAccount) -> None:
        """See :class:`~provisioner.connector.Connector`."""
        marker = ours(current)
        name = by_guid(current.remote_id)
        with self._pool.session() as session:
            try:
                entry = self._accounts.locate(session, current)
                if not self._shape.is_leaving(entry):
                    self._take_out_of_use(session, current, marker, entry)
                elif self._shape.marker(entry) != marker:
                    raise StaleVersion("the entry's marker is not the one that was read")
                session.expect(session.delete(name), "deleting the entry")
            except UnknownAccount:
                return

    # Capabilities

    def open_session_limit(self) -> timedelta | None:
        """See :class:`~provisioner.connector.Suspends`; from the setting ``open_session_seconds``."""
        seconds = self._settings.open_session_seconds
        return None if seconds is None else timedelta(seconds=seconds)

    def entitlements_for(self, profile: Profile) -> frozenset[str]:
        """See :class:`~provisioner.connector.Entitles`."""
        return self._rules.holds_for(profile)

    def grant(self, current: RemoteAccount, entitlement: str) -> None:
        """See :class:`~provisioner.connector.Entitles`; ``entitlement`` is the name of a group below ``group_base``."""
        with self._pool.session() as session:
            self._groups.grant(session, current, entitlement)

    def revoke(self, current: RemoteAccount, entitlement: str) -> None:
        """See :class:`~provisioner.connector.Entitles`."""
        with self._pool.session() as session:
            self._groups.revoke(session, current, entitlement)

    def authenticate(self, username: str, password: str) -> Authentication:
        """See :class:`~provisioner.connector.Authenticates`."""
        return self._sign_in.authenticate(username, password)

    def change_password(self, username: str, old: str, new: str) -> None:
        """See :class:`~provisioner.connector.Authenticates` and :mod:`connectors.active_directory.sign_in`."""
        self._sign_in.change_password(username, old, new)

    def last_sign_in(self, current: RemoteAccount) -> datetime | None:
        """See :class:`~provisioner.connector.ReportsSignIns`: at the domain controller that is asked, or what others
        have told it, which may be two weeks late. A bind that was answered with "must change" counts for none.
        """
        with self._pool.session() as session:
            entry = self._accounts.find_id(session, current.remote_id, list(LAST_SIGN_INS))
        moments = [instant(entry.first(name)) for name in LAST_SIGN_INS] if entry else []
        return max((moment for moment in moments if moment is not None), default=None)

    # Steps

    def _suspend(self, session: Session, account: RemoteAccount, marker: Marker) -> None:
        entry = self._accounts.locate(session, account)
        wanted = self._shape.changes(replace(account, marker=marker), Changes(enabled=False), marker, entry)
        session.expect(session.modify(by_guid(account.remote_id), wanted), "disabling the entry")

    def _take_out_of_use(self, session: Session, current: RemoteAccount, marker: Marker, entry: Entry) -> None:
        answer = session.modify(by_guid(current.remote_id), self._shape.leaving(marker, entry))
        if answer.code == NO_SUCH_ATTRIBUTE:
            there = self._accounts.locate(session, current)
            if self._shape.is_leaving(there) and self._shape.marker(there) == marker:
                return
        session.expect(answer, "taking the entry out of use")

    def _refuse_name(self, session: Session, username: str, own_id: str | None = None) -> None:
        for holder in (self._accounts.by_username(session, username), self._accounts.by_principal(session, username)):
            if holder is not None and (account := self._shape.account(holder)).remote_id != own_id:
                raise AccountExists(f"the name {username} is taken", account.marker, account.remote_id)

    @contextmanager
    def _in_core_words(self) -> Iterator[None]:
        try:
            yield
        except InvalidAttribute as error:
            error.attribute = self._shape.field_of(error.attribute)
            raise
