"""Reading more than one entry at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from provisioner.connector.entry import RemoteAccount


@dataclass(frozen=True)
class Sought:
    """An account that is looked for: by the id in its marker, and by the name it should have."""

    account_id: str
    username: str


@dataclass(frozen=True)
class Seen:
    """What :meth:`Connector.find` and :meth:`Connector.get` would tell of a :class:`Sought`."""

    found: list[RemoteAccount]
    named: RemoteAccount | None


@runtime_checkable
class ReadsSeveral(Protocol):
    """The target can be asked about several accounts in one call."""

    def read_several(self, sought: Sequence[Sought]) -> list[Seen]:
        """For each, in order, what ``find`` and ``get`` tell."""


@dataclass(frozen=True)
class News:
    """A part of what happened at a target since a cursor. Every part names other entries; the last has a cursor."""

    changed: Sequence[RemoteAccount] = ()
    """Entries that are new or were changed (or may have been), ours and strangers', as they are now."""
    gone: Sequence[str] = ()
    """``remote_id`` of entries that are not there any more; some may never have been accounts."""
    unchanged: Sequence[str] = ()
    """``remote_id`` of entries that are there as they were: told only where ``complete`` is going to be."""
    complete: bool = False
    """In the last part: whatever no part has named is not there any more."""
    cursor: str | None = None
    """In the last part, and only there: where the next question begins. Opaque text."""


@runtime_checkable
class TellsChanges(Protocol):
    """The target can tell which entries changed. Telling a change twice, or one that was none, is harmless."""

    sees_removals: bool
    """Whether entries that were removed are told; if not, only a full reading misses them."""

    def cursor(self) -> str | None:
        """Where a question begins that is to tell everything from now on; None: this server cannot tell after all."""

    def changes(self, cursor: str) -> Iterator[News]:
        """Everything since ``cursor``, streamed.

        :raises ChangesUnknown: see there; perhaps only after some parts, which then say nothing reliable.
        """
