"""The keys as they stand on paper, and the keys made from paper again.

Every secret is two *rows* of six groups, each row with a checksum over what it is: a row typed wrongly, or in the place
of another, is noticed as soon as it is typed. The same stands in one QR code a secret. A *mark* over everything,
printed on every page, tells that nothing is missing, doubled or from another set; it gives nothing of the keys away.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from secrets import compare_digest, randbelow

from provisioner.errors import InvalidInput
from provisioner.grouped_code import CodeFormat, base32, in_groups, read_letters
from provisioner.keyring import Keyring

LOOKUP = "lookup"
"""The label of the look-up secret; the others' labels are the ids of their keys."""
ROWS = 2
_ROW_BYTES = 16
_MARK_LETTERS, _MARK_GROUP = 12, 4
_QR_WORD = "SIAK-KUNCI-1"
_KEY_ID = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, repr=False)
class PaperSecret:
    """One secret as it is printed. ``label``: :data:`LOOKUP`, or the id of a sealing key."""

    label: str
    rows: tuple[str, ...]

    def __repr__(self) -> str:
        return f"PaperSecret({self.label})"


def row_format(label: str, row: int) -> CodeFormat:
    """How row ``row`` (from 1) of the secret ``label`` is written: 16 bytes and 22 bits of checksum, 30 letters."""
    return CodeFormat(f"keys/{label}/{row}", size=_ROW_BYTES, length=30, group=5)


def mark_of(keyring: Keyring) -> str:
    """The mark of a whole set: 60 bits of a digest of it, in groups. Another key, or another order, is another mark."""
    digest = hashlib.sha256(b"siak-provisioner/key-paper/1\0" + keyring.to_text().encode()).digest()
    return in_groups(base32(digest, _MARK_LETTERS), _MARK_GROUP)


def same_mark(typed: str, mark: str) -> bool:
    """Whether somebody typed this mark. :raises InvalidInput: ``code-empty``, ``code-character``."""
    return read_letters(typed, "key-mark") == mark.replace("-", "")


def on_paper(keyring: Keyring) -> tuple[PaperSecret, ...]:
    """Everything in the keyring: the look-up secret first, then the sealing keys from oldest to newest."""
    document = json.loads(keyring.to_text())
    found = [(LOOKUP, document["lookup"]), *((each["id"], each["secret"]) for each in document["keys"])]
    return tuple(PaperSecret(label, _rows(label, base64.b64decode(secret))) for label, secret in found)


def qr_text(secret: PaperSecret, position: int, count: int, mark: str) -> str:
    """What the QR code of a secret says; ``position`` from 1."""
    return "/".join((_QR_WORD, mark, str(position), str(count), secret.label, *secret.rows))


def from_paper(found: Iterable[PaperSecret], mark: str) -> Keyring:
    """The keyring that was printed: the look-up secret, and the sealing keys in the order of the paper.

    :raises InvalidInput: ``code-*`` of the row that is wrong; ``key-paper-incomplete``: no look-up secret or no key;
        ``key-paper-mark``: every row is right, but together they are not the set with this mark.
    """
    values = {each.label: _secret(each) for each in found}
    keys = [{"id": label, "secret": value} for label, value in values.items() if label != LOOKUP]
    if LOOKUP not in values or not keys:
        raise InvalidInput("key-paper-incomplete", found=len(values))
    keyring = Keyring.parse(json.dumps({"format": 1, "lookup": values[LOOKUP], "keys": keys}), source="the paper")
    if not same_mark(mark, mark_of(keyring)):
        raise InvalidInput("key-paper-mark")
    return keyring


def from_codes(texts: Iterable[str]) -> Keyring:
    """The keyring from the texts of the QR codes, in any order; other codes are passed over. Raises like
    :func:`from_paper`; ``key-paper-missing`` names the codes that were not read, ``key-paper-mixed``: of two papers.
    """
    parts = [part for text in texts if (part := text.split("/"))[0] == _QR_WORD and len(part) == 5 + ROWS]
    if not parts:
        raise InvalidInput("key-paper-none")
    if len({(mark, count) for _, mark, _, count, *_ in parts}) > 1:
        raise InvalidInput("key-paper-mixed")
    mark, count = parts[0][1], int(parts[0][3]) if parts[0][3].isdigit() else 0
    by_position: Mapping[str, PaperSecret] = {part[2]: PaperSecret(part[4], tuple(part[5:])) for part in parts}
    wanted = [str(position) for position in range(1, min(count, 1000) + 1)]
    if missing := [position for position in wanted if position not in by_position]:
        raise InvalidInput("key-paper-missing", codes=", ".join(missing))
    return from_paper((by_position[position] for position in wanted), mark)


def is_key_id(text: str) -> bool:
    """Whether a label can be the id of a sealing key."""
    return _KEY_ID.fullmatch(text) is not None


@dataclass(frozen=True)
class Asked:
    """A row that a rehearsal asks for."""

    label: str
    row: int


def asked_in_rehearsal(keyring: Keyring) -> list[Asked]:
    """One row of every secret, drawn anew each time, so that no rehearsal is answered from memory or a note."""
    return [Asked(each.label, randbelow(ROWS) + 1) for each in on_paper(keyring)]


def check_row(keyring: Keyring, asked: Asked, typed: str) -> None:
    """Compare a typed row with the keys. :raises InvalidInput: ``code-*``, or ``key-paper-other`` (another key's)."""
    given = row_format(asked.label, asked.row).decode(typed)
    rows = next(each.rows for each in on_paper(keyring) if each.label == asked.label)
    if not compare_digest(given, row_format(asked.label, asked.row).decode(rows[asked.row - 1])):
        raise InvalidInput("key-paper-other", key=asked.label, row=asked.row)


def _rows(label: str, secret: bytes) -> tuple[str, ...]:
    pieces = (secret[start : start + _ROW_BYTES] for start in range(0, len(secret), _ROW_BYTES))
    return tuple(row_format(label, number).encode(piece) for number, piece in enumerate(pieces, start=1))


def _secret(each: PaperSecret) -> str:
    if each.label != LOOKUP and not is_key_id(each.label):
        raise InvalidInput("key-paper-label")
    pieces = [row_format(each.label, number).decode(row) for number, row in enumerate(each.rows, start=1)]
    return base64.b64encode(b"".join(pieces)).decode()
