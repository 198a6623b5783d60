"""Many workers: whose turn it is, passwords that somebody is drawing, and the engine's own migrations"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "turn",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_turn")),
    )
    op.create_table(
        "engine_migration",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_engine_migration")),
    )
    op.add_column("credential", sa.Column("drawing_token", sa.String(length=32), nullable=True))
    op.add_column("credential", sa.Column("drawing_until", UtcDateTime(), nullable=True))
    op.add_column("reconciliation", sa.Column("unattended", sa.Boolean(), nullable=True))
    # Both are asked for by every worker every few seconds, and concern a few rows among many.
    wanted = sa.text("wanted")
    op.create_index("ix_credential_wanted", "credential", ["account_id"], sqlite_where=wanted, postgresql_where=wanted)
    leased = sa.text("lease_token IS NOT NULL")
    op.create_index("ix_link_leased", "link", ["target"], sqlite_where=leased, postgresql_where=leased)
