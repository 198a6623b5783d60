"""The register book, acts recorded from paper, and originals that were shown"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "register_entry",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("live_number", sa.String(length=80), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("letter_id", sa.String(length=32), nullable=True),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("sender", sa.String(length=200), nullable=False),
        sa.Column("letter_number", sa.String(length=80), nullable=False),
        sa.Column("letter_date", sa.Date(), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("enclosures", sa.String(length=100), nullable=False),
        sa.Column("forwarded_to", sa.String(length=200), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("entered_by", sa.String(length=32), nullable=True),
        sa.Column("void_at", UtcDateTime(), nullable=True),
        sa.Column("void_by", sa.String(length=32), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entered_by"], ["official.id"], name=op.f("fk_register_entry_entered_by_official")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_register_entry_letter_id_letter")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_register_entry_request_id_request")),
        sa.ForeignKeyConstraint(["void_by"], ["official.id"], name=op.f("fk_register_entry_void_by_official")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entry")),
        sa.UniqueConstraint("direction", "year", "live_number", name="uq_register_entry_live_number"),
        sa.UniqueConstraint("direction", "year", "sequence", name="uq_register_entry_sequence"),
    )
    op.create_index(op.f("ix_register_entry_letter_id"), "register_entry", ["letter_id"], unique=False)
    op.create_index(op.f("ix_register_entry_request_id"), "register_entry", ["request_id"], unique=False)
    _add_reference("letter", "register_id", "register_entry")
    op.create_index(op.f("ix_letter_register_id"), "letter", ["register_id"], unique=False)
    _add_reference("act", "recorded_by", "official")
    _add_reference("act", "sheet_id", "attachment")
    _add_reference("attachment", "original_seen_by", "official")
    op.add_column("attachment", sa.Column("original_seen_at", UtcDateTime(), nullable=True))
    op.add_column("attachment", sa.Column("original_seen_label", sa.String(length=300), nullable=True))


def _add_reference(table: str, column: str, to: str) -> None:
    """A column that may be empty and points to another table; inline, because SQLite can add it no other way."""
    name = op.f(f"fk_{table}_{column}_{to}")
    op.add_column(
        table,
        sa.Column(column, sa.String(length=32), sa.ForeignKey(f"{to}.id", name=name), nullable=True),
        inline_references=True,
    )
