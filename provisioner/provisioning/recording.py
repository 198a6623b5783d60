"""The first day: a list of accounts that a system has already is read in. They are listed, and never touched there."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from provisioner.actor import Actor
from provisioner.connector import ConnectorError, RemoteAccount
from provisioner.convergence.target_set import TargetSet
from provisioner.errors import Conflict, InvalidInput, NotFound, WrongState
from provisioner.provisioning.context import Context
from provisioner.reconciliation.listed import stranger_id
from provisioner.recorded_account import ListedAccount, RecordedState, as_text, read_accounts
from provisioner.store.tables import AccountRow, RecordedAccountRow, RecordedListRow, UsernameRow

IMPORTERS = ("adb", "section_head", "it")
CONTACT_PURPOSE = "recorded.contact"
_AT_ONCE = 400
_ASKERS = 8

V = TypeVar("V")
Column = InstrumentedAttribute[V] | InstrumentedAttribute[V | None]


class Verdict(StrEnum):
    """What becomes of a row."""

    GOOD = "good"
    WRONG = "wrong"
    """Something in the row is wrong."""
    KNOWN = "known"
    """An account of ours, or recorded already: passed over."""
    ABSENT = "absent"
    """The system has no such account."""


class Entry(StrEnum):
    """Whether the system has the account."""

    FOUND = "found"
    DISABLED = "disabled"
    """It is there, and nobody can use it."""
    ABSENT = "absent"
    OURS = "ours"
    """It is there and carries the mark of an account of ours."""
    UNKNOWN = "unknown"
    """Only people can look there, or it did not answer."""


@dataclass(frozen=True)
class PreviewLine:
    """A row with what is known about it. ``known_as``: why it is passed over: ``recorded``, ``account``, ``given``
    (the name is reserved for a request) or ``person`` (this NIK has an account, or is recorded there, already).
    """

    listed: ListedAccount
    verdict: Verdict
    entry: Entry = Entry.UNKNOWN
    known_as: str = ""
    remote_id: str | None = None
    username: str = ""
    """As the system writes it."""


@dataclass(frozen=True)
class Preview:
    """A list before anything is kept of it."""

    target: str
    label: str
    lines: tuple[PreviewLine, ...]
    answered: bool
    """False: the system did not answer; nothing can be kept now."""
    adoptable: bool
    """Whether accounts there can come under management; else they can only be listed."""

    @property
    def text(self) -> str:
        """The list once more, to be sent along and read again: as tab-separated text, whatever it came as."""
        return as_text([line.listed for line in self.lines])

    def of(self, verdict: Verdict) -> tuple[PreviewLine, ...]:
        """The rows of one kind."""
        return tuple(line for line in self.lines if line.verdict == verdict)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows of each kind."""
        counted = Counter(line.verdict for line in self.lines)
        return {verdict.value: counted[verdict] for verdict in Verdict}


@dataclass(frozen=True)
class Kept:
    """What was recorded. ``list_id`` is empty when nothing was new."""

    list_id: str
    count: int
    preview: Preview = field(repr=False)


