"""The list of requests: searched and filtered, a page at a time."""

from sqlalchemy import ColumnElement, and_, false, or_, select, union

from provisioner.actor import Actor
from provisioner.provisioning import access
from provisioner.provisioning.context import Context
from provisioner.provisioning.desk_views import RequestLine
from provisioner.provisioning.lines import request_lines
from provisioner.provisioning.person_numbers import has_number
from provisioner.request import OPEN, RequestState
from provisioner.store.long_lists import contains, in_order, page_of
from provisioner.store.tables import LetterRow, RequestRow

PER_PAGE = 25


class RequestSearch:
    """Finds requests that were sent."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def find(
        self, actor: Actor, *, text: str = "", state: str = "", page: int = 1, per_page: int = PER_PAGE
    ) -> tuple[list[RequestLine], int]:
        """Requests that were sent, newest first: (one page of lines, how many there are as in
        :attr:`provisioner.store.long_lists.Found.total`).

        ``state``: ``open``, or a state as pages show it: that of the letter while the request goes with it, else the
        request's own. Nothing has a state that is not known.
        """
        actor.require(*access.REQUESTS)
        query = select(RequestRow).where(RequestRow.number.is_not(None))
        query = query.order_by(RequestRow.submitted_at.desc(), RequestRow.id)
        if state:
            query = query.where(_shown_as(state))
        if text.strip():
            query = query.where(self._matches(text.strip(), by_number=actor.holds(*access.SCANS)))
        with self._context.store.read() as session:
            found = page_of(session, query, RequestRow.id, max(1, page), per_page)
            rows = in_order(session, RequestRow, RequestRow.id, found.ids)
            return list(request_lines(session, self._context.procedure, rows)), found.total

    def _matches(self, text: str, *, by_number: bool) -> ColumnElement[bool]:
        """Name, numbers, sender, unit or user name; ``by_number``: a whole NIK or staff number by its keyed form."""
        by_keys = has_number(text, self._context.keyring, RequestRow.person_key, RequestRow.staff_key)
        if by_keys:
            # Such a number stands in no name: nothing is read through for it.
            return or_(RequestRow.username == text, *(by_keys if by_number else ()))
        own = select(RequestRow.id).where(contains("request", text))
        letters = select(LetterRow.id).where(contains("letter", text))
        return RequestRow.id.in_(union(own, select(RequestRow.id).where(RequestRow.letter_id.in_(letters))))


def _shown_as(state: str) -> ColumnElement[bool]:
    """The requests that lists show in this state."""
    if state == "open":
        return RequestRow.state.in_([each.value for each in OPEN])
    if state == RequestState.WITH_LETTER:
        return false()
    letters = select(LetterRow.id).where(LetterRow.state == state)
    with_letter = and_(RequestRow.state == RequestState.WITH_LETTER, RequestRow.letter_id.in_(letters))
    return or_(with_letter, RequestRow.state == state)
