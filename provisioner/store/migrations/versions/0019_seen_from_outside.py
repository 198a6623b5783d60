"""Since when a system is behind, what a change came from, and indexes for what is open

Old programs run beside it: only columns that may be empty, and indexes.
"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.add_column("link", sa.Column("desired_at", UtcDateTime(), nullable=True))
    op.add_column("link", sa.Column("reference", sa.String(length=64), nullable=True))
    op.add_column("credential", sa.Column("reference", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_desk_visit_open",
        "desk_visit",
        ["step", "arrived_at"],
        unique=False,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
