"""``check``: what an administrator should know before relying on a domain. Nothing here raises."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import ClassVar

from connectors import findings
from connectors.active_directory.entry import UserObject
from connectors.active_directory.policy import RESULTANT, PasswordPolicy
from connectors.active_directory.probe import DomainProbe
from connectors.active_directory.settings import ActiveDirectorySettings
from connectors.ldap_client.examination import DirectoryExamination
from connectors.ldap_client.generalized_time import moment
from connectors.ldap_client.names import equals
from connectors.ldap_client.pool import Pool
from provisioner.connector import Finding, Severity

MIN_LENGTH = 8
WRITABLE_BY_SELF = {
    "77b5b886-944a-11d1-aebd-0000f80367c1": "Personal Information",
    "e45795b2-9455-11d1-aebd-0000f80367c1": "Phone and Mail Options",
    "e45795b3-9455-11d1-aebd-0000f80367c1": "Web Information",
}
"""Property sets that people may write in their own entry, by the schema's default (MS-ADTS 3.1.1.2.3.3)."""


def _now() -> datetime:
    return datetime.now(UTC)


class DomainExamination(DirectoryExamination):
    """One run of the check."""

    needed: ClassVar[dict[str, str]] = {"1.2.840.113556.1.4.319": "paged results (RFC 2696)"}
    vendor = "use Windows Server or Samba as a domain controller"

    def __init__(
        self,
        settings: ActiveDirectorySettings,
        pool: Pool,
        shape: UserObject,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        super().__init__(settings, pool, shape, clock)
        self._settings = settings
        self._object = shape

    def _features(self) -> Iterator[Finding]:
        yield from super()._features()
        with self._pool.session() as session:
            root = session.read("", ["currentTime", "schemaNamingContext"])
        there = moment(root.first("currentTime")) if root else None
        if there is not None:
            yield findings.clock(self._clock() - there)
        yield from self._marker(root.first("schemaNamingContext") if root else "")

    def _marker(self, schema: str) -> Iterator[Finding]:
        attribute = self._settings.marker_attribute
        with self._pool.session() as session:
            found = session.search(schema, equals("lDAPDisplayName", attribute), ["attributeSecurityGUID"])
        if not found:
            message = f"marker_attribute: the schema has no {attribute}"
            yield Finding("rights", Severity.ERROR, message, "extensionName is in every domain's schema")
        for entry in found:
            name = WRITABLE_BY_SELF.get(entry.first("attributeSecurityGUID"))
            if name is not None:
                message = f"marker_attribute: people may write {attribute} in their own entry ({name})"
                yield Finding("rights", Severity.ERROR, message, "choose an attribute such as extensionName")

    def _groups(self) -> Iterator[Finding]:
        base = self._settings.group_base
        if base is None or not self._settings.entitlements:
            return
        allowed = "allowedAttributesEffective"
        with self._pool.session() as session:
            names = [entry.dn for entry in session.search(base, equals("objectCategory", "group"), ["1.1"])]
            groups = [entry for name in names if (entry := session.read(name, [allowed]))]
        for group in groups:
            if "member" not in (name.lower() for name in group.values.get(allowed.lower(), ())):
                message = f"the service account may not change the members of {group.dn}"
                yield Finding("rights", Severity.ERROR, message, "give it write access to member")
        if not groups:
            yield Finding("rights", Severity.WARNING, f"there is no group below {base}", "make the groups")

    def policies(self) -> dict[str, PasswordPolicy | None]:
        """The domain's own policy first, then those that hold for some of the accounts here; None: not shown to us.

        :raises ConnectorError: the domain controller cannot be asked.
        """
        domain = self._settings.domain
        with self._pool.session() as session:
            policies = {domain: PasswordPolicy.of(session, domain)}
            base, where = self._settings.people_base, equals("objectCategory", "person")
            # The first page is enough to see who is treated differently; it cannot be searched for.
            for entry in next(session.pages(base, where, [RESULTANT], 1000, self._pool.call_timeout), []):
                source = entry.first(RESULTANT)
                if source and source not in policies:
                    policies[source] = PasswordPolicy.of(session, domain, entry)
        return policies

    def _policy(self) -> Iterator[Finding]:
        for source, policy in self.policies().items():
            if policy is None:
                message = f"the password policy {source} is in force and not shown to the service account"
                yield Finding(
                    "policy", Severity.WARNING, message, "give the service account read access to it", "hidden"
                )
            else:
                yield from _judged(policy)

    def _new_probe(self) -> DomainProbe:
        return DomainProbe(self._settings, self._pool, self._object)


def _judged(policy: PasswordPolicy) -> Iterator[Finding]:
    yield Finding("policy", Severity.OK, f"passwords by {policy.source}: {policy}")
    if policy.min_length < MIN_LENGTH or not policy.complexity:
        message = f"weak passwords are accepted by {policy.source}"
        yield Finding("policy", Severity.WARNING, message, "at least 10 characters, with complexity", "weak")
    if not policy.lockout_after:
        message = f"passwords may be guessed without limit by {policy.source}"
        yield Finding("policy", Severity.WARNING, message, "an account lockout threshold", "guessing")
