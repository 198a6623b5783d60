"""From a recorded account to one of ours: its name stays, its password stays, and the entry is taken over."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.board import StoreBoard
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import DUE, LEFT_OUT
from provisioner.credential.generation import GenerationState, Kind
from provisioner.errors import Conflict
from provisioner.observation.reference import current_reference
from provisioner.recorded_account import RecordedAct, RecordedState, after
from provisioner.store.tables import (
    AccountRow,
    CredentialRow,
    GenerationRow,
    LinkRow,
    RecordedAccountRow,
    RequestRow,
)


def recorded_of(session: Session, request_id: str) -> RecordedAccountRow | None:
    """The recorded account that a request is to bring under management; None for any other request."""
    return session.scalars(
        select(RecordedAccountRow).where(
            RecordedAccountRow.request_id == request_id, RecordedAccountRow.state == RecordedState.RECORDED
        )
    ).one_or_none()


def recorded_for_other(session: Session, username: str, request_id: str) -> bool:
    """Whether the name is that of a recorded account which this request is not about."""
    asked = select(RecordedAccountRow.request_id).where(
        RecordedAccountRow.folded == username.casefold(), RecordedAccountRow.live_key.is_not(None)
    )
    return any(each != request_id for each in session.scalars(asked))


def refuse_other_person(session: Session, request: RequestRow) -> None:
    """The head decided about the person on the list.

    :raises Conflict: ``recorded-other-person``: the bio form is somebody else's; ``person-recorded``: this person has a
        recorded account, and this request is not the one for it.
    """
    recorded = recorded_of(session, request.id)
    if recorded is not None:
        if recorded.person_key is not None and recorded.person_key != request.person_key:
            raise Conflict("recorded-other-person", username=recorded.username)
        return
    if request.person_key is None:
        return
    other = select(RecordedAccountRow).where(
        RecordedAccountRow.person_key == request.person_key, RecordedAccountRow.state == RecordedState.RECORDED
    )
    if (found := session.scalars(other.limit(1)).one_or_none()) is not None:
        raise Conflict("person-recorded", username=found.username)


class Adoption:
    """Inside the caller's unit of work."""

    def __init__(self, targets: TargetSet, board: StoreBoard) -> None:
        self._targets = targets
        self._board = board

    def take_over(self, session: Session, account: AccountRow, recorded: RecordedAccountRow, at: datetime) -> None:
        """Link the account to the entry that was recorded, and to nothing else. The operator's own password stands: it
        is known to that system only, and nothing is issued. Where only people can look, the account is noted as there
        already: the list says so, and the card that asks for what was decided is the first to show whether it is true.
        """
        account.state, account.password_changed_at = AccountState.ACTIVE, at
        credential = self._credential(session, account, recorded, at)
        for name in self._targets:
            here = name == recorded.target
            session.add(
                LinkRow(
                    account_id=account.id,
                    target=name,
                    credential_id=credential.id if here and credential is not None else None,
                    state=DUE if here else LEFT_OUT,
                    desired_version=account.desired_version,
                    adopts=recorded.remote_id if here else None,
                    applied_generation=1 if here and credential is not None else 0,
                    next_try_at=at if here else None,
                    desired_at=at if here else None,
                    reference=current_reference(),
                )
            )
        if self._targets.asks_people(recorded.target):
            generation = 1 if credential is not None else 0
            self._board.found_there(session, recorded.target, account.id, recorded.username, generation)
        recorded.ended_at = at
        recorded.state, recorded.account_id = after(RecordedState(recorded.state), RecordedAct.SIGN), account.id
        session.flush()
        session.refresh(account)

    def _credential(
        self, session: Session, account: AccountRow, recorded: RecordedAccountRow, at: datetime
    ) -> CredentialRow | None:
        word = self._targets.credential_of(recorded.target)
        if word is None:
            return None
        credential = CredentialRow(account_id=account.id, name=word, wanted=False, generation=1)
        session.add(credential)
        session.flush()
        session.add(
            GenerationRow(
                credential_id=credential.id,
                number=1,
                kind=Kind.OWN,
                state=GenerationState.COMMITTED,
                issued_at=at,
            )
        )
        return credential
