"""Who acts for a post as Plt. or Plh.: by an order, from one day to another (UU 30/2014 Pasal 14)."""

from collections.abc import Mapping
from datetime import date

from provisioner.actor import Actor
from provisioner.audit import Subjects
from provisioner.errors import InvalidInput, NotAllowed, NotFound
from provisioner.office import PostId
from provisioner.procedure import Act
from provisioner.provisioning.context import Context
from provisioner.provisioning.official_rows import display_name, official_by_username
from provisioner.store.tables import MandateRow, OfficialRow


class Mandates:
    """Adds and ends mandates."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def add(
        self, username: str, post: str, kind: str, order: tuple[str, date], period: tuple[date, date], by: Actor
    ) -> str:
        """Let somebody act for a post as Plt. or Plh., by an order (number, date), from and to a day; gives its id.

        Officials will not do this themselves when they leave, so the secretary may, and IT.

        :raises InvalidInput: wrong kind, post or dates. :raises NotAllowed: neither secretary nor IT; for oneself; or
            the secretary for a post that does not decide on letters.
        """
        capacity = by.require("secretary", "it")
        errors = _mandate_errors(post, kind, order, period)
        if errors:
            raise InvalidInput("mandate-invalid", fields=errors)
        if capacity.post == "secretary" and post not in self._deciding_posts():
            raise NotAllowed("mandate-beyond-secretary", post=post)
        with self._context.store.begin() as session:
            row = official_by_username(session, username)
            if row.id == by.official_id:
                raise NotAllowed("mandate-for-oneself")
            mandate = MandateRow(
                official_id=row.id,
                post=post,
                kind=kind,
                order_number=order[0],
                order_date=order[1],
                starts_on=period[0],
                ends_on=period[1],
                created_at=self._context.clock(),
            )
            session.add(mandate)
            session.flush()
            self._context.trail.record(
                session,
                "mandate-added",
                actor=by.in_trail(capacity),
                subjects=Subjects(official=row.id),
                official=row.username,
                post=post,
                mandate_kind=kind,
                decree_number=order[0],
                since=period[0],
                until=period[1],
                name=display_name(row),
            )
            return mandate.id

    def _deciding_posts(self) -> frozenset[str]:
        return frozenset(step.actor for step in self._context.procedure.steps if step.act in (Act.DISPOSE, Act.REVIEW))

    def end(self, mandate_id: str, by: Actor) -> None:
        """End a mandate before its day.

        :raises NotFound: no such mandate. :raises NotAllowed: neither secretary nor IT.
        """
        capacity = by.require("secretary", "it")
        with self._context.store.begin() as session:
            mandate = session.get(MandateRow, mandate_id)
            if mandate is None or mandate.ended_at is not None:
                raise NotFound("mandate-unknown")
            mandate.ended_at = self._context.clock()
            row = session.get_one(OfficialRow, mandate.official_id)
            self._context.trail.record(
                session,
                "mandate-ended",
                actor=by.in_trail(capacity),
                subjects=Subjects(official=row.id),
                official=row.username,
                post=mandate.post,
                mandate_kind=mandate.kind,
                decree_number=mandate.order_number,
                name=display_name(row),
            )


def _mandate_errors(
    post: str, kind: str, order: tuple[str, date], period: tuple[date, date]
) -> Mapping[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if post not in set(PostId):
        errors["post"] = ["unknown"]
    if kind not in ("PLT", "PLH"):
        errors["kind"] = ["unknown"]
    if not order[0].strip() or len(order[0]) > 80:
        errors["order_number"] = ["missing"]
    if period[1] < period[0]:
        errors["ends_on"] = ["before-start"]
    return errors
