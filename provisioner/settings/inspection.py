"""The section about whoever inspects the office."""

from typing import Annotated

from pydantic import Field

from provisioner.settings.section import Count, Section


class InspectionSettings(Section):
    """Auditors, whose accounts end by themselves, and what their lists count."""

    auditor_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """An auditor's account ends after at most so many days; each extension is for as long at most, and an event of the
    audit trail."""

    reminder_days: Annotated[int, Field(ge=0, le=365)] = 14
    """So many days before its end the auditor, the office's IT and ``provisioner check`` are reminded."""

    long_suspended_days: Count = 30
    """A suspended account is listed among the exceptions after so many days; on the page another number can be asked
    for."""
