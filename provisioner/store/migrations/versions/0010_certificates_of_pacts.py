"""Whose certificates signed a pact, beside its digest"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.add_column("pact", sa.Column("applicant_certificate", sa.String(length=64), nullable=True))
    op.add_column("pact", sa.Column("official_certificate", sa.String(length=64), nullable=True))
