"""What letters say of the past: who acted, with rank and NIP; what was handed over; since when an account is closed"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.add_column("act", sa.Column("signed_as", sa.Text(), nullable=True))
    op.add_column("generation", sa.Column("handed_over", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("revoked_as", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("revoked_at", UtcDateTime(), nullable=True))
    op.add_column("link", sa.Column("closed_at", UtcDateTime(), nullable=True))
