"""A task board in memory, with a person in front of it who confirms cards at once or when told to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Lock

from provisioner.connector import Marker, RemoteAccount, StaleVersion, Task, TaskState

USERNAME_LABEL = "Nama Pengguna"


@dataclass
class _Pinned:
    task: Task
    confirmed: bool = False


class DeskBoard:
    """Keeps the newest card of every account, and what was confirmed.

    :param diligent: whether every card is confirmed the moment it is pinned.
    """

    def __init__(self, *, diligent: bool) -> None:
        self._diligent = diligent
        self._cards: dict[tuple[str, str], _Pinned] = {}
        self._done: dict[tuple[str, str], RemoteAccount] = {}
        self._lock = Lock()

    def ask(self, task: Task, seen: TaskState) -> None:
        """Asking the same again pins nothing; a card that is older than the one there is dropped."""
        key = (task.target, task.account_id)
        with self._lock:
            if self._state(key) != seen:
                raise StaleVersion("the board has changed since the question was made")
            there = self._cards.get(key)
            if there is not None and not _supersedes(task, there.task):
                return
            self._cards[key] = _Pinned(task)
            if self._diligent:
                self._confirm(key)

    def state(self, target: str, account_id: str) -> TaskState:
        """See the port."""
        with self._lock:
            return self._state((target, account_id))

    def confirmed(self, target: str) -> Iterator[RemoteAccount]:
        """See the port."""
        with self._lock:
            done = [account for (where, _), account in self._done.items() if where == target]
        yield from done

    def open_cards(self) -> list[Task]:
        """What nobody confirmed yet."""
        with self._lock:
            return [pinned.task for pinned in self._cards.values() if not pinned.confirmed]

    def confirm_all(self) -> None:
        """The person works through the cards."""
        with self._lock:
            for key, pinned in self._cards.items():
                if not pinned.confirmed:
                    self._confirm(key)

    def _state(self, key: tuple[str, str]) -> TaskState:
        pinned = self._cards.get(key)
        asked = Marker(key[1], pinned.task.version) if pinned else None
        open_card = f"{pinned.task.action} {pinned.task.version}" if pinned and not pinned.confirmed else None
        return TaskState(asked, self._done.get(key), open_card)

    def _confirm(self, key: tuple[str, str]) -> None:
        pinned = self._cards[key]
        pinned.confirmed = True
        task, before = pinned.task, self._done.get(key)
        if task.action == "delete":
            self._done.pop(key, None)
            return
        if before is None:
            if task.action != "create":
                return
            before = RemoteAccount(task.account_id, "", None, enabled=True, must_change=None)
        noted = {**before.profile, **dict(task.fields)}
        enabled = {"suspend": False, "resume": True}.get(task.action, before.enabled)
        marker = Marker(task.account_id, task.version)
        username = noted.get(USERNAME_LABEL, before.username)
        self._done[key] = replace(before, username=username, marker=marker, enabled=enabled, profile=noted)


def _supersedes(task: Task, there: Task) -> bool:
    if task.version == there.version:
        return task.action != there.action
    return task.version > there.version
