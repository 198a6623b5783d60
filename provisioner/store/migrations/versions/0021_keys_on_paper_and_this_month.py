"""Confirmed copies of the keys, until when an official's first password holds, and what the month's check found"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema. Older processes may go on beside it: everything is new, and may be empty."""
    op.create_table(
        "key_copy",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key_ids", sa.Text(), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("confirmed_by", sa.String(length=100), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_copy")),
    )
    op.create_table(
        "month_check",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("running_since", UtcDateTime(), nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("host", sa.String(length=100), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_check")),
    )
    op.add_column("official", sa.Column("first_password_at", UtcDateTime(), nullable=True))
    op.add_column("official", sa.Column("first_password_until", UtcDateTime(), nullable=True))
