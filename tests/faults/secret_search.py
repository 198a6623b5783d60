"""Looking for a secret in whatever bytes were left behind, in every dress it may wear."""

import base64
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import quote

_WORD = 8


@dataclass(frozen=True)
class Found:
    """Which secret lies where, as what. Does not hold the secret."""

    name: str
    form: str
    place: str


class SecretSearch:
    """Searches for named secrets."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        assert all(len(secret) >= 8 for secret in secrets.values()), "a short one would be found by chance"
        self._by_start: dict[int, list[tuple[str, str, bytes]]] = defaultdict(list)
        for name, text in secrets.items():
            for form, needle in forms(text).items():
                self._by_start[int.from_bytes(needle[:_WORD], sys.byteorder)].append((name, form, needle))
        self._starts = frozenset(self._by_start)

    def in_bytes(self, place: str, data: bytes) -> list[Found]:
        """What these bytes hold."""
        candidates = (each for start in self._starts_in(data) for each in self._by_start[start])
        return [Found(name, form, place) for name, form, needle in candidates if needle in data]

    def _starts_in(self, data: bytes) -> set[int]:
        """Which needles' first eight bytes stand anywhere: thousands of needles in one go over each alignment."""
        view, met = memoryview(data), set[int]()
        for offset in range(_WORD):
            words = max(len(data) - offset, 0) // _WORD
            met |= self._starts.intersection(view[offset : offset + words * _WORD].cast("Q"))
        return met

    def in_folder(self, folder: Path) -> list[Found]:
        """What the files below it hold, and their names. A socket holds nothing; a file that goes meanwhile is gone."""
        found: list[Found] = []
        for file in sorted(folder.rglob("*")):
            found += self.in_bytes(f"the name of {file}", str(file.relative_to(folder)).encode())
            if file.is_file():
                try:
                    found += self.in_bytes(str(file), file.read_bytes())
                except FileNotFoundError:
                    continue
        return found


def forms(secret: str) -> dict[str, bytes]:
    """Every form by its name, equal ones once."""
    dressed: dict[bytes, str] = {}
    for (how, text), encoding in product(_texts(secret), ("utf-8", "utf-16-le", "utf-16-be")):
        for form, needle in _encoded(text.encode(encoding)):
            dressed.setdefault(needle, " ".join(filter(None, (how, encoding, form))))
    return {name: needle for needle, name in dressed.items()}


def _texts(secret: str) -> Iterator[tuple[str, str]]:
    ungrouped = re.sub(r"[-\s]", "", secret)
    for how, text in (("", secret), ("ungrouped", ungrouped), ("spaced", secret.replace("-", " "))):
        yield how, text
        yield f"{how} upper".strip(), text.upper()
        yield f"{how} lower".strip(), text.lower()


def _encoded(raw: bytes) -> Iterable[tuple[str, bytes]]:
    yield "as it is", raw
    yield "hex", raw.hex().encode()
    yield "HEX", raw.hex().upper().encode()
    yield "hex with colons", raw.hex(":").encode()
    yield "percent-encoded", "".join(f"%{octet:02X}" for octet in raw).encode()
    yield "percent-encoded in lower case", "".join(f"%{octet:02x}" for octet in raw).encode()
    yield "percent-encoded where needed", quote(raw, safe="").encode()
    yield "quoted-printable", "".join(f"={octet:02X}" for octet in raw).encode()
    yield "base32", base64.b32encode(raw).rstrip(b"=")
    for offset in range(3):
        yield f"base64 at offset {offset}", _base64(raw, offset, base64.b64encode)
        yield f"url-safe base64 at offset {offset}", _base64(raw, offset, base64.urlsafe_b64encode)


def _base64(raw: bytes, offset: int, encode: Callable[[bytes], bytes]) -> bytes:
    """What of the encoding does not depend on the bytes around: they may stand anywhere in a longer text."""
    whole = encode(b"\0" * offset + raw)
    start = (offset * 8 + 5) // 6
    return whole[start : (offset + len(raw)) * 8 // 6]
