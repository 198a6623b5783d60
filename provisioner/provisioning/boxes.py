"""Boxes (boks arsip): where the papers of a request lie in the real world, told and found again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from provisioner.actor import Actor, Capacity
from provisioner.documents.letterhead import letterhead
from provisioner.documents.renderer import Renderer
from provisioner.documents.words import long_date, long_moment
from provisioner.errors import Conflict, InvalidInput, NotFound
from provisioner.plain_text import one_line
from provisioner.provisioning import access, lookup
from provisioner.provisioning.case_papers import refuse_unsent
from provisioner.provisioning.context import Context
from provisioner.store.tables import BoxRow, FilingRow, LetterRow, RequestRow

LONGEST_NUMBER = 60
LONGEST_PLACE = 200
PAGE = 50
SHEET = "isi-boks"


@dataclass(frozen=True)
class BoxLine:
    """A box in a list."""

    id: str
    number: str
    place: str
    count: int
    """Of requests whose papers lie in it."""
    revision: int


@dataclass(frozen=True)
class FiledLine:
    """A request whose papers lie in a box."""

    request_id: str
    number: str
    applicant: str
    letter_number: str
    sender: str
    submitted_at: datetime | None
    state: str
    filed_at: datetime


@dataclass(frozen=True)
class Place:
    """Where the papers of one request lie; empty: nowhere yet."""

    number: str = ""
    place: str = ""
    box_id: str = ""


class Boxes:
    """Use cases. Methods raise NotAllowed, and NotFound ``request-unknown`` or ``box-unknown``."""

    def __init__(self, context: Context, renderer: Renderer) -> None:
        self._context = context
        self._renderer = renderer

    def file(self, actor: Actor, request_id: str, number: str, place: str = "") -> None:
        """The papers of a request lie in this box now; an empty ``number``: in none any more.

        A box that is not known yet is made, at ``place``. For one that is known, an empty place leaves it where it is.

        :raises InvalidInput: field ``number`` or ``place``. :raises WrongState: ``not-sent-yet``.
        """
        capacity = actor.require(*access.FILERS)
        number, place = _typed("number", number, LONGEST_NUMBER), _typed("place", place, LONGEST_PLACE)
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            refuse_unsent(request)
            filing = session.get(FilingRow, request_id)
            former = filing.box.number if filing else None
            if not number:
                if filing is not None:
                    session.delete(filing)
                    self._note_filed(session, actor, capacity, request, None, former)
                return
            box = self._box(session, actor, capacity, number, place)
            if filing is not None and filing.box_id == box.id:
                return
            if filing is None:
                filing = FilingRow(request_id=request_id)
                session.add(filing)
            filing.box, filing.filed_at, filing.filed_by = box, self._context.clock(), actor.official_id
            self._note_filed(session, actor, capacity, request, box, former)

    def move(self, actor: Actor, box_id: str, revision: int, place: str) -> None:
        """The box stands somewhere else now.

        :raises InvalidInput: field ``place``. :raises Conflict: ``changed-meanwhile``.
        """
        capacity, place = actor.require(*access.FILERS), _typed("place", place, LONGEST_PLACE)
        with self._context.store.begin() as session:
            box = session.get(BoxRow, box_id)
            if box is None:
                raise NotFound("box-unknown")
            if box.revision != revision:
                raise Conflict("changed-meanwhile")
            self._place(session, actor, capacity, box, place)

    def place_of(self, actor: Actor, request_id: str) -> Place:
        """Where the papers of a request lie."""
        actor.require(*access.REQUESTS)
        with self._context.store.read() as session:
            filing = session.get(FilingRow, request_id)
            return Place(filing.box.number, filing.box.place, filing.box_id) if filing else Place()

    def find(self, actor: Actor, text: str = "", page: int = 1) -> tuple[list[BoxLine], int]:
        """Boxes whose number, place or contents (number of a request or letter, a name) hold ``text``, and how many."""
        actor.require(*access.REQUESTS)
        count = func.count(FilingRow.request_id)
        query = select(BoxRow, count).outerjoin(FilingRow, FilingRow.box_id == BoxRow.id).group_by(BoxRow.id)
        if text := " ".join(text.split())[:100]:
            inside = (
                select(FilingRow.box_id)
                .join(RequestRow, RequestRow.id == FilingRow.request_id)
                .join(LetterRow, LetterRow.id == RequestRow.letter_id)
                .where(
                    or_(
                        *(
                            column.icontains(text, autoescape=True)
                            for column in (RequestRow.number, RequestRow.full_name, LetterRow.number)
                        )
                    )
                )
            )
            mine = (column.icontains(text, autoescape=True) for column in (BoxRow.number, BoxRow.place))
            query = query.where(or_(*mine, BoxRow.id.in_(inside)))
        with self._context.store.read() as session:
            total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            rows = session.execute(query.order_by(BoxRow.folded).offset((page - 1) * PAGE).limit(PAGE))
            return [BoxLine(box.id, box.number, box.place, held, box.revision) for box, held in rows], total

    def contents(self, actor: Actor, box_id: str) -> tuple[BoxLine, list[FiledLine]]:
        """A box and what lies in it, by number of the request."""
        actor.require(*access.REQUESTS)
        with self._context.store.read() as session:
            box = session.get(BoxRow, box_id)
            if box is None:
                raise NotFound("box-unknown")
            query = (
                select(FilingRow, RequestRow, LetterRow)
                .join(RequestRow, RequestRow.id == FilingRow.request_id)
                .join(LetterRow, LetterRow.id == RequestRow.letter_id)
                .where(FilingRow.box_id == box_id)
                .order_by(RequestRow.submitted_at, RequestRow.number)
            )
            lines = [_filed(filing, request, letter) for filing, request, letter in session.execute(query)]
            return BoxLine(box.id, box.number, box.place, len(lines), box.revision), lines

    def sheet(self, actor: Actor, box_id: str) -> bytes:
        """What lies in a box, as a sheet to stick on it. :raises ConfigurationError: the template is broken."""
        box, lines = self.contents(actor, box_id)
        office, at = self._context.office, self._context.clock()
        rows = [
            {
                "number": line.number,
                "applicant": line.applicant,
                "letter_number": line.letter_number,
                "sender": line.sender,
                "date": long_date(self._context.today(line.submitted_at)),
            }
            for line in lines
        ]
        told = {"number": box.number, "place": box.place, "lines": rows, "at": long_moment(at, office)}
        return self._renderer.render(SHEET, {"office": letterhead(office, self._renderer), "box": told}, at)

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _box(self, session: Session, actor: Actor, capacity: Capacity, number: str, place: str) -> BoxRow:
        folded = number.casefold()
        box = session.scalars(select(BoxRow).where(BoxRow.folded == folded)).one_or_none()
        if box is None:
            box = BoxRow(folded=folded, number=number, place=place)
            session.add(box)
            session.flush()
        elif place:
            self._place(session, actor, capacity, box, place)
        return box

    def _place(self, session: Session, actor: Actor, capacity: Capacity, box: BoxRow, place: str) -> None:
        if box.place == place:
            return
        former, box.place = box.place, place
        who = actor.in_trail(capacity)
        self._context.trail.record(session, "box-moved", actor=who, box=box.number, place=place, former_place=former)

    def _note_filed(
        self,
        session: Session,
        actor: Actor,
        capacity: Capacity,
        request: RequestRow,
        box: BoxRow | None,
        former: str | None,
    ) -> None:
        self._context.trail.record(
            session,
            "case-filed",
            actor=actor.in_trail(capacity),
            subjects=lookup.subjects(request.letter, request),
            letter_number=request.letter.number,
            box=box.number if box else None,
            place=box.place if box else None,
            former_box=former,
            applicant_name=request.display_name,
        )


def _filed(filing: FilingRow, request: RequestRow, letter: LetterRow) -> FiledLine:
    return FiledLine(
        request.id,
        request.number or "",
        request.display_name,
        letter.number,
        letter.sender,
        request.submitted_at,
        request.state,
        filing.filed_at,
    )


def _typed(field: str, text: str, longest: int) -> str:
    try:
        return one_line(text, longest)
    except InvalidInput as wrong:
        raise InvalidInput("box-invalid", fields={field: [wrong.code]}) from None
