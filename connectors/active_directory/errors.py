"""The one table from Active Directory's answers to the port's errors.

An LDAP result code says little here: ``unwillingToPerform`` stands for a dozen reasons. The reason is a Windows error
code in hexadecimal (MS-ERREF 2.2) at the beginning of the diagnostic message, or, when a bind is refused, after
``data``. Nothing else of that message is repeated: it may hold values.
"""

import re
from collections.abc import Mapping

from connectors.ldap_client.errors import INVALID_CREDENTIALS, RESULTS, Answer
from provisioner.connector import (
    AccountExists,
    ConnectorError,
    InvalidAttribute,
    Outcome,
    PermissionDenied,
    PolicyViolation,
    ProtocolError,
    TargetUnavailable,
    UnknownAccount,
)

ACCESS_DENIED = 0x5
WRONG_PASSWORD = 0x56
NOT_A_MEMBER = 0x561
PASSWORD_RESTRICTION = 0x52D
MUST_CHANGE = 0x773

REASONS: Mapping[int, type[ConnectorError]] = {
    ACCESS_DENIED: PermissionDenied,
    0x1F: PermissionDenied,  # GEN_FAILURE: what Windows says to a password that comes without TLS
    WRONG_PASSWORD: PermissionDenied,  # INVALID_PASSWORD: the old one, when a password is changed
    0x524: AccountExists,  # USER_EXISTS
    0x525: UnknownAccount,  # NO_SUCH_USER
    PASSWORD_RESTRICTION: PolicyViolation,  # PASSWORD_RESTRICTION: too short, too simple, too young, in the history
    0x775: PermissionDenied,  # ACCOUNT_LOCKED_OUT
    0x200E: TargetUnavailable,  # DS_BUSY
    0x200F: TargetUnavailable,  # DS_UNAVAILABLE
    0x202B: TargetUnavailable,  # DS_REFERRAL: this address is a read-only copy, or holds another domain
    0x2030: UnknownAccount,  # DS_NO_SUCH_OBJECT
    0x2071: AccountExists,  # DS_OBJ_STRING_NAME_EXISTS
    0x2098: PermissionDenied,  # DS_INSUFF_ACCESS_RIGHTS
    0x21C8: AccountExists,  # DS_UPN_VALUE_NOT_UNIQUE_IN_FOREST
}
"""By Windows error code; what is not here is told by the LDAP result code."""

OUTCOMES: Mapping[int, Outcome] = {
    0x525: Outcome.REJECTED,  # no such user
    0x52E: Outcome.REJECTED,  # wrong password; Samba says so for an unknown user too
    0x52F: Outcome.LOCKED,  # ACCOUNT_RESTRICTION
    0x530: Outcome.LOCKED,  # not at this hour
    0x531: Outcome.LOCKED,  # not from this machine
    0x532: Outcome.MUST_CHANGE,  # the password has expired: it is right, and nothing but changing it is allowed
    0x533: Outcome.LOCKED,  # disabled
    0x568: Outcome.LOCKED,  # TOO_MANY_CONTEXT_IDS: in too many groups to get in
    0x569: Outcome.LOCKED,  # LOGON_TYPE_NOT_GRANTED
    0x701: Outcome.EXPIRED,  # the account
    MUST_CHANGE: Outcome.MUST_CHANGE,
    0x775: Outcome.LOCKED,  # too many wrong passwords
}
"""Why a person's bind was refused. A code that is not here, or none, counts as rejected: nobody is let in, and whoever
guesses learns nothing."""

CANNOT_TELL: Mapping[int, type[ConnectorError]] = {
    0x51F: TargetUnavailable,  # NO_LOGON_SERVERS: the domain controller cannot reach what it needs
    0x54F: TargetUnavailable,  # INTERNAL_ERROR
}
"""A refused bind that says nothing about the person."""

_REASON = re.compile(r"^([0-9A-Fa-f]{8}):|, data ([0-9A-Fa-f]+),")


def reason(answer: Answer) -> int:
    """The Windows error code in an answer; 0 when it names none."""
    # A refused bind begins with a code of the security package; the one after "data" is meant.
    found = {bool(bind): bind or begin for begin, bind in _REASON.findall(answer.message)}
    return int(found.get(True) or found.get(False) or "0", 16)


def refusal(answer: Answer, doing: str) -> ConnectorError:
    """The port's error for an answer that is not a success."""
    code = reason(answer)
    said = f", {code:08X}" if code else ""
    text = f"{doing}: the domain controller answers {answer.description or 'an unknown result'} ({answer.code}{said})"
    kind = REASONS.get(code) if answer.code != INVALID_CREDENTIALS else None
    kind = kind or RESULTS.get(answer.code) or ProtocolError
    return InvalidAttribute(text, answer.blamed) if kind is InvalidAttribute else kind(text)
