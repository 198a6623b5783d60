"""An entry of our own, made for a moment, that proves what settings cannot tell.

It goes the way of a real account: created with a verifier and the order to change it, signed in to, suspended, given
another verifier, removed. Its password is random, must be changed and is known to nobody; one left behind by a cut
is removed by the next probe.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from connectors import argon2id
from connectors.ldap.entry import PASSWORD, PROBE, RESET, AccountEntry
from connectors.ldap.settings import LdapSettings
from connectors.ldap_client.changes import replaced, swapped
from connectors.ldap_client.errors import INSUFFICIENT_ACCESS, SUCCESS, Answer, refusal
from connectors.ldap_client.generalized_time import moment
from connectors.ldap_client.names import equals
from connectors.ldap_client.password_policy import CHANGE_AFTER_RESET
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import Finding, Marker, NewAccount, PermissionDenied, Profile, Severity, Verifier

COST = argon2id.Cost(memory_kib=1024, iterations=1)
"""Cheap on purpose: 128 random bits need no slow hash."""
LEFT_BEHIND = timedelta(minutes=10)


class Probe:
    """One run; :meth:`findings` may be read once."""

    def __init__(self, settings: LdapSettings, pool: Pool, shape: AccountEntry) -> None:
        self._settings = settings
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
        self.created: datetime | None = None
        """When the server says the entry was made: its clock, to the second."""

    def findings(self) -> Iterator[Finding]:
        """Rights, first change and suspension, as they really are.

        :raises ConnectorError: the directory went away meanwhile.
        """
        with self._pool.session() as session:
            self._sweep(session)
            dn = self._shape.dn(self._name)
            answer = session.add(dn, self._attributes(), ["createTimestamp"])
            if answer.code != SUCCESS:
                yield _refused(answer, "creating an entry", self._settings.people_base)
                return
            self.created = moment(Entry(dn, answer.read_back).first("createTimestamp"))
            with self._removed(session, dn):
                yield from self._first_change(dn)
                yield from self._suspension(session, dn)
            yield Finding("rights", Severity.OK, "entries can be created, changed and removed")

    def _attributes(self) -> dict[str, list[bytes]]:
        account = NewAccount(self._name, Marker(PROBE, 0), self._profile, self._verifier())
        marker = {self._settings.marker_attribute: [PROBE.encode()]}
        return self._shape.new(account, enabled=True) | marker

    def _first_change(self, dn: str) -> Iterator[Finding]:
        if self._settings.policy is None:
            return
        with self._pool.signed_in(dn, self._password.encode()) as (session, answer):
            if answer.code != SUCCESS:
                message = f"an entry with an Argon2id verifier cannot sign in ({answer.description})"
                yield Finding("policy", Severity.ERROR, message, "load slapd's module argon2")
                return
            asked = answer.policy.error == CHANGE_AFTER_RESET
            barred = _barred(session, dn)
        if asked and barred:
            yield Finding("policy", Severity.OK, "the first change of the password is enforced")
        else:
            message = "an initial password gives access before it was changed"
            yield Finding("policy", Severity.ERROR, message, "overlay ppolicy with pwdMustChange TRUE in the policy")

    def _suspension(self, session: Session, dn: str) -> Iterator[Finding]:
        changes = {self._settings.marker_attribute: swapped(PROBE, PROBE), **self._shape.profile_changes(self._profile)}
        for doing, wanted in (("changing", changes), ("suspending", self._shape.suspension.changes(enabled=False))):
            answer = session.modify(dn, wanted)
            if answer.code != SUCCESS:
                yield _refused(answer, f"{doing} an entry", dn)
                return
        self._password = secrets.token_urlsafe(16) + "-Bb2"
        reset = {PASSWORD: replaced("{ARGON2}" + self._verifier().text), RESET: replaced("TRUE")}
        answer = session.modify(dn, reset)
        if answer.code != SUCCESS:
            yield _refused(answer, "writing userPassword and pwdReset", dn)
            return
        with self._pool.signed_in(dn, self._password.encode()) as (_, signed_in):
            barred = signed_in.code != SUCCESS
        if barred:
            yield Finding("rights", Severity.OK, "a suspended entry stays suspended when its password is reset")
            return
        attribute, value = self._settings.disabled_attribute, self._settings.disabled_value
        rule = (
            f'before the other rules for userPassword: access to dn.subtree="{self._settings.people_base}" '
            f'filter=({attribute}={value}) attrs=userPassword by dn.exact="{self._settings.bind_dn}" manage by * none'
        )
        yield Finding("rights", Severity.ERROR, "a suspended entry can sign in once its password is reset", rule)

    @contextmanager
    def _removed(self, session: Session, dn: str) -> Iterator[None]:
        try:
            yield
        finally:
            if not session.broken:
                self._remove(session, dn)

    def _sweep(self, session: Session) -> None:
        where = equals(self._settings.marker_attribute, PROBE)
        for entry in session.search(self._settings.people_base, where, ["createTimestamp"]):
            made = moment(entry.first("createTimestamp"))
            if made is not None and datetime.now(UTC) - made > LEFT_BEHIND:
                self._remove(session, entry.dn)

    def _remove(self, session: Session, dn: str) -> None:
        session.expect(session.delete(dn, equals(self._settings.marker_attribute, PROBE)), "removing the probe")

    def _verifier(self) -> Verifier:
        return Verifier(argon2id.SCHEME, argon2id.derive(self._password, COST))


def _barred(session: Session, dn: str) -> bool:
    """Whether a user who must change the password can read nothing, not even the own entry."""
    try:
        return session.read(dn, ["objectClass"]) is None
    except PermissionDenied:
        return True


def _refused(answer: Answer, doing: str, where: str) -> Finding:
    right = answer.code == INSUFFICIENT_ACCESS
    remedy = "give the service account the rights of docs/openldap.md" if right else ""
    return Finding("rights", Severity.ERROR, f"{refusal(answer, doing)} [{where}]", remedy)
