"""The core's own rules for a password a person chooses, checked before the target's."""

import re
from dataclasses import dataclass, field
from typing import Any

from anyascii import anyascii

from provisioner.common_password import CommonPasswords

_SHORTEST_NAME_PART = 4
"""Shorter parts ("Sri", "Adi") stand in too many harmless passwords."""
_SHORTEST_USERNAME = 3


@dataclass(frozen=True)
class Rule:
    """A rule to be shown before typing: ``code`` becomes a sentence, ``data`` fills it in."""

    code: str
    data: dict[str, Any] = field(default_factory=dict)


class PasswordPolicy:
    """Length, not the name, not a common one, not the old one. Nothing else: forced signs only make worse passwords."""

    def __init__(self, common: CommonPasswords, minimum: int = 12, maximum: int = 128) -> None:
        self._common = common
        self._minimum = minimum
        self._maximum = maximum

    def rules(self) -> list[Rule]:
        """What the page says before the person types."""
        return [
            Rule("min-length", {"count": self._minimum}),
            Rule("max-length", {"count": self._maximum}),
            Rule("not-name"),
            Rule("not-common"),
            Rule("not-old"),
        ]

    def violations(
        self, password: str, *, username: str = "", full_name: str = "", old: str | None = None
    ) -> list[str]:
        """What is wrong with a password; empty when it may be used.

        Codes: ``too-short, too-long, control-character, contains-username, contains-name, common, same-as-old``.
        """
        if len(password) > self._maximum:
            # Nothing else is looked at: a megabyte in a form field is not worth reading.
            return ["too-long"]
        found = {
            "too-short": len(password) < self._minimum,
            "control-character": any(not letter.isprintable() for letter in password),
            "contains-username": _contains_username(password, username),
            "contains-name": _contains_name(password, full_name),
            "common": password in self._common,
            "same-as-old": old is not None and password.casefold() == old.casefold(),
        }
        return [code for code, wrong in found.items() if wrong]


def _contains_username(password: str, username: str) -> bool:
    name = _letters(username)
    return len(name) >= _SHORTEST_USERNAME and name in _letters(password)


def _contains_name(password: str, full_name: str) -> bool:
    parts = (_letters(part) for part in full_name.split())
    return any(len(part) >= _SHORTEST_NAME_PART and part in _letters(password) for part in parts)


def _letters(text: str) -> str:
    """Plain small letters and digits only, so that ``Dewi.Lestari`` is seen in ``dewi-lestari``."""
    return re.sub(r"[^a-z0-9]", "", anyascii(text).lower())
