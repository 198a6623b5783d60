"""Alarms: an envelope that was open already was asked for from elsewhere. They stand until somebody examined them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.audit import Actor as TrailActor
from provisioner.audit import Subjects
from provisioner.convergence.worklist import lock_accounts
from provisioner.errors import InvalidInput, NotFound, WrongState
from provisioner.provisioning.context import Context
from provisioner.provisioning.envelope_status import SlipStatus
from provisioner.provisioning.own_account import refuse_own_account
from provisioner.store.tables import AccountRow, EnvelopeAlarmRow, OfficialRow

EXAMINERS = ("adb", "it")
READERS = (*EXAMINERS, "section_head", "division_head", "head", "auditor")
_LONGEST_NOTE = 1000


@dataclass(frozen=True)
class EnvelopeAlarm:
    """One alarm. ``examined_at`` None: it stands."""

    id: str
    account_id: str
    request_id: str
    username: str
    display_name: str
    opened_at: datetime
    raised_at: datetime
    last_at: datetime
    tries: int
    address: str
    """Where the last try came from; empty when it is not known."""
    examined_at: datetime | None
    examined_by: str
    note: str


class EnvelopeAlarms:
    """Raises them, tells them, and takes down what came of them."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def standing(self, actor: Actor) -> list[EnvelopeAlarm]:
        """Those that nobody has examined, oldest first. :raises NotAllowed: not a post that sees accounts."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            rows = select(EnvelopeAlarmRow).where(EnvelopeAlarmRow.examined_at.is_(None))
            return [_alarm(session, row) for row in session.scalars(rows.order_by(EnvelopeAlarmRow.raised_at))]

    def of_account(self, account_id: str) -> EnvelopeAlarm | None:
        """The newest of one account, examined or not; for pages whose own rules decided who may look."""
        with self._context.store.read() as session:
            rows = select(EnvelopeAlarmRow).where(EnvelopeAlarmRow.account_id == account_id)
            row = session.scalars(rows.order_by(EnvelopeAlarmRow.raised_at.desc()).limit(1)).one_or_none()
            return _alarm(session, row) if row is not None else None

    def examine(self, actor: Actor, alarm_id: str, note: str) -> None:
        """Somebody looked into it; ``note`` says what was found.

        :raises InvalidInput: field ``note`` is empty.
        :raises NotAllowed: neither ADB nor IT, or ``own-account``.
        :raises NotFound: ``alarm-unknown``. :raises WrongState: ``alarm-examined``.
        """
        capacity = actor.require(*EXAMINERS)
        note = note.strip()[:_LONGEST_NOTE]
        if not note:
            raise InvalidInput(fields={"note": ["required"]})
        with self._context.store.begin() as session:
            lock_accounts(session, select(EnvelopeAlarmRow.account_id).where(EnvelopeAlarmRow.id == alarm_id))
            row = session.get(EnvelopeAlarmRow, alarm_id, with_for_update=True)
            if row is None:
                raise NotFound("alarm-unknown")
            if row.examined_at is not None:
                raise WrongState("alarm-examined")
            account = session.get_one(AccountRow, row.account_id)
            refuse_own_account(actor, account)
            row.examined_at, row.examined_by, row.note = self._context.clock(), actor.official_id, note
            self._context.trail.record(
                session,
                "envelope-alarm-examined",
                actor=actor.in_trail(capacity),
                subjects=Subjects(request=account.request_id, account=account.id),
                count=row.tries,
                username=account.username,
                note=note,
            )

    def sound(self, session: Session, account: AccountRow, opened: SlipStatus, address: str) -> None:
        """Somebody elsewhere asked for an envelope that is open; in the caller's unit of work."""
        now = self._context.clock()
        standing = select(EnvelopeAlarmRow).where(
            EnvelopeAlarmRow.account_id == account.id, EnvelopeAlarmRow.examined_at.is_(None)
        )
        row = session.scalars(standing.with_for_update(key_share=True)).one_or_none()
        if row is None:
            row = EnvelopeAlarmRow(account_id=account.id, opened_at=opened.opened_at or now, raised_at=now, tries=0)
            session.add(row)
        row.tries, row.last_at, row.address = row.tries + 1, now, address[:60]
        self._context.trail.record(
            session,
            "envelope-foreign-attempt",
            actor=TrailActor.visitor(),
            subjects=Subjects(request=account.request_id, account=account.id),
            opened_at=opened.opened_at,
            credentials=[opened.credential],
            username=account.username,
            address=address,
        )


def _alarm(session: Session, row: EnvelopeAlarmRow) -> EnvelopeAlarm:
    account = session.get_one(AccountRow, row.account_id)
    examiner = session.get_one(OfficialRow, row.examined_by).full_name if row.examined_by is not None else ""
    return EnvelopeAlarm(
        row.id,
        account.id,
        account.request_id,
        account.username,
        account.display_name,
        row.opened_at,
        row.raised_at,
        row.last_at,
        row.tries,
        row.address,
        row.examined_at,
        examiner,
        row.note,
    )
