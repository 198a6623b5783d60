"""Whose accounts they are, held against a list of who works for the office: who left still has one, who has two."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from provisioner.account import AccountState
from provisioner.actor import Actor
from provisioner.errors import InvalidInput
from provisioner.person import StaffNumber, StaffNumberKind
from provisioner.provisioning.accounts_on_day import EXPORTERS, RECORDED, AccountsOnDay, AccountThen
from provisioner.provisioning.context import Context
from provisioner.user_list import Column, Limits, Row, read_list

MOST_ROWS = 20_000
COLUMNS = (
    Column(
        "staff_number",
        ("NIP", "NIP/NI PPPK", "NIP / NI PPPK", "NI PPPK", "Nomor induk", "Staff number"),
        required=True,
        sole=True,
    ),
    Column("full_name", ("Nama", "Nama lengkap", "Nama pegawai", "Name", "Full name")),
    Column("org_unit", ("Unit kerja", "Unit", "Instansi", "OPD", "Work unit")),
)
"""Other columns of a staff list are passed over."""


@dataclass(frozen=True)
class StaffLine:
    """Somebody on the list. ``staff_number`` is as typed where it is no such number."""

    line: int
    staff_number: str = field(repr=False)
    full_name: str
    org_unit: str


@dataclass(frozen=True)
class StaffMatch:
    """What came out. Accounts that were revoked by then have no part in it."""

    day: date
    listed: int
    """Rows of the list."""
    matched: int
    """Accounts whose holder is on the list."""
    not_listed: tuple[AccountThen, ...]
    """Accounts whose number is not on the list: their holder left, retired, or was never there."""
    without_number: tuple[AccountThen, ...]
    """Accounts of people who have no such number; recorded ones among them. A list of numbers cannot tell of them."""
    several: tuple[tuple[AccountThen, ...], ...]
    """Accounts that share one number."""
    without_account: tuple[StaffLine, ...]
    malformed: tuple[StaffLine, ...]


class StaffMatching:
    """The list is read, compared and forgotten; that it was compared is an event with counts only."""

    def __init__(self, context: Context, accounts: AccountsOnDay) -> None:
        self._context = context
        self._accounts = accounts

    def compare(self, actor: Actor, day: date, source: bytes | str, *, form: str = "page") -> StaffMatch:
        """Compare the accounts at the end of ``day`` with a list (CSV, XLSX or pasted). ``form``: ``page`` or ``xlsx``.

        :raises NotAllowed: only the auditor. :raises InvalidInput: field ``day``; or it is no list: see
            :func:`provisioner.user_list.read_list`.
        """
        capacity = actor.require(*EXPORTERS)
        end = self._accounts.end_of(day)
        lines = [_line(row) for row in read_list(source, COLUMNS, ignored=None, limits=Limits(rows=MOST_ROWS)).rows]
        living = [each for each in self._accounts.everything(end) if each.word != AccountState.REVOKED]
        found = _compared(day, lines, living)
        with self._context.store.begin() as session:
            self._context.trail.record(
                session,
                "staff-list-compared",
                actor=actor.in_trail(capacity),
                day=day,
                count=found.listed,
                form=form,
                not_listed=len(found.not_listed),
                without_account=len(found.without_account),
                several=len(found.several),
                malformed=len(found.malformed),
                without_number=len(found.without_number),
            )
        return found


def _line(row: Row) -> StaffLine:
    cells = row.cells
    return StaffLine(row.line, cells["staff_number"], cells.get("full_name", ""), cells.get("org_unit", ""))


def _compared(day: date, lines: Sequence[StaffLine], accounts: Sequence[AccountThen]) -> StaffMatch:
    good: dict[str, StaffLine] = {}
    malformed = []
    for line in lines:
        digits = _digits(line.staff_number)
        if digits:
            good.setdefault(digits, line)
        else:
            malformed.append(line)
    holders: dict[str, list[AccountThen]] = defaultdict(list)
    for each in accounts:
        if each.word != RECORDED and each.staff_number:
            holders[each.staff_number].append(each)
    return StaffMatch(
        day=day,
        listed=len(lines),
        matched=sum(len(found) for number, found in holders.items() if number in good),
        not_listed=tuple(each for number, found in holders.items() if number not in good for each in found),
        without_number=tuple(each for each in accounts if each.word == RECORDED or not each.staff_number),
        several=tuple(tuple(found) for found in holders.values() if len(found) > 1),
        without_account=tuple(line for number, line in good.items() if number not in holders),
        malformed=tuple(malformed),
    )


def _digits(typed: str) -> str:
    """Empty where it is no NIP or NI PPPK."""
    try:
        return StaffNumber.parse(StaffNumberKind.NIP, typed).digits
    except InvalidInput:
        return ""
