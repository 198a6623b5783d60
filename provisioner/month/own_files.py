"""What ``provisioner check`` finds wrong with the office's own files, keys, letters and store."""

from collections.abc import Iterable, Iterator

from provisioner.bootstrap import Provisioner
from provisioner.checking import Checked, check_own
from provisioner.connector import Severity
from provisioner.month.point import Point, Subject, Urgency

_SAID_ELSEWHERE = frozenset({"second-copy", "end-of-account"})


def own_points(found: Iterable[Checked]) -> Iterator[Point]:
    """What is not as it must be. That an authority runs out is a point of its own; that it cannot sign is said here."""
    for each in found:
        finding = each.finding
        runs_out = finding.subject == "authority" and finding.severity is Severity.WARNING
        if finding.severity is Severity.OK or finding.subject in _SAID_ELSEWHERE or runs_out:
            continue
        urgency = Urgency.NOW if finding.severity is Severity.ERROR else Urgency.MONTH
        facts: dict[str, str | int] = {"message": finding.message, "remedy": finding.remedy}
        yield Point(Subject.CHECK, urgency, about=finding.subject, facts=facts)


def own_files(provisioner: Provisioner) -> Iterator[Point]:
    """The same, looked up now. Renders letters and asks services: it may take seconds."""
    return own_points(check_own(provisioner))
