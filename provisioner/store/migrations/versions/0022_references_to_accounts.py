"""Two references that the first revision made on SQLite alone"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
beside_old = True

_REFERENCES = ("request", "pact")


def upgrade() -> None:
    """Change the schema."""
    if op.get_bind().dialect.name == "sqlite":
        return
    # Tables that refer to each other: PostgreSQL takes the second reference only when both are there.
    for table in _REFERENCES:
        op.create_foreign_key(f"fk_{table}_account_id_account", table, "account", ["account_id"], ["id"])


def downgrade() -> None:
    """Change it back."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in reversed(_REFERENCES):
        op.drop_constraint(f"fk_{table}_account_id_account", table, type_="foreignkey")
