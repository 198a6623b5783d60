"""Case files: everything about requests in one archive that anybody can verify without this service."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.resources import files as resources
from typing import BinaryIO

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from provisioner import archive
from provisioner.actor import Actor
from provisioner.archive.case_record import schema
from provisioner.archive.container import MANIFEST, Container
from provisioner.archive.extract import Cases, extract
from provisioner.errors import InvalidInput, NotFound, WrongState
from provisioner.provisioning import access, destroyed, lookup
from provisioner.provisioning.case_binder import CaseBinder
from provisioner.provisioning.case_papers import Case, CasePapers
from provisioner.provisioning.context import Context
from provisioner.store.tables import RequestRow

AUDIT = "audit.jsonl"
SCHEMA = "data.schema.json"
README = "BACA-SAYA.txt"
SCRIPT = "verify.py"
Whole = Callable[[Session, str], None]
"""Told, in the unit of work that records it, that an archive is whole; with the digest of its manifest."""
_AT_ONCE = 200
JUDGED_AGAIN = 50
"""Up to so many cases, the signatures of pacts are judged once more; beyond, the verdict at signing counts, for as long
as the bytes are the same. Judging one takes as long as everything else about its case.
"""


@dataclass(frozen=True)
class Written:
    """How far an archive is. ``number`` counts cases from 1; ``of`` is how many there are."""

    number: int
    of: int
    data: bytes


@dataclass(frozen=True)
class YearLine:
    """A year, and how many requests were sent in it."""

    year: int
    count: int


class CaseFiles:
    """Makes archives. Nothing is kept: an archive is written while it is read, one case after the other."""

    def __init__(self, context: Context, papers: CasePapers, binder: CaseBinder) -> None:
        self._context = context
        self._papers = papers
        self._binder = binder

    def write_zip(self, actor: Actor, request_ids: Sequence[str], out: BinaryIO) -> None:
        """One ZIP with a folder for each request, one extract of the audit trail and one manifest.

        That each of these case files was taken out is an event of the trail. Files in it are in the order of
        ``request_ids``; one that is named twice is in it once.

        :raises NotAllowed: no post that reads case files. :raises NotFound: ``request-unknown``.
        :raises InvalidInput: ``case-files-none``: no request is named.
        """
        for written in self.zip(actor, request_ids):
            out.write(written.data)

    def zip(
        self, actor: Actor, request_ids: Sequence[str], form: str = "zip", whole: Whole | None = None
    ) -> Iterator[Written]:
        """As :meth:`write_zip`, piece by piece. Refuses before the first piece is asked for; raises like it.

        ``form``: what the audit trail says it was. ``whole``: who else wants to know that it is whole.
        """
        wanted = list(dict.fromkeys(request_ids))
        if not wanted:
            raise InvalidInput("case-files-none")
        self._note_reading(actor, wanted, form)
        return self._pieces(actor, wanted, form, whole)

    def years(self, actor: Actor) -> list[YearLine]:
        """The years in which requests were sent, newest first. :raises NotAllowed: no post that reads case files."""
        access.require_case_files(actor)
        with self._context.store.read() as session:
            first = session.scalar(select(func.min(RequestRow.submitted_at)))
            if first is None:
                return []
            years = range(self._context.today().year, self._context.today(first).year - 1, -1)
            counted = [YearLine(year, _count(session, self._within(year))) for year in years]
        return [each for each in counted if each.count]

    def year(self, actor: Actor, year: int) -> Iterator[Written]:
        """Every case whose request was sent in this year, in the order of sending; otherwise as :meth:`zip`.

        :raises InvalidInput: ``case-files-none``: nothing was sent in that year.
        """
        access.require_case_files(actor)
        query = select(RequestRow.id).where(*self._within(year)).order_by(RequestRow.submitted_at, RequestRow.number)
        with self._context.store.read() as session:
            wanted = list(session.scalars(query))
        return self.zip(actor, wanted, "year")

    def pdf(self, actor: Actor, request_id: str) -> bytes:
        """The case file of one request as one PDF: cover, index, every paper in the order of the SOP, attachments.

        Signatures do not survive being bound; the signed files are embedded in it as they are.

        :raises NotAllowed: no post that reads case files. :raises NotFound: ``request-unknown``.
        :raises WrongState: ``not-sent-yet``. :raises ConfigurationError: the cover's template is broken.
        """
        self._note_reading(actor, [request_id], "pdf")
        with self._context.store.read() as session:
            head = self._context.trail.head(session)
        return self._binder.bind(self._papers.case(request_id), self._context.clock(), head.short)

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _within(self, year: int) -> tuple[ColumnElement[bool], ...]:
        """Sent in this year, by the office's own clock."""
        begins, ends = (datetime(each, 1, 1, tzinfo=self._context.office.zone) for each in (year, year + 1))
        return RequestRow.submitted_at >= begins, RequestRow.submitted_at < ends, RequestRow.destroyed_at.is_(None)

    def _note_reading(self, actor: Actor, request_ids: Sequence[str], form: str) -> None:
        """In batches: thousands of events at once would lock the trail for as long as they take."""
        capacity = access.require_case_files(actor)
        batches = [request_ids[start : start + _AT_ONCE] for start in range(0, len(request_ids), _AT_ONCE)]
        with self._context.store.read() as session:
            for batch in batches:
                _refuse_unknown(session, batch)
        for batch in batches:
            with self._context.store.begin() as session:
                asked = select(RequestRow).where(RequestRow.id.in_(batch)).options(joinedload(RequestRow.letter))
                found = {request.id: request for request in session.scalars(asked)}
                for request in (found[request_id] for request_id in batch):
                    self._context.trail.record(
                        session,
                        "case-file-read",
                        actor=actor.in_trail(capacity),
                        subjects=lookup.subjects(request.letter, request, account=request.account_id),
                        letter_number=request.letter.number,
                        form=form,
                    )

    def _pieces(self, actor: Actor, request_ids: Sequence[str], form: str, whole: Whole | None) -> Iterator[Written]:
        container, cases, of = Container(), Cases(), len(request_ids)
        yield from (Written(0, of, data) for data in _fixed(container))
        for number, case in enumerate(self._papers.cases(request_ids), start=1):
            folder = _folder(case.rows.request, cases)
            for file in self._papers.files(case, judge=of <= JUDGED_AGAIN):
                for data in container.add(f"{folder}/{file.name}", file.content):
                    yield Written(number, of, data)
            _add(cases, case)
        with self._context.store.read() as session:
            lines = (line.encode() for line in extract(session, self._context.trail, cases))
            yield from (Written(of, of, data) for data in container.add(AUDIT, lines))
        manifest = container.manifest()
        yield from (Written(of, of, data) for data in container.add(MANIFEST, manifest))
        yield from (Written(of, of, data) for data in container.end())
        self._note_writing(actor, of, form, sha256(manifest).hexdigest(), whole)

    def _note_writing(self, actor: Actor, count: int, form: str, manifest: str, whole: Whole | None) -> None:
        """Once it is whole: by its manifest whoever has the archive can show that it came from here."""
        with self._context.store.begin() as session:
            self._context.trail.record(
                session,
                "case-files-exported",
                actor=actor.in_trail(access.require_case_files(actor)),
                count=count,
                form=form,
                sha256=manifest,
            )
            if whole is not None:
                whole(session, manifest)


