"""Backups that were made, restorations, and what a restored store remembers of each link"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "backup",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("encrypted", sa.Boolean(), nullable=False),
        sa.Column("verified", sa.String(length=10), nullable=False),
        sa.Column("release", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup")),
    )
    op.create_index(op.f("ix_backup_made_at"), "backup", ["made_at"], unique=False)
    op.create_table(
        "restoration",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("restored_at", UtcDateTime(), nullable=False),
        sa.Column("restored_by", sa.String(length=200), nullable=False),
        sa.Column("backup_made_at", UtcDateTime(), nullable=False),
        sa.Column("backup_release", sa.String(length=60), nullable=False),
        sa.Column("backup_seq", sa.Integer(), nullable=False),
        sa.Column("backup_hash", sa.String(length=64), nullable=False),
        sa.Column("lost_events", sa.Integer(), nullable=True),
        sa.Column("envelopes_void", sa.Integer(), nullable=False),
        sa.Column("tickets_void", sa.Integer(), nullable=False),
        sa.Column("codes_void", sa.Integer(), nullable=False),
        sa.Column("sessions_ended", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restoration")),
    )
    op.add_column("link", sa.Column("restored_version", sa.Integer(), nullable=True))
