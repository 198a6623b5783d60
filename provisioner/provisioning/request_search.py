"""The list of requests: searched and filtered, a page at a time."""

from sqlalchemy import ColumnElement, and_, func, or_, select

from provisioner.actor import Actor
from provisioner.provisioning import access
from provisioner.provisioning.context import Context
from provisioner.provisioning.desk_views import RequestLine
from provisioner.provisioning.lines import request_lines
from provisioner.provisioning.person_numbers import has_number
from provisioner.request import OPEN, RequestState
from provisioner.store.tables import LetterRow, RequestRow

PER_PAGE = 25


class RequestSearch:
    """Finds requests that were sent."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def find(
        self, actor: Actor, *, text: str = "", state: str = "", page: int = 1, per_page: int = PER_PAGE
    ) -> tuple[list[RequestLine], int]:
        """Requests that were sent, newest first: (one page of lines, how many there are in all).

        ``state``: ``open``, or a state as pages show it: that of the letter while the request goes with it, else the
        request's own. Nothing has a state that is not known.
        """
        actor.require(*access.REQUESTS)
        query = select(RequestRow).join(LetterRow).where(RequestRow.number.is_not(None))
        if state:
            query = query.where(_shown_as(state))
        if text.strip():
            query = query.where(self._matches(text.strip(), by_number=actor.holds(*access.SCANS)))
        with self._context.store.read() as session:
            total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            rows = session.scalars(
                query.order_by(RequestRow.submitted_at.desc(), RequestRow.id)
                .limit(per_page)
                .offset((max(1, page) - 1) * per_page)
            ).all()
            return list(request_lines(session, self._context.procedure, rows)), total

    def _matches(self, text: str, *, by_number: bool) -> ColumnElement[bool]:
        """Name, numbers, sender, unit or user name; ``by_number``: a whole NIK or staff number by its keyed form."""
        like = f"%{text.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        columns = (
            RequestRow.full_name,
            RequestRow.number,
            RequestRow.org_unit,
            RequestRow.username,
            LetterRow.number,
            LetterRow.sender,
        )
        found: list[ColumnElement[bool]] = [column.ilike(like, escape="!") for column in columns]
        if by_number:
            found += has_number(text, self._context.keyring, RequestRow.person_key, RequestRow.staff_key)
        return or_(*found)


def _shown_as(state: str) -> ColumnElement[bool]:
    """The requests that lists show in this state."""
    if state == "open":
        return RequestRow.state.in_([each.value for each in OPEN])
    with_letter = RequestRow.state == RequestState.WITH_LETTER
    return or_(and_(with_letter, LetterRow.state == state), and_(~with_letter, RequestRow.state == state))
