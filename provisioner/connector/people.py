"""Targets that only people operate: the board of tasks, the officer on duty, and lists that people bring."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from provisioner.connector.entry import Marker, RemoteAccount


@dataclass(frozen=True)
class Task:
    """A card for a person: what to do at a system only people can operate."""

    target: str
    account_id: str
    version: int
    action: str
    """``create``, ``update``, ``suspend``, ``resume``, ``reset``, ``delete``."""
    fields: Sequence[tuple[str, str]]
    """(label, value) in the order of that system's screen."""


@dataclass(frozen=True)
class TaskState:
    """What the board knows of the person's work for one account: the last version asked and the last confirmed."""

    asked: Marker | None
    done: RemoteAccount | None
    card: str | None = None
    """Which card is open now: a person may be at it, and may have done it already."""


class TaskBoard(Protocol):
    """Where a connector for people pins its cards. The core keeps the board; asking is idempotent per version."""

    def ask(self, task: Task, seen: TaskState) -> None:
        """Pin a card; a card for the same target and account with an older version is superseded.

        :param seen: what the question was made from.
        :raises StaleVersion: a person has confirmed something since, or another card was pinned. Nothing is pinned.
        """

    def state(self, target: str, account_id: str) -> TaskState:
        """What was asked and what a person confirmed as done."""

    def confirmed(self, target: str) -> Iterator[RemoteAccount]:
        """Every account a person confirmed as existing there."""


@runtime_checkable
class AsksPeople(Protocol):
    """A call only *asks*: a person must carry it out. ``get`` and ``find`` tell what was confirmed as done.

    ``create`` and ``update`` return a :class:`RemoteAccount` with ``pending=True``.
    """

    def first_change_hint(self) -> str:
        """Where the operator changes the initial password, e.g. ``ganti kata sandi di SIAK``."""


@dataclass(frozen=True)
class DutyOfficer:
    """Who is called when work at a system cannot wait."""

    name: str
    phone: str = field(repr=False)
    """As it was typed into the settings."""


@runtime_checkable
class HasDutyOfficer(Protocol):
    """Somebody can be called about a system that people operate."""

    def duty_officer(self) -> DutyOfficer | None:
        """None: the settings name nobody."""


@dataclass(frozen=True)
class ListColumn:
    """A column that a system's own list of its users may have.

    ``name``: ``username``, ``status`` (in use or not) or a field of :class:`Profile`.
    """

    name: str
    titles: tuple[str, ...]
    """What may stand above it."""
    label: str = ""
    """What a card calls it; empty for ``status``."""


@runtime_checkable
class ReadsLists(Protocol):
    """The target cannot be read, but people can bring the list of users that it shows or exports."""

    def list_columns(self) -> Sequence[ListColumn]:
        """What is understood of such a list; among it ``username``."""

    def ignored_columns(self) -> Sequence[str]:
        """Titles that are passed over on purpose."""

    def means_enabled(self, status: str) -> bool | None:
        """What a word in the column ``status`` means; None: it is not known."""
