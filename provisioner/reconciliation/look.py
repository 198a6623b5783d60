"""Reading a target to its end, page by page, and joining it with the store. Writes nowhere.

The target is read before the store: what the office has changed in between is seen as a change under way or, when it
has just been carried out, looked at a second time on its own. In memory stay the page and, for every account that was
met, sixteen bytes.
"""

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Protocol

from sqlalchemy.orm import Session

from provisioner.account import Traits
from provisioner.clock import Clock
from provisioner.connector import ChangesUnknown, Entitles, Profile, RemoteAccount, TellsChanges
from provisioner.convergence.target_set import TargetSet
from provisioner.keyring import Keyring
from provisioner.reconciliation.comparison import Expected, compare
from provisioner.reconciliation.expectation import Expectations
from provisioner.reconciliation.finding import LONGEST_ID, LONGEST_NAME, OF_ENTRIES, Finding, Kind, Reason, key_of
from provisioner.reconciliation.recorded import RecordedEntries
from provisioner.store import Store

PAGE = 500
_SETTLING = timedelta(minutes=2)
"""What was applied so shortly before the look began may not have arrived on the server that answers."""


@dataclass
class Page:
    """What one page brought."""

    read: int = 0
    in_order: int = 0
    pending: int = 0
    findings: list[Finding] = field(default_factory=list)
    judged: set[str] = field(default_factory=set)
    """Of a look at what changed: keys of everything that could be found about the accounts and entries it looked at."""
    named: set[str] = field(default_factory=set)
    """In the last page, where the target has named everything that is there: the ids of all entries."""

    def add(self, other: "Page") -> None:
        """What another page brought comes to this; about the same account or entry the later one is right."""
        if other.judged:
            self.findings = [each for each in self.findings if each.key not in other.judged]
            self.judged |= other.judged
        self.named |= other.named
        self.read += other.read
        self.in_order += other.in_order
        self.pending += other.pending
        self.findings += other.findings


class Shown(Protocol):
    """What can be looked at: a connector, or a list that people brought."""

    def search(self) -> Iterator[RemoteAccount]:
        """Every account there."""

    def find(self, account_id: str) -> list[RemoteAccount]:
        """Those that carry the marker of this account."""


