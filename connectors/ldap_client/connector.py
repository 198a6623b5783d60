"""What the connectors of all directories do alike: the port, carried out by requests of LDAP.

- **create** is one add: marker, verifier, the demand of a first change, and the suspension when it is asked for.
  Whether the first change will be enforced is read from the policy right before; when it will not, the entry is
  suspended from its first moment. The server's own answer (post-read, RFC 4527) then tells whether another policy
  came to hold.
- **update** is one modify that begins by deleting the marker that was read and adding the new one: the server refuses
  all of it (noSuchAttribute) when somebody newer wrote.
- **rename**, and a move to the place of another region, go first: see :mod:`connectors.ldap_client.renaming`.
- **delete** is each server's own matter.
- **grant** and **revoke** change another entry: see :mod:`connectors.ldap_client.groups`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.entitlements import EntitlementRules
from connectors.ldap_client.accounts import Accounts
from connectors.ldap_client.entry import DescribedEntry, ours
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
from connectors.ldap_client.names import parent
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.posix_account import PosixAccounts
from connectors.ldap_client.posix_groups import PREFIX, PosixGroups
from connectors.ldap_client.renaming import Renaming
from connectors.ldap_client.session import Entry, Session
from connectors.ldap_client.sign_in import SignIn
from connectors.ldap_client.tree import TreeSettings
from connectors.username import require_fit
from provisioner.connector import (
    Authentication,
    Changes,
    ConnectorError,
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
        self._renaming = Renaming(settings, shape, accounts)
        self._posix_accounts = PosixAccounts(settings)
        self._posix_groups = PosixGroups(settings, shape, accounts)
        self._rules = EntitlementRules(settings.entitlements)
        self._posix_rules = EntitlementRules(settings.posix_entitlements)
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
            return self._account(session, entry) if entry else None

    def find(self, account_id: str) -> list[RemoteAccount]:
        """See :class:`~provisioner.connector.Connector`."""
        with self._pool.session() as session:
            return [self._account(session, entry) for entry in self._accounts.by_account(session, account_id)]

    def read_several(self, sought: Sequence[Sought]) -> list[Seen]:
        """See :class:`~provisioner.connector.ReadsSeveral`."""
        account = self._described.account
        with self._pool.session() as session:
            several = self._accounts.several(session, sought)
        return [Seen([*map(account, marked)], account(named) if named else None) for marked, named in several]

    def search(self) -> Iterator[RemoteAccount]:
        """See :class:`~provisioner.connector.Connector`. Each page may take ``call_timeout``."""
        with self._pool.session() as session:
            posix = self._posix_groups.of_everybody(session, self._pool.call_timeout)
            for page in self._accounts.pages(session, self._pool.call_timeout):
                for account in map(self._described.account, page):
                    yield _holding(account, posix.get(account.username, ()))

    def create(self, new: NewAccount) -> RemoteAccount:
        """See :class:`~provisioner.connector.Connector`."""
        dn = self._described.dn(require_fit(new.username, self.limits), new.profile.region)
        to_prove = new.must_change and new.verifier is not None
        with self._pool.session() as session, self._in_core_words():
            enforced = not to_prove or self._enforced(session, None)
            attributes = self._new(new, new.enabled and enforced)
            attributes |= self._posix_accounts.attributes(session, new.username)
            answer = session.add(dn, attributes, self._described.attributes)
            if answer.code in (ENTRY_EXISTS, CONSTRAINT_VIOLATION):
                self._accounts.refuse_name(session, new.username)
                self._accounts.refuse_second(session, new.marker.account_id)
            if answer.code == NO_SUCH_OBJECT:
                raise PermissionDenied(f"{parent(dn)} is not there or not shown to the service account")
            session.expect(answer, "creating the entry")
            entry = self._created(session, dn, answer)
            account = self._described.account(entry)
            self._posix_groups.end_all(session, account.username)
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
            require_fit(changes.username, self.limits)
        with self._pool.session() as session, self._in_core_words():
            opens = opens_unchanged(current, changes)
            if opens and not self._enforced(session, self._accounts.locate(session, current)):
                raise not_enforced("nothing was changed")
            dn = self._change(session, current, changes, marker)
            entry = self._accounts.locate(session, current, dn)
            if changes.username is not None and changes.username != current.username:
                self._posix_groups.follow(session, current.username, changes.username)
            return self._account(session, entry)

    # Capabilities

    def open_session_limit(self) -> timedelta | None:
        """See :class:`~provisioner.connector.Suspends`; from the setting ``open_session_seconds``."""
        seconds = self._tree.open_session_seconds
        return None if seconds is None else timedelta(seconds=seconds)

    def entitlements_for(self, profile: Profile) -> frozenset[str]:
        """See :class:`~provisioner.connector.Entitles`."""
        held = self._rules.holds_for(profile)
        if not self._tree.posix_entitlements:
            return held
        return held | {PREFIX + name for name in self._posix_rules.holds_for(profile)}

    def grant(self, current: RemoteAccount, entitlement: str) -> None:
        """See :class:`~provisioner.connector.Entitles`; ``entitlement`` is the name of a group below ``group_base``, or
        ``posix:`` and the name of one below ``posix_group_base``.
        """
        with self._pool.session() as session:
            self._groups_for(entitlement).grant(session, current, entitlement)

    def revoke(self, current: RemoteAccount, entitlement: str) -> None:
        """See :class:`~provisioner.connector.Entitles`."""
        with self._pool.session() as session:
            self._groups_for(entitlement).revoke(session, current, entitlement)

    def grant_several(self, several: Sequence[RemoteAccount], entitlement: str) -> list[ConnectorError | None]:
        """See :class:`~provisioner.connector.EntitlesSeveral`."""
        with self._pool.session() as session:
            return self._several_for(entitlement).grant_several(session, several, entitlement)

    def revoke_several(self, several: Sequence[RemoteAccount], entitlement: str) -> list[ConnectorError | None]:
        """See :class:`~provisioner.connector.EntitlesSeveral`."""
        with self._pool.session() as session:
            return self._several_for(entitlement).revoke_several(session, several, entitlement)

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

    def _groups_for(self, entitlement: str) -> Groups | PosixGroups:
        return self._posix_groups if entitlement.startswith(PREFIX) else self._groups

    def _several_for(self, entitlement: str) -> Groups:
        if entitlement.startswith(PREFIX):
            raise InvalidAttribute("members of posix groups are told one by one", "entitlement")
        return self._groups

    def _end_posix_memberships(self, session: Session, current: RemoteAccount) -> None:
        """Before an entry is removed; an older state than the one that is there ends nothing."""
        if self._tree.posix_group_base is None:
            return
        entry = self._accounts.by_username(session, current.username)
        if entry is None or self._described.marker(entry) == current.marker:
            self._posix_groups.end_all(session, current.username)

    def _account(self, session: Session, entry: Entry) -> RemoteAccount:
        account = self._described.account(entry)
        return _holding(account, self._posix_groups.of(session, account.username))

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
            dn = self._renaming.rename(session, dn, current, username, place)
        answer = self._modify(session, dn, current, changes, marker)
        if dn != before and answer.code not in (SUCCESS, NO_SUCH_ATTRIBUTE, NO_SUCH_OBJECT):
            # A newer writer (noSuchAttribute) has already seen the new name and decided on it.
            self._renaming.give_back(session, dn, before)
        session.expect(answer, "changing the entry")
        return dn

    def _created(self, session: Session, dn: str, answer: Answer) -> Entry:
        if answer.read_back:
            return Entry(dn, answer.read_back)
        entry = session.read(dn, self._described.attributes)
        return entry if entry else Entry(dn, {})

    @contextmanager
    def _in_core_words(self) -> Iterator[None]:
        try:
            yield
        except InvalidAttribute as error:
            error.attribute = self._described.field_of(error.attribute)
            raise


def _holding(account: RemoteAccount, further: Collection[str]) -> RemoteAccount:
    if not further:
        return account
    return replace(account, entitlements=account.entitlements.union(further))


def opens_unchanged(current: RemoteAccount, changes: Changes) -> bool:
    """Whether the account could be used afterwards with a password that must be changed first."""
    enabled = current.enabled if changes.enabled is None else changes.enabled
    must_change = current.must_change if changes.must_change is None else changes.must_change
    touched = changes.verifier is not None or changes.enabled or changes.must_change
    return bool(enabled and must_change and touched)


def not_enforced(state: str) -> PolicyViolation:
    """The refusal to let anybody in with a password that need not be changed first."""
    text = "the directory's password policy would not enforce the first change"
    return PolicyViolation(f"{text}; {state}", "not-enforced")
