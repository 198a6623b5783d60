"""A finding of a check, and where it was made."""

from collections.abc import Callable
from dataclasses import dataclass

from provisioner.connector import Finding, Severity
from provisioner.errors import ProvisionerError


@dataclass(frozen=True)
class Checked:
    """A finding and where it was made: ``office``, ``keys``, ``store``, ``processes``, ``dispatch``, ``letters``,
    ``signing`` or a target.
    """

    where: str
    finding: Finding


def guarded(where: str, subject: str, check: Callable[[], Finding]) -> Checked:
    """What ``check`` finds; what it raises is an error that was found."""
    try:
        return Checked(where, check())
    except ProvisionerError as error:
        return wrong(where, subject, str(error), "")


def right(where: str, subject: str, message: str) -> Checked:
    """All is well there."""
    return Checked(where, Finding(subject, Severity.OK, message))


def doubtful(where: str, subject: str, message: str, remedy: str) -> Checked:
    """It works, and should be seen to."""
    return Checked(where, Finding(subject, Severity.WARNING, message, remedy))


def wrong(where: str, subject: str, message: str, remedy: str) -> Checked:
    """It has to be mended."""
    return Checked(where, Finding(subject, Severity.ERROR, message, remedy))
