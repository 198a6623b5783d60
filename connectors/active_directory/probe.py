"""An entry of our own, made for a moment, that proves what settings cannot tell: see
:mod:`connectors.ldap_client.probe`. Here also that the old password is dead once it was changed.
"""

import secrets
from collections.abc import Iterator

from connectors.active_directory.account_control import ASK_FOR_CHANGE, CONTROL, LAST_SET, NORMAL, switched
from connectors.active_directory.entry import UserObject
from connectors.active_directory.errors import MUST_CHANGE, reason, refusal
from connectors.active_directory.password import ATTRIBUTE, changed, quoted, reset, unknown
from connectors.active_directory.settings import ActiveDirectorySettings
from connectors.ldap_client.changes import Change, replaced
from connectors.ldap_client.entry import PROBE
from connectors.ldap_client.errors import INSUFFICIENT_ACCESS, SUCCESS, Answer
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.probe import Probe
from provisioner.connector import Finding, Marker, NewAccount, Severity


class DomainProbe(Probe):
    """One run; :meth:`findings` may be read once."""

    page = "docs/active-directory.md"
    first_change_remedy = "the domain controller does not answer 773; see docs/active-directory.md"
    suspension_remedy = "let the service account write userAccountControl"
    grace_remedy = (
        "Samba: 'old password allowed period = 0' in smb.conf; Windows: the DWORD OldPasswordAllowedPeriod = 0 under "
        "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa; on every domain controller"
    )

    def __init__(self, settings: ActiveDirectorySettings, pool: Pool, shape: UserObject) -> None:
        super().__init__(settings, pool, shape)
        self._settings = settings
        self._object = shape
        self._name = f"probe-{secrets.token_hex(7)}"
        self._password = unknown()

    def _attributes(self, password: str) -> dict[str, list[bytes]]:
        account = NewAccount(self._name, Marker(PROBE, 0), self._profile)
        marker = {self._settings.marker_attribute: [PROBE.encode()]}
        return self._object.new(account) | marker | {ATTRIBUTE: [quoted(password)]}

    def _suspending(self) -> dict[str, Change]:
        return {CONTROL: replaced(switched(NORMAL, enabled=False))}

    def _resetting(self, password: str) -> dict[str, Change]:
        return {ATTRIBUTE: reset(password), LAST_SET: replaced(ASK_FOR_CHANGE)}

    def _first_change(self, dn: str) -> Iterator[Finding]:
        if reason(self._signed_in(dn, self._password)) != MUST_CHANGE:
            message = "an initial password is not answered with the demand to change it"
            yield Finding("policy", Severity.ERROR, message, self.first_change_remedy)
            return
        yield Finding("policy", Severity.OK, "the first change of the password is enforced")
        old, self._password = self._password, unknown()
        with self._pool.session() as session:
            answer = session.modify(dn, {ATTRIBUTE: changed(old, self._password)})
        if answer.code != SUCCESS:
            yield self._refused(answer, "changing a password as its owner", dn)
        elif self._signed_in(dn, old).code == SUCCESS:
            message = "a password still signs in after it was changed, beside the new one"
            yield Finding("policy", Severity.ERROR, message, self.grace_remedy)
        elif self._signed_in(dn, self._password).code != SUCCESS:
            yield Finding("policy", Severity.ERROR, "a password that was changed does not sign in")
        else:
            yield Finding("policy", Severity.OK, "an old password is dead as soon as it was changed")

    def _signed_in(self, dn: str, password: str) -> Answer:
        with self._pool.signed_in(dn, password.encode()) as (_, answer):
            return answer

    def _refused(self, answer: Answer, doing: str, where: str) -> Finding:
        right = answer.code == INSUFFICIENT_ACCESS
        remedy = f"give the service account the rights of {self.page}" if right else ""
        return Finding("rights", Severity.ERROR, f"{refusal(answer, doing)} [{where}]", remedy)
