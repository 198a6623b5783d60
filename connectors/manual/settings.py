"""Settings of a system that only people can operate."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.template import PROFILE_FIELDS, Template

SCREEN_FIELDS = PROFILE_FIELDS | {"username"}


def _checked(text: str) -> str:
    Template(text, SCREEN_FIELDS)
    return text


ScreenTemplate = Annotated[str, AfterValidator(_checked)]
"""A template that may also ask for the user name."""


class ManualSettings(BaseModel):
    """A target of kind ``manual``."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    system: str = Field(min_length=1)
    """What people call that system, e.g. ``SIAK``."""

    fields: list[tuple[str, ScreenTemplate]] = Field(min_length=1)
    """The fields of that system's screen in its order: label and template."""

    first_change_hint: str | None = None
    """Where an operator changes the initial password; ``ganti kata sandi di <system>`` if left out."""

    username_max_length: int = Field(default=64, ge=1)
    """Characters that the system takes in a user name, as far as the office knows."""

    open_session_seconds: int | None = Field(default=None, ge=0)
    """How long a session of that system lives on after a suspension, where that is known."""
