"""What a check of a target finds."""

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How much a finding of :meth:`Connector.check` matters."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One result of a check.

    ``subject`` is a stable word: ``reachable``, ``certificate``, ``rights``, ``clock``, ``policy``.
    """

    subject: str
    severity: Severity
    message: str
    remedy: str = ""
    code: str = ""
    """A stable word for what was found, for pages that say it in other words, e.g. ``weak``.
    ``cannot-tell``: this kind of target does not show it."""
    figure: int | None = None
    """Days that the certificate is still valid, or seconds by which the clocks differ."""


SUBJECTS = ("reachable", "certificate", "rights", "clock", "policy")
"""What a check of a target that answers has a finding about, if only that it cannot be told."""
