"""Text as people type it into forms, made safe to keep: one Unicode form, no control characters, a bounded length."""

import re
import unicodedata

from provisioner.errors import InvalidInput

_FORBIDDEN = {"Cc", "Cs", "Co", "Cn"}
_DIRECTIONS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing: they make a name look like another one."""


def one_line(text: str, max_length: int) -> str:
    """The text in NFC, runs of white space made one space, none at the ends.

    :raises InvalidInput: ``too-long``, or ``control-character`` (lone surrogates and changes of direction too).
    """
    return re.sub(r"\s+", " ", _checked(text, max_length, keep="\t\r\n")).strip()


def many_lines(text: str, max_length: int) -> str:
    """The same for a text of several lines: line ends become ``\\n``, spaces inside a line are left alone.

    :raises InvalidInput: as for :func:`one_line`.
    """
    lines = _checked(text, max_length, keep="\t\r\n").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _checked(text: str, max_length: int, keep: str) -> str:
    # Before anything else: normalising a megabyte costs time. White space around it may be cut off yet.
    if len(text) > 2 * max_length + 100:
        raise InvalidInput("too-long", max_length=max_length)
    for letter in text:
        if letter not in keep and (unicodedata.category(letter) in _FORBIDDEN or letter in _DIRECTIONS):
            raise InvalidInput("control-character")
    normal = unicodedata.normalize("NFC", text)
    if len(normal.strip()) > max_length:
        raise InvalidInput("too-long", max_length=max_length)
    return normal
