"""The section about comparing what the systems hold with what was decided."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated

from pydantic import Field

from provisioner.settings.section import Count, Section
from provisioner.settings.target import TargetName

Hours = Annotated[int, Field(ge=0, le=24 * 366)]
"""A span of whole hours; 0 stands for never."""


class ReconciliationSettings(Section):
    """The regular comparison of what every system holds with what the office has decided. It only reads."""

    every_hours: Hours = 24
    """Every system is read in full every so many hours; 0: only when somebody asks."""

    at: time = time(2, 30)
    """From which time of day, by the office's clock, these hours are counted."""

    every_hours_at: Mapping[TargetName, Hours] = Field(default_factory=dict)
    """Another number of hours for single systems: ``{ direktori = 6, akun = 0 }``."""

    changes_every_minutes: Annotated[int, Field(ge=0, le=60 * 24)] = 15
    """Between two full readings only what changed is read so often, where the system can tell (see the page of its
    connector); 0: never. Systems that are never read in full by themselves are left out."""

    listed: Count = 1000
    """So many findings of each kind are listed by name. The counts are complete whatever this says."""

    kept: Count = 10
    """So many runs of each system are kept, with their lists."""
