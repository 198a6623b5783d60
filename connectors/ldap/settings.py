"""The settings of an LDAP target. Validating them never connects; unknown keys are refused, so none turns TLS off."""

from typing import Self

from pydantic import Field, model_validator

from connectors.ldap_client.names import AttributeName, Dn
from connectors.ldap_client.tree import TreeSettings


class LdapSettings(TreeSettings):
    """How to reach a directory and what an account looks like there."""

    disabled_attribute: AttributeName = "businessCategory"
    """Says that an account is suspended, and nothing else. It bars the entry by an access rule in the server, see
    :mod:`connectors.ldap.suspension`; ``check`` proves that the rule is there."""
    disabled_value: str = Field(default="disabled", min_length=1)
    """The value of ``disabled_attribute`` that the access rule looks for."""

    policy: Dn | None = None
    """The password policy in force for our entries (``ppolicy_default``). Without it the directory is not trusted to
    enforce the first change, and no initial password is ever written there."""
    pin_policy: bool = False
    """Write ``pwdPolicySubentry`` with this policy into every new entry, where it is not the server's default."""

    group_placeholder: Dn | None = None
    """An entry that nobody signs in as; it is a group's member when nobody else is, since ``groupOfNames`` must have
    one. Needed for ``entitlements``."""

    open_session_seconds: int | None = Field(default=None, ge=1)
    """How long a connection that was opened before a suspension may live on, if something limits it (slapd's
    ``idletimeout`` limits idle connections only). LDAP itself ends none."""
    last_sign_in_attribute: AttributeName = "pwdLastSuccess"
    """Where the server keeps the last sign-in (slapd: ``lastbind on``). Where it does not, none is reported."""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        names = ("naming_attribute", "marker_attribute", "disabled_attribute")
        self._keep_apart({name: getattr(self, name) for name in names}, "pwd")
        if self.entitlements and (self.group_base is None or self.group_placeholder is None):
            raise ValueError("entitlements need group_base and group_placeholder")
        if self.pin_policy and self.policy is None:
            raise ValueError("pin_policy needs policy")
        return self
