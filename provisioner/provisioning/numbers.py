"""Running numbers without gaps: taken in the transaction that uses them, so that a rollback gives them back."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from provisioner.restoration import refuse_while_held
from provisioner.store.tables import CounterRow

ATTEMPTS = 8
"""How often a paper is rendered anew when others took the number that was foreseen for it."""


class NumberGone(Exception):
    """Somebody else took the foreseen number: everything is rolled back and the paper rendered anew."""


def take(session: Session, name: str, year: int) -> int:
    """The next number of ``name`` in ``year``, from 1.

    :raises WrongState: ``restore-held``: the service was restored, and what it gave since the backup is not known yet.
    """
    refuse_while_held(session)
    query = select(CounterRow).where(CounterRow.name == name, CounterRow.year == year).with_for_update(key_share=True)
    row = session.scalars(query).one_or_none()
    if row is None:
        # Two firsts of a year at the same instant: the loser waits here and finds the winner's row.
        try:
            with session.begin_nested():
                session.add(CounterRow(name=name, year=year, value=0))
        except IntegrityError:
            pass
        row = session.scalars(query).one()
    row.value += 1
    session.flush()
    return row.value


def following(session: Session, name: str, year: int) -> int:
    """The number that :func:`take` would give now. Somebody else may take it first."""
    query = select(CounterRow.value).where(CounterRow.name == name, CounterRow.year == year)
    return (session.scalars(query).one_or_none() or 0) + 1
