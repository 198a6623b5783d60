"""Orders to repair: the links concerned are due, and convergence does the rest."""

from collections.abc import Collection, Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from provisioner.audit import Actor, AuditTrail, Subjects
from provisioner.clock import Clock
from provisioner.convergence.worklist import AT_REST, DUE, due_now
from provisioner.dispatch.wakeup import WakeUp
from provisioner.reconciliation.finding import Finding
from provisioner.store.tables import AccountRow, FindingRow, LinkRow

_AT_ONCE = 500


class Orders:
    """Inside the caller's unit of work."""

    def __init__(self, clock: Clock, trail: AuditTrail, wakeup: WakeUp) -> None:
        self._clock = clock
        self._trail = trail
        self._wakeup = wakeup

    def repair(self, session: Session, target: str, findings: Iterable[Finding], actor: Actor) -> int:
        """Everything among these that convergence can repair; gives how many accounts."""
        repairable = {each.link_id: each for each in findings if each.link_id is not None}
        if not repairable:
            return 0
        # These first: they lock accounts, and whoever does so does it before locking links.
        for link_id, each in repairable.items():
            if each.opened_behind_our_back:
                self._close_again(session, link_id)
        links = [link_id for link_id, each in repairable.items() if not each.opened_behind_our_back]
        for start in range(0, len(links), _AT_ONCE):
            session.execute(
                update(LinkRow)
                .where(LinkRow.id.in_(links[start : start + _AT_ONCE]), LinkRow.state.not_in(AT_REST))
                .values(state=DUE, next_try_at=self._clock(), attempts=0)
                .execution_options(synchronize_session=False)
            )
        kinds = sorted({each.kind.value for each in repairable.values()})
        one = next(iter(repairable.values())) if len(repairable) == 1 else None
        self._trail.record(
            session,
            "repair-ordered",
            actor=actor,
            subjects=Subjects(account=one.account_id) if one is not None else Subjects(),
            target=target,
            count=len(repairable),
            kinds=kinds,
            username=one.username if one is not None else None,
        )
        self._wakeup.after_commit(session)
        return len(repairable)

    def mark(self, session: Session, finding_ids: Collection[str], word: str = "repair") -> None:
        """Note with the findings what was ordered."""
        ids = list(finding_ids)
        for start in range(0, len(ids), _AT_ONCE):
            session.execute(
                update(FindingRow)
                .where(FindingRow.id.in_(ids[start : start + _AT_ONCE]))
                .values(ordered=word, ordered_at=self._clock(), error="")
                .execution_options(synchronize_session=False)
            )

    def _close_again(self, session: Session, link_id: str | None) -> None:
        """Whoever got in there has to go: sessions are ended with a newer version only."""
        link = session.scalars(select(LinkRow).where(LinkRow.id == link_id)).one_or_none()
        if link is None:
            return
        account = session.get_one(AccountRow, link.account_id, with_for_update=True)
        account.desired_version += 1
        for each in account.links:
            due_now(each, account.desired_version, self._clock())
