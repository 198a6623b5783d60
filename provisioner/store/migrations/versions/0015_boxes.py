"""In which box the papers of a request lie"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "box",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("folded", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_box")),
        sa.UniqueConstraint("folded", name=op.f("uq_box_folded")),
    )
    op.create_table(
        "filing",
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("box_id", sa.String(length=32), nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("filed_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["box_id"], ["box.id"], name=op.f("fk_filing_box_id_box")),
        sa.ForeignKeyConstraint(["filed_by"], ["official.id"], name=op.f("fk_filing_filed_by_official")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_filing_request_id_request")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_filing")),
    )
    op.create_index(op.f("ix_filing_box_id"), "filing", ["box_id"], unique=False)
