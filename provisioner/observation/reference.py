"""The reference ("rujukan") under which everything that one request of a browser set in motion stands in the logs: the
page's own lines, and later, in another thread or on another machine, those of the calls to systems that it led to.

It is a random word and says nothing about anybody. (The SOP's request, the *permohonan*, is something else.)
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LONGEST = 64
"""Characters that the store keeps of one."""

_CURRENT: ContextVar[str | None] = ContextVar("reference", default=None)
_WELL_FORMED = re.compile(r"[A-Za-z0-9@_-]{20,64}")


def new_reference() -> str:
    """Twelve hexadecimal digits: short enough to be read aloud."""
    return secrets.token_hex(6)


def taken_over(offered: str | None) -> str:
    """What a trusted proxy calls the request, where that is well-formed (20 to 64 letters, digits, ``@``, ``_``, ``-``:
    too long for a NIK, a phone number or a NIP); else a new one.
    """
    return offered if offered is not None and _WELL_FORMED.fullmatch(offered) else new_reference()


def current_reference() -> str | None:
    """What runs now was set in motion by this; None: by the service itself."""
    return _CURRENT.get()


@contextmanager
def referring_to(reference: str | None) -> Iterator[None]:
    """What runs inside was set in motion by ``reference``."""
    before = _CURRENT.set(reference)
    try:
        yield
    finally:
        _CURRENT.reset(before)
