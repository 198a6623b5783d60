"""Reading the office's TOML files, so that whatever is wrong in one is told with its file, its line and the reason."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from provisioner.errors import ConfigurationError
from provisioner.toml_lines import KeyPath, locate

T = TypeVar("T")

CLOSED = ConfigDict(extra="forbid")
"""For the classes read from files: a key that nobody knows is a spelling mistake and is refused."""

Line = Annotated[str, Field(min_length=1, pattern=r"^\S(?:[^\n]*\S)?$")]
"""Text of one line, not empty and without blanks around it."""

Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
"""A word by which the program and the store refer to an entry. Never shown, never changed once used."""


@dataclass(frozen=True)
class Document:
    """One TOML file: its data, and where each key of it stands."""

    file: Path
    data: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    @classmethod
    def read(cls, file: Path) -> "Document":
        """Read and parse ``file``.

        :raises ConfigurationError: it cannot be read, is not UTF-8, or is not TOML.
        """
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise ConfigurationError(str(file), f"cannot be read: {error.strerror}") from error
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            raise ConfigurationError(str(file), "is not UTF-8 text", raw[: error.start].count(b"\n") + 1) from error
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _syntax_error(file, text, error) from error
        return cls(file, data, locate(text))

    def error(self, path: KeyPath, reason: str) -> ConfigurationError:
        """The error to raise about the value at ``path``: it carries the line of the nearest key that is written."""
        return ConfigurationError(str(self.file), f"{_dotted(path)}: {reason}", self.line_of(path))

    def line_of(self, path: KeyPath) -> int:
        """The line of the value at ``path``, or of the nearest table around it that is written in the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1

    def build(self, kind: type[T], data: Any = None, at: KeyPath = ()) -> T:
        """Make a ``kind`` from ``data`` (the whole file unless given), which stands at ``at`` in the file.

        :raises ConfigurationError: a value is missing, unknown, or not what ``kind`` asks for.
        """
        try:
            return TypeAdapter(kind).validate_python(self.data if data is None else data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise self.error((*at, *first["loc"]), plain_reason(first["type"], first["msg"])) from None


def plain_reason(kind: str, message: str) -> str:
    """A validation message in words for somebody who edits a file, not for a programmer."""
    if kind == "missing":
        return "is missing"
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return "is not a known key"
    return message.removeprefix("Value error, ")


def _syntax_error(file: Path, text: str, error: tomllib.TOMLDecodeError) -> ConfigurationError:
    found = re.search(r"\(at line (\d+), column \d+\)$", str(error))
    line = int(found.group(1)) if found else text.count("\n") + 1
    reason = re.sub(r" \(at [^)]*\)$", "", str(error))
    return ConfigurationError(str(file), reason, line)


def _dotted(path: KeyPath) -> str:
    """``("steps", 2, "actor")`` as ``steps[3].actor``: people count from one."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "file"
