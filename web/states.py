"""States of the core as a reader sees them: a word and the kind of its chip."""

from typing import NamedTuple

from flask_babel import LazyString

from web.catalog import later


class State(NamedTuple):
    """``text`` is the word; ``kind`` is ``idle``, ``now``, ``ok``, ``late`` or ``bad``."""

    text: LazyString
    kind: str


UNKNOWN = State(later("tidak dikenal"), "idle")

REQUEST: dict[str, State] = {
    "draft": State(later("konsep"), "idle"),
    "disposing": State(later("menunggu disposisi"), "now"),
    "disposed": State(later("sudah didisposisi"), "ok"),
    "with-letter": State(later("menunggu disposisi"), "now"),
    "bio-form": State(later("menunggu bio data"), "late"),
    "review": State(later("dikaji"), "now"),
    "returned": State(later("dikembalikan untuk perbaikan"), "late"),
    "pact-applicant": State(later("menunggu tanda tangan pemohon"), "late"),
    "pact-official": State(later("menunggu tanda tangan pejabat"), "now"),
    "creation": State(later("akun sedang dibuat"), "now"),
    "handover": State(later("menunggu serah terima"), "now"),
    "done": State(later("selesai"), "ok"),
    "rejected": State(later("ditolak"), "bad"),
    "withdrawn": State(later("ditarik"), "idle"),
    "revoked": State(later("dicabut"), "bad"),
}
"""Letters and requests."""

ACCOUNT: dict[str, State] = {
    "pending-activation": State(later("menunggu aktivasi"), "now"),
    "active": State(later("aktif"), "ok"),
    "suspended": State(later("dibekukan"), "late"),
    "revoked": State(later("dicabut"), "bad"),
    "expired": State(later("kedaluwarsa"), "bad"),
    "locked": State(later("terkunci"), "late"),
}
"""Operators' accounts."""


def state_of(states: dict[str, State], name: str) -> State:
    """How ``name`` is shown."""
    return states.get(str(name), UNKNOWN)
