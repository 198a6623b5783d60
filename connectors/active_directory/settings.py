"""The settings of an Active Directory target. Validating them never connects; there is no way to do without TLS."""

from typing import Literal, Self

from pydantic import Field, model_validator

from connectors.active_directory.account_control import CONTROL, LAST_SET, LOCKED_SINCE
from connectors.ldap_client.names import AttributeName, Dn, parent, relative
from connectors.ldap_client.tree import TreeSettings
from connectors.template import TemplateText

DEFAULT_ATTRIBUTES = {
    "displayName": "{display_name}",
    "sn": "{full_name}",
    "mail": "{mail}",
    "telephoneNumber": "{phone}",
    "title": "{position}",
    "department": "{org_unit}",
    "employeeNumber": "{staff_number}",
}
OWN = (
    "cn",
    "name",
    CONTROL,
    LAST_SET,
    LOCKED_SINCE,
    "userPrincipalName",
    "unicodePwd",
    "dBCSPwd",
    "objectGUID",
    "member",
)


class ActiveDirectorySettings(TreeSettings):
    """How to reach a domain and what an account looks like there."""

    domain_base: Dn | None = None
    """The domain's own entry: user names are unique below it. Default: the ``DC=`` parts of ``people_base``."""
    search_base: None = None
    """Not used here: see ``domain_base``."""
    people_bases: dict[str, Dn] = Field(default={}, max_length=0)
    """Not offered here yet."""
    posix_counter: None = None
    """Not offered here."""
    posix_group_base: None = None
    """Not offered here."""
    upn_suffix: str = Field(default="", pattern=r"^[A-Za-z0-9.-]*$")
    """What follows the ``@`` of ``userPrincipalName``. Default: the domain's name, from ``domain_base``."""
    object_classes: list[AttributeName] = Field(default=["user"], min_length=1)
    """Object classes of a new entry."""
    naming_attribute: Literal["sAMAccountName"] = "sAMAccountName"
    """Always ``sAMAccountName``; the entry itself is named ``CN=<user name>``."""
    attributes: dict[AttributeName, TemplateText] = DEFAULT_ATTRIBUTES
    """Templates of the entry's attributes with fields of the profile, e.g. ``displayName = "{display_name}"``. An empty
    result leaves the attribute out. A template that is one field alone is read back and compared. Mind the schema's
    lengths: 64 characters for ``sn``, ``title`` and ``department``, 256 for ``displayName``."""
    marker_attribute: AttributeName = "extensionName"
    """Holds the marker that makes an entry ours, and nothing else. Text of 255 characters or more, single- or
    multi-valued, in none of the property sets that people may write in their own entry (``info`` is in one)."""

    group_class: Literal["group"] = "group"
    """Always ``group``."""
    group_placeholder: None = None
    """Not used here: a group may be empty."""
    create_groups: Literal[False] = False
    """Not offered here: the domain's administrator makes the groups."""

    username_max_length: int = Field(default=20, ge=1, le=20)
    """The longest user name; Active Directory takes 20 characters for a person."""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.bind_dn is None or any(url.startswith("ldapi:") for url in self.urls):
            raise ValueError("urls are ldaps:// or ldap://, and bind_dn is needed")
        if not relative(self.domain).lower().startswith("dc="):
            raise ValueError("people_base does not end in the domain's DC= parts, and domain_base is not set")
        special = {"naming_attribute": self.naming_attribute, "marker_attribute": self.marker_attribute}
        self._keep_apart(special, "msds-", *(name.lower() for name in OWN))
        if self.marker_attribute.lower() in {name.lower() for name in OWN}:
            raise ValueError("marker_attribute is an attribute with a meaning of its own")
        return self

    @property
    def domain(self) -> str:
        """The name of the domain's entry."""
        if self.domain_base is not None:
            return self.domain_base
        dn = self.people_base
        while dn and not relative(dn).lower().startswith("dc="):
            dn = parent(dn)
        return dn

    def principal(self, username: str) -> str:
        """The user principal name."""
        parts, dn = [], self.domain
        while dn:
            parts.append(relative(dn).partition("=")[2].strip())
            dn = parent(dn)
        return "@".join((username, self.upn_suffix or ".".join(parts)))
