"""Signing in as a person, and changing the password on that person's own connection."""

from collections.abc import Mapping
from dataclasses import replace

from connectors.ldap_client.accounts import Accounts
from connectors.ldap_client.entry import DescribedEntry
from connectors.ldap_client.errors import INAPPROPRIATE_AUTHENTICATION, INVALID_CREDENTIALS, SUCCESS, Answer, refusal
from connectors.ldap_client.password_policy import (
    CHANGE_AFTER_RESET,
    CHANGE_NOT_ALLOWED,
    EXPIRED,
    LOCKED,
    OLD_PASSWORD_NEEDED,
)
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import Authentication, InvalidAttribute, Outcome, PermissionDenied, PolicyViolation

OUTCOMES: Mapping[tuple[bool, int | None], Outcome] = {
    (True, None): Outcome.ACCEPTED,
    (True, CHANGE_AFTER_RESET): Outcome.MUST_CHANGE,
    (True, EXPIRED): Outcome.EXPIRED,
    (False, LOCKED): Outcome.LOCKED,
    (False, EXPIRED): Outcome.EXPIRED,
}
"""By whether the bind succeeded and what the policy control says; any other success is ACCEPTED, any other REJECTED."""


class SignIn:
    """Looks the person up with the service account and then binds as that person."""

    refusing = frozenset((INVALID_CREDENTIALS, INAPPROPRIATE_AUTHENTICATION))
    """Results of a bind that are an answer to the person and not a trouble of ours."""

    def __init__(self, pool: Pool, directory: Accounts, shape: DescribedEntry, password_set: str = "") -> None:
        """``password_set``: the attribute in which the server keeps when a password was set, if it does so always."""
        self._password_set = password_set
        self._pool = pool
        self._directory = directory
        self._shape = shape

    def authenticate(self, username: str, password: str) -> Authentication:
        """See :class:`~provisioner.connector.Authenticates`."""
        octets = _octets(password)
        entry = self._person(username)
        if entry is None or not octets:
            # An empty password would be an anonymous bind (RFC 4513, 5.1.2), and succeed.
            return Authentication(Outcome.REJECTED)
        result = self._judge(self._pool.try_password(entry.dn, octets))
        if result.outcome is Outcome.LOCKED and not self._shape.enabled(entry.values):
            # The server says so before it looks at the password: whoever guesses must not learn it.
            return Authentication(Outcome.REJECTED)
        return replace(result, password_set=entry.first(self._password_set)) if self._password_set else result

    def change_password(self, username: str, old: str, new: str) -> None:
        """See :class:`~provisioner.connector.Authenticates`."""
        before, after = _octets(old), _octets(new)
        if not after:
            raise PolicyViolation("the new password is empty or not valid Unicode", "quality")
        entry = self._person(username)
        if entry is None or not before:
            raise PermissionDenied("the old password is wrong")
        with self._pool.signed_in(entry.dn, before) as (session, answer):
            outcome = self._judge(answer).outcome
            if answer.code != SUCCESS:
                why = "wrong" if outcome is Outcome.REJECTED else outcome.value
                raise PermissionDenied(f"signing in with the old password: {why}")
            changed = self._change(session, entry.dn, before, after)
        if changed.code == SUCCESS:
            return
        if changed.policy.error in (CHANGE_NOT_ALLOWED, OLD_PASSWORD_NEEDED):
            raise PermissionDenied("the directory does not let this account change its password")
        error = refusal(changed, "changing the password")
        raise PolicyViolation(str(error)) if isinstance(error, InvalidAttribute) else error

    def _change(self, session: Session, dn: str, before: bytes, after: bytes) -> Answer:  # noqa: ARG002
        """Change the password on the person's own connection (RFC 3062); ``dn`` is theirs."""
        return session.change_password(before, after)

    def _judge(self, answer: Answer) -> Authentication:
        if answer.code != SUCCESS and answer.code not in self.refusing:
            raise refusal(answer, "signing in")
        accepted = answer.code == SUCCESS
        outcome = OUTCOMES.get((accepted, answer.policy.error), Outcome.ACCEPTED if accepted else Outcome.REJECTED)
        if accepted and answer.policy.grace_left is not None:
            return Authentication(Outcome.EXPIRED, f"{answer.policy.grace_left} more sign-ins before it is final")
        return Authentication(outcome, grace=answer.policy.expires_in)

    def _person(self, username: str) -> Entry | None:
        with self._pool.session() as session:
            try:
                return self._directory.by_username(session, username, *filter(None, [self._password_set]))
            except InvalidAttribute:
                return None


def _octets(password: str) -> bytes:
    """The password as UTF-8, as it was typed; empty when it is none or cannot be one."""
    try:
        return password.encode()
    except UnicodeEncodeError:
        return b""
