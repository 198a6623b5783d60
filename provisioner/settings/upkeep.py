"""The section about what the office's IT looks after every month."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from provisioner.settings.section import Section


class UpkeepSettings(Section):
    """The page "Pemeriksaan bulan ini": what has to be done, and until when."""

    check_hours: Annotated[int, Field(ge=0, le=8760)] = 24
    """How often the service looks by itself. 0: only when somebody asks."""

    certificate: Path | None = None
    """PEM file of the site's own TLS certificate, as the proxy uses it. The service only reads how long it is valid."""
