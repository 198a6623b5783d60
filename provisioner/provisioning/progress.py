"""How far one system is with an account."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, text

from provisioner.connector import Suspends
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import ASKED, AT_REST, DONE, DUE, FAILED
from provisioner.credential.generation import Kind, newest
from provisioner.store.tables import LinkRow
from provisioner.store.tables.accounts import TROUBLE


@dataclass(frozen=True)
class Progress:
    """How far one system is. ``word``: ``done``, ``waiting``, ``asked``, ``failed``, ``in-doubt``, ``behind``,
    ``needs-password``, ``gone``, ``left-out``."""

    link_id: str
    target: str
    label: str
    word: str
    since: datetime | None
    """Since when it fails; None when it does not."""
    reason: str = ""
    """Name of the connector's error; empty when there is none."""
    message: str = ""
    next_try_at: datetime | None = None
    done_at: datetime | None = None
    session_limit_seconds: int | None = None


class SystemsProgress:
    """Reads it off what is recorded; asks no system."""

    def __init__(self, targets: TargetSet) -> None:
        self._targets = targets

    def of(self, link: LinkRow) -> Progress:
        """Of one system."""
        return Progress(
            link_id=link.id,
            target=link.target,
            label=self._targets.label(link.target),
            word=_word(link),
            since=link.failing_since,
            reason=link.error,
            message=link.error_message,
            next_try_at=link.next_try_at if link.state == DUE else None,
            done_at=link.applied_at,
            session_limit_seconds=self._session_limit(link),
        )

    def _session_limit(self, link: LinkRow) -> int | None:
        connector: object = self._targets[link.target].connector if link.target in self._targets else None
        limit = connector.open_session_limit() if isinstance(connector, Suspends) else None
        return int(limit.total_seconds()) if limit is not None else None


def in_trouble() -> ColumnElement[bool]:
    """A condition on links: the system does not follow, or a person has not confirmed."""
    # A text without parameters: databases find the index only if they see that its condition is this one.
    return and_(text(f"({TROUBLE})"), LinkRow.state.not_in(AT_REST))


def _word(link: LinkRow) -> str:
    if link.state in AT_REST or link.state in (FAILED, ASKED):
        return link.state
    if link.in_doubt:
        return "in-doubt"
    if link.state != DONE:
        return "waiting"
    if link.waits_for_credential:
        return "needs-password"
    return "behind" if _password_behind(link) else "done"


def _password_behind(link: LinkRow) -> bool:
    current = newest(link.credential.generations) if link.credential is not None else None
    return current is not None and current.kind == Kind.OWN and link.applied_generation < current.number
