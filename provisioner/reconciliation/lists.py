"""Lists of a system that only people operate: read when they are brought, believed when somebody orders a repair."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.board import StoreBoard
from provisioner.clock import Clock
from provisioner.connector import Marker, ReadsLists, RemoteAccount
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import ASKED, DONE, DUE, GONE, due_now
from provisioner.errors import WrongState
from provisioner.reconciliation.finding import Difference, Kind
from provisioner.reconciliation.listed import Listed, Ours, listed, read_users
from provisioner.store import Store
from provisioner.store.tables import AccountRow, FindingRow, LinkRow, ReconciliationRow


class Lists:
    """What a list shows is not taken for true by being brought: it may be another system's, or cut off. Once a repair
    is ordered, it stands on the board in place of what people confirmed before, and convergence asks for the rest.
    """

    def __init__(self, store: Store, clock: Clock, targets: TargetSet, board: StoreBoard) -> None:
        self._store = store
        self._clock = clock
        self._targets = targets
        self._board = board

    def can_read(self, target: str) -> bool:
        """Whether people can bring a list of this system."""
        return target in self._targets and isinstance(self._targets[target].connector, ReadsLists)

    def read(self, target: str, source: bytes | str, *, only_enabled: bool) -> Listed:
        """The list as a look reads it.

        :raises InvalidInput: it cannot be read; nothing is kept. :raises WrongState: ``target-takes-no-list``.
        """
        connector: object = self._targets[target].connector
        if not isinstance(connector, ReadsLists):
            raise WrongState("target-takes-no-list", target=target)
        return listed(connector, read_users(connector, source), self._ours(target), only_enabled=only_enabled)

    def believe(self, session: Session, run: ReconciliationRow, row: FindingRow, found: Collection[Difference]) -> bool:
        """Put what the list showed of one account onto the board, and let the account's systems follow.

        False: a person was asked or has confirmed something since; that is newer than the list.
        """
        link = self._settled(session, run, row)
        if link is None:
            return False
        account = session.get_one(AccountRow, link.account_id, with_for_update=True)
        account.desired_version += 1
        if row.kind == Kind.MISSING:
            self._board.found_absent(session, run.target, account.id)
        elif row.kind == Kind.ORPHAN:
            self._board.found_again(session, run.target, account.id, account.desired_version)
            row.link_id, link.state = link.id, DONE
        else:
            enabled = next((each.found == "yes" for each in found if each.name == "enabled"), None)
            self._board.found_otherwise(session, run.target, account.id, enabled=enabled, noted=self._noted(run, found))
        for each in account.links:
            due_now(each, account.desired_version, self._clock())
        return True

    def _settled(self, session: Session, run: ReconciliationRow, row: FindingRow) -> LinkRow | None:
        of_account = LinkRow.target == run.target, LinkRow.account_id == row.account_id
        link = session.scalars(select(LinkRow).where(*of_account).with_for_update(key_share=True)).one_or_none()
        expected = GONE if row.kind == Kind.ORPHAN else DONE
        if link is None or link.state != expected:
            return None
        noted_at = self._board.noted_at(session, run.target, link.account_id)
        return link if noted_at is not None and noted_at < run.asked_at else None

    def _noted(self, run: ReconciliationRow, found: Collection[Difference]) -> dict[str, str]:
        connector: object = self._targets[run.target].connector
        columns = connector.list_columns() if isinstance(connector, ReadsLists) else ()
        labels = {each.name: each.label for each in columns if each.label}
        return {labels[each.name]: each.found for each in found if each.name in labels}

    def _ours(self, target: str) -> Ours:
        there = {each.username.casefold(): each for each in self._targets[target].connector.search()}
        known = {each.marker.account_id for each in there.values() if each.marker is not None}
        with self._store.read() as session:
            asked = (
                select(AccountRow.id, AccountRow.username)
                .join(LinkRow, LinkRow.account_id == AccountRow.id)
                .where(LinkRow.target == target, LinkRow.state.in_((DUE, ASKED)))
            )
            waiting = [_asked(each.id, each.username) for each in session.execute(asked) if each.id not in known]
        others = {each.username.casefold(): each for each in (*self._board.removed(target), *waiting)}
        return Ours(there, others)


def _asked(account_id: str, username: str) -> RemoteAccount:
    return RemoteAccount(account_id, username, Marker(account_id, 0), enabled=True, must_change=None, pending=True)
