"""A person's name with its titles, which stand apart so that sorting and matching see the name only."""

import re
from dataclasses import dataclass
from typing import Self

from anyascii import anyascii

from provisioner.errors import InvalidInput
from provisioner.plain_text import one_line

NAME_LENGTH = 60
"""Permendagri 73/2022. It also asks for two words of new names; earlier names of one word stay valid."""
TITLE_LENGTH = 60

_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")
_TITLE = re.compile(r"(?:[^\W\d_]|[ .,'()/-])*")
_NAME_SIGNS = set(" .'-")
_LOOKS_LIKE_TITLE = re.compile(r"(?:dr|drs|dra|ir|prof|hj?|rr?)\.\s", re.IGNORECASE)


@dataclass(frozen=True)
class PersonName:
    """``title_prefix`` ``full_name``, ``title_suffix``: "Drs." "MUHAMMAD IMRON" "M.Si."."""

    full_name: str
    title_prefix: str = ""
    title_suffix: str = ""

    @classmethod
    def parse(cls, full_name: str, title_prefix: str = "", title_suffix: str = "") -> Self:
        """Read the three fields as typed.

        :raises InvalidInput: with ``fields`` naming each wrong one: ``required``, ``too-long``, ``control-character``,
            ``name-characters``, ``title-characters``.
        """
        wrong: dict[str, list[str]] = {}
        readers = {
            "full_name": (parse_full_name, full_name),
            "title_prefix": (parse_title, title_prefix),
            "title_suffix": (parse_title, title_suffix),
        }
        read: dict[str, str] = {}
        for field, (reader, typed) in readers.items():
            try:
                read[field] = reader(typed)
            except InvalidInput as error:
                wrong[field] = [error.code]
        if wrong:
            raise InvalidInput(fields=wrong)
        return cls(**read)

    def display(self) -> str:
        """With titles, as papers name a person."""
        front = f"{self.title_prefix} {self.full_name}".strip()
        return f"{front}, {self.title_suffix}" if self.title_suffix else front

    def sort_key(self) -> str:
        """Without titles, accents and case."""
        return anyascii(self.full_name).casefold()

    def match_key(self) -> str:
        """Letters only: the same for ``Siti Nur'aini`` and ``SITI NURAINI``. Letters of other scripts are kept."""
        return re.sub(r"[^a-z]", "", self.sort_key()) or self.full_name.casefold()

    def warnings(self) -> list[str]:
        """``name-has-title``: a title was typed into the name itself."""
        return ["name-has-title"] if _LOOKS_LIKE_TITLE.match(self.full_name) else []


def parse_full_name(text: str) -> str:
    """A name without titles: letters of any script, spaces, apostrophe, hyphen and dot; one word is enough.

    :raises InvalidInput: ``required``, ``too-long``, ``control-character``, ``name-characters``.
    """
    name = one_line(text, NAME_LENGTH).translate(_APOSTROPHES)
    if not name:
        raise InvalidInput("required")
    if not all(_is_letter(sign) or sign in _NAME_SIGNS for sign in name) or not any(map(str.isalpha, name)):
        raise InvalidInput("name-characters")
    return name


def parse_title(text: str) -> str:
    """Titles before or after a name, possibly none; a comma at their ends is dropped.

    :raises InvalidInput: ``too-long``, ``control-character``, ``title-characters``.
    """
    title = one_line(text, TITLE_LENGTH).translate(_APOSTROPHES).strip(" ,")
    if not _TITLE.fullmatch(title):
        raise InvalidInput("title-characters")
    return title


def _is_letter(sign: str) -> bool:
    # isidentifier also knows the vowel signs that some scripts write as characters of their own.
    return sign.isalpha() or (f"a{sign}".isidentifier() and not sign.isdigit() and sign != "_")
