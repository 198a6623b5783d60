"""What a paper is filled from."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Outgoing:
    """A letter that takes a number of the office and bears a date of its own."""

    subject: str
    addressee: str


@dataclass(frozen=True)
class PaperFacts:
    """What a paper is filled from. ``values`` are plain (JSON): the template sees them as ``data.paper``.

    ``settled`` is what decides whether it is still the same paper: as ``values``, but with the codes of roles, regions
    and reasons instead of the words that the office has for them today, so that new words make no old paper new.
    """

    values: Mapping[str, object]
    settled: Mapping[str, object]
    at: datetime
    """The moment the paper is dated: that of the newest thing it tells, so that the same facts give the same bytes."""
    letter_id: str | None = None
    request_id: str | None = None
    account_id: str | None = None
    letter_number: str = ""
    number: str = ""
    """The number that stands on it, if papers of this kind have one and it was given before."""
    outgoing: Outgoing | None = None
    """It takes a number when it is first made, and keeps it over its revisions."""


Gather = Callable[[Session, str], PaperFacts]
"""Reads the facts about a subject (by its id).

:raises NotFound: there is no such subject. :raises WrongState: there is nothing to say on this paper yet.
"""


def as_json(values: Mapping[str, object]) -> str:
    """The same text for the same values."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True)
