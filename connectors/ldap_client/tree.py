"""Where accounts and groups stand in a directory and what they look like there: settings that every directory has."""

from typing import Self

from pydantic import Field, model_validator

from connectors.entitlements import EntitlementTemplates
from connectors.ldap_client.names import AttributeName, Dn, is_at_or_below
from connectors.ldap_client.settings import LdapClientSettings
from connectors.template import TemplateText

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

POSIX_COUNTER = "serialNumber"
"""Where the entry ``posix_counter`` holds the next number."""
POSIX_ATTRIBUTES = frozenset(("uidnumber", "gidnumber", "homedirectory", "loginshell"))


class TreeSettings(LdapClientSettings):
    """How to reach a directory, where its accounts are and what they look like."""

    people_base: Dn
    """Where accounts are created, right below this entry."""
    people_bases: dict[str, Dn] = Field(default={})
    """Other places for accounts, by the code of a region or its beginning, e.g. ``{"35.76.01": "ou=kranggan,dc=x"}``.
    The longest beginning that fits counts, ``people_base`` takes the rest. An account whose region changes is moved.
    Needs ``search_base``, above all of them."""
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
    """An entry that nobody signs in as; it is a group's member when nobody else is. Only where the directory's schema
    refuses a group without members."""
    create_groups: bool = False
    """Create a group that is missing when it is granted for the first time."""
    entitlements: EntitlementTemplates = Field(default={})
    """Groups by role (``*``: every role), as templates, e.g. ``{"*": ["peran-{role}", "wilayah-{region}"]}``."""

    posix_group_base: Dn | None = None
    """Where the POSIX groups are (``posixGroup`` with ``memberUid``), right below this entry. Needed for
    ``posix_entitlements``."""
    posix_entitlements: EntitlementTemplates = Field(default={})
    """POSIX groups by role, written as ``entitlements`` are. They must exist, since each needs a number of its own, and
    are shown as ``posix:NAME``."""

    posix_counter: Dn | None = None
    """An entry (a ``device``) whose ``serialNumber`` is the next free ``uidNumber``. With it every new account is one
    of Unix machines too. Needs ``posixAccount`` among ``object_classes`` and ``uid`` as ``naming_attribute``."""
    posix_group_number: int = Field(default=100, ge=1)
    """``gidNumber`` of new accounts."""
    posix_home: str = Field(default="/home", pattern="^/")
    """The folder below which new accounts have their home, under their user name."""
    posix_shell: str = Field(default="/bin/bash", pattern="^/")
    """``loginShell`` of new accounts."""

    username_max_length: int = Field(default=64, ge=1, le=256)
    """The longest user name this directory's applications take."""
    username_pattern: str = r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?"
    """Regular expression that a whole user name must match."""
    open_session_seconds: int | None = Field(default=None, ge=1)
    """How long a connection that was opened before a suspension may live on, if something limits it. LDAP itself ends
    none."""
    probe: bool = True
    """Whether ``check`` creates an entry of its own for a moment, to prove rights, password policy and suspension."""

    @model_validator(mode="after")
    def _coherent_tree(self) -> Self:
        if len({name.lower() for name in self.attributes}) != len(self.attributes):
            raise ValueError("attributes: an attribute is there twice")
        if self.entitlements and self.group_base is None:
            raise ValueError("entitlements need group_base")
        if self.posix_entitlements and self.posix_group_base is None:
            raise ValueError("posix_entitlements need posix_group_base")
        self._check_posix()
        top = self.search_base
        if self.people_bases and (top is None or not all(is_at_or_below(base, top) for base in self.bases)):
            raise ValueError("people_bases need a search_base that all of them and people_base are below")
        return self

    @property
    def bases(self) -> list[str]:
        """Every place where accounts are created."""
        return list(dict.fromkeys([self.people_base, *self.people_bases.values()]))

    def base_for(self, region: str) -> str:
        """Where an account of this region belongs."""
        fitting = [beginning for beginning in self.people_bases if region.startswith(beginning)]
        return self.people_bases[max(fitting, key=len)] if fitting else self.people_base

    def _check_posix(self) -> None:
        if self.posix_counter is None:
            return
        classes = [name.lower() for name in self.object_classes]
        if "posixaccount" not in classes or self.naming_attribute.lower() != "uid":
            raise ValueError("posix_counter needs posixAccount among object_classes and uid as naming_attribute")
        taken = sorted(name for name in self.attributes if name.lower() in POSIX_ATTRIBUTES)
        if taken:
            raise ValueError(f"attributes: {', '.join(taken)} is written by the connector itself")

    def _keep_apart(self, special: dict[str, str], *prefixes: str) -> None:
        """Attributes that the connector writes by itself, by setting, are different ones and have no template.

        :param prefixes: of attributes that the server keeps, in lower case.
        :raises ValueError: otherwise.
        """
        names = {name.lower() for name in special.values()}
        reserved = names | {"userpassword", "objectclass"}
        if len(reserved) != len(special) + 2:
            raise ValueError(f"{', '.join(list(special)[:-1])} and {list(special)[-1]} must be different attributes")
        taken = sorted(
            name for name in self.attributes if name.lower() in reserved or name.lower().startswith(prefixes)
        )
        if taken:
            raise ValueError(f"attributes: {', '.join(taken)} is written by the connector itself")
