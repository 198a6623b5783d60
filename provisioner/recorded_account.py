"""An account that was in a system before this service ("tercatat, belum berpakta"): its states, and a list of such
accounts as it is read in. Pure.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from provisioner.errors import InvalidInput, WrongState
from provisioner.office import Office
from provisioner.person import Nik
from provisioner.person_name import NAME_LENGTH, parse_full_name
from provisioner.phone import Phone
from provisioner.plain_text import one_line
from provisioner.user_list import Column, Limits, Row, read_list

MOST_ROWS = 2000
_LIMITS = Limits(rows=MOST_ROWS)
_USERNAME_LENGTH = 64
_UNIT_LENGTH = 120

COLUMNS = (
    Column("username", ("Nama pengguna", "Username", "User", "Akun")),
    Column("full_name", ("Nama", "Nama lengkap", "Name", "Full name")),
    Column("nik", ("NIK",)),
    Column("org_unit", ("Unit kerja", "Unit", "Instansi", "Work unit")),
    Column("role", ("Peran", "Role", "Hak akses")),
    Column("region", ("Wilayah", "Wilayah akses", "Region")),
    Column("phone", ("Nomor HP", "No HP", "HP", "Telepon", "Phone")),
)
"""What a list may say of an account. Which rows lack what they need is said row by row, not by the reader."""
IGNORED = ("No", "No.", "Nomor", "Keterangan", "Ket", "Ket.")


class RecordedState(StrEnum):
    """Where such an account stands."""

    RECORDED = "recorded"
    """Tercatat, belum berpakta: listed, never touched in the system."""
    MANAGED = "managed"
    """Its pact is signed: an account of ours adopts the entry."""
    REMOVED = "removed"
    """Taken off the list; the entry stays as it is."""


class RecordedAct(StrEnum):
    """What can happen to it."""

    SIGN = "sign"
    REMOVE = "remove"


TRANSITIONS: dict[tuple[RecordedState, RecordedAct], RecordedState] = {
    (RecordedState.RECORDED, RecordedAct.SIGN): RecordedState.MANAGED,
    (RecordedState.RECORDED, RecordedAct.REMOVE): RecordedState.REMOVED,
}


def after(state: RecordedState, act: RecordedAct) -> RecordedState:
    """The state that follows.

    :raises WrongState: ``recorded-wrong-state``: the act is not possible now.
    """
    try:
        return TRANSITIONS[state, act]
    except KeyError:
        raise WrongState("recorded-wrong-state", state=state.value, act=act.value) from None


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a field of a row: a code of the bio form's fields, or ``duplicate``."""

    field: str
    code: str


@dataclass(frozen=True)
class ListedAccount:
    """A row as it was understood; what is wrong is empty."""

    line: int
    username: str
    full_name: str
    nik: str = field(default="", repr=False)
    org_unit: str = ""
    role: str = ""
    """Code of the office's catalogue."""
    region: str = ""
    """Code of the office's regions."""
    phone: str = field(default="", repr=False)
    mistakes: tuple[Mistake, ...] = ()
    typed: tuple[str, ...] = field(default=(), repr=False, compare=False)
    """What stood in the columns, as it was written."""


def read_accounts(source: bytes | str, office: Office) -> list[ListedAccount]:
    """Every row, right or wrong. Roles and regions may be given by code or by name.

    :raises InvalidInput: it is no list: see :func:`provisioner.user_list.read_list`.
    """
    found = [
        _Reading(row, office).account() for row in read_list(source, COLUMNS, ignored=IGNORED, limits=_LIMITS).rows
    ]
    seen: dict[tuple[str, str], int] = {}
    for place, account in enumerate(found):
        for name, value in (("username", account.username.casefold()), ("nik", account.nik)):
            if value and seen.setdefault((name, value), account.line) != account.line:
                found[place] = _with(found[place], Mistake(name, "duplicate"))
    return found


def as_text(accounts: Sequence[ListedAccount]) -> str:
    """A list that :func:`read_accounts` understands as it understood these, on the same lines."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(column.titles[0] for column in COLUMNS)
    at = 2
    for account in accounts:
        out.write("\n" * (account.line - at))
        writer.writerow(account.typed)
        at = account.line + 1
    return out.getvalue()


def _with(account: ListedAccount, mistake: Mistake) -> ListedAccount:
    return replace(account, mistakes=(*account.mistakes, mistake))


class _Reading:
    """One row."""

    def __init__(self, row: Row, office: Office) -> None:
        self._row = row
        self._office = office
        self._mistakes: list[Mistake] = []

    def account(self) -> ListedAccount:
        values = {
            "username": self._value("username", _username, required=True),
            "full_name": self._value("full_name", lambda text: parse_full_name(text[: 2 * NAME_LENGTH]), required=True),
            "nik": self._value("nik", lambda text: Nik.parse(text).digits),
            "org_unit": self._value("org_unit", lambda text: one_line(text, _UNIT_LENGTH)),
            "role": self._value("role", self._role),
            "region": self._value("region", self._region),
            "phone": self._value("phone", lambda text: Phone.parse(text).e164),
        }
        typed = tuple(self._row.cells.get(column.name, "") for column in COLUMNS)
        return ListedAccount(self._row.line, mistakes=tuple(self._mistakes), typed=typed, **values)

    def _value(self, name: str, read: Callable[[str], str], *, required: bool = False) -> str:
        text = self._row.cells.get(name, "")
        if not text:
            if required:
                self._mistakes.append(Mistake(name, "required"))
            return ""
        try:
            return read(text)
        except InvalidInput as refused:
            self._mistakes.append(Mistake(name, refused.code))
            return ""

    def _role(self, text: str) -> str:
        return _coded(
            text, [(each.code, (each.label.id, each.label.en or each.label.id)) for each in self._office.roles]
        )

    def _region(self, text: str) -> str:
        return _coded(text, [(each.code, (each.name, each.title, each.full_title)) for each in self._office.regions])


def _username(text: str) -> str:
    name = one_line(text, _USERNAME_LENGTH)
    if " " in name:
        raise InvalidInput("username-space")
    return name


def _coded(text: str, known: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """The code that is meant. A name that two have (a ward and its district) needs the code."""
    wanted = text.strip().casefold()
    found = {code for code, names in known if wanted in (code.casefold(), *(each.casefold() for each in names))}
    if len(found) != 1:
        raise InvalidInput("unknown-choice" if not found else "ambiguous-choice")
    return found.pop()
