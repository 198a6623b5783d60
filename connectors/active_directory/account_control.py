"""Flags of ``userAccountControl`` (MS-ADTS 2.2.16), and moments as Active Directory keeps them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

DISABLED = 0x2
NORMAL = 0x200
NEVER_EXPIRES = 0x10000
SMARTCARD = 0x40000
NEVER_DEMANDED = NEVER_EXPIRES | SMARTCARD
"""With one of these the domain controller lets a person in although the password was to be changed first."""

CONTROL = "userAccountControl"
LAST_SET = "pwdLastSet"
LOCKED_SINCE = "lockoutTime"
EXPIRES = "msDS-UserPasswordExpiryTimeComputed"
"""What the domain controller itself works out of flags, ``pwdLastSet`` and the policy in force (MS-ADTS 3.1.1.4.5.36):
0 when the password must be changed now."""

ASK_FOR_CHANGE = "0"
"""In ``pwdLastSet``: the password must be changed first."""
SET_NOW = "-1"

_TICKS = 10_000_000
_BEGIN = datetime(1601, 1, 1, tzinfo=UTC)


def flags(values: Mapping[str, list[str]]) -> int:
    """The flags of an entry with these values (by lower-cased name); what is no user counts as disabled."""
    found = values.get(CONTROL.lower()) or [""]
    return int(found[0]) if found[0].lstrip("-").isdecimal() else DISABLED


def switched(current: int, enabled: bool) -> str:
    """The flags with the account let in or barred, the others as they are."""
    return str(current & ~DISABLED if enabled else current | DISABLED)


def whole(text: str) -> int:
    """A whole number of the directory; 0 for none."""
    return int(text) if text.lstrip("-").isdecimal() else 0


def instant(text: str) -> datetime | None:
    """A moment in ticks of 100 ns since 1601 (MS-DTYP 2.3.3); None for never."""
    ticks = whole(text)
    return _BEGIN + timedelta(seconds=ticks / _TICKS) if 0 < ticks < 1 << 61 else None


def span(text: str) -> timedelta | None:
    """A length of time, which is kept as negative ticks; None for endless."""
    ticks = -whole(text)
    return timedelta(seconds=ticks / _TICKS) if ticks < 1 << 61 else None