def _count(session: Session, conditions: tuple[ColumnElement[bool], ...]) -> int:
    return session.scalar(select(func.count()).select_from(RequestRow).where(*conditions)) or 0


def _refuse_unknown(session: Session, request_ids: Sequence[str]) -> None:
    rows = session.scalars(select(RequestRow).where(RequestRow.id.in_(request_ids))).all()
    found = {row.id: row.submitted_at for row in rows}
    if len(found) < len(request_ids):
        raise NotFound("request-unknown")
    for row in rows:
        destroyed.refuse(destroyed.of_row(session, row))
    if None in found.values():
        raise WrongState("not-sent-yet", state="draft")


def _fixed(container: Container) -> Iterator[bytes]:
    """What lies in every archive."""
    for name in (README, SCRIPT):
        yield from container.add(name, resources(archive).joinpath(name).read_bytes())
    yield from container.add(SCHEMA, json.dumps(schema(), indent=1, sort_keys=True).encode() + b"\n")


def _folder(request: RequestRow, cases: Cases) -> str:
    """The number as a folder's name; two numbers that come out the same are told apart by the id."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", request.number or "").strip("-") or request.id
    folder = name if name not in cases.folders else f"{name}-{request.id[:8]}"
    cases.folders.add(folder)
    return folder


def _add(cases: Cases, case: Case) -> None:
    rows = case.rows
    cases.requests.add(rows.request.id)
    cases.letters.update((rows.letter.id, *rows.earlier_letters))
    if rows.account is not None:
        cases.accounts.add(rows.account.id)
