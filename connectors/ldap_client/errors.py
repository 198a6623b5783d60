"""The one table from LDAP's answers and ldap3's exceptions to the port's errors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ldap3.core import exceptions as vendor

from connectors.ldap_client.password_policy import PolicyAnswer
from provisioner.connector import (
    AccountExists,
    ConnectorError,
    InDoubt,
    InvalidAttribute,
    PermissionDenied,
    PolicyViolation,
    ProtocolError,
    StaleVersion,
    TargetUnavailable,
    UnknownAccount,
)

SUCCESS = 0
NO_SUCH_ATTRIBUTE = 16
CONSTRAINT_VIOLATION = 19
VALUE_EXISTS = 20
NO_SUCH_OBJECT = 32
INAPPROPRIATE_AUTHENTICATION = 48
INVALID_CREDENTIALS = 49
INSUFFICIENT_ACCESS = 50
UNWILLING = 53
OBJECT_CLASS_VIOLATION = 65
ENTRY_EXISTS = 68
ASSERTION_FAILED = 122

RESULTS: Mapping[int, type[ConnectorError] | None] = {
    SUCCESS: None,
    1: ProtocolError,  # operationsError
    2: ProtocolError,  # protocolError
    3: TargetUnavailable,  # timeLimitExceeded
    4: PermissionDenied,  # sizeLimitExceeded: the server's limit for our account
    5: None,  # compareFalse
    6: None,  # compareTrue
    7: PermissionDenied,  # authMethodNotSupported
    8: PermissionDenied,  # strongerAuthRequired
    9: ProtocolError,  # reserved
    10: TargetUnavailable,  # referral: this address is a read-only copy, or holds another part of the tree
    11: PermissionDenied,  # adminLimitExceeded
    12: ProtocolError,  # unavailableCriticalExtension
    13: PermissionDenied,  # confidentialityRequired
    14: None,  # saslBindInProgress
    NO_SUCH_ATTRIBUTE: StaleVersion,  # every deletion we send is of the marker that was read
    17: InvalidAttribute,  # undefinedAttributeType
    18: InvalidAttribute,  # inappropriateMatching
    CONSTRAINT_VIOLATION: InvalidAttribute,
    VALUE_EXISTS: InvalidAttribute,
    21: InvalidAttribute,  # invalidAttributeSyntax
    NO_SUCH_OBJECT: UnknownAccount,
    33: ProtocolError,  # aliasProblem
    34: InvalidAttribute,  # invalidDNSyntax
    36: ProtocolError,  # aliasDereferencingProblem
    INAPPROPRIATE_AUTHENTICATION: PermissionDenied,
    INVALID_CREDENTIALS: PermissionDenied,
    INSUFFICIENT_ACCESS: PermissionDenied,
    51: TargetUnavailable,  # busy
    52: TargetUnavailable,  # unavailable
    UNWILLING: PermissionDenied,
    54: ProtocolError,  # loopDetected
    64: InvalidAttribute,  # namingViolation
    OBJECT_CLASS_VIOLATION: InvalidAttribute,
    66: PermissionDenied,  # notAllowedOnNonLeaf: somebody put entries below an account
    67: InvalidAttribute,  # notAllowedOnRDN
    ENTRY_EXISTS: AccountExists,
    69: InvalidAttribute,  # objectClassModsProhibited
    71: ProtocolError,  # affectMultipleDSAs
    80: TargetUnavailable,  # other: slapd's "internal error", usually a full disk or database
    113: TargetUnavailable,  # lcupResourcesExhausted
    114: PermissionDenied,  # lcupSecurityViolation
    115: ProtocolError,  # lcupInvalidData
    116: ProtocolError,  # lcupUnsupportedScheme
    117: ProtocolError,  # lcupReloadRequired
    118: TargetUnavailable,  # canceled
    119: ProtocolError,  # noSuchOperation
    120: ProtocolError,  # tooLate
    121: ProtocolError,  # cannotCancel
    ASSERTION_FAILED: StaleVersion,  # assertionFailed: every assertion we send is about the marker that was read
    123: PermissionDenied,  # authorizationDenied
    4096: ProtocolError,  # e-syncRefreshRequired
}
"""By result code (RFC 4511 and the registry that ldap3 knows). None: not an error."""

LOST_ANSWERS: tuple[type[Exception], ...] = (
    vendor.LDAPSocketReceiveError,
    vendor.LDAPSessionTerminatedByServerError,
    vendor.LDAPResponseTimeoutError,
)
"""The request was sent whole and no answer came: a write may have happened."""

NOT_SENT: tuple[type[Exception], ...] = (
    vendor.LDAPSocketOpenError,
    vendor.LDAPSocketCloseError,
    vendor.LDAPSocketSendError,
    vendor.LDAPStartTLSError,
    vendor.LDAPCertificateError,
    OSError,
)
"""Nothing reached the server whole. (A receive error is an OSError too: the table above is asked first.)"""

_BLAMED = re.compile(r"^([A-Za-z][A-Za-z0-9-]*): |attribute '([A-Za-z][A-Za-z0-9-]*)'")


@dataclass(frozen=True)
class Answer:
    """A server's answer to one request."""

    code: int
    description: str = ""
    message: str = ""
    value: bytes | None = None
    policy: PolicyAnswer = field(default_factory=PolicyAnswer)
    read_back: Mapping[str, Any] = field(default_factory=dict)

    @property
    def blamed(self) -> str | None:
        """The attribute that the server's text complains about, where it names one."""
        found = _BLAMED.search(self.message)
        return (found[1] or found[2]) if found else None


def refusal(answer: Answer, doing: str) -> ConnectorError:
    """The port's error for an answer that is not a success."""
    said = f": {answer.message[:200]}" if answer.message else ""
    text = f"{doing}: the directory answers {answer.description or 'an unknown result'} ({answer.code}){said}"
    if answer.policy.rule is not None:
        return PolicyViolation(text, answer.policy.rule)
    kind = RESULTS.get(answer.code)
    if kind is InvalidAttribute:
        return InvalidAttribute(text, answer.blamed)
    return (kind or ProtocolError)(text)


def breakdown(error: Exception, doing: str, *, writing: bool) -> ConnectorError:
    """The port's error for what went wrong on the way.

    :param writing: whether this request, or an earlier one of the same call, changes something.
    """
    if isinstance(error, LOST_ANSWERS):
        kind: type[ConnectorError] = InDoubt if writing else TargetUnavailable
        return kind(f"{doing}: no answer from the directory ({_reason(error)})")
    if isinstance(error, NOT_SENT):
        return TargetUnavailable(f"{doing}: the directory cannot be reached ({_reason(error)})")
    # The text of other exceptions may hold a value that was sent: only its kind is told.
    return ProtocolError(f"{doing}: the answer makes no sense ({type(error).__name__})")


def _reason(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
