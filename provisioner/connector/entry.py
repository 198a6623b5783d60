"""An account as a target holds it: our marker in it, the person's data, and what is asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

MARKER_PREFIX = "siak-provisioner"


@dataclass(frozen=True)
class Marker:
    """What makes an entry ours: written into the target's entry in the same call that creates or changes it.

    ``version`` is the account's desired version that was last applied there; ``generation`` the generation of the
    initial password last written there (0: none yet).
    """

    account_id: str
    version: int
    generation: int = 0

    def __str__(self) -> str:
        return f"{MARKER_PREFIX}:{self.account_id}:{self.version}:{self.generation}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a marker's text form; None when the text is not one of ours."""
        parts = text.split(":")
        if len(parts) != 4 or parts[0] != MARKER_PREFIX or not parts[1]:
            return None
        if not (parts[2].isdecimal() and parts[3].isdecimal()):
            return None
        return cls(parts[1], int(parts[2]), int(parts[3]))


@dataclass(frozen=True)
class Verifier:
    """A one-way form of a password. ``scheme`` is e.g. ``argon2id`` (``text`` a PHC string)."""

    scheme: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Profile:
    """The person's data as targets need them; a target takes what its attribute templates ask for."""

    full_name: str
    display_name: str
    """With titles: ``Dewi Lestari Handayani, A.Md.``"""
    role: str
    """Identifier from the office's role catalogue, e.g. ``OPERATOR_DAFDUK``."""
    region: str
    """Code from the office's region list, e.g. ``35.76.02``."""
    org_unit: str = ""
    position: str = ""
    mail: str = ""
    phone: str = ""
    staff_number: str = ""
    valid_until: str = ""
    """ISO date or empty."""
    role_name: str = ""
    """What the office called the role when it was given, e.g. ``Operator pendaftaran penduduk``."""
    region_name: str = ""
    """The same of the region, e.g. ``Kecamatan Magersari``."""

    def values(self) -> Mapping[str, str]:
        """The fields by name."""
        return vars(self)


@dataclass(frozen=True)
class NewAccount:
    """An entry to be created whole in one call."""

    username: str
    marker: Marker
    profile: Profile
    verifier: Verifier | None = None
    """None: nobody can sign in until one is set."""
    must_change: bool = True
    enabled: bool = True


@dataclass(frozen=True)
class Changes:
    """One conditional change, applied whole or not at all. None means: leave as it is."""

    username: str | None = None
    profile: Profile | None = None
    enabled: bool | None = None
    verifier: Verifier | None = None
    must_change: bool | None = None


@dataclass(frozen=True)
class RemoteAccount:
    """An entry as it is in the target now. Never holds a password or verifier."""

    remote_id: str
    """The target's immutable id of the entry (entryUUID, primary key): survives a rename."""
    username: str
    marker: Marker | None
    """None: a stranger's entry."""
    enabled: bool
    must_change: bool | None
    """Whether the target still demands the first change; None where it cannot tell."""
    profile: Mapping[str, str] = field(default_factory=dict)
    """The profile fields this target stores, by :class:`Profile` field name, for comparison."""
    entitlements: frozenset[str] = frozenset()
    pending: bool = False
    """True where a person has been asked and has not confirmed yet (see :class:`AsksPeople`)."""
