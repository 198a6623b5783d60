"""Settings of a target that misbehaves on purpose."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.chaos.fault import BY_LOT, Fault, Plan, PlannedFault
from connectors.entitlements import EntitlementTemplates


class ChaosSettings(BaseModel):
    """A file of accounts on this machine, on the way to which calls and answers get lost. Only for tests and
    rehearsals: nobody's work may depend on it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    file: Path
    """The SQLite file. It is made when it is not there."""

    loses_accounts_on_purpose: bool = False
    """Must be true. So nobody puts such a system into an office's settings by mistake."""

    faults: list[PlannedFault] = Field(default_factory=list)
    """Calls that go wrong: ``{ call = 3, fault = "lose-answer" }`` is the third one since the start; with
    ``operation = "update"`` the third one of that name. ``fault`` is one of ``fail``, ``lose-request``,
    ``lose-answer``, ``late`` (with ``later``), ``deliver-twice``, ``deliver-twice-answer-last``, ``answer-twice``,
    ``delay`` (with ``seconds``), ``lie``, ``stop-before``, ``stop-after``."""

    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    """This share of all other calls goes wrong, from 0 to 1."""

    kinds: Annotated[list[Fault], Field(min_length=1)] = list(BY_LOT)
    """In which of these ways."""

    seed: int = 0
    """Which of them, and how. The same number does the same again."""

    entitlements: EntitlementTemplates = Field(default_factory=dict)
    """Role of the catalogue (``*``: every role) -> names of groups, as templates of profile fields."""

    password_min_length: int = Field(default=10, ge=1)
    """Characters a password chosen by its user must have."""

    argon2_memory_kib: int = Field(default=19456, ge=8, le=1048576)
    """Memory in KiB for verifiers computed here."""

    argon2_iterations: int = Field(default=2, ge=1, le=100)
    """Passes over the memory for verifiers computed here."""

    @model_validator(mode="after")
    def _meant(self) -> Self:
        if not self.loses_accounts_on_purpose:
            raise ValueError("a system of this kind is refused unless loses_accounts_on_purpose = true")
        return self

    def plan(self) -> Plan:
        """What happens to each call."""
        return Plan(self.faults, share=self.share, seed=self.seed, kinds=self.kinds)
