"""Where each key of a TOML text stands: the standard library parses TOML but forgets the lines."""

import re
import tomllib
from bisect import bisect_right

KeyPath = tuple[str | int, ...]
"""Keys and array positions (from 0) that lead to a value."""

_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")


def locate(text: str) -> dict[KeyPath, int]:
    """The line (from 1) of every table, key and array element of ``text``, which must be valid TOML."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


class _Scanner:
    """Walks over a text that ``tomllib`` has accepted already, so it need not look for mistakes."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._text = text
        self._position = 0
        self._newlines = [found.start() for found in re.finditer("\n", text)]
        self._arrays: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._position < len(self._text):
            if self._text[self._position] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> KeyPath:
        many = self._text.startswith("[[", self._position)
        line = self._line()
        self._position += 2 if many else 1
        *parents, last = self._key()
        self._position += 2 if many else 1
        table: KeyPath = ()
        for part in parents:
            table = self._newest((*table, part), line)
        table = (*table, last)
        if many:
            self.lines.setdefault(table, line)
            self._arrays[table] = self._arrays.get(table, 0) + 1
            table = (*table, self._arrays[table] - 1)
        self.lines[table] = line
        return table

    def _newest(self, table: KeyPath, line: int) -> KeyPath:
        """A header that passes through an array of tables means the last table of it."""
        self.lines.setdefault(table, line)
        return (*table, self._arrays[table] - 1) if table in self._arrays else table

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        for part in self._key():
            table = (*table, part)
            self.lines.setdefault(table, line)
        self._position += 1  # The equals sign.
        self._skip(_SPACE)
        self._value(table)

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(_SPACE)
            parts.append(self._key_part())
            self._skip(_SPACE)
            if self._text[self._position] != ".":
                return parts
            self._position += 1

    def _key_part(self) -> str:
        if self._text[self._position] in "\"'":
            return str(tomllib.loads(f"key = {self._skip(_STRING)}")["key"])
        return self._skip(_BARE_KEY)

    def _value(self, path: KeyPath) -> None:
        first = self._text[self._position]
        if first in "\"'":
            self._skip(_STRING)
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            self._skip(_SCALAR)

    def _array(self, path: KeyPath) -> None:
        index = 0
        self._position += 1
        while self._next_of("]"):
            self.lines[*path, index] = self._line()
            self._value((*path, index))
            index += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._position += 1
        while self._next_of("}"):
            self._pair(path)

    def _next_of(self, end: str) -> bool:
        """Step over blanks and a comma; false, and past it, at the closing bracket."""
        self._skip(_BLANK)
        if self._text[self._position] == ",":
            self._position += 1
            self._skip(_BLANK)
        if self._text[self._position] == end:
            self._position += 1
            return False
        return True

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._position)
        if found is None:
            return ""
        self._position = found.end()
        return found.group()

    def _line(self) -> int:
        return bisect_right(self._newlines, self._position) + 1
