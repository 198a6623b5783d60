"""What the public page of a paper shows of it: a table, so that an auditor can read it and a test can hold it true.

Only what was frozen when the paper was made, and only what stands on the paper itself. Never a NIK, not even a masked
one, an address, a telephone number, a collection code.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioner.paper import PaperKind


@dataclass(frozen=True)
class Shown:
    """One line of the page. ``path``: where it stands among the paper's values; lists on the way give several."""

    label: str
    path: str


SHOWN: Mapping[PaperKind, tuple[Shown, ...]] = {
    PaperKind.REQUEST_LETTER: (
        Shown("date", "date"),
        Shown("sender", "sender"),
        Shown("subject", "subject"),
        Shown("applicant", "applicants.name"),
        Shown("role", "applicants.role"),
        Shown("region", "applicants.region"),
    ),
    PaperKind.DESTRUCTION_RECORD: (Shown("date", "date"),),
}
"""By kind. A kind that is missing shows its name, number and dates only."""


def shown(kind: PaperKind, values: Mapping[str, object]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(label, texts) of every line that this paper has something for."""
    lines = ((each.label, tuple(dict.fromkeys(_at(values, each.path.split("."))))) for each in SHOWN.get(kind, ()))
    return tuple((label, texts) for label, texts in lines if texts)


def _at(value: object, path: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _at(each, path)
    elif path and isinstance(value, Mapping):
        yield from _at(value.get(path[0]), path[1:])
    elif not path and isinstance(value, (str, int)) and str(value).strip():
        yield str(value)
