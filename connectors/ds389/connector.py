"""The port, carried out on 389 Directory Server. What all directories do alike is told in
:mod:`connectors.ldap_client.connector`; here is what this server does otherwise.

- The verifier is PBKDF2-SHA512, the only one of the server's own that is slow to guess.
- The first change is demanded by the server itself, and its word on it is read back: :mod:`connectors.ds389.entry`.
- **adopt** is one modify that nobody can send twice: :mod:`connectors.ldap_client.adoption`.
- **delete** is conditional by the entry's name: :mod:`connectors.ds389.removal`.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Self

from connectors.ds389 import pbkdf2
from connectors.ds389.changes import LoggedChanges
from connectors.ds389.directory import Directory
from connectors.ds389.entry import AFTER_RESET, EXPIRES, ID, POLICY_OF_ENTRY, RESET, AccountEntry
from connectors.ds389.examination import Examination
from connectors.ds389.removal import Removal
from connectors.ds389.settings import Ds389Settings
from connectors.ds389.sign_in import Ds389SignIn
from connectors.ldap_client.adoption import Adoption, refuse_marked
from connectors.ldap_client.connector import DirectoryConnector, not_enforced, opens_unchanged
from connectors.ldap_client.deadline import Deadline
from connectors.ldap_client.entry import ours
from connectors.ldap_client.errors import SUCCESS, VALUE_EXISTS, Answer
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import (
    Changes,
    ConnectorContext,
    Finding,
    Marker,
    NewAccount,
    News,
    PasswordRules,
    RemoteAccount,
    StaleVersion,
    UnknownAccount,
    Verifier,
)

_PAUSE_SECONDS = 0.002
_PATIENCE_SECONDS = 2.0


class Ds389Connector(DirectoryConnector):
    """A target that is a 389 Directory Server. See :mod:`connectors.ds389.settings` for what it needs."""

    def __init__(self, settings: Ds389Settings, context: ConnectorContext) -> None:
        pool = Pool(settings, context.call_timeout, denies_absent=True)
        self._settings = settings
        self._shape = AccountEntry(settings)
        self._directory = Directory(settings, self._shape)
        self._adoption = Adoption(settings.marker_attribute, ID)
        self._removal = Removal(settings, self._shape, self._directory)
        super().__init__(
            settings,
            pool,
            self._shape,
            self._directory,
            Ds389SignIn(pool, self._directory, self._shape),
            scheme=pbkdf2.SCHEME,
            last_sign_in=settings.last_sign_in_attribute,
        )
        self._changes = LoggedChanges(settings, pool, self._shape, self._directory, self._account)
        self.sees_removals = self._changes.sees_removals

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], context: ConnectorContext) -> Self:
        """See :class:`~provisioner.connector.Connector`."""
        return cls(Ds389Settings.model_validate(dict(settings)), context)

    def check(self) -> list[Finding]:
        """See :class:`~provisioner.connector.Connector`."""
        return Examination(self._settings, self._pool, self._directory, self._shape).findings()

    def adopt(self, current: RemoteAccount, marker: Marker) -> RemoteAccount:
        """See :class:`~provisioner.connector.Adopts`."""
        refuse_marked(current)
        with self._pool.session() as session:
            there = self._directory.locate(session, current)
            self._adoption.require_open(there, self._shape.marker(there))
            answer = session.modify(there.dn, self._adoption.change(there, marker))
            if answer.code == VALUE_EXISTS:
                raise StaleVersion("the entry carries a marker by now")
            session.expect(answer, "taking the entry over")
            return self._account(session, self._taken_over(session, there, marker))

    def delete(self, current: RemoteAccount) -> None:
        """See :class:`~provisioner.connector.Connector`."""
        marker = ours(current)
        with self._pool.session() as session:
            self._end_posix_memberships(session, current)
            self._removal.remove(session, current, marker)

    def cursor(self) -> str | None:
        """See :class:`~provisioner.connector.TellsChanges`."""
        return self._changes.cursor()

    def changes(self, cursor: str) -> Iterator[News]:
        """See :class:`~provisioner.connector.TellsChanges`."""
        return self._changes.changes(cursor)

    def password_rules(self) -> list[PasswordRules]:
        """See :class:`~provisioner.connector.ShowsPasswordRules`: those of the setting ``policy``."""
        dn = self._settings.policy
        with self._pool.session() as session:
            policy = self._directory.policy(session, dn)
        return [policy.rules(dn)] if policy is not None else []

    def enforces_first_change(self) -> bool:
        """Whether the server is trusted to. That it really enforces the change is proven at every create."""
        return not self._settings.withheld

    def make_verifier(self, password: str) -> Verifier:
        """See :class:`~provisioner.connector.MakesVerifiers`."""
        return Verifier(pbkdf2.SCHEME, pbkdf2.derive(password, self._settings.pbkdf2_iterations))

    def _new(self, account: NewAccount, enabled: bool) -> dict[str, list[bytes]]:
        return self._shape.new(account, enabled)

    def _modify(self, session: Session, dn: str, current: RemoteAccount, changes: Changes, marker: Marker) -> Answer:
        first, *further = self._shape.changes(current, changes, marker)
        answer = session.modify(dn, first)
        for step in further:
            if answer.code == SUCCESS:
                self._await_any_demand(session, dn)
                answer = session.modify(dn, step)
        if answer.code == SUCCESS and changes.verifier is not None and opens_unchanged(current, changes):
            self._prove_demand(session, dn, marker)
        return answer

    def _taken_over(self, session: Session, meant: Entry, marker: Marker) -> Entry:
        """The entry as it is now. A modify goes by the name, and the name may have got another entry just before.

        :raises UnknownAccount: it had; that entry is as it was. Or it is gone.
        """
        entry = session.read(meant.dn, self._shape.attributes)
        if entry is not None and entry.first(ID) != meant.first(ID):
            undo = session.modify(meant.dn, self._adoption.undone(meant, marker))
            session.expect(undo, "giving back an entry that was not meant")
            raise UnknownAccount("another entry has the place of the one that was meant")
        return self._directory.locate(session, self._shape.account(meant), meant.dn)

    def _await_any_demand(self, session: Session, dn: str) -> None:
        """Let the server demand the change where it will, so that the demand can be taken back."""
        entry = session.read(dn, [POLICY_OF_ENTRY])
        policy = self._directory.policy(session, self._directory.policy_of(entry))
        if policy is None or policy.must_change:
            self._await_demand(session, dn)

    def _await_demand(self, session: Session, dn: str) -> bool:
        """Whether the server demands the change of a password that was just set: it says so a little later.

        :raises InDoubt: the time for this call is up.
        """
        patience = Deadline(_PATIENCE_SECONDS)
        while patience.remaining() > 0 and (entry := session.read(dn, [RESET, EXPIRES])) is not None:
            demanded = entry.first(RESET).upper()
            if demanded == "FALSE" or (demanded == "TRUE" and entry.first(EXPIRES) == AFTER_RESET):
                return demanded == "TRUE"
            time.sleep(_PAUSE_SECONDS)
        return False

    def _prove_demand(self, session: Session, dn: str, marker: Marker) -> None:
        """Suspend an entry whose new password the server would let in as it is.

        :raises PolicyViolation: rule ``not-enforced``: the policy changed since it was read.
        """
        if not self._await_demand(session, dn):
            session.expect(session.modify(dn, self._shape.suspended(marker)), "suspending the entry")
            raise not_enforced("the entry was suspended")

    def _enforced(self, session: Session, entry: Entry | None) -> bool:
        if self._settings.withheld:
            return False
        return self._directory.enforces_first_change(session, entry)

    def _demanded(self, session: Session, created: Entry) -> bool:  # noqa: ARG002
        return self._shape.must_change(created) is True

    def _reach(self, session: Session, moved: Entry) -> str:
        return self._removal.give_back_name(session, moved) if self._shape.is_parked(moved) else moved.dn
