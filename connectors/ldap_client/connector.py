"""What the connectors of all directories do alike: the port, carried out by requests of LDAP.

- **create** is one add: marker, verifier, the demand of a first change, and the suspension when it is asked for.
  Whether the first change will be enforced is read from the policy right before; when it will not, the entry is
  suspended from its first moment. The server's own answer (post-read, RFC 4527) then tells whether another policy
  came to hold.
- **update** is one modify that begins by deleting the marker that was read and adding the new one: the server refuses
  all of it (noSuchAttribute) when somebody newer wrote.
- **rename** is a request of its own in LDAP and cannot be refused by the marker. It goes first and has the server tell
  the marker of that very instant (pre-read, RFC 4527): when that is not the one that was read, the name is given back
  at once. Then the modify follows; when the server refuses it, the name is given back too. Cut off between the two,
  the entry stands under its new name with its old marker, so that the work is still to do. A writer that had read the
  old name is told that it is stale.
- An account whose region belongs to another place (``people_bases``) is **moved** in the same way.
- **delete** is each server's own matter.
- **grant** and **revoke** change another entry: see :mod:`connectors.ldap_client.groups`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from connectors.entitlements import EntitlementRules
from connectors.ldap_client.accounts import Accounts
from connectors.ldap_client.entry import DescribedEntry
from connectors.ldap_client.errors import (
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
from connectors.ldap_client.tree import TreeSettings
from provisioner.connector import (
    AccountExists,
    Authentication,
    Changes,
    InvalidAttribute,
    Limits,
    Marker,
    NewAccount,
    PermissionDenied,
    PolicyViolation,
    Profile,
    RemoteAccount,
    Seen,
    Sought,
    StaleVersion,
    UnknownAccount,
)


class DirectoryConnector(ABC):
    """A target that is a directory; the parts that know one server's ways are handed in.

    :param scheme: of the verifiers that this server takes.
    :param last_sign_in: the attribute in which the server keeps the last sign-in.
    """

    def __init__(
        self,
        settings: TreeSettings,
        pool: Pool,
        shape: DescribedEntry,
        accounts: Accounts,
        sign_in: SignIn,
        *,
        scheme: str,
        last_sign_in: str,
    ) -> None:
        self.limits = Limits(settings.username_max_length, settings.username_pattern, (scheme,))
        self._tree = settings
        self._pool = pool
        self._described = shape
        self._accounts = accounts
        self._groups = Groups(settings, shape, accounts)
        self._sign_in = sign_in
        self._rules = EntitlementRules(settings.entitlements)
        self._last_sign_in = last_sign_in

    # What each server does in its own way

    @abstractmethod
    def enforces_first_change(self) -> bool:
        """See :class:`~provisioner.connector.TakesVerifiers`."""

    @abstractmethod
    def _new(self, account: NewAccount, enabled: bool) -> dict[str, list[bytes]]:
        """All attributes of a new entry."""

    @abstractmethod
    def _modify(self, session: Session, dn: str, current: RemoteAccount, changes: Changes, marker: Marker) -> Answer:
        """Apply everything but a rename, on condition that the entry carries ``current.marker``."""

    @abstractmethod
    def _enforced(self, session: Session, entry: Entry | None) -> bool:
        """Whether the policy in force for an entry, or for one that does not exist yet, enforces the first change."""

    @abstractmethod
    def _demanded(self, session: Session, created: Entry) -> bool:
        """Whether the server, by its own answer, demands the first change of an entry that was just created."""

    def _reach(self, session: Session, moved: Entry) -> str:  # noqa: ARG002
        """The name under which an entry can be changed that was found elsewhere than where it was read."""
        return moved.dn

    # The port

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def get(self, username: str) -> RemoteAccount | None:
        """See :class:`~provisioner.connector.Connector`."""
        with self._pool.session() as session:
            entry = self._accounts.by_username(session, username)
            return self._described.account(entry) if entry else None

    def find(self, account_id: str) -> list[RemoteAccount]:
        """See :class:`~provisioner.connector.Connector`."""
        with self._pool.session() as session:
            return [self._described.account(entry) for entry in self._accounts.by_account(session, account_id)]

    def read_several(self, sought: Sequence[Sought]) -> list[Seen]:
        """See :class:`~provisioner.connector.ReadsSeveral`."""
        account = self._described.account
        with self._pool.session() as session:
            several = self._accounts.several(session, sought)
        return [Seen([*map(account, marked)], account(named) if named else None) for marked, named in several]

    def search(self) -> Iterator[RemoteAccount]:
        """See :class:`~provisioner.connector.Connector`. Each page may take ``call_timeout``."""
        with self._pool.session() as session:
            for page in self._accounts.pages(session, self._pool.call_timeout):
                yield from map(self._described.account, page)

    def create(self, new: NewAccount) -> RemoteAccount:
        """See :class:`~provisioner.connector.Connector`."""
        dn = self._described.dn(self._fitting(new.username), new.profile.region)
        to_prove = new.must_change and new.verifier is not None
        with self._pool.session() as session, self._in_core_words():
            enforced = not to_prove or self._enforced(session, None)
            answer = session.add(dn, self._new(new, new.enabled and enforced), self._described.attributes)
            if answer.code in (ENTRY_EXISTS, CONSTRAINT_VIOLATION):
                self._refuse_name(session, new.username)
                self._refuse_second(session, new.marker.account_id)
            if answer.code == NO_SUCH_OBJECT:
                raise PermissionDenied(f"{parent(dn)} is not there or not shown to the service account")
            session.expect(answer, "creating the entry")
            entry = self._created(session, dn, answer)
            account = self._described.account(entry)
            if to_prove and enforced:
                enforced = self._demanded(session, entry)
            if not enforced:
                if account.enabled:
                    self._change(session, account, Changes(enabled=False), new.marker)
                raise not_enforced("the entry was created suspended")
            return account

    def update(self, current: RemoteAccount, changes: Changes, marker: Marker) -> RemoteAccount:
        """See :class:`~provisioner.connector.Connector`.

        :raises PolicyViolation: rule ``not-enforced``: the account would be let in with a first change that the
            directory would not enforce. Nothing was changed.
        """
        if changes.username is not None:
            self._fitting(changes.username)
        with self._pool.session() as session, self._in_core_words():
            opens = opens_unchanged(current, changes)
            if opens and not self._enforced(session, self._accounts.locate(session, current)):
                raise not_enforced("nothing was changed")
            dn = self._change(session, current, changes, marker)
            return self._described.account(self._accounts.locate(session, current, dn))

    # Capabilities

    def open_session_limit(self) -> timedelta | None:
        """See :class:`~provisioner.connector.Suspends`; from the setting ``open_session_seconds``."""
        seconds = self._tree.open_session_seconds
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
        """See :class:`~provisioner.connector.ReportsSignIns`. None where the server keeps none."""
        with self._pool.session() as session:
            entry = self._accounts.find_id(session, current.remote_id, [self._last_sign_in])
            return moment(entry.first(self._last_sign_in)) if entry else None

    # Steps

    def _change(self, session: Session, current: RemoteAccount, changes: Changes, marker: Marker) -> str:
        """Apply, and return the entry's name afterwards."""
        ours(current)
        try:
            if not self._tree.people_bases:
                return self._change_at(session, self._described.dn(current.username), current, changes, marker)
        except UnknownAccount:
            pass
        moved = self._accounts.locate(session, current)
        if self._described.account(moved).username != current.username:
            raise StaleVersion("the entry was renamed since it was read")
        return self._change_at(session, self._reach(session, moved), current, changes, marker)

    def _change_at(self, session: Session, dn: str, current: RemoteAccount, changes: Changes, marker: Marker) -> str:
        before = dn
        username = current.username if changes.username is None else changes.username
        place = self._described.proper_parent(dn, changes.profile)
        if username != current.username or place != parent(dn):
            dn = self._rename(session, dn, current, username, place)
        answer = self._modify(session, dn, current, changes, marker)
        if dn != before and answer.code not in (SUCCESS, NO_SUCH_ATTRIBUTE, NO_SUCH_OBJECT):
            # A newer writer (noSuchAttribute) has already seen the new name and decided on it.
            self._give_back(session, dn, before)
        session.expect(answer, "changing the entry")
        return dn

    def _rename(self, session: Session, dn: str, current: RemoteAccount, username: str, place: str) -> str:
        if self._described.marker(self._accounts.locate(session, current, dn)) != current.marker:
            raise StaleVersion("the entry's marker is not the one that was read")
        rdn = self._described.rdn(username)
        below = place if place != parent(dn) else None
        answer = session.rename(dn, rdn, [self._tree.marker_attribute], below=below)
        if answer.code in (ENTRY_EXISTS, CONSTRAINT_VIOLATION):
            self._refuse_name(session, username, current.remote_id)
        session.expect(answer, "renaming the entry")
        after = child(rdn, place)
        if self._described.marker(Entry(dn, answer.read_back)) != current.marker:
            self._give_back(session, after, dn)
            raise StaleVersion("the entry's marker changed before it was renamed")
        return after

    def _give_back(self, session: Session, dn: str, before: str) -> None:
        below = parent(before) if parent(before) != parent(dn) else None
        session.rename(dn, relative(before), [self._described.id_attribute], below=below)

    def _created(self, session: Session, dn: str, answer: Answer) -> Entry:
        if answer.read_back:
            return Entry(dn, answer.read_back)
        entry = session.read(dn, self._described.attributes)
        return entry if entry else Entry(dn, {})

    def _refuse_name(self, session: Session, username: str, own_id: str | None = None) -> None:
        holder = self._accounts.by_username(session, username)
        if holder is not None:
            account = self._described.account(holder)
            if account.remote_id != own_id:
                raise AccountExists(f"the name {username} is taken", account.marker, account.remote_id)

    def _refuse_second(self, session: Session, account_id: str) -> None:
        for entry in self._accounts.by_account(session, account_id):
            account = self._described.account(entry)
            raise AccountExists(f"the account has an entry {account.username}", account.marker, account.remote_id)

    def _fitting(self, username: str) -> str:
        limits = self.limits
        if len(username) > limits.username_max_length or not re.fullmatch(limits.username_pattern, username):
            raise InvalidAttribute("the user name does not fit this directory's limits", "username")
        return username

    @contextmanager
    def _in_core_words(self) -> Iterator[None]:
        try:
            yield
        except InvalidAttribute as error:
            error.attribute = self._described.field_of(error.attribute)
            raise


def opens_unchanged(current: RemoteAccount, changes: Changes) -> bool:
    """Whether the account could be used afterwards with a password that must be changed first."""
    enabled = current.enabled if changes.enabled is None else changes.enabled
    must_change = current.must_change if changes.must_change is None else changes.must_change
    touched = changes.verifier is not None or changes.enabled or changes.must_change
    return bool(enabled and must_change and touched)


def ours(current: RemoteAccount) -> Marker:
    """The marker of an entry of ours.

    :raises PermissionDenied: it is a stranger's.
    """
    if current.marker is None:
        raise PermissionDenied("a stranger's entry is never changed")
    return current.marker


def not_enforced(state: str) -> PolicyViolation:
    """The refusal to let anybody in with a password that need not be changed first."""
    text = "the directory's password policy would not enforce the first change"
    return PolicyViolation(f"{text}; {state}", "not-enforced")
