"""Cards: deadlines, urgency and evidence; what was removed at a target only people operate is still known by name"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
beside_old = False


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("task_card", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Nobody was told a time for the cards that are there: they are due since they were asked.
    op.execute("UPDATE task_card SET due_at = asked_at")
    with op.batch_alter_table("task_card", schema=None) as batch_op:
        batch_op.alter_column("due_at", existing_type=UtcDateTime(), nullable=False)
        batch_op.alter_column("urgent", existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table("manual_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("removed_at", UtcDateTime(), nullable=True))
    op.create_table(
        "card_evidence",
        sa.Column("card_id", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["task_card.id"], name=op.f("fk_card_evidence_card_id_task_card")),
        sa.PrimaryKeyConstraint("card_id", name=op.f("pk_card_evidence")),
    )
