"""More indexes that long lists are read from: by state, newest first, and what a search of the register book reads"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
beside_old = True

_COLUMNS = {
    "ix_account_in_state": (
        "account",
        ["state", "full_name", "id", "state_reason", "pact_revision", "username", "org_unit", "role", "region"],
    ),
    "ix_letter_of_channel": ("letter", ["channel", "state", "created_at", "id"]),
    "ix_request_in_state": ("request", ["state", "submitted_at", "id", "letter_id", "account_id"]),
    "ix_request_username": ("request", ["username"]),
    "ix_request_finished_at": ("request", ["finished_at"]),
    "ix_request_kept": ("request", ["submitted_at", "destroyed_at"]),
}
_BOOK = ("number", "sender", "letter_number", "subject", "forwarded_to", "remark")


def upgrade() -> None:
    """Change the schema."""
    for name, (table, columns) in _COLUMNS.items():
        op.create_index(name, table, columns)
    numbered, on_paper = sa.text("number IS NOT NULL"), sa.text("recorded_by IS NOT NULL")
    op.create_index(
        "ix_request_newest",
        "request",
        [sa.text("submitted_at DESC"), "id", "state", "letter_id"],
        sqlite_where=numbered,
        postgresql_where=numbered,
    )
    op.create_index("ix_act_on_paper", "act", ["official_id", "at"], sqlite_where=on_paper, postgresql_where=on_paper)
    if op.get_bind().dialect.name == "sqlite":
        # PostgreSQL has a trigram index for this, and refuses to index a remark that is as long as a page.
        op.create_index("searched_register_entry", "register_entry", ["direction", "year", "sequence", "id", *_BOOK])