class Look:
    """One look at one target."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        clock: Clock,
        targets: TargetSet,
        target: str,
        shown: Shown | None = None,
    ) -> None:
        """``shown``: what is read in the target's stead."""
        self._store = store
        self._connector = targets[target].connector
        self._source = shown or self._connector
        self._targets, self._target = targets, target
        self._traits = Traits()
        connector: object = self._connector
        # Asked once: to ask a protocol is slow.
        self._entitlements = connector.entitlements_for if isinstance(connector, Entitles) else _none
        now = clock()
        self._expectations = Expectations(target, keyring, now, now - _SETTLING)
        self._recorded = RecordedEntries(target)
        self._met: set[bytes] = set()
        self.cursor: str | None = None
        """Where the next look at what changed begins; known once the pages have come to their end."""

    def expected(self) -> int:
        """How many accounts the target should hold."""
        with self._store.read() as session:
            return self._expectations.count(session)

    def pending(self) -> int:
        """Of how many the change is under way."""
        with self._store.read() as session:
            return self._expectations.pending(session)

    def pages(self) -> Generator[Page]:
        """Everything there, then what is not there.

        :raises ConnectorError: the target does not answer, or not to us.
        """
        self._traits = self._targets.traits(self._target)
        connector: object = self._connector
        # Before anything is read: what changes while it is read is told once more.
        self.cursor = connector.cursor() if isinstance(connector, TellsChanges) else None
        entries = self._source.search()
        while batch := self._read(entries):
            yield self._compared(batch)
        yield from self._missing()

    def _read(self, entries: Iterator[RemoteAccount]) -> list[RemoteAccount]:
        with self._targets.calling(self._target, "search"):
            return list(islice(entries, PAGE))

    def changes(self, cursor: str, doubted: Callable[[Session], Collection[str]]) -> Generator[Page]:
        """What the target says has changed since ``cursor``, and what else is in doubt.

        :param doubted: accounts that something was found about and that we have written to since.
        :raises ChangesUnknown: everything has to be read. :raises ConnectorError: as :meth:`pages`.
        """
        connector: object = self._connector
        if not isinstance(connector, TellsChanges):
            raise ChangesUnknown("this kind of target does not tell changes", "unsupported")
        self._traits = self._targets.traits(self._target)
        with self._store.read() as session:
            accounts = doubted(session)
        yield from self._of_news((), (), accounts)
        named: set[str] = set()
        for news in connector.changes(cursor):
            named.update(entry.remote_id for entry in news.changed)
            named.update(news.unchanged)
            yield from self._of_news(news.changed, news.gone)
            if news.cursor is not None:
                if news.complete:
                    yield from self._unnamed(named)
                self.cursor = news.cursor

    def _of_news(
        self, changed: Sequence[RemoteAccount], gone: Sequence[str], accounts: Collection[str] = ()
    ) -> Iterator[Page]:
        for start in range(0, max(len(changed), len(gone), len(accounts)), PAGE):
            part = slice(start, start + PAGE)
            yield self._news(changed[part], gone[part], [*accounts][part])

    def _news(self, changed: Sequence[RemoteAccount], gone: Sequence[str], accounts: Collection[str]) -> Page:
        """Judge these entries; and the accounts that they are or were of, at whatever entries these have now."""
        entries = {entry.remote_id: entry for entry in changed}
        marked = {entry.marker.account_id: entry.remote_id for entry in changed if entry.marker is not None}
        with self._store.read() as session:
            concerned = self._expectations.accounts_of(session, [*entries, *gone]) | set(accounts)
            expected = self._expectations.of(session, concerned)
        for account_id, each in expected.items():
            if each is not None and not each.pending and marked.get(account_id) != each.facts.remote_id:
                entries.update((found.remote_id, found) for found in self._source.find(account_id))
        page = self._compared(list(entries.values()))
        page.read = len(changed) + len(gone)
        met = {entry.marker.account_id for entry in entries.values() if entry.marker is not None}
        page.add(self._absent(list(concerned - met)))
        page.judged = {key_of(kind, each) for kind in Kind if kind not in OF_ENTRIES for each in met | concerned}
        page.judged |= {key_of(kind, each[:LONGEST_ID]) for kind in OF_ENTRIES for each in {*entries, *gone}}
        return page

    def _unnamed(self, named: set[str]) -> Iterator[Page]:
        """What the target did not name although it named everything."""
        after = ""
        while True:
            with self._store.read() as session:
                pairs = self._expectations.entries(session, after, 4 * PAGE)
            if not pairs:
                break
            after = pairs[-1][0]
            yield from self._of_news((), [remote_id for _, remote_id in pairs if remote_id not in named])
        yield Page(named=named)

    def _compared(self, batch: Sequence[RemoteAccount]) -> Page:
        page = Page(read=len(batch))
        ids = {entry.marker.account_id for entry in batch if entry.marker is not None}
        with self._store.read() as session:
            expected = self._expectations.of(session, ids)
            recorded = self._recorded.among(session, [entry for entry in batch if entry.marker is None])
        for entry in batch:
            if entry.marker is None:
                kind = Kind.RECORDED if entry.remote_id in recorded else Kind.UNMANAGED
                page.findings.append(_of_entry(kind, entry))
                continue
            account_id = entry.marker.account_id
            here = expected.get(account_id)
            if here is None:
                reason = Reason.AT_REST if account_id in expected else Reason.NO_ACCOUNT
                page.findings.append(_of_entry(Kind.ORPHAN, entry, reason, account_id))
            else:
                self._judge(page, here, entry)
        return page

    def _judge(self, page: Page, expected: Expected, entry: RemoteAccount) -> None:
        key = bytes.fromhex(expected.account.id)
        twice, recorded = key in self._met, expected.facts.remote_id
        self._met.add(key)
        if expected.pending:
            page.pending += 1
        elif twice or recorded not in (None, entry.remote_id):
            self._look_again(page, expected.account.id, entry)
        elif (found := self._difference(expected, entry)) is None:
            page.in_order += 1
        elif expected.settled:
            page.findings.append(found)
        else:
            self._look_again(page, expected.account.id, entry)

    def _difference(self, expected: Expected, entry: RemoteAccount | None) -> Finding | None:
        return compare(expected, entry, self._traits, self._entitlements(expected.account.profile))

    def _look_again(self, page: Page, account_id: str, met: RemoteAccount | None) -> None:
        """The one account, read afresh from both. ``met``: the entry that was listed."""
        found = self._source.find(account_id)
        with self._store.read() as session:
            expected = self._expectations.of(session, [account_id]).get(account_id)
        if expected is None or expected.pending:
            page.pending += 1
            return
        recorded = expected.facts.remote_id
        own = [each for each in found if recorded in (None, each.remote_id)]
        if met is not None and (len(found) > 1 or (found and not own)):
            if met.remote_id == recorded and len(found) > 1:
                # The right one of two: the other is the finding, and this one is as good as it ever was.
                self._note(page, self._difference(expected, met))
                return
            reason = Reason.MARKER_TWICE if len(found) > 1 else Reason.OTHER_ENTRY
            page.findings.append(_of_entry(Kind.ORPHAN, met, reason, account_id))
            return
        if met is None and found:
            # It came after the list had passed its place, or it is listed as a finding of its own.
            self._note(page, self._difference(expected, found[0]) if own else None)
            return
        self._note(page, self._difference(expected, found[0] if found else None))

    def _note(self, page: Page, found: Finding | None) -> None:
        if found is None:
            page.in_order += 1
        else:
            page.findings.append(found)

    def _missing(self) -> Iterator[Page]:
        after = ""
        while True:
            with self._store.read() as session:
                ids = self._expectations.account_ids(session, after, 4 * PAGE)
            if not ids:
                return
            after, absent = ids[-1], [each for each in ids if bytes.fromhex(each) not in self._met]
            for start in range(0, len(absent), PAGE):
                yield self._absent(absent[start : start + PAGE])

    def _absent(self, ids: Sequence[str]) -> Page:
        page = Page()
        with self._store.read() as session:
            expected = self._expectations.of(session, ids)
        for account_id, each in expected.items():
            if each is None or each.pending:
                page.pending += each is not None
            elif self._difference(each, None) is None:
                page.in_order += 1
            else:
                self._look_again(page, account_id, None)
        return page


def _of_entry(kind: Kind, entry: RemoteAccount, reason: Reason = Reason.NONE, account_id: str | None = None) -> Finding:
    return Finding(
        kind,
        entry.username[:LONGEST_NAME],
        reason,
        remote_id=entry.remote_id[:LONGEST_ID],
        enabled=entry.enabled,
        account_id=account_id,
    )


def _none(_profile: Profile) -> frozenset[str]:
    return frozenset()
