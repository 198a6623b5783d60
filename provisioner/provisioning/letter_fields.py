"""What is typed about a letter, by the applicant or the secretary: cleaned, or refused field by field."""

from collections.abc import Mapping
from datetime import date

from provisioner.errors import InvalidInput
from provisioner.store.tables import LetterRow

LETTER_FIELDS = ("number", "letter_date", "sender", "subject", "urgency")
_LIMITS = {"number": 80, "sender": 200, "subject": 200}

LetterFields = dict[str, str | date | None]


def fill_letter(letter: LetterRow, fields: LetterFields) -> None:
    """Keep cleaned fields with the letter."""
    for name, value in fields.items():
        setattr(letter, name, value)


def letter_fields(typed: Mapping[str, str], *, complete: bool, today: date) -> LetterFields:
    """What was typed about the letter, cleaned.

    :raises InvalidInput: a value that cannot be right, or (``complete``) one that is missing.
    """
    errors: dict[str, list[str]] = {}
    fields: LetterFields = {}
    for name in LETTER_FIELDS:
        if name not in typed:
            continue
        if name == "letter_date":
            fields[name] = _letter_date(typed[name].strip(), today, errors)
        else:
            fields[name] = line_of(typed, name, _LIMITS.get(name, 20), errors)
    if complete:
        for name in ("number", "letter_date", "sender"):
            if not fields.get(name) and name not in errors:
                errors[name] = ["missing"]
    if errors:
        raise InvalidInput("letter-invalid", fields=errors)
    return fields


def line_of(typed: Mapping[str, str], name: str, limit: int, errors: dict[str, list[str]]) -> str:
    """One line that was typed, cleaned; what is wrong with it goes into ``errors``."""
    text = typed.get(name, "").strip()
    if len(text) > limit:
        errors[name] = ["too-long"]
    elif any(ord(character) < 32 for character in text):
        errors[name] = ["control-character"]
    return text


def _letter_date(text: str, today: date, errors: dict[str, list[str]]) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        errors["letter_date"] = ["date-malformed"]
        return None
    if day > today:
        errors["letter_date"] = ["date-in-future"]
    elif day.year < today.year - 2:
        errors["letter_date"] = ["date-too-old"]
    return day
