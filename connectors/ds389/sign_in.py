"""Signing in to 389 Directory Server, and hearing why it refuses a new password."""

import re
from collections.abc import Mapping
from dataclasses import replace

from connectors.ldap_client.changes import replaced_by
from connectors.ldap_client.entry import PASSWORD
from connectors.ldap_client.errors import (
    CONSTRAINT_VIOLATION,
    INAPPROPRIATE_AUTHENTICATION,
    INVALID_CREDENTIALS,
    SUCCESS,
    UNWILLING,
    Answer,
)
from connectors.ldap_client.password_policy import RULES, PolicyAnswer
from connectors.ldap_client.session import Session
from connectors.ldap_client.sign_in import SignIn

REASONS: Mapping[str, str] = {
    r"must be at least \d+ characters long": "too-short",
    r"password in history": "in-history",
    r"within password minimum age": "too-young",
    r"password too long|exceeds? the maximum": "too-long",
    r"invalid password syntax": "quality",
}
"""What the server says of a password, in the order in which it is looked for, to ``rule`` of
:class:`~provisioner.connector.PolicyViolation`. The control says "quality" for all of them, or nothing."""

_ERRORS = {rule: error for error, rule in RULES.items()}


class Ds389SignIn(SignIn):
    """The server refuses to bind a suspended entry (unwillingToPerform), whatever the password, and one with too many
    wrong passwords (constraintViolation).
    """

    refusing = frozenset((INVALID_CREDENTIALS, INAPPROPRIATE_AUTHENTICATION, CONSTRAINT_VIOLATION, UNWILLING))

    def _change(self, session: Session, dn: str, before: bytes, after: bytes) -> Answer:
        """By RFC 3062. The server gives no reason there when its policy refuses the password; asked for the same by a
        plain modify, on the same connection and under the same policy, it does.
        """
        answer = session.change_password(before, after)
        if answer.code != CONSTRAINT_VIOLATION:
            return answer
        reason = session.modify(dn, {PASSWORD: replaced_by(after)})
        if reason.code == SUCCESS:
            return reason
        rule = rule_of(reason.message)
        # The server's text is about the rule, but it is not needed any more and might quote the password one day.
        return replace(answer, message="", policy=PolicyAnswer(_ERRORS[rule]) if rule else answer.policy)


def rule_of(message: str) -> str | None:
    """The rule that a new password breaks, by what the server says."""
    return next((rule for pattern, rule in REASONS.items() if re.search(pattern, message)), None)
