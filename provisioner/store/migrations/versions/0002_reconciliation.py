"""Reconciliation: looks at what a target holds, and their findings"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(length=60), nullable=False),
        sa.Column("running_target", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("asked_by", sa.String(length=20), nullable=False),
        sa.Column("repairs", sa.Boolean(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("expected", "read", "in_order", "pending", "drift", "missing", "orphan", "unmanaged", "new")
        ),
        sa.Column("error", sa.String(length=40), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
        sa.UniqueConstraint("running_target", name=op.f("uq_reconciliation_running_target")),
    )
    op.create_index("ix_reconciliation_target", "reconciliation", ["target", "asked_at"], unique=False)
    op.create_table(
        "reconciliation_finding",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=260), nullable=False),
        sa.Column("remote_id", sa.String(length=200), nullable=False),
        sa.Column("username", sa.String(length=256), nullable=False),
        sa.Column("folded", sa.String(length=256), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=True),
        sa.Column("account_id", sa.String(length=64), nullable=True),
        sa.Column("link_id", sa.String(length=32), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("ordered", sa.String(length=10), nullable=False),
        sa.Column("ordered_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["reconciliation.id"], name=op.f("fk_reconciliation_finding_run_id_reconciliation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_finding")),
    )
    op.create_index(
        "ix_reconciliation_finding_run", "reconciliation_finding", ["run_id", "kind", "folded"], unique=False
    )
    op.create_index(
        op.f("ix_reconciliation_finding_account_id"), "reconciliation_finding", ["account_id"], unique=False
    )
