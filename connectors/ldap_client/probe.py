"""An entry of our own, made for a moment, that proves what settings cannot tell.

It goes the way of a real account: created with a verifier and the order to change it, signed in to, suspended, given
another verifier, removed. Its password is random, must be changed and is known to nobody; one left behind by a cut
is removed by the next probe.
"""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from connectors.ldap_client.changes import Change, swapped
from connectors.ldap_client.entry import PROBE, DescribedEntry
from connectors.ldap_client.errors import INSUFFICIENT_ACCESS, SUCCESS, Answer, refusal
from connectors.ldap_client.generalized_time import moment
from connectors.ldap_client.names import child, equals
from connectors.ldap_client.password_policy import CHANGE_AFTER_RESET
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.posix_account import PosixAccounts
from connectors.ldap_client.session import Entry, Session
from connectors.ldap_client.tree import TreeSettings
from provisioner.connector import Finding, Marker, NewAccount, PermissionDenied, Profile, Severity, Verifier

LEFT_BEHIND = timedelta(minutes=10)


class Probe(ABC):
    """One run; :meth:`findings` may be read once."""

    page = ""
    """The page of the administrator's guide that tells which rights are needed."""
    verifier = ""
    """What a password is written as, e.g. ``an Argon2id verifier``."""
    verifier_remedy = ""
    first_change_remedy = ""
    suspension_remedy = ""
    enforcing = True
    """Whether the server is trusted to enforce the first change."""

    def __init__(self, settings: TreeSettings, pool: Pool, shape: DescribedEntry) -> None:
        self._tree = settings
        self._pool = pool
        self._shape = shape
        self._name = f"probe-{secrets.token_hex(8)}"
        self._password = secrets.token_urlsafe(16) + "-Aa1"
        number = f"{secrets.randbelow(10**12):012}"
        # Every field has a value, so that every attribute of the settings is tried.
        self._profile = Profile(
            full_name="Probe",
            display_name="Probe",
            role="PROBE",
            region="00.00.00",
            org_unit="Probe",
            position="Probe",
            mail=f"{self._name}@example.invalid",
            phone=f"+62{number}",
            staff_number=number,
            valid_until="2000-01-01",
        )
        self.base = settings.people_base
        """Where the entry is made."""
        self.created: datetime | None = None
        """When the server says the entry was made: its clock, to the second."""

    @abstractmethod
    def _attributes(self, password: str) -> dict[str, list[bytes]]:
        """The entry as a real account's would be, with this password to be changed, and :data:`PROBE` as its marker."""

    @abstractmethod
    def _suspending(self) -> dict[str, Change]:
        """What suspends the entry."""

    @abstractmethod
    def _resetting(self, password: str) -> dict[str, Change]:
        """What gives the entry another password that must be changed."""

    def findings(self) -> Iterator[Finding]:
        """Rights, first change and suspension, as they really are.

        :raises ConnectorError: the directory went away meanwhile.
        """
        with self._pool.session() as session:
            self._sweep(session)
            dn = child(self._shape.rdn(self._name), self.base)
            attributes = self._attributes(self._password) | PosixAccounts(self._tree).trial_attributes(self._name)
            answer = session.add(dn, attributes, ["createTimestamp"])
            if answer.code != SUCCESS:
                yield self._refused(answer, "creating an entry", self.base)
                return
            self.created = moment(Entry(dn, answer.read_back).first("createTimestamp"))
            with self._removed(session, dn):
                yield from self._first_change(dn)
                yield from self._suspension(session, dn)
            yield Finding("rights", Severity.OK, "entries can be created, changed and removed")

    def _account(self, verifier: Verifier) -> NewAccount:
        return NewAccount(self._name, Marker(PROBE, 0), self._profile, verifier)

    def _first_change(self, dn: str) -> Iterator[Finding]:
        if not self.enforcing:
            return
        with self._pool.signed_in(dn, self._password.encode()) as (session, answer):
            if answer.code != SUCCESS:
                message = f"an entry with {self.verifier} cannot sign in ({answer.description})"
                yield Finding("policy", Severity.ERROR, message, self.verifier_remedy)
                return
            asked = answer.policy.error == CHANGE_AFTER_RESET
            barred = _barred(session, dn)
        if asked and barred:
            yield Finding("policy", Severity.OK, "the first change of the password is enforced")
        else:
            message = "an initial password gives access before it was changed"
            yield Finding("policy", Severity.ERROR, message, self.first_change_remedy, "first-change")

    def _suspension(self, session: Session, dn: str) -> Iterator[Finding]:
        changes = {self._tree.marker_attribute: swapped(PROBE, PROBE), **self._shape.profile_changes(self._profile)}
        for doing, wanted in (("changing", changes), ("suspending", self._suspending())):
            answer = session.modify(dn, wanted)
            if answer.code != SUCCESS:
                yield self._refused(answer, f"{doing} an entry", dn)
                return
        self._password = secrets.token_urlsafe(16) + "-Bb2"
        answer = session.modify(dn, self._resetting(self._password))
        if answer.code != SUCCESS:
            yield self._refused(answer, "writing userPassword", dn)
            return
        with self._pool.signed_in(dn, self._password.encode()) as (_, signed_in):
            barred = signed_in.code != SUCCESS
        if barred:
            yield Finding("rights", Severity.OK, "a suspended entry stays suspended when its password is reset")
            return
        message = "a suspended entry can sign in once its password is reset"
        yield Finding("rights", Severity.ERROR, message, self.suspension_remedy)

    @contextmanager
    def _removed(self, session: Session, dn: str) -> Iterator[None]:
        try:
            yield
        finally:
            if not session.broken:
                self._remove(session, dn)

    def _sweep(self, session: Session) -> None:
        where = equals(self._tree.marker_attribute, PROBE)
        for entry in session.search(self.base, where, ["createTimestamp"]):
            made = moment(entry.first("createTimestamp"))
            if made is not None and datetime.now(UTC) - made > LEFT_BEHIND:
                self._remove(session, entry.dn)

    def _remove(self, session: Session, dn: str) -> None:
        session.expect(session.delete(dn, self._condition()), "removing the probe")

    def _condition(self) -> str:
        """A filter that the entry must match to be removed; empty where the server knows no such condition."""
        return ""

    def _refused(self, answer: Answer, doing: str, where: str) -> Finding:
        right = answer.code == INSUFFICIENT_ACCESS
        remedy = f"give the service account the rights of {self.page}" if right else ""
        return Finding("rights", Severity.ERROR, f"{refusal(answer, doing)} [{where}]", remedy)


def _barred(session: Session, dn: str) -> bool:
    """Whether a user who must change the password can read nothing, not even the own entry."""
    try:
        return session.read(dn, ["objectClass"]) is None
    except PermissionDenied:
        return True
