"""The gate after a restoration: nothing is dispatched until somebody has confirmed how the systems compare.

A restored store does not know what was decided after its backup. Until the systems were read and a person has looked at
what differs, nothing is written to any of them, no password is issued, and no number is given. The gate stands in the
store, so it holds for every process on every machine.
"""

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from provisioner.errors import WrongState
from provisioner.store.tables import RestorationRow


class HeldAfterRestore(WrongState):
    """``restore-held``: it has to wait until a restoration is confirmed. Nothing was changed."""


def held_condition() -> ColumnElement[bool]:
    """As part of a question: whether nothing may be dispatched."""
    return exists().where(RestorationRow.confirmed_at.is_(None))


def dispatch_held(session: Session) -> bool:
    """Whether nothing may be dispatched now."""
    return bool(session.scalar(select(held_condition())))


def refuse_while_held(session: Session) -> None:
    """:raises HeldAfterRestore: a restoration waits to be confirmed."""
    if dispatch_held(session):
        raise HeldAfterRestore("restore-held", "restored from a backup: the comparison has to be confirmed first")
