"""What a target, or the way to it, did not allow, told by meaning."""

from typing import ClassVar

from provisioner.connector.entry import Marker


class ConnectorError(Exception):
    """Something a target, or the way to it, did not allow. ``args[0]`` is a sentence free of secrets."""

    retryable: ClassVar[bool] = False


class TargetUnavailable(ConnectorError):
    """The target cannot be reached or says it is busy. Nothing was changed."""

    retryable = True


class InDoubt(ConnectorError):
    """A write was sent and no answer came in time. The entry must be read again before anything is shown as done."""

    retryable = True


class AccountExists(ConnectorError):
    """The user name is taken. ``marker`` tells whose it is: ours, or None for a stranger's entry."""

    def __init__(self, message: str, marker: "Marker | None" = None, remote_id: str | None = None) -> None:
        super().__init__(message)
        self.marker = marker
        self.remote_id = remote_id


class UnknownAccount(ConnectorError):
    """The entry is not there (any more)."""


class StaleVersion(ConnectorError):
    """The entry's marker is not the one the caller had read: a newer writer was there. Nothing was changed."""


class PermissionDenied(ConnectorError):
    """The target refuses us this right (or our own sign-in)."""


class PolicyViolation(ConnectorError):
    """The target's password policy refuses the value, or would not enforce the first change.

    ``rule`` is one of ``too-short, too-long, too-young, in-history, quality, not-enforced, other``.
    """

    def __init__(self, message: str, rule: str = "other") -> None:
        super().__init__(message)
        self.rule = rule


class InvalidAttribute(ConnectorError):
    """The target refuses a value. ``attribute`` names it in the core's words where known."""

    def __init__(self, message: str, attribute: str | None = None) -> None:
        super().__init__(message)
        self.attribute = attribute


class ChangesUnknown(ConnectorError):
    """The target cannot tell (any more) what changed since a cursor, or not in full: it has to be read in full.

    ``reason`` is one of ``cursor`` (too old, of another database, of a server that is behind), ``memberships``
    (somebody else changed groups, and the target does not tell whose memberships changed), ``unsupported``.
    """

    def __init__(self, message: str, reason: str = "cursor") -> None:
        super().__init__(message)
        self.reason = reason


class ProtocolError(ConnectorError):
    """The answer makes no sense, or no entry of the connector's error table knows it."""
