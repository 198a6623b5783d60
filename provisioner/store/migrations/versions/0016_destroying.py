"""Destroying case files whose retention is over"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "destruction",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.String(length=32), nullable=False),
        sa.Column("proposed_as", sa.Text(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_as", sa.Text(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("authentication", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("archive_sha256", sa.String(length=64), nullable=True),
        sa.Column("archive_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("cleared_at", UtcDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["proposed_by"], ["official.id"], name=op.f("fk_destruction_proposed_by_official")),
        sa.ForeignKeyConstraint(["decided_by"], ["official.id"], name=op.f("fk_destruction_decided_by_official")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction")),
    )
    op.create_index(op.f("ix_destruction_state"), "destruction", ["state"], unique=False)
    op.create_table(
        "destruction_case",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("destruction_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("live_key", sa.String(length=32), nullable=True),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["destruction_id"], ["destruction.id"], name=op.f("fk_destruction_case_destruction_id_destruction")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_destruction_case_request_id_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction_case")),
        sa.UniqueConstraint("live_key", name=op.f("uq_destruction_case_live_key")),
    )
    op.create_index(op.f("ix_destruction_case_destruction_id"), "destruction_case", ["destruction_id"], unique=False)
    op.create_index(op.f("ix_destruction_case_request_id"), "destruction_case", ["request_id"], unique=False)
    for table in ("letter", "request"):
        op.add_column(table, sa.Column("destroyed_at", UtcDateTime(), nullable=True))
        op.add_column(table, sa.Column("destruction_id", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_request_destroyed_at"), "request", ["destroyed_at"], unique=False)
    op.add_column("account", sa.Column("destroyed_at", UtcDateTime(), nullable=True))
