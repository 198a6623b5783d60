"""The port, carried out on OpenLDAP. What all directories do alike is told in :mod:`connectors.ldap_client.connector`.

- **adopt** and **delete** carry the marker, or that there is none, as an assertion (RFC 4528).
- A suspension is written as two attributes: see :mod:`connectors.ldap.suspension`.

Transactions (RFC 5805) would tie several requests together, but they are not used: slapd 2.5.13 aborts ("Assertion
`c->c_txn == CONN_TXN_INACTIVE' failed") when a client vanishes while one is under way, in half of all tries. A program
that is killed must not take the directory with it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from connectors.ldap.changes import ContentChanges
from connectors.ldap.directory import Directory
from connectors.ldap.entry import RESET, AccountEntry
from connectors.ldap.examination import Examination
from connectors.ldap.settings import LdapSettings
from connectors.ldap_client.adoption import refuse_marked
from connectors.ldap_client.changes import added
from connectors.ldap_client.connector import DirectoryConnector
from connectors.ldap_client.entry import ours
from connectors.ldap_client.errors import ASSERTION_FAILED, NO_SUCH_OBJECT, SUCCESS, Answer
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.session import Entry, Session
from connectors.ldap_client.sign_in import SignIn
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
)

_SET_AT = "pwdChangedTime"
"""slapo-ppolicy(5): set with every change of a password, whoever makes it."""


class LdapConnector(DirectoryConnector):
    """A target that is an LDAP directory. See :mod:`connectors.ldap.settings` for what it needs."""

    def __init__(self, settings: LdapSettings, context: ConnectorContext) -> None:
        pool = Pool(settings, context.call_timeout)
        self._settings = settings
        self._shape = AccountEntry(settings)
        self._directory = Directory(settings, self._shape)
        super().__init__(
            settings,
            pool,
            self._shape,
            self._directory,
            SignIn(pool, self._directory, self._shape, _SET_AT),
            scheme="argon2id",
            last_sign_in=settings.last_sign_in_attribute,
        )
        self._content = ContentChanges(settings, pool, self._shape, self._account)
        self.sees_removals = self._content.sees_removals

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], context: ConnectorContext) -> Self:
        """See :class:`~provisioner.connector.Connector`."""
        return cls(LdapSettings.model_validate(dict(settings)), context)

    def check(self) -> list[Finding]:
        """See :class:`~provisioner.connector.Connector`."""
        return Examination(self._settings, self._pool, self._directory, self._shape).findings()

    def password_rules(self) -> list[PasswordRules]:
        """See :class:`~provisioner.connector.ShowsPasswordRules`: those of the setting ``policy``."""
        dn = self._settings.policy
        with self._pool.session() as session:
            policy = self._directory.policy(session, dn)
        return [policy.rules(dn or "")] if policy is not None else []

    def adopt(self, current: RemoteAccount, marker: Marker) -> RemoteAccount:
        """See :class:`~provisioner.connector.Adopts`: one modify, with the entry's id and the absence of a marker as an
        assertion (RFC 4528).
        """
        refuse_marked(current)
        with self._pool.session() as session:
            there = self._directory.locate(session, current)
            change = {self._settings.marker_attribute: added(str(marker))}
            answer = session.modify(there.dn, change, self._shape.unmarked(self._shape.account(there)))
            if answer.code == ASSERTION_FAILED:
                # Gone, with a successor under its name; or somebody's by now.
                self._directory.locate(session, current)
                raise StaleVersion("the entry carries a marker by now")
            session.expect(answer, "taking the entry over")
            return self._account(session, self._directory.locate(session, current, there.dn))

    def delete(self, current: RemoteAccount) -> None:
        """See :class:`~provisioner.connector.Connector`."""
        condition = self._shape.holds_marker(ours(current))
        with self._pool.session() as session:
            self._end_posix_memberships(session, current)
            answer = session.delete(self._shape.dn(current.username), condition)
            if answer.code in (NO_SUCH_OBJECT, ASSERTION_FAILED):
                # Gone, moved by hand, newer than what was read, or gone with a successor under its name.
                there = self._directory.find_id(session, current.remote_id)
                if there is None:
                    return
                answer = session.delete(there.dn, condition)
            if answer.code != NO_SUCH_OBJECT:
                session.expect(answer, "deleting the entry")

    def cursor(self) -> str | None:
        """See :class:`~provisioner.connector.TellsChanges`."""
        return self._content.cursor()

    def changes(self, cursor: str) -> Iterator[News]:
        """See :class:`~provisioner.connector.TellsChanges`."""
        return self._content.changes(cursor)

    def enforces_first_change(self) -> bool:
        """Whether a policy is configured. That it really enforces the change is proven at every create."""
        return self._settings.policy is not None

    def _new(self, account: NewAccount, enabled: bool) -> dict[str, list[bytes]]:
        return self._shape.new(account, enabled)

    def _modify(self, session: Session, dn: str, current: RemoteAccount, changes: Changes, marker: Marker) -> Answer:
        answer = session.modify(dn, self._shape.changes(current, changes, marker))
        enabled = current.enabled if changes.enabled is None else changes.enabled
        if answer.code == SUCCESS and changes.verifier is not None and not enabled:
            # The access rule decides; when a newer writer was quicker, the lock is that writer's matter.
            session.modify(dn, self._shape.suspension.lock(), self._shape.holds_marker(marker))
        return answer

    def _enforced(self, session: Session, entry: Entry | None) -> bool:
        policy = self._directory.policy(session, self._directory.policy_of(entry))
        return policy is not None and policy.enforces_first_change

    def _demanded(self, session: Session, created: Entry) -> bool:
        if created.first(RESET).upper() != "TRUE":
            return False
        expected = self._directory.policy_of(created) == self._directory.policy_of(None)
        return expected or self._enforced(session, created)
