"""What an account looks like as an entry: attributes out of a new account, a remote account out of an entry."""

from collections.abc import Mapping
from dataclasses import asdict

from connectors.ldap.settings import LdapSettings
from connectors.ldap.suspension import Suspension
from connectors.ldap_client.changes import Change, replaced, swapped
from connectors.ldap_client.names import child, equals, first_value, is_child, rdn, usable
from connectors.ldap_client.session import Entry
from connectors.template import Template
from provisioner.connector import (
    Changes,
    InvalidAttribute,
    Marker,
    NewAccount,
    Profile,
    ProtocolError,
    RemoteAccount,
    Verifier,
)

RESET = "pwdReset"
POLICY_OF_ENTRY = "pwdPolicySubentry"
PASSWORD = "userPassword"  # noqa: S105 - the name of an attribute
ID = "entryUUID"
PROBE = "siak-provisioner-probe"
"""Marker text of the entry that ``check`` makes for a moment; never an account."""


class AccountEntry:
    """Knows the settings' attributes; holds no connection."""

    def __init__(self, settings: LdapSettings) -> None:
        self._settings = settings
        self._templates = {name: Template(text) for name, text in settings.attributes.items()}
        self.suspension = Suspension(settings)
        self.attributes = [
            settings.naming_attribute,
            settings.marker_attribute,
            settings.member_of_attribute,
            *self.suspension.attributes,
            *self._templates,
            ID,
            RESET,
            POLICY_OF_ENTRY,
        ]
        """What must be read of an entry, and nothing else."""

    def dn(self, username: str) -> str:
        """Where an account of this name is created.

        :raises InvalidAttribute: the name cannot be a value in a directory.
        """
        return child(self.rdn(username), self._settings.people_base)

    def rdn(self, username: str) -> str:
        """The name of the entry below its parent."""
        return rdn(self._settings.naming_attribute, username)

    def holds_marker(self, marker: Marker) -> str:
        """The filter that an entry with exactly this marker matches."""
        return equals(self._settings.marker_attribute, str(marker))

    def new(self, account: NewAccount, enabled: bool) -> dict[str, list[bytes]]:
        """All attributes of a new entry.

        :raises InvalidAttribute: a value holds what a directory cannot.
        """
        settings = self._settings
        values = self._rendered(account.profile)
        values[settings.naming_attribute] = account.username
        values[settings.marker_attribute] = str(account.marker)
        if account.verifier is not None:
            values[PASSWORD] = self._scheme_text(account.verifier)
        if account.must_change:
            values[RESET] = "TRUE"
        if settings.pin_policy and settings.policy is not None:
            values[POLICY_OF_ENTRY] = settings.policy
        if not enabled:
            values.update(self.suspension.values())
        single = {name: [value.encode()] for name, value in values.items() if value}
        return {"objectClass": [name.encode() for name in settings.object_classes], **single}

    def changes(self, current: RemoteAccount, changes: Changes, marker: Marker) -> dict[str, Change]:
        """What one modification must do, compare-and-swap of the marker included.

        ``pwdReset`` is always said together with a verifier: what the server would do by itself depends on the right
        that the service account holds.
        """
        wanted: dict[str, Change] = {
            self._settings.marker_attribute: swapped(str(current.marker), str(marker)),
        }
        if changes.profile is not None:
            wanted.update(self.profile_changes(changes.profile))
        if changes.verifier is not None:
            wanted[PASSWORD] = replaced(self._scheme_text(changes.verifier))
        must_change = current.must_change if changes.must_change is None else changes.must_change
        if changes.verifier is not None or changes.must_change is not None:
            wanted[RESET] = replaced("TRUE") if must_change else replaced()
        if changes.enabled is not None:
            # The server takes the lock away with a new password itself and refuses to be helped with it.
            with_lock = changes.verifier is None
            wanted.update(self.suspension.changes(changes.enabled, with_lock=with_lock))
        return wanted

    def profile_changes(self, profile: Profile) -> dict[str, Change]:
        """What writes a profile into an entry that is there."""
        rendered = self._rendered(profile)
        return {name: replaced(value) if value else replaced() for name, value in rendered.items()}

    def account(self, entry: Entry) -> RemoteAccount:
        """The remote account of an entry.

        :raises ProtocolError: the server does not show the entry's id or name to the service account.
        """
        remote_id, username = entry.first(ID), self._username(entry)
        if not remote_id or not username:
            raise ProtocolError(f"the directory shows no {ID} or {self._settings.naming_attribute} of an entry")
        return RemoteAccount(
            remote_id=remote_id,
            username=username,
            marker=self.marker(entry),
            enabled=self.suspension.enabled(entry.values),
            must_change=entry.first(RESET).upper() == "TRUE" if self._settings.policy else None,
            profile=self._profile(entry.values),
            entitlements=self._groups(entry.values),
        )

    def marker(self, entry: Entry) -> Marker | None:
        """Our marker in an entry; None for a stranger's."""
        texts = entry.values.get(self._settings.marker_attribute.lower(), ())
        return next((marker for marker in map(Marker.parse, texts) if marker), None)

    def is_probe(self, entry: Entry) -> bool:
        """Whether this is an entry that ``check`` made."""
        return PROBE in entry.values.get(self._settings.marker_attribute.lower(), ())

    def field_of(self, attribute: str | None) -> str | None:
        """The core's word for an attribute of the directory, where there is one."""
        if attribute is None:
            return None
        if attribute.lower() == self._settings.naming_attribute.lower():
            return "username"
        names = {name.lower(): template for name, template in self._templates.items()}
        template = names.get(attribute.lower())
        return template.sole_field or attribute if template else attribute

    def _rendered(self, profile: Profile) -> dict[str, str]:
        values = {name: usable(value, name) for name, value in asdict(profile).items()}
        # A value of blanks alone is as good as none: directories drop blanks and then refuse the empty rest.
        return {name: text if text.strip() else "" for name, text in self._texts(values).items()}

    def _texts(self, values: Mapping[str, str]) -> dict[str, str]:
        return {name: template.render(values) for name, template in self._templates.items()}

    def _profile(self, values: Mapping[str, list[str]]) -> dict[str, str]:
        seen: dict[str, set[str]] = {}
        for name, template in self._templates.items():
            if template.sole_field is not None:
                seen.setdefault(template.sole_field, set()).update(values.get(name.lower()) or [""])
        # Attributes of one field that disagree show as a text that no profile has, and so as a difference.
        return {field: " / ".join(sorted(texts)) for field, texts in seen.items()}

    def _groups(self, values: Mapping[str, list[str]]) -> frozenset[str]:
        base = self._settings.group_base
        if base is None:
            return frozenset()
        found = values.get(self._settings.member_of_attribute.lower(), ())
        return frozenset(first_value(dn) for dn in found if is_child(dn, base))

    def _username(self, entry: Entry) -> str:
        found = entry.values.get(self._settings.naming_attribute.lower(), [])
        # The attribute may hold further values; the one in the entry's name is the user name.
        if len(found) > 1:
            named = first_value(entry.dn)
            return next((value for value in found if value.lower() == named.lower()), found[0])
        return found[0] if found else ""

    def _scheme_text(self, verifier: Verifier) -> str:
        if verifier.scheme != "argon2id" or not verifier.text.startswith("$argon2id$"):
            raise InvalidAttribute("the directory takes argon2id verifiers only", "verifier")
        return "{ARGON2}" + usable(verifier.text, "verifier")
