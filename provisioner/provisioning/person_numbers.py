"""Finding people by a number of theirs. Only keyed forms are stored: a whole NIK or NIP finds, a part does not."""

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from provisioner.keyring import Keyring

_NIK, _STAFF_NUMBER = 16, 18


def has_number(
    text: str,
    keyring: Keyring,
    person_key: InstrumentedAttribute[bytes] | InstrumentedAttribute[bytes | None],
    staff_key: InstrumentedAttribute[bytes | None],
) -> list[ColumnElement[bool]]:
    """Conditions for whose NIK or NIP (NI PPPK) ``text`` is, blanks and dots aside; none if it can be neither."""
    digits = "".join(sign for sign in text if sign not in " .-\t")
    if not (digits.isascii() and digits.isdecimal()):
        return []
    if len(digits) == _NIK:
        return [person_key == keyring.lookup("nik", digits)]
    return [staff_key == keyring.lookup("staff", digits)] if len(digits) == _STAFF_NUMBER else []
