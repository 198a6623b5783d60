"""What an inspector asks to see by itself: what is allowed and yet not the plain way, and what should not be. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DeviationKind(StrEnum):
    """Kinds, in the order in which they are shown."""

    ACTING = "acting-official"
    """A Plt. or Plh. acted, by an order."""
    PACT_BY_ACTING = "pact-by-acting"
    """A pact was signed by who acts for the holder of the post."""
    ON_PAPER = "paper-disposition"
    """A disposition that was initialled on paper, and recorded by somebody else."""
    TWO_STEPS = "two-steps"
    """One person took two steps of one request."""
    LATE_STEP = "late-step"
    """A step took more working time than the SOP gives it."""
    LATE_CARD = "late-card"
    """Work at a system that people operate was done after its time."""
    PASSWORD_SEEN = "password-seen"  # noqa: S105  (no password, a word for one)
    """An initial password that an official typed, and so saw."""
    REPLACEMENT_CODE = "replacement-code"
    """A ticket was replaced by the office."""
    ENVELOPE_ALARM = "envelope-alarm"
    """Somebody else tried to open an envelope that was open already."""
    ENVELOPE_AGAIN = "envelope-shown-again"
    """The same browser showed an envelope again."""
    WITHOUT_PACT = "without-pact"
    """An account without a pact that holds, at the end of the period."""
    LONG_SUSPENDED = "long-suspended"
    """An account that was suspended for long at the end of the period."""


@dataclass(frozen=True)
class Deviation:
    """One. Ids are empty where there is none; ``facts`` depend on the kind."""

    kind: DeviationKind
    at: datetime
    who: str = ""
    """Post and name of the official concerned, as they were written down."""
    letter_id: str = ""
    letter_number: str = ""
    request_id: str = ""
    request_number: str = ""
    account_id: str = ""
    username: str = ""
    facts: Mapping[str, str | int] = field(default_factory=dict)
    """``act``, ``step``, ``steps``, ``desk``, ``minutes``, ``standard`` (working minutes), ``target``, ``task``,
    ``order``, ``reason``, ``asked_by``, ``agreed_by``, ``days``."""
