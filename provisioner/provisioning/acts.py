"""Acts and the rules every act obeys: nobody decides on an own request, nobody takes two steps of one request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor, Capacity
from provisioner.errors import NotAllowed, WrongState
from provisioner.provisioning import signatories
from provisioner.store.tables import ActRow, LetterRow, OfficialRow, RequestRow

MAX_LABEL = 300


@dataclass(frozen=True)
class Recorder:
    """Who records an official's act from a sheet that the official initialled, and which scan shows it."""

    actor: Actor
    capacity: Capacity
    sheet_id: str
    sha256: str
    length: int

    def refuse_unless_neutral(self, desk: str, requests: Iterable[RequestRow]) -> None:
        """:raises NotAllowed: ``own-desk-on-paper``: they hold that desk themself; ``own-request``."""
        if self.actor.holds(desk):
            raise NotAllowed("own-desk-on-paper")
        refuse_own_request(self.actor, requests)

    @property
    def words(self) -> str:
        """The mark that everything recorded so bears."""
        return f"dicatat oleh {self.capacity.label}, {self.actor.name} menurut lembar berparaf"


def in_trail(actor: Actor, capacity: Capacity, recorder: Recorder | None) -> audit.Actor:
    """Whose act it is, as the audit trail names them; recorded from paper, it says so."""
    named = actor.in_trail(capacity)
    return replace(named, label=f"{named.label} (menurut lembar berparaf)") if recorder else named


def refuse_own_request(actor: Actor, requests: Iterable[RequestRow]) -> None:
    """:raises NotAllowed: ``own-request``: one of ``requests`` is for this person."""
    for request in requests:
        if _is(actor.person_key, actor.staff_key, request):
            raise NotAllowed("own-request")


def was_disposed_by_applicant(session: Session, request: RequestRow) -> bool:
    """Whether an official who acted on the letter is its applicant: a bio form that came late can show it."""
    officials = session.scalars(
        select(OfficialRow)
        .join(ActRow, ActRow.official_id == OfficialRow.id)
        .where(ActRow.letter_id == request.letter_id)
    )
    return any(_is(official.person_key, official.staff_key, request) for official in officials)


def refuse_second_step(
    session: Session,
    actor: Actor,
    letter_id: str,
    request_id: str | None,
    step: int,
    *,
    allowed: bool,
    besides: int | None = None,
) -> None:
    """``besides``: another step that the same person may have taken.

    :raises NotAllowed: ``second-step``: this person already took another step of it (``data["step"]``).
    """
    if allowed:
        return
    query = select(ActRow).where(
        ActRow.letter_id == letter_id,
        ActRow.official_id == actor.official_id,
        ActRow.step.not_in({step, besides or step}),
        ActRow.undone_at.is_(None),
    )
    if request_id is not None:
        query = query.where(or_(ActRow.request_id.is_(None), ActRow.request_id == request_id))
    earlier = session.scalars(query.limit(1)).one_or_none()
    if earlier is not None:
        raise NotAllowed("second-step", step=earlier.step)


def refuse_stale_form(row: LetterRow | RequestRow, revision: int) -> None:
    """:raises WrongState: ``changed-meanwhile``: the page was made for an older state of it."""
    if row.revision != revision:
        raise WrongState("changed-meanwhile", state=row.state)


def record(
    session: Session,
    letter: LetterRow,
    request: RequestRow | None,
    *,
    step: int,
    kind: str,
    before: str,
    after: str,
    at: datetime,
    actor: Actor | None = None,
    capacity: Capacity | None = None,
    requested_action: str = "",
    note: str = "",
    recorder: Recorder | None = None,
) -> ActRow:
    """Write an act down. ``actor`` None: the applicant.

    Who decides on a request has seen its letter, whether or not they opened a page: its disposition stands.
    """
    if request is not None and actor is not None:
        seen_by_next_desk(session, letter.id, None, at)
    label = f"{capacity.label}, {actor.name}" if actor and capacity else ""
    row = ActRow(
        letter_id=letter.id,
        request_id=request.id if request else None,
        step=step,
        kind=kind,
        official_id=actor.official_id if actor else None,
        post=capacity.post if capacity else "",
        acting_for=f"{capacity.label} ({capacity.order})" if capacity and capacity.kind else "",
        actor_label=(f"{label}; {recorder.words}" if recorder else label)[:MAX_LABEL],
        signed_as=signatories.frozen(actor, capacity) if actor and capacity else None,
        requested_action=requested_action,
        note=note,
        state_before=before,
        state_after=after,
        at=at,
        recorded_by=recorder.actor.official_id if recorder else None,
        sheet_id=recorder.sheet_id if recorder else None,
    )
    session.add(row)
    return row


def record_alike(
    session: Session,
    requests: Sequence[RequestRow],
    *,
    step: int,
    kind: str,
    before: str,
    after: str,
    at: datetime,
) -> None:
    """As :func:`record`, for what happens to several requests at once and is nobody's decision, in one statement."""
    alike = {"step": step, "kind": kind, "state_before": before, "state_after": after, "at": at}
    rows = [{**alike, "letter_id": request.letter_id, "request_id": request.id} for request in requests]
    if rows:
        session.execute(insert(ActRow), rows)


def last(session: Session, letter_id: str, request_id: str | None) -> ActRow | None:
    """The newest act on the letter (``request_id`` None) or the request that was not undone."""
    query = (
        select(ActRow)
        .where(
            ActRow.letter_id == letter_id,
            ActRow.request_id.is_(None) if request_id is None else ActRow.request_id == request_id,
            ActRow.undone_at.is_(None),
        )
        .order_by(ActRow.at.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def seen_by_next_desk(session: Session, letter_id: str, request_id: str | None, at: datetime) -> None:
    """The next desk opened it: the last act cannot be undone any more."""
    act = last(session, letter_id, request_id)
    if act is not None and act.seen_at is None:
        act.seen_at = at


def _is(person_key: bytes | None, staff_key: bytes | None, request: RequestRow) -> bool:
    same_person = person_key is not None and person_key == request.person_key
    return same_person or (staff_key is not None and staff_key == request.staff_key)
