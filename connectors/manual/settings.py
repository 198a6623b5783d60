"""Settings of a system that only people can operate."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.template import PROFILE_FIELDS, Template

SCREEN_FIELDS = PROFILE_FIELDS | {"username"}


def _checked(text: str) -> str:
    Template(text, SCREEN_FIELDS)
    return text


ScreenTemplate = Annotated[str, AfterValidator(_checked)]
"""A template that may also ask for the user name."""


Title = Annotated[str, Field(min_length=1, max_length=60)]


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

    duty_officer: str | None = Field(default=None, min_length=1, max_length=100)
    """Who is called when something there cannot wait: a person, or a post that is always filled."""

    duty_phone: str | None = Field(default=None, pattern=r"^\+?[0-9][0-9 ().-]{4,24}$")
    """That person's telephone number. An urgent card shows it with a button to call."""

    list_username: list[Title] = ["Nama pengguna", "Username", "User name", "User", "User ID", "ID pengguna", "Login"]
    """What stands above the column of user names in that system's own list of its users. The labels of ``fields`` are
    understood as well."""

    list_status: list[Title] = ["Status", "Status akun", "Status pengguna", "Keadaan", "Aktif"]
    """What stands above the column that says whether an account is in use."""

    list_enabled: list[Title] = ["aktif", "active", "enabled", "ya", "yes", "true", "1"]
    """Words in that column for an account that is in use. Capitals make no difference."""

    list_disabled: list[Title] = [
        *("nonaktif", "non aktif", "non-aktif", "tidak aktif", "inactive", "disabled", "dibekukan", "suspended"),
        *("diblokir", "blocked", "terkunci", "locked", "tidak", "no", "false", "0"),
    ]
    """Words for one that is not."""

    list_ignored: list[Title] = []
    """Columns of that list which are passed over. Any other that nobody knows refuses the list."""

    @model_validator(mode="after")
    def _whoever_is_named_can_be_called(self) -> Self:
        if (self.duty_officer is None) != (self.duty_phone is None):
            raise ValueError("duty_officer and duty_phone belong together")
        return self
