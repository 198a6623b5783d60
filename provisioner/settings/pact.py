"""The section about pacts that are signed: how long they hold, and what happens to those that were not renewed."""

from typing import Annotated

from pydantic import Field

from provisioner.settings.section import Section


class PactSettings(Section):
    """How long a signed pact holds, and what happens where an operator does not sign again. The words themselves, and
    until when a new revision has to be signed, stand in ``pact.toml``."""

    validity_months: Annotated[int, Field(ge=1, le=600)] | None = None
    """A pact holds for so many months from the day it is made; the last day is printed on it. Without it a pact has no
    end. Pacts that were made before keep what is printed on them."""

    reminder_days: tuple[Annotated[int, Field(ge=1, le=365)], ...] = (30, 7, 1)
    """So many days before its end the operator is reminded at sign-in, and the section head and the database
    administrator in their inbox. The first of them is also from when it can be signed anew."""

    suspend_unsigned: bool = False
    """Suspend accounts whose operators did not sign a new revision by its last day. An account whose pact has come to
    its end is suspended in any case."""

    @property
    def first_reminder(self) -> int:
        """Days before the end of a pact from which it can be signed anew."""
        return max(self.reminder_days, default=1)
