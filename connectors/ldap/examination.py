"""``check`` for OpenLDAP: what an administrator should know before relying on it. Nothing here raises."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import ClassVar

from connectors import findings
from connectors.ldap.directory import Directory
from connectors.ldap.entry import AccountEntry
from connectors.ldap.probe import OpenLdapProbe
from connectors.ldap.settings import LdapSettings
from connectors.ldap_client.examination import DirectoryExamination
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.session import PRE_READ
from connectors.ldap_client.wire import ASSERTION, POST_READ
from provisioner.connector import Finding, Severity

MIN_LENGTH = 8


def _now() -> datetime:
    return datetime.now(UTC)


class Examination(DirectoryExamination):
    """One run of the check."""

    needed: ClassVar[dict[str, str]] = {
        ASSERTION: "assertions (RFC 4528)",
        PRE_READ: "pre-read (RFC 4527)",
        POST_READ: "post-read (RFC 4527)",
    }
    vendor = "use OpenLDAP 2.5 or later"

    def __init__(
        self,
        settings: LdapSettings,
        pool: Pool,
        directory: Directory,
        shape: AccountEntry,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        super().__init__(settings, pool, shape, clock)
        self._settings = settings
        self._directory = directory
        self._entry = shape

    def _new_probe(self) -> OpenLdapProbe:
        return OpenLdapProbe(self._settings, self._pool, self._entry)

    def _policy(self) -> Iterator[Finding]:
        dn = self._settings.policy
        if dn is None:
            message = "no password policy is configured: initial passwords are withheld from this directory"
            yield Finding("policy", Severity.WARNING, message, "setting policy", "withheld")
            return
        with self._pool.session() as session:
            policy = self._directory.policy(session, dn)
        if policy is None:
            message = f"the password policy {dn} is not there or not shown to the service account"
            yield Finding(
                "policy", Severity.ERROR, message, "create it, or give the service account read access", "hidden"
            )
            return
        yield findings.rules(policy.rules(dn))
        if not policy.must_change:
            yield Finding(
                "policy",
                Severity.ERROR,
                "the first change is not enforced",
                f"pwdMustChange TRUE in {dn}",
                "first-change",
            )
        if not policy.may_change:
            message = "users may not change their password, so an initial password could never be left behind"
            yield Finding("policy", Severity.ERROR, message, f"pwdAllowUserChange TRUE in {dn}", "no-change")
        if not policy.lockout:
            message = "passwords may be guessed without limit, and the lock of a suspended entry is ignored"
            yield Finding("policy", Severity.WARNING, message, f"pwdLockout TRUE and pwdMaxFailure in {dn}", "guessing")
        if policy.min_length < MIN_LENGTH or policy.quality < 2:
            message = (
                f"weak passwords are accepted (pwdMinLength {policy.min_length}, pwdCheckQuality {policy.quality})"
            )
            remedy = f"pwdMinLength 10 or more, pwdCheckQuality 2 in {dn}"
            yield Finding("policy", Severity.WARNING, message, remedy, "weak")
