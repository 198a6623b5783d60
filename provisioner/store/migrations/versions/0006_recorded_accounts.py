"""Accounts that were there before: lists, what they hold, and the entries that links may adopt"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "recorded_list",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(length=60), nullable=False),
        sa.Column("pact_by", sa.Date(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(length=32), nullable=True),
        sa.Column("letter_id", sa.String(length=32), nullable=True),
        sa.Column("taken_back_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_recorded_list_letter_id_letter")),
        sa.ForeignKeyConstraint(["recorded_by"], ["official.id"], name=op.f("fk_recorded_list_recorded_by_official")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorded_list")),
    )
    op.create_index(op.f("ix_recorded_list_letter_id"), "recorded_list", ["letter_id"], unique=False)
    op.create_index(op.f("ix_recorded_list_target"), "recorded_list", ["target"], unique=False)
    op.create_table(
        "recorded_account",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("list_id", sa.String(length=32), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("live_key", sa.String(length=330), nullable=True),
        sa.Column("target", sa.String(length=60), nullable=False),
        sa.Column("username", sa.String(length=256), nullable=False),
        sa.Column("folded", sa.String(length=256), nullable=False),
        sa.Column("remote_id", sa.String(length=200), nullable=True),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("region", sa.String(length=30), nullable=False),
        sa.Column("org_unit", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("person_key", sa.LargeBinary(length=64), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("pact_by", sa.Date(), nullable=False),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recorded_account_account_id_account")),
        sa.ForeignKeyConstraint(
            ["list_id"], ["recorded_list.id"], name=op.f("fk_recorded_account_list_id_recorded_list")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_recorded_account_request_id_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorded_account")),
        sa.UniqueConstraint("live_key", name=op.f("uq_recorded_account_live_key")),
        sa.UniqueConstraint("request_id", name=op.f("uq_recorded_account_request_id")),
    )
    for column in (
        "account_id",
        "folded",
        "full_name",
        "list_id",
        "pact_by",
        "person_key",
        "remote_id",
        "state",
        "target",
    ):
        op.create_index(op.f(f"ix_recorded_account_{column}"), "recorded_account", [column], unique=False)
    op.add_column("reconciliation", sa.Column("recorded", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("link", sa.Column("adopts", sa.String(length=200), nullable=True))
