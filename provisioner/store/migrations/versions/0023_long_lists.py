"""Indexes that long lists are read from"""

import sqlalchemy as sa
from alembic import op

from provisioner.store.long_lists import SEARCHED

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_COLUMNS = {
    "ix_account_listed": (
        "account",
        ["full_name", "id", "username", "org_unit", "state", "role", "region", "pact_revision"],
    ),
    "ix_request_listed": ("request", ["submitted_at", "id", "number", "state", "letter_id"]),
    "ix_request_searched": ("request", ["id", "full_name", "number", "org_unit", "username"]),
    "ix_request_replaces_username": ("request", ["replaces_username"]),
    "ix_letter_waiting": ("letter", ["state", "step", "received_at", "id"]),
    "ix_letter_searched": ("letter", ["id", "number", "sender"]),
    "ix_audit_actor_kind": ("audit", ["actor_kind", "seq"]),
    "ix_act_official_recent": ("act", ["official_id", "at"]),
    "ix_pact_waiting": ("pact", ["state", "way", "prepared_at"]),
    "ix_envelope_alarm_examined_at": ("envelope_alarm", ["examined_at"]),
    "ix_enrolment_open": ("enrolment", ["used_at", "void_at", "created_at"]),
    "ix_recorded_account_listed": (
        "recorded_account",
        ["pact_by", "full_name", "id", "state", "username", "org_unit"],
    ),
}
_TROUBLE = "state IN ('failed', 'asked') OR failing_since IS NOT NULL OR waits_for_credential"


def upgrade() -> None:
    """Change the schema."""
    for name, (table, columns) in _COLUMNS.items():
        op.create_index(name, table, columns)
    op.create_index("ix_account_folded", "account", [sa.text("lower(username)")])
    trouble = sa.text(_TROUBLE)
    op.create_index("ix_link_trouble", "link", ["account_id"], sqlite_where=trouble, postgresql_where=trouble)
    connection = op.get_bind()
    if connection.dialect.name == "postgresql" and _may_use_trigrams(connection):
        for table, expression in SEARCHED.items():
            op.execute(f"CREATE INDEX trigram_{table} ON {table} USING gin (({expression}) gin_trgm_ops)")


def _may_use_trigrams(connection: sa.Connection) -> bool:
    """Whether PostgreSQL's own extension is there, or this role may bring it in. Without it searches read more."""
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except sa.exc.DBAPIError:
        return False
    return True
