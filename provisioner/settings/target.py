"""The section of one system (a "target") in which operators get accounts."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from provisioner.settings.section import Section

TargetName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
"""How the settings and the store call a system. Never changed once accounts exist there."""

SHARED_CREDENTIAL = "shared"


class TargetSettings(Section):
    """One system: a directory, a database, or one that only a person can operate."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    """Which connector serves it: ``ldap``, ``ds389``, ``active-directory``, ``postgresql``, ``mariadb``, ``table``,
    ``manual``, ``memory`` or ``chaos`` (both for trying out), or one that another package brings."""

    label: Annotated[str, Field(min_length=1, max_length=60)]
    """What pages call it, e.g. ``Direktori pegawai``."""

    sign_in: bool = False
    """Operators sign in to the service's own pages with the password of this system. One system at most."""

    credential: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")] | None = None
    """Systems with the same word here share one initial password. Without it: all that take a one-way form share one,
    every other system has its own. A system that takes passwords in clear text only shares with none."""

    settings: Mapping[str, Any] = Field(default_factory=dict, repr=False)
    """What the connector asks for; see its page. ``{data_dir}`` in a text stands for that folder, ``{credentials}`` for
    the one in which systemd passes keys and passwords."""
