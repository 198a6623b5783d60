"""What every section of the settings has in common."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """One table of the settings file. A key that nobody knows is refused; a value never stands in an error text."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True, validate_default=True
    )


Count = Annotated[int, Field(ge=1)]
"""A whole number from 1."""

Seconds = Annotated[float, Field(gt=0)]
"""A span of time in seconds."""

PathInDataDir = Path
"""A path; a relative one is meant inside ``data_dir``."""
