"""What a look at a target can find. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum

LONGEST_VALUE = 300
LONGEST_NAME = 256
LONGEST_KEY = 260
LONGEST_ID = 200
"""So much of a text from a target is kept: others write there too."""


class Kind(StrEnum):
    """The five kinds."""

    DRIFT = "drift"
    """The entry is not as decided."""
    MISSING = "missing"
    """There should be an entry, and there is none."""
    ORPHAN = "orphan"
    """The entry carries our marker, and stands for no account of ours there."""
    UNMANAGED = "unmanaged"
    """Not ours: counted and listed, never touched."""
    RECORDED = "recorded"
    """Not ours, but made known by a list ("tercatat, belum berpakta"): never touched either."""


class Reason(StrEnum):
    """What is peculiar about a finding."""

    NONE = ""
    OLDER = "older"
    """The entry came back as it was before: it will be disabled and waits for a new password."""
    NEWER = "newer"
    """The entry carries what this store does not know (any more)."""
    NO_ACCOUNT = "no-account"
    """No account bears the marker's id."""
    AT_REST = "at-rest"
    """The account has, or should have, no entry there any more."""
    MARKER_TWICE = "marker-twice"
    """Another entry carries the same marker."""
    OTHER_ENTRY = "other-entry"
    """The marker stands on another entry than the one that was made."""


@dataclass(frozen=True)
class Difference:
    """One field: what should be and what is. ``name``: ``username``, ``enabled`` (``yes``/``no``), ``entitlement``
    (empty: not held), ``marker`` (version and generation), ``presence``, or a field of the profile.
    """

    name: str
    should: str = field(repr=False)
    found: str = field(repr=False)


OF_ENTRIES = frozenset({Kind.ORPHAN, Kind.UNMANAGED, Kind.RECORDED})
"""Findings about an entry; the others are about an account."""


def key_of(kind: Kind, about: str) -> str:
    """The key of a finding about an account's id, or the id of an entry."""
    return f"{kind.value}:{about}"[:LONGEST_KEY]


@dataclass(frozen=True)
class Finding:
    """One finding. ``link_id`` is set where convergence can repair it."""

    kind: Kind
    username: str
    reason: Reason = Reason.NONE
    remote_id: str = ""
    enabled: bool | None = None
    account_id: str | None = None
    link_id: str | None = None
    differences: tuple[Difference, ...] = ()

    @property
    def key(self) -> str:
        """The same for the same finding of another run."""
        return key_of(self.kind, (self.remote_id if self.kind in OF_ENTRIES else self.account_id) or "")

    @property
    def opened_behind_our_back(self) -> bool:
        """Whether an entry can be used that nobody should use: whoever is signed in there has to go."""
        return any(each.name == "enabled" and each.should == "no" for each in self.differences)
