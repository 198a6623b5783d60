"""What Procrastinate's workers agree on, and what waits for them."""

from sqlalchemy import text
from sqlalchemy.orm import Session

SILENT_SECONDS = 20.0
"""A worker that has shown no sign of life for so long is dead or frozen."""
HEARTBEAT_SECONDS = 5.0
QUEUE = "wake-ups"

_WAITING = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = :queue")


def waiting(session: Session) -> int:
    """Wake-ups that no worker has taken yet. Meant for a store that ``provisioner init`` prepared for this engine."""
    return session.scalar(_WAITING, {"queue": QUEUE}) or 0
