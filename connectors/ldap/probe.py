"""How the probe of ``check`` is written in OpenLDAP."""

from connectors import argon2id
from connectors.ldap.entry import RESET, AccountEntry
from connectors.ldap.settings import LdapSettings
from connectors.ldap_client.changes import Change, replaced
from connectors.ldap_client.entry import PASSWORD, PROBE
from connectors.ldap_client.names import equals
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.probe import Probe
from provisioner.connector import Verifier

COST = argon2id.Cost(memory_kib=1024, iterations=1)
"""Cheap on purpose: 128 random bits need no slow hash."""


class OpenLdapProbe(Probe):
    """One run."""

    page = "docs/openldap.md"
    verifier = "an Argon2id verifier"
    verifier_remedy = "load slapd's module argon2"
    first_change_remedy = "overlay ppolicy with pwdMustChange TRUE in the policy"

    def __init__(self, settings: LdapSettings, pool: Pool, shape: AccountEntry) -> None:
        super().__init__(settings, pool, shape)
        self._settings = settings
        self._entry = shape
        self.enforcing = settings.policy is not None
        attribute, value = settings.disabled_attribute, settings.disabled_value
        self.suspension_remedy = (
            f'before the other rules for userPassword: access to dn.subtree="{settings.people_base}" '
            f'filter=({attribute}={value}) attrs=userPassword by dn.exact="{settings.bind_dn}" manage by * none'
        )

    def _attributes(self, password: str) -> dict[str, list[bytes]]:
        marker = {self._settings.marker_attribute: [PROBE.encode()]}
        return self._entry.new(self._account(_verifier(password)), enabled=True) | marker

    def _suspending(self) -> dict[str, Change]:
        return self._entry.suspension.changes(enabled=False)

    def _resetting(self, password: str) -> dict[str, Change]:
        return {PASSWORD: replaced("{ARGON2}" + _verifier(password).text), RESET: replaced("TRUE")}

    def _condition(self) -> str:
        return equals(self._settings.marker_attribute, PROBE)


def _verifier(password: str) -> Verifier:
    return Verifier(argon2id.SCHEME, argon2id.derive(password, COST))
