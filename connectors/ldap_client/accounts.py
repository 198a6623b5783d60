"""Finding accounts in a directory."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from connectors.ldap_client import wire
from connectors.ldap_client.entry import DescribedEntry
from connectors.ldap_client.names import is_child, present, usable
from connectors.ldap_client.session import Entry, Session
from connectors.ldap_client.tree import TreeSettings
from provisioner.connector import MARKER_PREFIX, AccountExists, RemoteAccount, Sought, UnknownAccount


class Accounts:
    """Questions that are asked on a session."""

    def __init__(self, settings: TreeSettings, shape: DescribedEntry) -> None:
        self._tree = settings
        self._shape = shape
        self._base = settings.search_base or settings.people_base

    def by_username(self, session: Session, username: str, *further: str) -> Entry | None:
        """The entry of this user name, compared as the directory compares; one where we create comes first. With it
        come ``further`` attributes.
        """
        return self._preferred(session.find(self._base, self._named(username), [*self._shape.attributes, *further]))

    def refuse_name(self, session: Session, username: str, own_id: str | None = None) -> None:
        """Nothing, when nobody has the name, or only the entry with ``own_id``.

        :raises AccountExists: somebody else has it.
        """
        holder = self.by_username(session, username)
        if holder is not None:
            account = self._shape.account(holder)
            if account.remote_id != own_id:
                raise AccountExists(f"the name {username} is taken", account.marker, account.remote_id)

    def refuse_second(self, session: Session, account_id: str) -> None:
        """Nothing, when the account has no entry yet.

        :raises AccountExists: it has one.
        """
        for entry in self.by_account(session, account_id):
            account = self._shape.account(entry)
            raise AccountExists(f"the account has an entry {account.username}", account.marker, account.remote_id)

    def _is_ours_to_fill(self, dn: str) -> bool:
        return any(is_child(dn, base) for base in self._tree.bases)

    def by_account(self, session: Session, account_id: str) -> list[Entry]:
        """Every entry with our marker for this account."""
        return self._of_account(session.find(self._base, self._marked(account_id), self._shape.attributes), account_id)

    def several(self, session: Session, sought: Sequence[Sought]) -> list[tuple[list[Entry], Entry | None]]:
        """For each what :meth:`by_account` and :meth:`by_username` find, in one question."""
        where = wire.any_of(
            part for each in sought for part in (self._marked(each.account_id), self._named(each.username))
        )
        found = session.find(self._base, where, self._shape.attributes)
        # Each entry is looked at once, not once for everybody who is sought.
        marked, named = self._by_account_id(found), self._by_folded_name(found)
        return [
            (marked.get(each.account_id, []), self._preferred(named.get(_folded(each.username), []))) for each in sought
        ]

    def pages(self, session: Session, timeout: float) -> Iterator[list[Entry]]:
        """Everything with a user name, page by page, without the entries of ``check``."""
        where = present(self._tree.naming_attribute)
        for page in session.pages(self._base, where, self._shape.attributes, self._tree.page_size, timeout):
            yield [entry for entry in page if not self._shape.is_probe(entry)]

    def find_id(self, session: Session, remote_id: str, attributes: list[str] | None = None) -> Entry | None:
        """The entry with this immutable id, wherever it is now."""
        where = wire.equals(self._shape.id_attribute, usable(remote_id, "remote_id"))
        found = session.find(self._base, where, attributes or self._shape.attributes)
        return found[0] if found else None

    def locate(self, session: Session, account: RemoteAccount, dn: str | None = None) -> Entry:
        """The entry of an account by its immutable id; looked for under its name first, which needs no index.

        :raises UnknownAccount: there is none.
        """
        entry = session.read(dn or self._shape.dn(account.username), self._shape.attributes)
        if entry is None or entry.first(self._shape.id_attribute) != account.remote_id:
            entry = self.find_id(session, account.remote_id)
        if entry is None:
            raise UnknownAccount(f"no entry with the id {account.remote_id} in the directory")
        return entry

    def _named(self, username: str) -> bytes:
        return wire.equals(self._tree.naming_attribute, usable(username, "username"))

    def _marked(self, account_id: str) -> bytes:
        prefix = ":".join((MARKER_PREFIX, usable(account_id, "account_id"), ""))
        return wire.begins(self._tree.marker_attribute, prefix)

    def _of_account(self, found: Sequence[Entry], account_id: str) -> list[Entry]:
        # The directory folds case and blanks; an id does not.
        return [entry for entry in found if (marker := self._shape.marker(entry)) and marker.account_id == account_id]

    def _by_account_id(self, found: Sequence[Entry]) -> Mapping[str, list[Entry]]:
        """As :meth:`_of_account`, for every account among them."""
        entries: dict[str, list[Entry]] = {}
        for entry in found:
            if marker := self._shape.marker(entry):
                entries.setdefault(marker.account_id, []).append(entry)
        return entries

    def _by_folded_name(self, found: Sequence[Entry]) -> Mapping[str, list[Entry]]:
        """The entries that the directory means by a name."""
        entries: dict[str, list[Entry]] = {}
        for entry in found:
            for name in set(map(_folded, entry.values.get(self._tree.naming_attribute.lower(), ()))):
                entries.setdefault(name, []).append(entry)
        return entries

    def _preferred(self, found: Sequence[Entry]) -> Entry | None:
        """One where we create comes first."""
        if len(found) == 1:
            return found[0]
        return min(found, key=lambda entry: not self._is_ours_to_fill(entry.dn), default=None)


def _folded(text: str) -> str:
    """As caseIgnoreMatch compares (RFC 4518): without regard to case, width and the number of blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
