"""``check`` for 389 Directory Server. Nothing here raises."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import ClassVar

from connectors import findings
from connectors.ds389.directory import Directory
from connectors.ds389.entry import AccountEntry
from connectors.ds389.probe import Ds389Probe
from connectors.ds389.settings import Ds389Settings
from connectors.ldap_client.examination import DirectoryExamination
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.session import PRE_READ
from connectors.ldap_client.wire import POST_READ
from provisioner.connector import Finding, Severity

MIN_LENGTH = 8


def _now() -> datetime:
    return datetime.now(UTC)


class Examination(DirectoryExamination):
    """One run of the check."""

    needed: ClassVar[dict[str, str]] = {PRE_READ: "pre-read (RFC 4527)", POST_READ: "post-read (RFC 4527)"}
    vendor = "use 389 Directory Server 2.0 or later"

    def __init__(
        self,
        settings: Ds389Settings,
        pool: Pool,
        directory: Directory,
        shape: AccountEntry,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        super().__init__(settings, pool, shape, clock)
        self._settings = settings
        self._directory = directory
        self._entry = shape

    def _new_probe(self) -> Ds389Probe:
        return Ds389Probe(self._settings, self._pool, self._entry)

    def _policy(self) -> Iterator[Finding]:
        if self._settings.withheld:
            message = (
                "the first change is not trusted to be enforced: initial passwords are withheld from this directory"
            )
            yield Finding("policy", Severity.WARNING, message, "setting withheld", "withheld")
            return
        dn = self._settings.policy
        with self._pool.session() as session:
            policy = self._directory.policy(session, dn)
        if policy is None:
            message = f"the password policy {dn} is not there or not shown to the service account"
            yield Finding("policy", Severity.ERROR, message, "an access rule as in docs/389ds.md", "hidden")
            return
        yield findings.rules(policy.rules(dn))
        if not policy.must_change:
            yield Finding(
                "policy",
                Severity.ERROR,
                "the first change is not enforced",
                f"passwordMustChange: on in {dn}",
                "first-change",
            )
        if not policy.may_change:
            message = "users may not change their password, so an initial password could never be left behind"
            yield Finding("policy", Severity.ERROR, message, f"passwordChange: on in {dn}", "no-change")
        if not policy.lockout:
            message = "passwords may be guessed without limit"
            yield Finding(
                "policy", Severity.WARNING, message, f"passwordLockout: on and passwordMaxFailure in {dn}", "guessing"
            )
        if not policy.syntax or policy.min_length < MIN_LENGTH:
            message = (
                f"weak passwords are accepted (passwordCheckSyntax {'on' if policy.syntax else 'off'}, "
                f"passwordMinLength {policy.min_length})"
            )
            remedy = f"passwordCheckSyntax: on, passwordMinLength: 10 or more in {dn}"
            yield Finding("policy", Severity.WARNING, message, remedy, "weak")