class Recording:
    """Use cases. Methods raise NotAllowed, and NotFound ``target-unknown`` or ``recorded-list-unknown``."""

    def __init__(self, context: Context, targets: TargetSet) -> None:
        self._context = context
        self._targets = targets

    def preview(self, actor: Actor, target: str, source: bytes | str) -> Preview:
        """What would be recorded. Reads the list and the system; writes nowhere.

        :raises InvalidInput: it is no list: see :func:`provisioner.user_list.read_list`.
        """
        actor.require(*IMPORTERS)
        if target not in self._targets:
            raise NotFound("target-unknown", target=target)
        listed = read_accounts(source, self._context.office)
        entries = self._entries(target, [each.username for each in listed if not each.mistakes])
        with self._context.store.read() as session:
            known = _Known(session, self._context, target, listed)
            by_people = self._targets.asks_people(target)
            lines = tuple(self._line(each, known, entries, by_people=by_people) for each in listed)
        return Preview(
            target,
            self._targets.label(target),
            lines,
            answered=entries is not None,
            adoptable=self._targets.takes_over(target),
        )

    def record(self, actor: Actor, target: str, source: bytes | str, pact_by: date, *, only_good: bool = False) -> Kept:
        """Keep the good rows, all in one unit of work; what is known already is passed over.

        :param only_good: keep them although other rows are wrong or name accounts that the system does not have.
        :raises InvalidInput: it is no list; field ``pact_by`` is past; ``list-rows-wrong``.
        :raises WrongState: ``target-silent``: the system did not answer. :raises Conflict: ``changed-meanwhile``.
        """
        capacity = actor.require(*IMPORTERS)
        if pact_by < self._context.today():
            raise InvalidInput("pact-by-past", fields={"pact_by": ["past"]})
        found = self.preview(actor, target, source)
        if not found.answered:
            raise WrongState("target-silent", target=found.label)
        wrong = len(found.of(Verdict.WRONG)) + len(found.of(Verdict.ABSENT))
        if wrong and not only_good:
            raise InvalidInput("list-rows-wrong", count=wrong)
        good = found.of(Verdict.GOOD)
        if not good:
            return Kept("", 0, found)
        try:
            with self._context.store.begin() as session:
                kept = RecordedListRow(
                    target=target,
                    pact_by=pact_by,
                    recorded_at=self._context.clock(),
                    recorded_by=actor.official_id or None,
                )
                kept.accounts = [self._row(target, pact_by, line) for line in good]
                session.add(kept)
                session.flush()
                self._context.trail.record(
                    session,
                    "accounts-recorded",
                    actor=actor.in_trail(capacity),
                    target=target,
                    count=len(good),
                    pact_by=pact_by,
                    list=kept.id,
                )
                return Kept(kept.id, len(good), found)
        except IntegrityError as error:
            raise Conflict("changed-meanwhile") from error

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _entries(self, target: str, usernames: Sequence[str]) -> dict[str, RemoteAccount | None] | None:
        """What the system has under these names; None when it does not answer."""
        connector = self._targets[target].connector
        if self._targets.asks_people(target):
            # Each question would read everything that people have confirmed.
            there = {each.username.casefold(): each for each in connector.search()}
            return {name: there.get(name.casefold()) for name in usernames}
        try:
            with ThreadPoolExecutor(_ASKERS) as pool:
                return dict(zip(usernames, pool.map(connector.get, usernames), strict=True))
        except ConnectorError:
            return None

    def _line(
        self,
        listed: ListedAccount,
        known: "_Known",
        entries: dict[str, RemoteAccount | None] | None,
        *,
        by_people: bool,
    ) -> PreviewLine:
        if listed.mistakes:
            return PreviewLine(listed, Verdict.WRONG, username=listed.username)
        plain = PreviewLine(listed, Verdict.GOOD, username=listed.username)
        if known_as := known.reason(listed):
            return replace(plain, verdict=Verdict.KNOWN, known_as=known_as)
        if not entries:
            return plain
        found = entries[listed.username]
        if found is None and by_people:
            # Nobody but the list says so; it is met again under this id in the list of that system's users.
            return replace(plain, remote_id=stranger_id(listed.username))
        if found is None:
            return replace(plain, verdict=Verdict.ABSENT, entry=Entry.ABSENT)
        if found.marker is not None:
            return replace(plain, verdict=Verdict.KNOWN, known_as="account", entry=Entry.OURS)
        entry = Entry.FOUND if found.enabled else Entry.DISABLED
        return replace(plain, entry=entry, remote_id=found.remote_id, username=found.username)

    def _row(self, target: str, pact_by: date, line: PreviewLine) -> RecordedAccountRow:
        listed, keyring = line.listed, self._context.keyring
        contact = json.dumps({"nik": listed.nik, "phone": listed.phone}).encode()
        folded = line.username.casefold()
        return RecordedAccountRow(
            line=listed.line,
            live_key=live_key(target, folded),
            target=target,
            username=line.username,
            folded=folded,
            remote_id=line.remote_id,
            full_name=listed.full_name,
            role=listed.role,
            region=listed.region,
            org_unit=listed.org_unit,
            contact=keyring.seal(CONTACT_PURPOSE, contact),
            person_key=keyring.lookup("nik", listed.nik) if listed.nik else None,
            state=RecordedState.RECORDED,
            pact_by=pact_by,
        )


class _Known:
    """What is known already of the names and numbers on a list."""

    def __init__(self, session: Session, context: Context, target: str, listed: Iterable[ListedAccount]) -> None:
        self._keyring = context.keyring
        rows = list(listed)
        names = {each.username.casefold() for each in rows}
        people = {context.keyring.lookup("nik", each.nik) for each in rows if each.nik}
        live = RecordedAccountRow.live_key.is_not(None)
        here = (live, RecordedAccountRow.target == target)
        self._recorded = _among(session, RecordedAccountRow.folded, names, *here)
        self._given = _among(session, UsernameRow.folded, names)
        self._accounts = {each.casefold() for each in _among(session, AccountRow.username, names)}
        self._people = _among(session, AccountRow.person_key, people, AccountRow.state != "revoked")
        self._people |= _among(session, RecordedAccountRow.person_key, people, *here)

    def reason(self, listed: ListedAccount) -> str:
        """Why this row is passed over; empty: it is not."""
        folded = listed.username.casefold()
        if folded in self._recorded:
            return "recorded"
        if folded in self._accounts:
            return "account"
        if folded in self._given:
            return "given"
        return "person" if listed.nik and self._keyring.lookup("nik", listed.nik) in self._people else ""


def _among(session: Session, column: Column[V], wanted: Iterable[V], *more: ColumnElement[bool]) -> set[V]:
    found: set[V] = set()
    values = list(wanted)
    for start in range(0, len(values), _AT_ONCE):
        asked = select(column).where(column.in_(values[start : start + _AT_ONCE]), *more)
        found.update(each for each in session.scalars(asked) if each is not None)
    return found


def live_key(target: str, folded: str) -> str:
    """By which a recorded account is there only once."""
    return f"{target}:{folded}"


def contact_of(context: Context, row: RecordedAccountRow) -> Mapping[str, str]:
    """NIK and phone; nothing once its case file was destroyed. :raises SealBroken: they were changed."""
    if not row.contact:
        return {"nik": "", "phone": ""}
    found: dict[str, str] = json.loads(context.keyring.open(CONTACT_PURPOSE, row.contact))
    return found
