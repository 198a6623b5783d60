"""What an official may do with a letter or a request now, and which rule keeps them from it. The desks decide again."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.errors import ProvisionerError
from provisioner.letter import LetterState
from provisioner.procedure import Act
from provisioner.provisioning import acts
from provisioner.provisioning.context import Context
from provisioner.request import PACT_OPEN, TAKES_PART, RequestState
from provisioner.store.tables import LetterRow, RequestRow

Possible = tuple[frozenset[str], str]
"""The acts, and the code of the rule where there are none because of one."""


class PossibleActs:
    """Offers acts to the pages of letters and requests."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def on_letter(self, session: Session, actor: Actor, row: LetterRow) -> Possible:
        """Forward, return, reject: for the desk it lies on."""
        if row.state != LetterState.DISPOSING:
            return frozenset(), ""
        step = self._context.procedure.step(row.step)
        still = [each for each in row.requests if each.state in TAKES_PART]
        blocked = self._blocked(session, actor, (step.actor,), row.id, None, step.number, still)
        return (frozenset(), blocked) if blocked else (frozenset({"forward", "return", "reject"}), "")

    def on_request(self, session: Session, actor: Actor, row: RequestRow) -> Possible:
        """Approve, return, reject, sign, make-anew (step 4); create (step 5, by button)."""
        review, create = self._context.step_of(Act.REVIEW), self._context.step_of(Act.CREATE)
        if row.state == RequestState.CREATION:
            if row.account_id is not None or self._context.settings.procedure.step_5 != "button":
                return frozenset(), ""
            besides = review.number if not actor.holds(create.actor) else None
            posts = (create.actor, review.actor)
            blocked = self._blocked(session, actor, posts, row.letter_id, row.id, create.number, [row], besides)
            return (frozenset(), blocked) if blocked else (frozenset({"create"}), "")
        if row.state != RequestState.REVIEW and row.state not in PACT_OPEN:
            return frozenset(), ""
        blocked = self._blocked(session, actor, (review.actor,), row.letter_id, row.id, review.number, [row])
        if blocked:
            return frozenset(), blocked
        possible = {
            RequestState.REVIEW: {"approve", "return", "reject"},
            RequestState.PACT_APPLICANT: {"make-anew"},
            RequestState.PACT_OFFICIAL: {"sign", "make-anew", "reject"},
        }
        return frozenset(possible[RequestState(row.state)]), ""

    def _blocked(
        self,
        session: Session,
        actor: Actor,
        posts: Sequence[str],
        letter_id: str,
        request_id: str | None,
        step: int,
        requests: Iterable[RequestRow],
        besides: int | None = None,
    ) -> str:
        """The code of the rule that keeps this person from acting; empty when nothing does."""
        try:
            actor.require(*posts)
            acts.refuse_own_request(actor, requests)
            allowed = self._context.settings.procedure.allow_two_steps
            acts.refuse_second_step(session, actor, letter_id, request_id, step, allowed=allowed, besides=besides)
        except ProvisionerError as refusal:
            return refusal.code
        return ""
