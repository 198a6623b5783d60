"""The port, carried out on a directory.

What is atomic, and how:

- **create** is one add: marker, verifier, ``pwdReset``, and the suspension when it is asked for. Whether the first
  change will be enforced is read from the policy right before; when it will not, the entry is suspended from its
  first moment. The server's own answer (post-read, RFC 4527) then tells whether another policy came to hold.
- **update** is one modify that begins by deleting the marker that was read and adding the new one: the server refuses
  all of it (noSuchAttribute) when somebody newer wrote.
- **rename** is a request of its own in LDAP and cannot be refused by the marker. It goes first and has the server tell
  the marker of that very instant (pre-read, RFC 4527): when that is not the one that was read, the name is given back
  at once. Then the modify follows; when the server refuses it, the name is given back too. Cut off between the two,
  the entry stands under its new name with its old marker, so that the work is still to do. A writer that had read the
  old name is told that it is stale.
- **delete** carries the marker as an assertion.
- **grant** and **revoke** change another entry: see :mod:`connectors.ldap_client.groups`.

Transactions (RFC 5805) would tie several requests together, but they are not used: slapd 2.5.13 aborts ("Assertion
`c->c_txn == CONN_TXN_INACTIVE' failed") when a client vanishes while one is under way, in half of all tries. A program
that is killed must not take the directory with it.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Self

from connectors.entitlements import EntitlementRules
from connectors.ldap.directory import Directory
from connectors.ldap.entry import ID, RESET, AccountEntry
from connectors.ldap.examination import Examination
from connectors.ldap.settings import LdapSettings
from connectors.ldap_client.errors import (
    ASSERTION_FAILED,
    CONSTRAINT_VIOLATION,
    ENTRY_EXISTS,
    NO_SUCH_ATTRIBUTE,
    NO_SUCH_OBJECT,
    SUCCESS,
    Answer,
)
from connectors.ldap_client.generalized_time import moment
from connectors.ldap_client.groups import Groups
from connectors.ldap_client.names import child, parent, relative
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.session import Entry, Session
from connectors.ldap_client.sign_in import SignIn
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
    PermissionDenied,
    PolicyViolation,
    Profile,
    RemoteAccount,
    StaleVersion,
    UnknownAccount,
)


class LdapConnector:
    """A target that is an LDAP directory. See :mod:`connectors.ldap.settings` for what it needs."""

    def __init__(self, settings: LdapSettings, context: ConnectorContext) -> None:
        self.limits = Limits(settings.username_max_length, settings.username_pattern, ("argon2id",))
        self._settings = settings
        self._pool = Pool(settings, context.call_timeout)
        self._shape = AccountEntry(settings)
        self._directory = Directory(settings, self._shape)
        self._groups = Groups(settings, self._shape, self._directory)
        self._sign_in = SignIn(self._pool, self._directory, self._shape)
        self._rules = EntitlementRules(settings.entitlements)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], context: ConnectorContext) -> Self:
        """See :class:`~provisioner.connector.Connector`."""
        return cls(LdapSettings.model_validate(dict(settings)), context)

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def check(self) -> list[Finding]:
        """See :class:`~provisioner.connector.Connector`."""
        return Examination(self._settings, self._pool, self._directory, self._shape).findings()

    # Reading

    def get(self, username: str) -> RemoteAccount | None:
        """See :class:`~provisioner.connector.Connector`."""
        with self._pool.session() as session:
            entry = self._directory.by_username(session, username)
            return self._shape.account(entry) if entry else None

    def find(self, account_id: str) -> list[RemoteAccount]:
        """See :class:`~provisioner.connector.Connector`."""
        with self._pool.session() as session:
            return [self._shape.account(entry) for entry in self._directory.by_account(session, account_id)]

    def search(self) -> Iterator[RemoteAccount]:
        """See :class:`~provisioner.connector.Connector`. Each page may take ``call_timeout``."""
        with self._pool.session() as session:
            for page in self._directory.pages(session, self._pool.call_timeout):
                yield from map(self._shape.account, page)

    # Writing

    def create(self, new: NewAccount) -> RemoteAccount:
        """See :class:`~provisioner.connector.Connector`."""
        dn = self._shape.dn(self._fitting(new.username))
        to_prove = new.must_change and new.verifier is not None
        with self._pool.session() as session, self._in_core_words():
            expected = self._directory.policy_of(None)
            enforced = not to_prove or self._enforced(session, expected)
            answer = session.add(dn, self._shape.new(new, new.enabled and enforced), self._shape.attributes)
            if answer.code in (ENTRY_EXISTS, CONSTRAINT_VIOLATION):
                self._refuse_name(session, new.username)
                self._refuse_second(session, new.marker.account_id)
            if answer.code == NO_SUCH_OBJECT:
                raise PermissionDenied(f"{self._settings.people_base} is not there or not shown to the service account")
            session.expect(answer, "creating the entry")
            entry = self._created(session, dn, answer)
            account = self._shape.account(entry)
            if to_prove and enforced and self._directory.policy_of(entry) != expected:
                enforced = self._enforced(session, self._directory.policy_of(entry))
            if to_prove and entry.first(RESET).upper() != "TRUE":
                enforced = False
            if not enforced:
                if account.enabled:
                    self._change(session, account, Changes(enabled=False), new.marker)
                raise _not_enforced("the entry was created suspended")
            return account

    def update(self, current: RemoteAccount, changes: Changes, marker: Marker) -> RemoteAccount:
        """See :class:`~provisioner.connector.Connector`.

        :raises PolicyViolation: rule ``not-enforced``: the account would be let in with a first change that the
            directory would not enforce. Nothing was changed.
        """
        if changes.username is not None:
            self._fitting(changes.username)
        with self._pool.session() as session, self._in_core_words():
            if self._opens_unchanged(current, changes):
                entry = self._directory.locate(session, current)
                if not self._enforced(session, self._directory.policy_of(entry)):
                    raise _not_enforced("nothing was changed")
            dn = self._change(session, current, changes, marker)
            return self._shape.account(self._directory.locate(session, current, dn))

    def delete(self, current: RemoteAccount) -> None:
        """See :class:`~provisioner.connector.Connector`."""
        condition = self._shape.holds_marker(_ours(current))
        with self._pool.session() as session:
            answer = session.delete(self._shape.dn(current.username), condition)
            if answer.code in (NO_SUCH_OBJECT, ASSERTION_FAILED):
                # Gone, moved by hand, newer than what was read, or gone with a successor under its name.
                there = self._directory.find_id(session, current.remote_id)
                if there is None:
                    return
                answer = session.delete(there.dn, condition)
            if answer.code != NO_SUCH_OBJECT:
                session.expect(answer, "deleting the entry")

    # Capabilities

    def enforces_first_change(self) -> bool:
        """Whether a policy is configured. That it really enforces the change is proven at every create."""
        return self._settings.policy is not None

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
        """See :class:`~provisioner.connector.Authenticates` (RFC 3062)."""
        self._sign_in.change_password(username, old, new)

    def last_sign_in(self, current: RemoteAccount) -> datetime | None:
        """See :class:`~provisioner.connector.ReportsSignIns`. None where the server keeps none (``lastbind on``)."""
        attribute = self._settings.last_sign_in_attribute
        with self._pool.session() as session:
            entry = self._directory.find_id(session, current.remote_id, [attribute])
            return moment(entry.first(attribute)) if entry else None

    # Steps

    def _change(self, session: Session, current: RemoteAccount, changes: Changes, marker: Marker) -> str:
        """Apply, and return the entry's name afterwards."""
        _ours(current)
        dn = self._shape.dn(current.username)
        try:
            return self._change_at(session, dn, current, changes, marker)
        except UnknownAccount:
            moved = self._directory.locate(session, current)
        if self._shape.account(moved).username != current.username:
            raise StaleVersion("the entry was renamed since it was read")
        return self._change_at(session, moved.dn, current, changes, marker)

    def _change_at(self, session: Session, dn: str, current: RemoteAccount, changes: Changes, marker: Marker) -> str:
        wanted = self._shape.changes(current, changes, marker)
        before = dn
        if changes.username is not None and changes.username != current.username:
            dn = self._rename(session, dn, current, changes.username)
        answer = session.modify(dn, wanted)
        if dn != before and answer.code not in (SUCCESS, NO_SUCH_ATTRIBUTE, NO_SUCH_OBJECT):
            # A newer writer (noSuchAttribute) has already seen the new name and decided on it.
            session.rename(dn, relative(before), [ID])
        session.expect(answer, "changing the entry")
        if changes.verifier is not None and not (current.enabled if changes.enabled is None else changes.enabled):
            # The access rule decides; when a newer writer was quicker, the lock is that writer's matter.
            session.modify(dn, self._shape.suspension.lock(), self._shape.holds_marker(marker))
        return dn

    def _rename(self, session: Session, dn: str, current: RemoteAccount, username: str) -> str:
        if self._shape.marker(self._directory.locate(session, current, dn)) != current.marker:
            raise StaleVersion("the entry's marker is not the one that was read")
        answer = session.rename(dn, self._shape.rdn(username), [self._settings.marker_attribute])
        if answer.code in (ENTRY_EXISTS, CONSTRAINT_VIOLATION):
            self._refuse_name(session, username, current.remote_id)
        session.expect(answer, "renaming the entry")
        after = child(self._shape.rdn(username), parent(dn))
        if self._shape.marker(Entry(dn, answer.read_back)) != current.marker:
            session.rename(after, relative(dn), [ID])
            raise StaleVersion("the entry's marker changed before it was renamed")
        return after

    def _created(self, session: Session, dn: str, answer: Answer) -> Entry:
        if answer.read_back:
            return Entry(dn, answer.read_back)
        entry = session.read(dn, self._shape.attributes)
        return entry if entry else Entry(dn, {})

    def _refuse_name(self, session: Session, username: str, own_id: str | None = None) -> None:
        holder = self._directory.by_username(session, username)
        if holder is not None:
            account = self._shape.account(holder)
            if account.remote_id != own_id:
                raise AccountExists(f"the name {username} is taken", account.marker, account.remote_id)

    def _refuse_second(self, session: Session, account_id: str) -> None:
        for entry in self._directory.by_account(session, account_id):
            account = self._shape.account(entry)
            raise AccountExists(f"the account has an entry {account.username}", account.marker, account.remote_id)

    def _fitting(self, username: str) -> str:
        limits = self.limits
        if len(username) > limits.username_max_length or not re.fullmatch(limits.username_pattern, username):
            raise InvalidAttribute("the user name does not fit this directory's limits", "username")
        return username

    def _enforced(self, session: Session, policy_dn: str | None) -> bool:
        policy = self._directory.policy(session, policy_dn)
        return policy is not None and policy.enforces_first_change

    def _opens_unchanged(self, current: RemoteAccount, changes: Changes) -> bool:
        """Whether the account could be used afterwards with a password that must be changed first."""
        enabled = current.enabled if changes.enabled is None else changes.enabled
        must_change = current.must_change if changes.must_change is None else changes.must_change
        touched = changes.verifier is not None or changes.enabled or changes.must_change
        return bool(enabled and must_change and touched)

    @contextmanager
    def _in_core_words(self) -> Iterator[None]:
        try:
            yield
        except InvalidAttribute as error:
            error.attribute = self._shape.field_of(error.attribute)
            raise


def _ours(current: RemoteAccount) -> Marker:
    if current.marker is None:
        raise PermissionDenied("a stranger's entry is never changed")
    return current.marker


def _not_enforced(state: str) -> PolicyViolation:
    return PolicyViolation(
        f"the directory's password policy would not enforce the first change (pwdMustChange); {state}", "not-enforced"
    )
