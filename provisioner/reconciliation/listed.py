"""A system's own list of its users, brought by people, as a look reads it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from provisioner.connector import ListColumn, ReadsLists, RemoteAccount
from provisioner.user_list import Column, ListRefused, Problem, Row, UserList, read_list

USERNAME, STATUS = "username", "status"


@dataclass(frozen=True)
class Ours:
    """What is known of a system's accounts. Names are folded."""

    confirmed: Mapping[str, RemoteAccount] = field(repr=False)
    """What people confirmed to be there, by the name that system gave."""
    others: Mapping[str, RemoteAccount] = field(repr=False)
    """By name: what was removed, and what is asked for and not confirmed. Neither should be in use there."""


@dataclass(frozen=True)
class Listed:
    """What the list shows, and what it leaves out because it names only accounts in use."""

    shown: Mapping[str, RemoteAccount] = field(repr=False)
    """By name."""
    left_out: Mapping[str, RemoteAccount] = field(repr=False)
    """By account."""

    def search(self) -> Iterator[RemoteAccount]:
        """Every account of the list."""
        return iter(self.shown.values())

    def find(self, account_id: str) -> list[RemoteAccount]:
        """At most one: a list with the same name twice is refused."""
        marked = (each for each in self.shown.values() if each.marker and each.marker.account_id == account_id)
        found = next(marked, None) or self.left_out.get(account_id)
        return [found] if found is not None else []


def read_users(system: ReadsLists, source: bytes | str) -> UserList:
    """The rows of an upload or of a pasted text.

    :raises InvalidInput: see :func:`~provisioner.user_list.read_list`. :raises ListRefused: also ``status-unknown``.
    """
    users = read_list(source, [_column(each) for each in system.list_columns()], ignored=system.ignored_columns())
    title = next((each.titles[0] for each in system.list_columns() if each.name == STATUS), STATUS)
    words = ((row.line, row.cells.get(STATUS)) for row in users.rows)
    wrong = [Problem(line, "status-unknown", title) for line, word in words if word and _unknown(system, word)]
    if wrong:
        raise ListRefused(wrong[:20], len(wrong))
    return users


def listed(system: ReadsLists, users: UserList, ours: Ours, *, only_enabled: bool) -> Listed:
    """Each row with the account of ours that has its name; the others are strangers'.

    :param only_enabled: the list names only accounts in use: whoever is in it is, and a disabled one may be missing.
    """
    shown: dict[str, RemoteAccount] = {}
    for row in users.rows:
        name = row.cells[USERNAME].casefold()
        known = ours.confirmed.get(name) or ours.others.get(name)
        shown[name] = _entry(system, row, known, only_enabled=only_enabled)
    absent = (each for name, each in ours.confirmed.items() if name not in shown and not each.enabled)
    left_out = {each.marker.account_id: each for each in absent if each.marker is not None} if only_enabled else {}
    return Listed(shown, left_out)


def stranger_id(username: str) -> str:
    """By what an account that is not ours is known again: people see no id of that system."""
    return username.casefold()[:200]


def _column(column: ListColumn) -> Column:
    is_name = column.name == USERNAME
    return Column(column.name, column.titles, required=is_name, unique=is_name, sole=is_name)


def _unknown(system: ReadsLists, word: str) -> bool:
    return system.means_enabled(word) is None


def _entry(system: ReadsLists, row: Row, known: RemoteAccount | None, *, only_enabled: bool) -> RemoteAccount:
    word = row.cells.get(STATUS)
    told = system.means_enabled(word) if word else True if only_enabled else None
    if known is None:
        name = row.cells[USERNAME]
        enabled = True if told is None else told
        return RemoteAccount(stranger_id(name), name, None, enabled=enabled, must_change=None)
    return RemoteAccount(
        known.remote_id,
        row.cells[USERNAME],
        known.marker,
        enabled=known.enabled if told is None else told,
        must_change=None,
        profile={**known.profile, **_profile(row, known.profile)},
    )


def _profile(row: Row, noted: Mapping[str, str]) -> dict[str, str]:
    """Fields that the list shows. Capitals and spaces make no difference: many systems write names in capitals."""
    shown = {name: text for name, text in row.cells.items() if name not in (USERNAME, STATUS)}
    return {name: noted[name] if _same(noted.get(name), text) else text for name, text in shown.items()}


def _same(noted: str | None, text: str) -> bool:
    return noted is not None and _folded(noted) == _folded(text)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
