"""What must hold after a fault, whatever it was."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import func, select, table

from provisioner.audit.chain import MAC_PURPOSE
from provisioner.audit.export import export
from provisioner.audit.verify import verify
from provisioner.connector import InDoubt, Outcome, TargetUnavailable
from provisioner.errors import NotFound, StoreUnavailable, WrongState
from provisioner.store.tables import AccountRow, AuditRow, CredentialRow, LinkRow, PactRow, RequestRow, TaskCardRow
from tests.faults.busy_office import BusyOffice, Waiting
from tests.many_machines import until

_JOBS = table("procrastinate_jobs")
_T = TypeVar("_T")
_ONCE = {"account-approved": 1, "pact-signed": 1, "envelope-opened": 1, "account-created-in-target": 2}
"""Events about a person, and how many of each: there are two systems."""


class Applicants:
    """They try to open their envelopes from the beginning, and sign in with what they find as soon as they can."""

    def __init__(self, office: BusyOffice, people: Sequence[Waiting]) -> None:
        self._office = office
        self._left = {person.request_id: person for person in people}
        self.opened = 0

    def try_all(self) -> None:
        """Once round everybody who has not opened it yet."""
        for request_id, person in list(self._left.items()):
            if self._opens(person):
                del self._left[request_id]
                self.opened += 1

    def all_have(self) -> bool:
        """Whether everybody has; tries."""
        self.try_all()
        return not self._left

    def _opens(self, person: Waiting) -> bool:
        try:
            opening = self._office.core.handover.open(person.ticket.text(), person.request_id)
        except StoreUnavailable:
            return False
        except WrongState as refusal:
            # The second: a worker wrote something down about the account at that very moment.
            assert refusal.code in ("envelope-not-ready", "changed-meanwhile"), refusal.code
            return False
        except NotFound:
            return False  # There is no account yet.
        for slip in opening.slips:
            for target in slip.targets:
                assert _authenticated(self._office, target, slip.username, slip.password) is Outcome.MUST_CHANGE
        return True


def _authenticated(office: BusyOffice, target: str, username: str, password: str) -> Outcome:
    ends = time.monotonic() + 60
    while True:
        try:
            connector: Any = office.core.targets[target].connector
            outcome: Outcome = connector.authenticate(username, password).outcome
            return outcome
        except (TargetUnavailable, InDoubt):
            assert time.monotonic() < ends
            time.sleep(0.1)


def nothing_is_left_over(office: BusyOffice, people: Sequence[Waiting]) -> None:
    """Everything was done once, the trail is whole, and nothing waits: for a person, or in the engine's tables."""
    with office.core.context.store.read() as session:
        account_of = {row.id: row.account_id for row in session.scalars(select(RequestRow)) if row.account_id}
        accounts = [account_of[person.request_id] for person in people]
        links = session.scalars(select(LinkRow).where(LinkRow.account_id.in_(accounts))).all()
        assert Counter(link.state for link in links) == {"done": len(people) * len(office.core.targets)}
        assert not [link.id for link in links if link.in_doubt or link.lease_token]
        assert not session.scalars(select(CredentialRow.id).where(CredentialRow.wanted)).all()
        assert not session.scalars(select(TaskCardRow.id)).all()
        states = session.scalars(select(AccountRow.state).where(AccountRow.id.in_(accounts)))
        assert set(states) == {"pending-activation"}
    for target in office.core.targets.values():
        assert [len(target.connector.find(account)) for account in accounts] == [1] * len(accounts)
    for kind, times in _ONCE.items():
        assert _told(office, kind, people) == dict.fromkeys((person.request_id for person in people), times), kind
    until(lambda: _jobs(office) == 0)


def the_trail_is_whole(office: BusyOffice) -> None:
    """As somebody finds who has an export of it and the office's keys."""
    context = office.core.context
    with context.store.read() as session:
        report = verify(export(session, context.trail), mac=lambda data: context.keyring.mac(MAC_PURPOSE, data))
        assert report.sound, report
        assert report.rows == session.scalar(select(func.count()).select_from(AuditRow))


def nothing_is_due(office: BusyOffice) -> bool:
    """Whether no worker has anything in hand or before it."""
    with office.core.context.store.read() as session:
        due = select(func.count(LinkRow.id)).where((LinkRow.state == "due") | LinkRow.lease_token.is_not(None))
        return session.scalar(due) == 0


def unsigned(office: BusyOffice, people: Sequence[Waiting]) -> list[Waiting]:
    """Those whose pact still waits."""
    with office.core.context.store.read() as session:
        waits = set(session.scalars(select(PactRow.id).where(PactRow.state == "applicant-signed")))
    return [person for person in people if person.pact_id in waits]


def patiently(ask: Callable[[], _T]) -> _T:
    """What the store says, once it says anything."""
    ends = time.monotonic() + 60
    while True:
        try:
            return ask()
        except StoreUnavailable:
            assert time.monotonic() < ends
            time.sleep(0.1)


def _told(office: BusyOffice, kind: str, people: Sequence[Waiting]) -> dict[str | None, int]:
    with office.core.context.store.read() as session:
        asked = select(AuditRow.request_id).where(
            AuditRow.kind == kind, AuditRow.request_id.in_([person.request_id for person in people])
        )
        return dict(Counter(session.scalars(asked)))


def _jobs(office: BusyOffice) -> int:
    with office.core.context.store.read() as session:
        return session.scalar(select(func.count()).select_from(_JOBS)) or 0
