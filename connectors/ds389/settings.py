"""The settings of a 389 Directory Server. Validating them never connects; unknown keys are refused."""

from typing import Self

from pydantic import Field, model_validator

from connectors.ldap_client.names import AttributeName, Dn
from connectors.ldap_client.tree import TreeSettings

PASSWORD_ATTRIBUTES = ("password", "pwd", "nsaccountlock", "accountunlocktime")
"""How the names of attributes begin that the server or the connector keeps by itself."""


class Ds389Settings(TreeSettings):
    """How to reach a 389 Directory Server and what an account looks like there."""

    policy: Dn = "cn=config"
    """The password policy in force for our entries: ``cn=config`` is the server's own, otherwise the entry of the
    subtree's policy. The service account must be allowed to read it."""
    withheld: bool = False
    """Do not trust the server to enforce the first change: no initial password is ever written there."""
    pbkdf2_iterations: int = Field(default=10000, ge=1000, le=9999999)
    """Rounds of PBKDF2-HMAC-SHA-512 for the verifiers made here. The default is what 389 Directory Server 2 uses
    itself; it verifies others too. More rounds make guessing, and every sign-in, slower."""
    last_sign_in_attribute: AttributeName = "lastLoginTime"
    """Where the server keeps the last sign-in (its plug-in Account Policy with ``alwaysrecordlogin``)."""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        names = ("naming_attribute", "marker_attribute")
        self._keep_apart({name: getattr(self, name) for name in names}, *PASSWORD_ATTRIBUTES)
        return self
