"""Pacts in earnest: revisions kept whole, renewal, validity, and scans of those signed on paper"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "pact_text",
        sa.Column("revision", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_pact_text")),
    )
    for column in (
        sa.Column("way", sa.String(length=12), nullable=False, server_default="built-in"),
        sa.Column("signed_with", sa.String(length=20), nullable=False, server_default="ticket"),
        sa.Column("renews_id", sa.String(length=32), nullable=True),
        sa.Column("lapses_on", sa.Date(), nullable=True),
        sa.Column("scan", sa.LargeBinary(), nullable=True),
        sa.Column("scan_sha256", sa.String(length=64), nullable=True),
        sa.Column("scan_length", sa.Integer(), nullable=True),
        sa.Column("scan_pages", sa.Integer(), nullable=True),
        sa.Column("scan_by", sa.String(length=32), nullable=True),
        sa.Column("scan_at", UtcDateTime(), nullable=True),
    ):
        op.add_column("pact", column)
    op.create_index(op.f("ix_pact_renews_id"), "pact", ["renews_id"], unique=False)
    op.create_index(op.f("ix_pact_scan_sha256"), "pact", ["scan_sha256"], unique=False)
    for column in (
        sa.Column("pact_revision", sa.String(length=40), nullable=True),
        sa.Column("pact_lapses_on", sa.Date(), nullable=True),
        sa.Column("pact_extended_to", sa.Date(), nullable=True),
        sa.Column("pact_reminded_on", sa.Date(), nullable=True),
    ):
        op.add_column("account", column)
    op.create_index(op.f("ix_account_pact_revision"), "account", ["pact_revision"], unique=False)
    op.create_index(op.f("ix_account_pact_lapses_on"), "account", ["pact_lapses_on"], unique=False)
    op.execute(
        "UPDATE account SET pact_revision = (SELECT pact.text_revision FROM pact WHERE pact.id = account.pact_id)"
    )
