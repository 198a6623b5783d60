"""Passwords as Active Directory takes them (MS-ADTS 3.1.1.3.1.5): in quotation marks, UTF-16, over TLS only."""

import secrets

from connectors.ldap_client.changes import Change, exchanged, replaced_by
from provisioner.connector import PolicyViolation

ATTRIBUTE = "unicodePwd"


def quoted(password: str) -> bytes:
    """The octets of a password.

    :raises PolicyViolation: it is empty, or cannot be a password (rule ``quality``).
    """
    try:
        octets = '"'.join(("", password, "")).encode("utf-16-le")
    except UnicodeEncodeError:
        octets = b""
    if not password or not octets or "\0" in password:
        # Not chained: the exception would carry the whole text.
        raise PolicyViolation("the password is empty or not valid Unicode", "quality") from None
    return octets


def reset(password: str) -> Change:
    """An administrator's change: the old one is not asked for; length and complexity count, age and history do not."""
    return replaced_by(quoted(password))


def changed(old: str, new: str) -> Change:
    """The person's own change: the domain controller checks the old one and applies every rule for users."""
    return exchanged(quoted(old), quoted(new))


def unknown() -> str:
    """A password that nobody will ever know: 256 random bits in all four kinds of characters."""
    return "".join(("aA1-", secrets.token_urlsafe(32)))
