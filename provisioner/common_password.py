"""Whether a password is one that many people choose: words, runs on the keyboard, years and repetitions.

A list of whole passwords would need millions of lines. Here the list holds words (``config/common-passwords.txt``), and
a password is common when hardly anything is left of it once they are taken away.
"""

import re
from collections.abc import Collection
from pathlib import Path

from anyascii import anyascii

from provisioner.errors import ConfigurationError

_READINGS = {
    "0": "o",
    "1": "il",
    "!": "i",
    "|": "il",
    "3": "e",
    "4": "a",
    "@": "a",
    "5": "s",
    "$": "s",
    "7": "t",
    "8": "b",
}
"""Signs people write for letters."""

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedcrfvtgbyhnujmikolp", "abcdefghijklmnopqrstuvwxyz")
_SIGNS = re.compile(r"[^a-z0-9]+")
_NO_LETTERS = re.compile(r"[^a-z]+")
_PERIODIC = re.compile(r"(.{1,4}?)\1+")
_SHORTEST_RUN = 4
_WORDS_ALLOWED_FROM = 4
"""As many different words make a passphrase, even if each is in the list."""
_LETTERS_LEFT = 2
_FEWEST_DIFFERENT = 5


def load_words(file: Path) -> frozenset[str]:
    """Read the list: a word a line, ``#`` begins a comment.

    :raises ConfigurationError: the file cannot be read, or a line holds more than one word of small letters.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(str(file), f"cannot be read: {error}") from None
    words = set()
    for number, line in enumerate(lines, start=1):
        word = line.partition("#")[0].strip()
        if word and not re.fullmatch("[a-z]{2,40}", word):
            raise ConfigurationError(str(file), "expected one word of small letters a to z", number)
        words.add(word)
    return frozenset(words - {""})


class CommonPasswords:
    """Knows a common password when it sees one."""

    def __init__(self, words: Collection[str]) -> None:
        self._by_first: dict[str, list[str]] = {}
        for word in sorted({*words, *_runs()}, key=len, reverse=True):
            self._by_first.setdefault(word[0], []).append(word)

    def __contains__(self, password: str) -> bool:
        text = anyascii(password).lower()
        if len(set(text)) < _FEWEST_DIFFERENT or _PERIODIC.fullmatch(text):
            return True
        # As typed; with signs between the letters taken out; and with digits taken out as well (1qaz2wsx).
        return any(map(self._made_of_words, (text, _SIGNS.sub("", text), _NO_LETTERS.sub("", text))))

    def _made_of_words(self, text: str) -> bool:
        words: set[str] = set()
        left = position = 0
        while position < len(text):
            word = self._word_at(text, position)
            if word:
                words.add(word)
                position += len(word)
                continue
            repeated = position > 0 and text[position] == text[position - 1]
            left += text[position].isalpha() and not repeated
            position += 1
        return left <= _LETTERS_LEFT and len(words) < _WORDS_ALLOWED_FROM

    def _word_at(self, text: str, start: int) -> str | None:
        """The longest word that can be read there, or None."""
        candidates = [word for first in _read(text[start]) for word in self._by_first.get(first, ())]
        for word in sorted(candidates, key=len, reverse=True):
            part = text[start : start + len(word)]
            if len(part) == len(word) and all(map(_reads_as, part, word)):
                return word
        return None


def _read(sign: str) -> str:
    return sign + _READINGS.get(sign, "")


def _reads_as(sign: str, letter: str) -> bool:
    return letter in _read(sign)


def _runs() -> set[str]:
    """Every stretch of neighbouring keys, both ways."""
    return {
        way[start:end]
        for row in _ROWS
        for way in (row, row[::-1])
        for start in range(len(way))
        for end in range(start + _SHORTEST_RUN, len(way) + 1)
    }
