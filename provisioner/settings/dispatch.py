"""The section about who carries out what the office decides."""

from typing import Annotated, Literal

from pydantic import Field

from provisioner.settings.section import Seconds, Section


class DispatchSettings(Section):
    """Who carries out what the office decides."""

    engine: Literal["embedded", "procrastinate"] = "embedded"
    """``embedded``: ``provisioner serve`` does it, the pages and the runner in one process. ``procrastinate``: any
    number of ``provisioner work`` processes do, on any machine; needs PostgreSQL as the store."""

    stop_seconds: Seconds = 30.0
    """How long a worker or the embedded runner that is told to stop may take to finish what it has in hand. What it has
    not begun it hands back at once; what it cannot finish is taken over when its lease is over."""

    waiting_hints: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Wake-ups that may wait for a worker (engine ``procrastinate``). Beyond that none is added: workers look for what
    is due by themselves every ``runner.sweep_seconds``."""
