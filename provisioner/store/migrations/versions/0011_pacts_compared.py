"""What a look at the pacts of every account found"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "pact_check",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("reached", sa.String(length=32), nullable=False),
        sa.Column("examined", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pact_check")),
    )
    op.create_index(op.f("ix_pact_check_started_at"), "pact_check", ["started_at"], unique=False)
    op.create_table(
        "pact_finding",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("check_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pact_finding_account_id_account")),
        sa.ForeignKeyConstraint(["check_id"], ["pact_check.id"], name=op.f("fk_pact_finding_check_id_pact_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pact_finding")),
    )
    for column in ("account_id", "check_id"):
        op.create_index(op.f(f"ix_pact_finding_{column}"), "pact_finding", [column], unique=False)
