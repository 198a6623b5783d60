"""Whether an operator has to sign the pact anew, why, and by when. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from provisioner.pact import PactText
from provisioner.settings import PactSettings


class DueReason(StrEnum):
    """Why a pact has to be signed anew. The value is also the reason of a suspension that follows from it."""

    NOT_RENEWED = "pact-not-renewed"
    """The office has a new revision."""
    LAPSED = "pact-lapsed"
    """The pact's own time comes to its end."""


REASONS = frozenset(reason.value for reason in DueReason)
"""Of suspensions that end by themselves when the operator has signed."""


@dataclass(frozen=True)
class SignedLast:
    """What the operator of an account signed last, and the time that an official gave them beyond the rule."""

    revision: str | None
    lapses_on: date | None
    extended_to: date | None = None


@dataclass(frozen=True)
class PactDue:
    """A pact to be signed anew."""

    reason: DueReason
    revision: str
    """The one to be signed."""
    by: date
    """The last day."""
    days_left: int
    """0: today is the last day; below 0: it is late."""
    suspends: bool
    """Whether the account is suspended after the last day."""

    @property
    def late(self) -> bool:
        """The last day is over: signing in leads to signing and nowhere else."""
        return self.days_left < 0


@dataclass(frozen=True)
class PactRules:
    """The office's text of today and its settings."""

    text: PactText
    settings: PactSettings

    def due(self, signed: SignedLast, today: date) -> PactDue | None:
        """What is to be signed; the earlier one of two reasons. None: nothing, or not yet."""
        found = [self._one(reason, day, signed, today) for reason, day in self._days(signed, today)]
        # One that suspends is not hidden by an earlier one that does not.
        suspending = [each for each in found if each.suspends and each.late]
        return min(suspending or found, key=lambda each: each.by, default=None)

    def _days(self, signed: SignedLast, today: date) -> Iterator[tuple[DueReason, date]]:
        if self.text.sign_by is not None and signed.revision != self.text.revision:
            yield DueReason.NOT_RENEWED, self.text.sign_by
        ends, first = signed.lapses_on, timedelta(days=self.settings.first_reminder)
        if ends is not None and today >= ends - first:
            yield DueReason.LAPSED, ends

    def _one(self, reason: DueReason, day: date, signed: SignedLast, today: date) -> PactDue:
        by = max(day, signed.extended_to or day)
        suspends = reason is DueReason.LAPSED or self.settings.suspend_unsigned
        return PactDue(reason, self.text.revision, by, (by - today).days, suspends)
