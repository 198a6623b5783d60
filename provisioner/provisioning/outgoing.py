"""Numbers of the letters that the office sends."""

from datetime import date

from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.provisioning import numbers
from provisioner.provisioning.context import Context


def assign(
    session: Session,
    context: Context,
    *,
    kind: str,
    letter_id: str | None,
    request_id: str | None,
    day: date,
    subject: str,
    addressee: str,
    typed: str = "",
    by: audit.Actor | None = None,
) -> str:
    """The number of a letter that goes out now, taken in the caller's unit of work: rolled back, it was never taken.

    ``day``: the date it bears, which also decides the year of its number.
    """
    del kind, letter_id, request_id, subject, addressee, by
    return typed or context.office.outgoing_number.render(numbers.take(session, "outgoing", day.year), day)
