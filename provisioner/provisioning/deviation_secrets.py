"""Deviations in what became of passwords: who saw one, whose ticket was replaced, who opened an envelope twice."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from provisioner.deviation import Deviation, DeviationKind
from provisioner.provisioning.deviation_acts import Span
from provisioner.store.tables import (
    AccountRow,
    AuditRow,
    EnrolmentRow,
    LetterRow,
    OfficialRow,
    RequestRow,
    TaskCardRow,
)

_BRINGS_PASSWORD = ("create", "reset")
"""Cards by which an official types an initial password that the other system gave."""
_ENVELOPES = {
    "envelope-foreign-attempt": DeviationKind.ENVELOPE_ALARM,
    "envelope-shown-again": DeviationKind.ENVELOPE_AGAIN,
}
_FIRST_CODE = "counter"
"""The first code of somebody at the counter replaces nothing."""


def cards(session: Session, span: Span) -> Iterator[Deviation]:
    """Cards done in the span: those that brought a password, and those done late."""
    asked = (
        select(TaskCardRow, AccountRow.username, AccountRow.request_id, RequestRow.number, OfficialRow.full_name)
        .join(AccountRow, AccountRow.id == TaskCardRow.account_id)
        .join(RequestRow, RequestRow.id == AccountRow.request_id)
        .outerjoin(OfficialRow, OfficialRow.id == TaskCardRow.done_by)
        .where(TaskCardRow.state == "done", TaskCardRow.done_at >= span.start, TaskCardRow.done_at < span.end)
    )
    for card, username, request_id, number, name in session.execute(asked):
        kinds = [DeviationKind.PASSWORD_SEEN] if card.action in _BRINGS_PASSWORD else []
        kinds += [DeviationKind.LATE_CARD] if card.done_at is not None and card.done_at > card.due_at else []
        for kind in kinds:
            yield Deviation(
                kind,
                card.done_at or card.asked_at,
                who=name or "",
                request_id=request_id,
                request_number=number or "",
                account_id=card.account_id,
                username=username,
                facts={"target": card.target, "task": card.action},
            )


def replacement_codes(session: Session, span: Span) -> Iterator[Deviation]:
    """Codes that were exchanged for a new ticket in the span."""
    asking, agreeing = aliased(OfficialRow), aliased(OfficialRow)
    asked = (
        select(EnrolmentRow, RequestRow.number, LetterRow.number, asking.full_name, agreeing.full_name)
        .join(RequestRow, RequestRow.id == EnrolmentRow.request_id)
        .join(LetterRow, LetterRow.id == RequestRow.letter_id)
        .outerjoin(asking, asking.id == EnrolmentRow.asked_by)
        .outerjoin(agreeing, agreeing.id == EnrolmentRow.agreed_by)
        .where(EnrolmentRow.used_at >= span.start, EnrolmentRow.used_at < span.end)
        .where(EnrolmentRow.reason != _FIRST_CODE)
    )
    for code, number, letter, by, second in session.execute(asked):
        yield Deviation(
            DeviationKind.REPLACEMENT_CODE,
            code.used_at or code.created_at,
            letter_number=letter,
            request_id=code.request_id,
            request_number=number or "",
            facts={"reason": code.reason, "asked_by": by or "", "agreed_by": second or ""},
        )


def envelopes(session: Session, span: Span) -> Iterator[Deviation]:
    """Envelopes that were looked into again, by the same browser or by another."""
    asked = (
        select(AuditRow.kind, AuditRow.at, AccountRow.id, AccountRow.username, RequestRow.id, RequestRow.number)
        .join(AccountRow, AccountRow.id == AuditRow.account_id)
        .join(RequestRow, RequestRow.id == AccountRow.request_id)
        .where(AuditRow.kind.in_(_ENVELOPES), AuditRow.at >= span.start, AuditRow.at < span.end)
    )
    for kind, at, account_id, username, request_id, number in session.execute(asked):
        yield Deviation(
            _ENVELOPES[kind],
            at,
            request_id=request_id,
            request_number=number or "",
            account_id=account_id,
            username=username,
        )
