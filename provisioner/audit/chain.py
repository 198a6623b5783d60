"""How one row is chained to the one before. Pure, and all that a verifier needs.

A row's *content* is JSON in one canonical form: keys sorted, no spaces, UTF-8, only texts, whole numbers, true, false,
null, lists and objects (for these it is the form of RFC 8785). Its hash is
``SHA-256("siak-provisioner audit 1\\n" + content)``; content includes the sequence number and the hash before.

A personal value enters as ``HMAC-SHA256(salt, canonical([field, value]))`` with a random salt of 32 bytes. Without the
salt nobody can tell a guessed value from another; with it the value is bound to the row.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from provisioner.audit.entry import Actor, Subjects
from provisioner.audit.events import Value

GENESIS = "0" * 64
"""Stands as the previous hash of the first row."""

SALT_BYTES = 32
MAC_PURPOSE = "audit-row"
DOMAIN = b"siak-provisioner audit 1\n"
"""Stands before the content in what is hashed."""


@dataclass(frozen=True)
class ChainRow:
    """What is hashed of one event. ``at`` is ISO text in UTC with microseconds."""

    seq: int
    at: str
    kind: str
    actor: Mapping[str, str]
    """``kind``, ``id`` and ``label``."""
    subjects: Mapping[str, str]
    fields: Mapping[str, Value]
    commitments: Mapping[str, str]
    previous: str

    def content(self) -> dict[str, Any]:
        """The row as a JSON object."""
        return {
            "seq": self.seq,
            "at": self.at,
            "kind": self.kind,
            "actor": dict(self.actor),
            "subjects": dict(self.subjects),
            "fields": dict(self.fields),
            "commitments": dict(self.commitments),
            "previous": self.previous,
        }

    def hash(self) -> str:
        """SHA-256 over the canonical content, hex."""
        return hashlib.sha256(DOMAIN + canonical(self.content())).hexdigest()

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The row from its JSON object. Whatever else stands in it is ignored.

        :raises ValueError: a part is missing or of a wrong type.
        """
        try:
            row = cls(**{name: content[name] for name in cls.__dataclass_fields__})
        except KeyError as error:
            raise ValueError(f"{error.args[0]} is missing") from None
        texts = (row.at, row.kind, row.previous)
        objects = (row.actor, row.subjects, row.fields, row.commitments)
        # bool is an int in Python, and 1.0 equals 1: neither may pass for a sequence number.
        if type(row.seq) is not int or row.seq < 1 or not all(isinstance(text, str) for text in texts):
            raise ValueError("seq, at, kind or previous is of a wrong type")
        if not all(isinstance(part, dict) for part in objects):
            raise ValueError("actor, subjects, fields or commitments is not an object")
        return row


def canonical(content: object) -> bytes:
    """The one byte form of a JSON value.

    :raises ValueError: it holds text that is not Unicode, or a number that is none.
    """
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def chain_row(seq: int, at: datetime, kind: str, actor: Actor, subjects: Subjects, previous: str) -> ChainRow:
    """A row without fields yet."""
    public_actor = {"kind": actor.kind, "id": actor.id, "label": actor.label}
    return ChainRow(seq, instant(at), kind, public_actor, subjects.given(), {}, {}, previous)


def instant(at: datetime) -> str:
    """The one text form of a moment: UTC, always six decimals."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def commit(salt: bytes, field: str, value: Value) -> str:
    """The commitment to a personal value, hex."""
    return hmac.digest(salt, canonical([field, value]), "sha256").hex()


def commits_to(commitment: str, salt: bytes, field: str, value: Value) -> bool:
    """Whether the commitment was made to this value."""
    return hmac.compare_digest(commitment.encode(), commit(salt, field, value).encode())
