"""Sections below ``[signing]`` about where keys lie and who else signs."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from provisioner.settings.section import PathInDataDir, Section


class TokenSettings(Section):
    """The authority's key in a PKCS#11 token (a smart card, an HSM). ``provisioner init`` makes it there, and none
    stays in the database. Without this table the key lies sealed in the database."""

    module: Path
    """The token maker's PKCS#11 library, e.g. ``/usr/lib/softhsm/libsofthsm2.so``."""

    label: Annotated[str, Field(min_length=1, max_length=32)]
    """The label of the token."""

    key: Annotated[str, Field(min_length=1, max_length=64)] = "otoritas-tte"
    """The label of the key in it. One that is there already is used: an ECDSA P-256 key."""

    pin_env: str | None = None
    """Environment variable that holds the user's PIN. This or ``pin_file``."""

    pin_file: PathInDataDir | None = None
    """File that holds the user's PIN in its first line. Read at every use."""

    @model_validator(mode="after")
    def _one_pin(self) -> Self:
        if bool(self.pin_env) == bool(self.pin_file):
            raise ValueError("one of pin_env and pin_file is needed")
        return self
