"""The connector for a system that only people can operate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self

from connectors.findings import cannot_tell
from connectors.manual.cards import Screen, action_for
from connectors.manual.listing import Listing
from connectors.manual.settings import ManualSettings
from provisioner.connector import (
    AccountExists,
    Changes,
    ConnectorContext,
    DutyOfficer,
    Finding,
    InvalidAttribute,
    Limits,
    ListColumn,
    Marker,
    NewAccount,
    PermissionDenied,
    RemoteAccount,
    Severity,
    StaleVersion,
    Task,
    TaskBoard,
    TaskState,
    UnknownAccount,
    Verifier,
)


class ManualConnector:
    """Asks, and tells what was confirmed.

    Nobody writes a marker into that system: the board keeps it. Its generation is not on a card, so versions alone are
    compared. The account's own id serves as the immutable id, since people see none.
    """

    def __init__(self, settings: ManualSettings, target: str, board: TaskBoard) -> None:
        self.limits = Limits(username_max_length=settings.username_max_length, verifier_schemes=())
        self._settings = settings
        self._target = target
        self._board = board
        self._screen = Screen(settings)
        self._listing = Listing(settings, self._screen)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], context: ConnectorContext) -> Self:
        """Needs the core's task board."""
        valid = ManualSettings.model_validate(settings)
        if context.board is None:
            raise ValueError("a manual target needs a task board")
        return cls(valid, context.target, context.board)

    def check(self) -> list[Finding]:
        """There is nothing to reach but the people."""
        people = f"{self._settings.system} is operated by people"
        hidden = (cannot_tell(subject, people) for subject in ("certificate", "rights", "clock", "policy"))
        return [Finding("reachable", Severity.OK, people), *hidden]

    def get(self, username: str) -> RemoteAccount | None:
        """Among the confirmed, without regard to case. Accounts that nobody noted here are not known."""
        wanted = username.lower()
        there = (done for done in self._board.confirmed(self._target) if done.username.lower() == wanted)
        return next((self._understood(done) for done in there), None)

    def find(self, account_id: str) -> list[RemoteAccount]:
        """What was confirmed for this account; ``pending`` while a card is open."""
        state = self._board.state(self._target, account_id)
        if state.done is None:
            return []
        return [replace(self._understood(state.done), pending=state.card is not None)]

    def search(self) -> Iterator[RemoteAccount]:
        """Everything that was confirmed."""
        return (self._understood(done) for done in self._board.confirmed(self._target))

    def create(self, new: NewAccount) -> RemoteAccount:
        """Ask for the account.

        One that shall not be enabled is asked for as ``suspend``: an earlier card may have been carried out without
        being confirmed, so a person has to make sure that nobody can sign in.
        """
        self._refuse(new.verifier)
        taken = self.get(new.username)
        if taken is not None:
            raise AccountExists(f"the user name {new.username!r} is taken", taken.marker, taken.remote_id)
        state = self._board.state(self._target, new.marker.account_id)
        if state.done is not None:
            raise AccountExists("the account is there under another name", state.done.marker, new.marker.account_id)
        self._require_newest(state, new.marker)
        action = "create" if new.enabled else "suspend"
        self._ask(new.marker, action, self._screen.filled(new.username, new.profile), state)
        return RemoteAccount(
            remote_id=new.marker.account_id,
            username=new.username,
            marker=new.marker,
            enabled=new.enabled,
            must_change=None,
            pending=True,
        )

    def update(self, current: RemoteAccount, changes: Changes, marker: Marker) -> RemoteAccount:
        """Ask for the changes. Without any a person is asked to look at the fields."""
        self._refuse(changes.verifier)
        state = self._unchanged(current)
        self._require_newest(state, marker)
        username = current.username if changes.username is None else changes.username
        if changes.profile is not None:
            fields = self._screen.filled(username, changes.profile)
        else:
            fields = self._screen.filled_as_known(username, current.profile)
        self._ask(marker, action_for(changes), fields, state)
        enabled = current.enabled if changes.enabled is None else changes.enabled
        return replace(current, username=username, marker=marker, enabled=enabled, pending=True)

    def delete(self, current: RemoteAccount) -> None:
        """Ask for the removal. Until it is confirmed, ``find`` still tells of the account."""
        try:
            state = self._unchanged(current)
        except UnknownAccount:
            return
        fields = self._screen.filled_as_known(current.username, current.profile)
        self._ask(self._marker_of(current), "delete", fields, state)

    def close(self) -> None:
        """Nothing to give back."""

    def first_change_hint(self) -> str:
        """As the settings say."""
        return self._settings.first_change_hint or f"ganti kata sandi di {self._settings.system}"

    def duty_officer(self) -> DutyOfficer | None:
        """As the settings say."""
        name, phone = self._settings.duty_officer, self._settings.duty_phone
        return DutyOfficer(name, phone) if name is not None and phone is not None else None

    def list_columns(self) -> Sequence[ListColumn]:
        """See :class:`~connectors.manual.listing.Listing`."""
        return self._listing.columns()

    def ignored_columns(self) -> Sequence[str]:
        """Also those of the screen that are put together from several values."""
        return self._listing.ignored()

    def means_enabled(self, status: str) -> bool | None:
        """As the settings say."""
        return self._listing.means_enabled(status)

    def open_session_limit(self) -> timedelta | None:
        """As the settings say."""
        seconds = self._settings.open_session_seconds
        return None if seconds is None else timedelta(seconds=seconds)

    def _ask(self, marker: Marker, action: str, fields: Sequence[tuple[str, str]], seen: TaskState) -> None:
        self._board.ask(Task(self._target, marker.account_id, marker.version, action, fields), seen)

    def _refuse(self, verifier: Verifier | None) -> None:
        if verifier is not None:
            raise InvalidAttribute("people cannot type a verifier", "verifier")

    def _marker_of(self, current: RemoteAccount) -> Marker:
        if current.marker is None:
            raise PermissionDenied("the entry does not carry our marker")
        return current.marker

    def _unchanged(self, current: RemoteAccount) -> TaskState:
        """The board's state, as long as ``current`` is what was confirmed, or asked for if nothing was confirmed."""
        marker = self._marker_of(current)
        state = self._board.state(self._target, marker.account_id)
        there = state.done.marker if state.done is not None else state.asked
        if there is None:
            raise UnknownAccount("nobody was asked for this account")
        confirmed_since = current.pending and state.card is None
        if there.version != marker.version or confirmed_since:
            raise StaleVersion("the account was changed since it was read")
        return state

    def _require_newest(self, state: TaskState, marker: Marker) -> None:
        if _newer(state.asked, marker):
            raise StaleVersion("a newer card is on the board")

    def _understood(self, done: RemoteAccount) -> RemoteAccount:
        profile = self._screen.read_back(done.profile)
        if done.marker is None:
            return replace(done, profile=profile)
        if done.marker.version == 0:
            # It was there before us, and nobody has looked at its screen yet: whatever is decided is asked for.
            profile = {name: "" for name, _ in self._screen.single_fields() if name != "username"} | profile
        return replace(done, remote_id=done.marker.account_id, profile=profile)


def _newer(one: Marker | None, other: Marker | None) -> bool:
    return one is not None and other is not None and one.version > other.version
