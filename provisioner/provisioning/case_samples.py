"""A sample of case files that anybody can draw again: from a seed, the numbers of the requests, and nothing else."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.errors import InvalidInput, NotFound
from provisioner.provisioning.accounts_on_day import EXPORTERS
from provisioner.provisioning.case_files import CaseFiles
from provisioner.provisioning.context import Context
from provisioner.store.tables import LetterRow, RequestRow

MOST = 200
LONGEST_SEED = 100


@dataclass(frozen=True)
class Draw:
    """What is to be drawn. ``since`` and ``until`` are days, both included."""

    since: date
    until: date
    count: int
    seed: str


@dataclass(frozen=True)
class SampledRequest:
    """One that can be drawn. ``rank`` is the hash by which it stands in line."""

    id: str
    number: str
    display_name: str
    state: str
    finished_at: datetime
    letter_number: str
    rank: str


@dataclass(frozen=True)
class Sample:
    """What was drawn, in the order of the draw."""

    draw: Draw
    drawn: tuple[SampledRequest, ...]
    population: tuple[SampledRequest, ...]
    """Everything that could have been drawn, by number."""
    fingerprint: str
    """SHA-256 of the population's numbers, one a line: the same population, the same sample."""


class CaseSamples:
    """Use cases of the auditor. Methods raise NotAllowed, and InvalidInput with fields of :class:`Draw`."""

    def __init__(self, context: Context, case_files: CaseFiles) -> None:
        self._context = context
        self._case_files = case_files

    @staticmethod
    def fresh_seed() -> str:
        """A seed for who brings none; it is shown, so that the draw can be repeated."""
        return token_hex(8)

    def draw(self, actor: Actor, draw: Draw) -> Sample:
        """Draw. That it was drawn is an event with the seed."""
        capacity = actor.require(*EXPORTERS)
        self._check(draw)
        with self._context.store.begin() as session:
            sample = self._sample(session, draw)
            self._context.trail.record(
                session,
                "sample-drawn",
                actor=actor.in_trail(capacity),
                since=draw.since,
                until=draw.until,
                count=len(sample.drawn),
                seed=draw.seed,
                population=len(sample.population),
                population_sha256=sample.fingerprint,
            )
        return sample

    def write_files(self, actor: Actor, draw: Draw, out: BinaryIO) -> None:
        """The case files of what this draw draws, as one ZIP.

        :raises NotFound: ``sample-empty``.
        """
        capacity = actor.require(*EXPORTERS)
        self._check(draw)
        with self._context.store.read() as session:
            sample = self._sample(session, draw)
        if not sample.drawn:
            raise NotFound("sample-empty")
        self._case_files.write_zip(actor, [each.id for each in sample.drawn], out)
        with self._context.store.begin() as session:
            self._context.trail.record(
                session,
                "sample-taken-out",
                actor=actor.in_trail(capacity),
                since=draw.since,
                until=draw.until,
                count=len(sample.drawn),
                seed=draw.seed,
                population_sha256=sample.fingerprint,
            )

    def _check(self, draw: Draw) -> None:
        errors = {}
        if draw.until < draw.since:
            errors["until"] = ["before-start"]
        if not 1 <= draw.count <= MOST:
            errors["count"] = ["sample-count"]
        if not draw.seed or len(draw.seed) > LONGEST_SEED or not draw.seed.isprintable():
            errors["seed"] = ["sample-seed"]
        if errors:
            raise InvalidInput(fields=errors)

    def _sample(self, session: Session, draw: Draw) -> Sample:
        zone = self._context.office.zone
        start = datetime.combine(draw.since, time.min, zone)
        end = datetime.combine(draw.until + timedelta(days=1), time.min, zone)
        asked = (
            select(RequestRow, LetterRow.number)
            .join(LetterRow, LetterRow.id == RequestRow.letter_id)
            .where(RequestRow.finished_at >= start, RequestRow.finished_at < end, RequestRow.number.is_not(None))
            .where(RequestRow.destroyed_at.is_(None))
        )
        found = [_sampled(request, letter, draw.seed) for request, letter in session.execute(asked)]
        population = tuple(sorted(found, key=lambda each: each.number))
        drawn = tuple(sorted(population, key=lambda each: each.rank)[: draw.count])
        numbers = "".join(f"{each.number}\n" for each in population)
        fingerprint = sha256(numbers.encode()).hexdigest()
        return Sample(draw, drawn, population, fingerprint)


def rank(seed: str, number: str) -> str:
    """SHA-256 over the seed, a line feed and the request's number, in UTF-8; hex. The lowest are drawn.

    Whoever has seed and numbers repeats it: ``printf '%s\\n%s' SEED NUMBER | sha256sum``.
    """
    return sha256(f"{seed}\n{number}".encode()).hexdigest()


def _sampled(request: RequestRow, letter_number: str, seed: str) -> SampledRequest:
    number, finished_at = request.number or "", request.finished_at or request.created_at
    return SampledRequest(
        request.id, number, request.display_name, request.state, finished_at, letter_number, rank(seed, number)
    )
