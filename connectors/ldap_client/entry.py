"""What an account looks like as an entry of any directory: its name, its marker, its attributes by templates."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from connectors.ldap_client.changes import Change, replaced
from connectors.ldap_client.names import (
    all_of,
    any_of,
    begins,
    child,
    equals,
    first_value,
    is_child,
    is_same,
    lacks,
    parent,
    rdn,
    usable,
)
from connectors.ldap_client.session import Entry
from connectors.ldap_client.tree import TreeSettings
from connectors.template import Template
from provisioner.connector import (
    MARKER_PREFIX,
    Marker,
    NewAccount,
    PermissionDenied,
    Profile,
    ProtocolError,
    RemoteAccount,
)

_EMPTY = ("",)
PASSWORD = "userPassword"  # noqa: S105 - the name of an attribute
PROBE = "siak-provisioner-probe"
"""Marker text of the entry that ``check`` makes for a moment; never an account."""


class DescribedEntry(ABC):
    """Knows the settings' attributes; holds no connection. How a server suspends and demands the first change is its
    connector's to add.

    :param id_attribute: where this server keeps an entry's immutable id.
    :param further: attributes that must be read besides those of the settings.
    """

    def __init__(self, settings: TreeSettings, id_attribute: str, further: Iterable[str]) -> None:
        self._tree = settings
        self._templates = {name: Template(text) for name, text in settings.attributes.items()}
        fields = ((name.lower(), template.sole_field) for name, template in self._templates.items())
        self._sole_fields = [(name, field) for name, field in fields if field is not None]
        self.id_attribute = id_attribute
        self.attributes = [
            settings.naming_attribute,
            settings.marker_attribute,
            settings.member_of_attribute,
            *self._templates,
            id_attribute,
            *further,
        ]
        """What must be read of an entry, and nothing else."""

    @abstractmethod
    def enabled(self, values: Mapping[str, list[str]]) -> bool:
        """Whether an entry with these values (by lower-cased name) is not suspended."""

    @abstractmethod
    def must_change(self, entry: Entry) -> bool | None:
        """Whether the server still demands the first change; None where it cannot tell."""

    def dn(self, username: str, region: str | None = None) -> str:
        """Where an account of this name is created; without its region where it most likely is.

        :raises InvalidAttribute: the name cannot be a value in a directory.
        """
        base = self._tree.people_base if region is None else self._tree.base_for(region)
        return child(self.rdn(username), base)

    def proper_parent(self, dn: str, profile: Profile | None) -> str:
        """Under which entry an account that is called ``dn`` now belongs. One that somebody has put elsewhere than
        where accounts are created stays there, and so does one whose region is not known.
        """
        above = parent(dn)
        if profile is None or not any(is_same(above, base) for base in self._tree.bases):
            return above
        proper = self._tree.base_for(profile.region)
        return above if is_same(above, proper) else proper

    def rdn(self, username: str) -> str:
        """The name of the entry below its parent."""
        return rdn(self._tree.naming_attribute, username)

    def holds_marker(self, marker: Marker) -> str:
        """The filter that an entry with exactly this marker matches."""
        return equals(self._tree.marker_attribute, str(marker))

    def unmarked(self, account: RemoteAccount) -> str:
        """The filter that of the entries of this name only this very one matches, as long as it carries no marker of
        ours. Entries without the name match: slapo-unique tries the condition on the base of its own search, too.
        """
        no_marker = lacks(begins(self._tree.marker_attribute, MARKER_PREFIX))
        unnamed = lacks(equals(self._tree.naming_attribute, account.username))
        return any_of(all_of(equals(self.id_attribute, account.remote_id), no_marker), unnamed)

    def described(self, account: NewAccount) -> dict[str, str]:
        """Name, marker and profile of a new entry; empty values are to be left out.

        :raises InvalidAttribute: a value holds what a directory cannot.
        """
        values = self._rendered(account.profile)
        values[self._tree.naming_attribute] = account.username
        values[self._tree.marker_attribute] = str(account.marker)
        return values

    def encoded(self, values: Mapping[str, str]) -> dict[str, list[bytes]]:
        """These values and the object classes, as an add takes them."""
        single = {name: [value.encode()] for name, value in values.items() if value}
        return {"objectClass": [name.encode() for name in self._tree.object_classes], **single}

    def profile_changes(self, profile: Profile) -> dict[str, Change]:
        """What writes a profile into an entry that is there."""
        rendered = self._rendered(profile)
        return {name: replaced(value) if value else replaced() for name, value in rendered.items()}

    def account(self, entry: Entry) -> RemoteAccount:
        """The remote account of an entry.

        :raises ProtocolError: the server does not show the entry's id or name to the service account.
        """
        remote_id, username = entry.first(self.id_attribute), self._username(entry)
        if not remote_id or not username:
            shown = f"{self.id_attribute} or {self._tree.naming_attribute}"
            raise ProtocolError(f"the directory shows no {shown} of an entry")
        return RemoteAccount(
            remote_id=remote_id,
            username=username,
            marker=self.marker(entry),
            enabled=self.enabled(entry.values),
            must_change=self.must_change(entry),
            profile=self._profile(entry.values),
            entitlements=self._groups(entry.values),
        )

    def marker(self, entry: Entry) -> Marker | None:
        """Our marker in an entry; None for a stranger's."""
        texts = entry.values.get(self._tree.marker_attribute.lower(), ())
        return next((marker for marker in map(Marker.parse, texts) if marker), None)

    def is_probe(self, entry: Entry) -> bool:
        """Whether this is an entry that ``check`` made."""
        return PROBE in entry.values.get(self._tree.marker_attribute.lower(), ())

    def field_of(self, attribute: str | None) -> str | None:
        """The core's word for an attribute of the directory, where there is one."""
        if attribute is None:
            return None
        if attribute.lower() == self._tree.naming_attribute.lower():
            return "username"
        names = {name.lower(): template for name, template in self._templates.items()}
        template = names.get(attribute.lower())
        return template.sole_field or attribute if template else attribute

    def _rendered(self, profile: Profile) -> dict[str, str]:
        values = {name: usable(value, name) for name, value in profile.values().items()}
        # A value of blanks alone is as good as none: directories drop blanks and then refuse the empty rest.
        return {name: text if text.strip() else "" for name, text in self._texts(values).items()}

    def _texts(self, values: Mapping[str, str]) -> dict[str, str]:
        return {name: template.render(values) for name, template in self._templates.items()}

    def _profile(self, values: Mapping[str, list[str]]) -> dict[str, str]:
        seen: dict[str, Sequence[str]] = {}
        for name, field in self._sole_fields:
            texts = values.get(name) or _EMPTY
            before = seen.get(field)
            if before is None:
                seen[field] = texts
            elif before != texts:
                seen[field] = [*before, *texts]
        # Attributes of one field that disagree show as a text that no profile has, and so as a difference.
        return {field: texts[0] if len(texts) == 1 else " / ".join(sorted(set(texts))) for field, texts in seen.items()}

    def _groups(self, values: Mapping[str, list[str]]) -> frozenset[str]:
        base = self._tree.group_base
        if base is None:
            return frozenset()
        found = values.get(self._tree.member_of_attribute.lower(), ())
        return frozenset(name for dn in found if (name := _group(dn, base)) is not None)

    def _username(self, entry: Entry) -> str:
        found = entry.values.get(self._tree.naming_attribute.lower(), [])
        # The attribute may hold further values; the one in the entry's name is the user name.
        if len(found) > 1:
            named = first_value(entry.dn)
            return next((value for value in found if value.lower() == named.lower()), found[0])
        return found[0] if found else ""


@lru_cache(maxsize=4096)
def _group(dn: str, base: str) -> str | None:
    """The name of a group below ``base``; None for anything else. Thousands of accounts share a few groups."""
    return first_value(dn) if is_child(dn, base) else None


def ours(current: RemoteAccount) -> Marker:
    """The marker of an entry of ours.

    :raises PermissionDenied: it is a stranger's.
    """
    if current.marker is None:
        raise PermissionDenied("a stranger's entry is never changed")
    return current.marker
