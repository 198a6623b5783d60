"""Settings of a target kept in memory."""

from pydantic import BaseModel, ConfigDict, Field

from connectors.entitlements import EntitlementTemplates


class MemorySettings(BaseModel):
    """All have defaults: an empty section is a working target."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    enforces_first_change: bool = True
    """Whether the target refuses everything but the change until the initial password is changed."""

    entitlements: EntitlementTemplates = Field(default_factory=dict)
    """Role of the catalogue (``*``: every role) -> names of groups, as templates of profile fields."""

    username_max_length: int = Field(default=64, ge=1)
    """Characters a user name may have."""

    password_min_length: int = Field(default=10, ge=1)
    """Characters a password chosen by its user must have."""

    judges_initial_passwords: bool = False
    """Whether initial passwords have to keep ``password_min_length`` too, as at systems that take clear text."""

    argon2_memory_kib: int = Field(default=19456, ge=8, le=1048576)
    """Memory in KiB for verifiers computed here."""

    argon2_iterations: int = Field(default=2, ge=1, le=100)
    """Passes over the memory for verifiers computed here."""
