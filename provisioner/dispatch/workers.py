"""Who is at work with the engine ``procrastinate``, as its own tables tell. For checks and figures."""

from dataclasses import dataclass

from sqlalchemy import text

from provisioner.store import Store

SILENT_SECONDS = 20.0
"""A worker that has shown no sign of life for so long is dead or frozen."""
HEARTBEAT_SECONDS = 5.0
QUEUE = "wake-ups"

_ALIVE = text(
    "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :silent)"
)
_WAITING = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = :queue")


@dataclass(frozen=True)
class Staff:
    """The workers of all machines together."""

    alive: int
    waiting: int
    """Wake-ups that none of them has taken yet."""


def staff(store: Store) -> Staff:
    """Count them. Meant for a store whose engine is ``procrastinate``, after ``provisioner init``."""
    with store.read() as session:
        alive = session.scalar(_ALIVE, {"silent": SILENT_SECONDS}) or 0
        return Staff(alive, session.scalar(_WAITING, {"queue": QUEUE}) or 0)
