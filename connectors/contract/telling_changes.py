"""The contract of :class:`~provisioner.connector.TellsChanges`."""

from dataclasses import dataclass, field

from connectors.contract.subject import DEWI, Subject, marker_of, new_account, next_version
from provisioner.connector import Changes, ChangesUnknown, Entitles, RemoteAccount, TellsChanges


@dataclass
class Told:
    """All the news since a cursor."""

    changed: dict[str, RemoteAccount] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    unchanged: set[str] = field(default_factory=set)
    complete: bool = False
    cursor: str = ""

    def misses(self, remote_id: str) -> bool:
        """Whether this entry is not there any more."""
        named = remote_id in self.changed or remote_id in self.unchanged
        return remote_id in self.gone or (self.complete and not named)


def told(target: TellsChanges, cursor: str) -> Told:
    """Ask."""
    news = Told()
    for part in target.changes(cursor):
        assert not news.cursor, "a part came after the last"
        news.changed.update({entry.remote_id: entry for entry in part.changed})
        news.gone |= set(part.gone)
        news.unchanged |= set(part.unchanged)
        news.complete, news.cursor = part.complete, part.cursor or ""
    assert news.cursor
    return news


class ChangesContract:
    """``cursor`` and ``changes``."""

    def test_nothing_is_told_when_nothing_happened(self, subject: Subject) -> None:
        """And the cursor that comes with it is good for the next question."""
        target = subject.able(TellsChanges)
        account = subject.create(new_account())
        news = told(target, now(target))
        assert not news.misses(account.remote_id)
        assert not told(target, news.cursor).misses(account.remote_id)

    def test_our_own_entry_is_told_as_search_tells_it(self, subject: Subject) -> None:
        """New, changed and renamed: with the marker, so that the core knows it for its own."""
        target = subject.able(TellsChanges)
        start = now(target)
        account = subject.create(new_account())
        news = told(target, start)
        assert news.changed[account.remote_id] == account
        changed = subject.update(account, Changes(enabled=False), next_version(account))
        news = told(target, news.cursor)
        assert news.changed[account.remote_id] == changed
        renamed = subject.update(changed, Changes(username="dewi.handayani"), next_version(changed))
        news = told(target, news.cursor)
        assert news.changed[account.remote_id] == renamed
        assert not news.misses(account.remote_id)

    def test_an_entry_that_was_removed_is_told_or_known_not_to_be(self, subject: Subject) -> None:
        """One that stayed is not told as gone."""
        target = subject.able(TellsChanges)
        going, staying = subject.create(new_account("pergi")), subject.create(new_account("tinggal"))
        start = now(target)
        subject.connector.delete(going)
        news = told(target, start)
        assert not news.misses(staying.remote_id)
        assert news.misses(going.remote_id) == target.sees_removals
        assert going.remote_id not in news.changed

    def test_a_strangers_new_entry_is_told(self, subject: Subject) -> None:
        """With nothing on it that makes it ours."""
        target = subject.able(TellsChanges)
        start = now(target)
        stranger = subject.add_stranger("tamu")
        assert told(target, start).changed[stranger.remote_id].marker is None

    def test_our_own_grants_are_no_reason_to_read_in_full(self, subject: Subject) -> None:
        """Whether the entry counts as changed by them or not."""
        target, entitling = subject.able(TellsChanges), subject.able(Entitles)
        account = subject.create(new_account())
        start = now(target)
        for name in entitling.entitlements_for(DEWI):
            entitling.grant(account, name)
        assert not told(target, start).misses(account.remote_id)

    def test_a_cursor_of_another_kind_is_refused_or_tells_everything(self, subject: Subject) -> None:
        """Never a list that is silently too short."""
        target = subject.able(TellsChanges)
        account = subject.create(new_account())
        for cursor in ("", "sync:", "sync:cmFiYmlzaA==", "stamp:x", "usn:a:b:c", "anything"):
            try:
                news = told(target, cursor)
            except ChangesUnknown:
                continue
            assert account.remote_id in news.changed, cursor

    def test_an_answer_that_is_given_up_half_way_harms_nobody(self, subject: Subject) -> None:
        """The next call does not get the rest of it."""
        target = subject.able(TellsChanges)
        start = now(target)
        account = subject.create(new_account())
        for _part in target.changes(start):
            break
        assert subject.only(marker_of(account).account_id) == account


def now(target: TellsChanges) -> str:
    """The cursor of this moment."""
    cursor = target.cursor()
    assert cursor is not None
    return cursor
