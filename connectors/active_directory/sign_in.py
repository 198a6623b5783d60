"""Signing in as a person, and a person's own change of password.

Whoever must change the password cannot sign in to the domain controller at all, so there is no connection of their own
to change it on. The service account sends the change instead, with the old password beside the new one: the domain
controller then checks the old one, counts wrong ones, applies every rule for users, and takes back the demand.
"""

from connectors.active_directory.accounts import DomainAccounts, by_guid
from connectors.active_directory.entry import ID, UserObject
from connectors.active_directory.errors import CANNOT_TELL, OUTCOMES, reason, refusal
from connectors.active_directory.password import ATTRIBUTE, changed
from connectors.active_directory.policy import PasswordPolicy
from connectors.ldap_client.errors import INVALID_CREDENTIALS, SUCCESS, Answer
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.session import Entry, Session
from connectors.ldap_client.sign_in import SignIn
from provisioner.connector import (
    Authentication,
    ConnectorError,
    Outcome,
    PermissionDenied,
    PolicyViolation,
    UnknownAccount,
)


class DomainSignIn(SignIn):
    """Looks the person up with the service account and then binds as that person."""

    def __init__(self, pool: Pool, accounts: DomainAccounts, shape: UserObject, domain: str) -> None:
        super().__init__(pool, accounts, shape)
        self._domain = domain

    def authenticate(self, username: str, password: str) -> Authentication:
        """See :class:`~provisioner.connector.Authenticates`."""
        try:
            octets = password.encode()
        except UnicodeEncodeError:
            octets = b""
        entry = self._person(username)
        # Nothing, and what a server might end at a NUL, would be an anonymous bind (RFC 4513, 5.1.2), and succeed.
        if entry is None or not octets or b"\0" in octets:
            return Authentication(Outcome.REJECTED)
        # That an account is disabled is told for the right password only, so it may be passed on.
        with self._pool.signed_in(entry.dn, octets) as (_, answer):
            return self._judge(answer)

    def change_password(self, username: str, old: str, new: str) -> None:
        """See :class:`~provisioner.connector.Authenticates`."""
        if not old:
            raise PermissionDenied("the old password is wrong")
        wanted = {ATTRIBUTE: changed(old, new)}
        entry = self._person(username)
        if entry is None:
            raise PermissionDenied("the old password is wrong")
        if not self._shape.enabled(entry.values):
            # The domain controller itself would let it happen.
            raise PermissionDenied("the account may not change its password")
        with self._pool.session() as session:
            answer = session.modify(by_guid(entry.first(ID)), wanted)
            if answer.code == SUCCESS:
                return
            refused = password_refusal(session, self._domain, answer, new, entry)
        if isinstance(refused, UnknownAccount):
            raise PermissionDenied("the old password is wrong") from refused
        raise refused

    def _judge(self, answer: Answer) -> Authentication:
        if answer.code == SUCCESS:
            return Authentication(Outcome.ACCEPTED)
        code = reason(answer)
        if answer.code != INVALID_CREDENTIALS:
            raise refusal(answer, "signing in")
        if code in CANNOT_TELL:
            raise CANNOT_TELL[code](f"signing in: the domain controller cannot tell ({code:08X})")
        return Authentication(OUTCOMES.get(code, Outcome.REJECTED))


def password_refusal(session: Session, domain: str, answer: Answer, password: str, entry: Entry) -> ConnectorError:
    """The port's error for a password that was refused, with the rule that it broke."""
    error = refusal(answer, "changing the password")
    if not isinstance(error, PolicyViolation):
        return error
    policy = PasswordPolicy.of(session, domain, entry)
    return PolicyViolation(str(error), policy.rule_against(password, entry) if policy else "other")
