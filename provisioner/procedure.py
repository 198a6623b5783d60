"""The SOP as data: who does what at which step, with which papers, in how many minutes. Read from a file."""

from collections.abc import Collection, Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from provisioner.configuration import CLOSED, Code, Document, Line
from provisioner.toml_lines import KeyPath

APPLICANT = "applicant"
"""The one actor who is not a post of the office."""


class Act(StrEnum):
    """What the program does at a step. The file says at which step and by whom."""

    SUBMIT = "submit"
    """The applicant's letter comes in."""
    DISPOSE = "dispose"
    """A desk reads the letter and forwards it with a disposition. There may be one such desk or several."""
    REVIEW = "review"
    """The request of each person is decided and the integrity pact made."""
    CREATE = "create"
    """The account is made."""
    RECEIVE = "receive"
    """The applicant receives user name and password."""


@dataclass(frozen=True, config=CLOSED)
class Step:
    """One row of the SOP's table. Texts stand word for word as in the SOP."""

    number: Annotated[int, Field(strict=True, ge=1)]
    act: Act
    activity: Line
    """"Kegiatan"."""
    actor: Code
    """"Pelaksana": a post of the office, or ``applicant``."""
    requirements: Line
    """"Kelengkapan"."""
    minutes: Annotated[int, Field(strict=True, ge=1)]
    """"Waktu": the service standard, in minutes of working time."""
    output: Line
    """"Output"."""
    mark: str = ""
    """What the SOP's chart writes at this step: "Mulai", "Selesai", or nothing."""
    note: str = ""
    """"Keterangan"."""


@dataclass(frozen=True, config=CLOSED)
class Approver:
    """Who signed the SOP into force."""

    position: Line
    name: Line
    staff_number: Line


@dataclass(frozen=True, config=CLOSED)
class Procedure:
    """The whole SOP."""

    number: Line
    """"Nomor SOP"."""
    title: Line
    """"Nama SOP"."""
    institution: tuple[Line, ...]
    """The lines at its head."""
    created_on: date
    effective_on: date
    approved_by: Approver
    legal_basis: tuple[Line, ...]
    """"Dasar hukum"."""
    qualifications: tuple[Line, ...]
    """"Kualifikasi pelaksana"."""
    equipment: tuple[Line, ...]
    """"Peralatan perlengkapan"."""
    warnings: tuple[Line, ...]
    """"Peringatan"."""
    record_keeping: tuple[Line, ...]
    """"Pencatatan dan pendataan"."""
    columns: tuple[Code, ...]
    """The actors in the order of the SOP's columns under "Pelaksana"."""
    steps: tuple[Step, ...]
    related: tuple[Line, ...] = ()
    """"Keterkaitan": other SOPs."""
    revised_on: date | None = None

    def step(self, number: int) -> Step:
        """The step with this number.

        :raises KeyError: the SOP has no such step.
        """
        for step in self.steps:
            if step.number == number:
                return step
        raise KeyError(number)

    def steps_of(self, act: Act) -> tuple[Step, ...]:
        """The steps at which ``act`` is done, in order. Only ``DISPOSE`` can have more than one."""
        return tuple(step for step in self.steps if step.act is act)

    @property
    def minutes(self) -> int:
        """The service standard of the whole SOP."""
        return sum(step.minutes for step in self.steps)


def load_procedure(file: Path, posts: Collection[str]) -> Procedure:
    """Read the SOP from ``file``; ``posts`` are the posts that the office has.

    :raises ConfigurationError: the file is malformed, or its steps are not an SOP that the program can follow.
    """
    document = Document.read(file)
    procedure = document.build(Procedure)
    for path, reason in _contradictions(procedure, {APPLICANT, *posts}):
        raise document.error(path, reason)
    return procedure


def _contradictions(procedure: Procedure, actors: Collection[str]) -> Iterator[tuple[KeyPath, str]]:
    """What each value alone does not show."""
    known = ", ".join(sorted(actors))
    for index, column in enumerate(procedure.columns):
        if column not in actors:
            yield ("columns", index), f"{column!r} is not a post of the office (known: {known})"
    for index, step in enumerate(procedure.steps):
        place: KeyPath = ("steps", index)
        if step.number != index + 1:
            yield (*place, "number"), f"steps are numbered in order from 1: expected {index + 1}, found {step.number}"
        if step.actor not in procedure.columns:
            yield (*place, "actor"), f"{step.actor!r} is not one of the columns ({', '.join(procedure.columns)})"
        if (step.actor == APPLICANT) is not (step.act in (Act.SUBMIT, Act.RECEIVE)):
            yield (*place, "actor"), f"{step.act.value!r} cannot be done by {step.actor!r}"
    yield from _order(procedure.steps)
    if procedure.effective_on < procedure.created_on:
        yield ("effective_on",), "lies before created_on"


def _order(steps: tuple[Step, ...]) -> Iterator[tuple[KeyPath, str]]:
    """Submit, one disposition or several, review, create, receive: the program follows no other order."""
    may_follow = {
        None: {Act.SUBMIT},
        Act.SUBMIT: {Act.DISPOSE},
        Act.DISPOSE: {Act.DISPOSE, Act.REVIEW},
        Act.REVIEW: {Act.CREATE},
        Act.CREATE: {Act.RECEIVE},
        Act.RECEIVE: set[Act](),
    }
    last: Act | None = None
    for index, step in enumerate(steps):
        if step.act not in may_follow[last]:
            after = "as the first step" if last is None else f"after {last.value!r}"
            yield ("steps", index, "act"), f"{step.act.value!r} cannot stand {after}"
        last = step.act
    if last is not Act.RECEIVE:
        yield ("steps",), "the last step must be 'receive'"
