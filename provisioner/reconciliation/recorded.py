"""Which of a system's entries that are not ours were made known by a list."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.connector import RemoteAccount
from provisioner.store.tables import RecordedAccountRow


class RecordedEntries:
    """Questions about one target."""

    def __init__(self, target: str) -> None:
        self._target = target

    def among(self, session: Session, strangers: Sequence[RemoteAccount]) -> frozenset[str]:
        """The immutable ids of those that are recorded: the very entry, whatever it is called by now."""
        if not strangers:
            return frozenset()
        asked = select(RecordedAccountRow.remote_id).where(
            RecordedAccountRow.target == self._target,
            RecordedAccountRow.live_key.is_not(None),
            RecordedAccountRow.remote_id.in_([each.remote_id for each in strangers]),
        )
        return frozenset(found for found in session.scalars(asked) if found is not None)
