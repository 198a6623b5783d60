"""One point of the month's list, as a word and figures. Each front end says it in its own language."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Urgency(StrEnum):
    """How soon something has to be done, the most urgent first."""

    NOW = "now"
    """It is late, or there is less than a week."""
    MONTH = "month"
    """This month."""
    UNKNOWN = "unknown"
    """Nothing is known of it here; somebody has to look elsewhere, or say where it can be read."""
    GOOD = "good"


class Subject(StrEnum):
    """What is looked at. A stable word."""

    SITE_CERTIFICATE = "site-certificate"
    AUTHORITY = "authority"
    TARGET_CERTIFICATE = "target-certificate"
    TIMESTAMP_ROOTS = "timestamp-roots"
    BSRE_ROOTS = "bsre-roots"
    BACKUP = "backup"
    DISK = "disk"
    DATABASE_DISK = "database-disk"
    MEMORY = "memory"
    UPDATES = "updates"
    UPDATE_LISTS = "update-lists"
    RESTART = "restart"
    PROGRAM = "program"
    SECOND_COPY = "second-copy"
    ANCHORS = "anchors"
    ANCHORS_HERE = "anchors-here"
    SECOND_FACTOR = "second-factor"
    FIRST_PASSWORD = "first-password"  # noqa: S105  A word, not a password.
    OFFICIAL_OVER = "official-over"
    OFFICIAL_ENDS = "official-ends"
    ACCOUNTS_END = "accounts-end"
    PACTS_LAPSE = "pacts-lapse"
    RETENTION = "retention"
    TARGET_FINDING = "target-finding"
    TARGET_UNCHECKED = "target-unchecked"
    CLOCK = "clock"
    LINKS_FAILED = "links-failed"
    TARGET_PAUSED = "target-paused"
    TARGET_DOWN = "target-down"
    ENVELOPES = "envelopes"
    RELEASES = "releases"
    CHECK = "check"
    """A finding of ``provisioner check`` about the office's own files, keys or store; ``about`` is its subject."""


@dataclass(frozen=True)
class Point:
    """``about``: which one, where there are several (a system's label, an official's user name)."""

    subject: Subject
    urgency: Urgency
    due: date | None = None
    """The last day, where there is one."""
    about: str = ""
    facts: dict[str, str | int] = field(default_factory=dict)
    """What the sentences need. Neither secrets nor applicants."""


_ORDER = {urgency: place for place, urgency in enumerate(Urgency)}
NEAR_DAYS = 7
MONTH_DAYS = 31


def by_urgency(points: Iterable[Point]) -> list[Point]:
    """The most urgent first; of the same urgency whose last day is next."""
    return sorted(points, key=lambda each: (_ORDER[each.urgency], each.due or date.max, each.subject, each.about))


def urgency_of(due: date, today: date, month_days: int = MONTH_DAYS) -> Urgency:
    """How urgent a last day is. ``month_days``: from how far away it counts."""
    left = (due - today).days
    if left < NEAR_DAYS:
        return Urgency.NOW
    return Urgency.MONTH if left <= month_days else Urgency.GOOD
