"""The settings of an LDAP target. Validating them never connects; unknown keys are refused, so none turns TLS off."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.entitlements import EntitlementTemplates
from connectors.ldap.names import AttributeName, Dn
from connectors.template import TemplateText


def _valid_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("ldap", "ldaps", "ldapi") or not parts.netloc:
        raise ValueError("an address is ldaps://host[:port], ldap://host[:port] or ldapi://path-percent-encoded")
    if parts.path.strip("/") or parts.query or parts.username:
        raise ValueError("an address holds a host and a port and nothing else")
    if parts.scheme != "ldapi" and parts.port == 0:
        raise ValueError("port 0 is not a port")
    return url


LdapUrl = Annotated[str, AfterValidator(_valid_url)]

DEFAULT_ATTRIBUTES = {
    "cn": "{full_name}",
    "sn": "{full_name}",
    "displayName": "{display_name}",
    "mail": "{mail}",
    "telephoneNumber": "{phone}",
    "title": "{position}",
    "ou": "{org_unit}",
    "employeeNumber": "{staff_number}",
}


class LdapSettings(BaseModel):
    """How to reach a directory and what an account looks like there."""

    # Values are kept out of error texts: somebody will try to put the password here.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    urls: list[LdapUrl] = Field(min_length=1)
    """Addresses, tried in this order; the first that works is kept until it fails. ``ldaps://`` is TLS from the start,
    ``ldap://`` always upgrades with StartTLS, ``ldapi://`` is a local socket. Several addresses must be providers of
    one directory; the one that takes the writes first."""
    ca_file: Path | None = None
    """PEM file of the authority that signed the server's certificate; without it the machine's own authorities count.
    Certificate and host name are always verified."""
    bind_dn: Dn | None = None
    """The service account. Without it (only over ``ldapi://``) the operating system's user counts (SASL EXTERNAL)."""
    bind_password_env: str | None = None
    """Name of the environment variable that holds the service account's password. This or ``bind_password_file``."""
    bind_password_file: Path | None = None
    """File that holds the service account's password, in its first line. Read at every sign-in, so it may change."""
    connect_timeout: float = Field(default=5.0, gt=0)
    """Seconds to wait for one address to accept a connection, before the next is tried."""
    idle_connections: int = Field(default=4, ge=0)
    """How many connections are kept open between calls."""
    page_size: int = Field(default=500, ge=1)
    """Entries per page when everything is read (RFC 2696)."""

    people_base: Dn
    """Where accounts are created, right below this entry."""
    search_base: Dn | None = None
    """Where user names are looked for: a name in use anywhere below is taken. Default: ``people_base``."""
    object_classes: list[AttributeName] = Field(default=["inetOrgPerson"], min_length=1)
    """Object classes of a new entry."""
    naming_attribute: AttributeName = "uid"
    """The attribute that holds the user name and names the entry."""
    attributes: dict[AttributeName, TemplateText] = DEFAULT_ATTRIBUTES
    """Templates of the entry's attributes with fields of the profile, e.g. ``cn = "{full_name}"``. An empty result
    leaves the attribute out. A template that is one field alone is read back and compared."""
    marker_attribute: AttributeName = "carLicense"
    """Holds the marker that makes an entry ours, and nothing else. Must support equality and prefix search; index it
    ``eq,sub``. Nobody but the service account may write it."""
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

    group_base: Dn | None = None
    """Where the groups are, right below this entry. Needed for ``entitlements``."""
    group_class: AttributeName = "groupOfNames"
    """Object class of a group."""
    group_naming_attribute: AttributeName = "cn"
    """The attribute that names a group: an entitlement is its value."""
    member_attribute: AttributeName = "member"
    """The attribute of a group that holds the members' names."""
    member_of_attribute: AttributeName = "memberOf"
    """The attribute of an entry that lists its groups; the server keeps it (overlay ``memberof`` or ``dynlist``)."""
    group_placeholder: Dn | None = None
    """An entry that nobody signs in as; it is a group's member when nobody else is, since ``groupOfNames`` must have
    one. Needed for ``entitlements``."""
    create_groups: bool = False
    """Create a group that is missing when it is granted for the first time."""
    entitlements: EntitlementTemplates = {}
    """Groups by role (``*``: every role), as templates, e.g. ``{"*": ["peran-{role}", "wilayah-{region}"]}``."""

    username_max_length: int = Field(default=64, ge=1, le=256)
    """The longest user name this directory's applications take."""
    username_pattern: str = r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?"
    """Regular expression that a whole user name must match."""
    open_session_seconds: int | None = Field(default=None, ge=1)
    """How long a connection that was opened before a suspension may live on, if something limits it (slapd's
    ``idletimeout`` limits idle connections only). LDAP itself ends none."""
    last_sign_in_attribute: AttributeName = "pwdLastSuccess"
    """Where the server keeps the last sign-in (slapd: ``lastbind on``). Where it does not, none is reported."""
    probe: bool = True
    """Whether ``check`` creates an entry of its own for a moment, to prove rights, password policy and suspension."""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        self._check_sign_in()
        special = [self.naming_attribute, self.marker_attribute, self.disabled_attribute]
        reserved = {name.lower() for name in [*special, "userPassword", "objectClass"]}
        if len(reserved) != 5:
            raise ValueError("naming_attribute, marker_attribute and disabled_attribute must be different attributes")
        taken = sorted(name for name in self.attributes if name.lower() in reserved or name.lower().startswith("pwd"))
        if taken:
            raise ValueError(f"attributes: {', '.join(taken)} is written by the connector itself")
        if len({name.lower() for name in self.attributes}) != len(self.attributes):
            raise ValueError("attributes: an attribute is there twice")
        if self.entitlements and (self.group_base is None or self.group_placeholder is None):
            raise ValueError("entitlements need group_base and group_placeholder")
        if self.pin_policy and self.policy is None:
            raise ValueError("pin_policy needs policy")
        return self

    def _check_sign_in(self) -> None:
        sources = [source for source in (self.bind_password_env, self.bind_password_file) if source]
        if self.bind_dn is None:
            if sources or any(not url.startswith("ldapi:") for url in self.urls):
                raise ValueError("bind_dn is missing; only ldapi:// without a password can do without")
        elif len(sources) != 1:
            raise ValueError("exactly one of bind_password_env and bind_password_file is needed")
