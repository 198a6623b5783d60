"""Reconciliation of what changed: a cursor with every full run, and what its list does not name"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
beside_old = False


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("reconciliation") as table:
        table.add_column(sa.Column("only_changes", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("why_full", sa.String(length=12), nullable=False, server_default=""))
        table.add_column(sa.Column("cursor", sa.Text(), nullable=True))
        table.add_column(sa.Column("current_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("unlisted", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("reconciliation") as table:
        table.alter_column("only_changes", server_default=None)
        table.alter_column("why_full", server_default=None)
    op.create_index("ix_link_entry", "link", ["target", "remote_id"], unique=False)
