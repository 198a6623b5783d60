"""What the last check of each target found."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Model


class TargetCheckRow(Model):
    """The last check of one target; what it knows of the password rules may be older than its findings."""

    __tablename__ = "target_check"

    target: Mapped[str] = mapped_column(String(60), primary_key=True)
    running_since: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    findings: Mapped[str] = mapped_column(Text, default="[]")
    """JSON list of :class:`provisioner.connector.Finding`."""
    rules_at: Mapped[datetime | None]
    """When the target last showed its password rules; None: it never did."""
    rules: Mapped[str] = mapped_column(Text, default="[]")
    """JSON list of :class:`provisioner.connector.PasswordRules`."""
