"""What a card for a person asks in the office's words, whether it is urgent, and until when. Pure."""

from datetime import datetime, timedelta

from provisioner.account import AccountState
from provisioner.settings import CardSettings
from provisioner.worktime import WorkTime

CLOSING = frozenset({"suspend", "revoke"})
"""Until these are done somebody may still get in."""


def work_for(action: str, state: AccountState) -> str:
    """A target is asked to disable an entry, whatever the cause; a person is told when it is for good."""
    return "revoke" if action == "suspend" and state is AccountState.REVOKED else action


class CardDeadlines:
    """Until when a card is to be done."""

    def __init__(self, settings: CardSettings, worktime: WorkTime) -> None:
        self._settings = settings
        self._worktime = worktime
        self._minutes = {
            "create": settings.create_minutes,
            "update": settings.update_minutes,
            "suspend": settings.suspend_minutes,
            "resume": settings.resume_minutes,
            "reset": settings.reset_minutes,
            "revoke": settings.revoke_minutes,
            "delete": settings.delete_minutes,
        }

    def is_urgent(self, work: str, state: AccountState, reason: str) -> bool:
        """Whether an official has shut somebody out who may be doing harm."""
        if work == "revoke":
            return reason in self._settings.urgent_reasons
        return work == "suspend" and state is AccountState.SUSPENDED

    def due(self, work: str, asked_at: datetime, *, urgent: bool) -> datetime:
        """Urgent work by the clock, other work in working time."""
        if urgent:
            return asked_at + timedelta(minutes=self._settings.urgent_minutes)
        return self._worktime.due(asked_at, self._minutes.get(work, self._settings.update_minutes))
