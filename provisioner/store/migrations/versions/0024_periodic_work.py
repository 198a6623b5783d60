"""Indexes for what is asked every few seconds: among a hundred thousand accounts nothing is read through for it"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None
beside_old = True


def upgrade() -> None:
    """Change the schema."""
    op.create_index("ix_generation_lapsing", "generation", ["state", "lapses_at"])
    op.create_index("ix_generation_shown_until", "generation", ["shown_until"])
    op.create_index("ix_account_created_at", "account", ["created_at"])
    op.create_index("ix_pact_text_revision", "pact", ["text_revision"])
    op.create_index("ix_web_session_expires_at", "web_session", ["expires_at"])
    op.create_index("ix_throttle_window_ends_at", "throttle", ["window_ends_at"])
