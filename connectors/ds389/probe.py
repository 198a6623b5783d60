"""How the probe of ``check`` is written in 389 Directory Server."""

from connectors.ds389 import pbkdf2
from connectors.ds389.entry import LOCK, AccountEntry
from connectors.ds389.settings import Ds389Settings
from connectors.ldap_client.changes import Change, replaced
from connectors.ldap_client.entry import PASSWORD, PROBE
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.probe import Probe
from provisioner.connector import Verifier

ITERATIONS = 1000
"""Cheap on purpose: 128 random bits need no slow hash."""


class Ds389Probe(Probe):
    """One run."""

    page = "docs/389ds.md"
    verifier = "a PBKDF2-SHA512 verifier"
    verifier_remedy = "use 389 Directory Server 2.0 or later, and make the service account a password administrator"
    first_change_remedy = "passwordMustChange: on in the policy, and passwordAdminDN: the service account or its group"
    suspension_remedy = "nsAccountLock must not be a virtual attribute of a role or class of service"

    def __init__(self, settings: Ds389Settings, pool: Pool, shape: AccountEntry) -> None:
        super().__init__(settings, pool, shape)
        self._settings = settings
        self._entry = shape
        self.enforcing = not settings.withheld

    def _attributes(self, password: str) -> dict[str, list[bytes]]:
        marker = {self._settings.marker_attribute: [PROBE.encode()]}
        return self._entry.new(self._account(_verifier(password)), enabled=True) | marker

    def _suspending(self) -> dict[str, Change]:
        return {LOCK: replaced("true")}

    def _resetting(self, password: str) -> dict[str, Change]:
        return {PASSWORD: replaced(_verifier(password).text)}


def _verifier(password: str) -> Verifier:
    return Verifier(pbkdf2.SCHEME, pbkdf2.derive(password, ITERATIONS))
