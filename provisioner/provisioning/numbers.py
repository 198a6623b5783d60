"""Running numbers without gaps: taken in the transaction that uses them, so that a rollback gives them back."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.store.tables import CounterRow


def take(session: Session, name: str, year: int) -> int:
    """The next number of ``name`` in ``year``, from 1."""
    query = select(CounterRow).where(CounterRow.name == name, CounterRow.year == year).with_for_update()
    row = session.scalars(query).one_or_none()
    if row is None:
        row = CounterRow(name=name, year=year, value=0)
        session.add(row)
    row.value += 1
    return row.value


def following(session: Session, name: str, year: int) -> int:
    """The number that :func:`take` would give now. Somebody else may take it first."""
    query = select(CounterRow.value).where(CounterRow.name == name, CounterRow.year == year)
    return (session.scalars(query).one_or_none() or 0) + 1
