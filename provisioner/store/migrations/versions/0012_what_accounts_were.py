"""What accounts were: their history, rebuilt from the audit trail for the time before; when recorded ones ended"""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from provisioner.store.tables import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
beside_old = False

_COPIED = ["username", "full_name", "display_name", "role", "region", "org_unit", "valid_until", "pact_id"]
_AFTER = {
    "account-suspended": "suspended",
    "account-revoked": "revoked",
    "account-expired": "expired",
    "account-locked": "locked",
    "password-changed": "active",
    "password-reset-asked": "pending-activation",
}
"""The state that an event of the trail leaves behind. A reactivation brings back the one before."""
_CLOSED = ("suspended", "expired")


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "account_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("username", sa.String(length=100), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("display_name", sa.String(length=260), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("region", sa.String(length=30), nullable=False),
        sa.Column("org_unit", sa.String(length=200), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("pact_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("state_reason", sa.String(length=60), nullable=False),
        sa.Column("state_at", UtcDateTime(), nullable=False),
        sa.Column("rebuilt", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_history_account_id_account")),
        sa.ForeignKeyConstraint(["pact_id"], ["pact.id"], name=op.f("fk_account_history_pact_id_pact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_history")),
    )
    op.create_index("ix_account_history_account", "account_history", ["account_id", "at", "id"], unique=False)
    op.create_index(op.f("ix_account_history_at"), "account_history", ["at"], unique=False)
    op.add_column("recorded_account", sa.Column("ended_at", UtcDateTime(), nullable=True))
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "UPDATE recorded_account SET ended_at = "
            "(SELECT created_at FROM account WHERE account.id = recorded_account.account_id) WHERE state = 'managed'"
        )
    )
    _rebuild(connection)


def _rebuild(connection: sa.Connection) -> None:
    texts = ("id", "request_id", *_COPIED[:-2], "pact_id", "state", "state_reason")
    account = sa.table(
        "account",
        *(sa.column(name, sa.String()) for name in texts),
        sa.column("valid_until", sa.Date()),
        *(sa.column(name, UtcDateTime()) for name in ("created_at", "state_at")),
    )
    history = sa.table(
        "account_history",
        *(sa.column(name, sa.String()) for name in ("account_id", *_COPIED, "state", "state_reason")),
        *(sa.column(name, UtcDateTime()) for name in ("at", "state_at")),
        sa.column("rebuilt", sa.Boolean()),
    )
    history.c.valid_until.type = sa.Date()
    audit = sa.table(
        "audit",
        sa.column("seq", sa.Integer()),
        sa.column("at", UtcDateTime()),
        *(sa.column(name, sa.String()) for name in ("kind", "account_id")),
    )
    kinds = [*_AFTER, "account-reactivated"]
    for row in connection.execute(sa.select(account)).mappings().all():
        asked = sa.select(audit.c.at, audit.c.kind).where(audit.c.account_id == row["id"], audit.c.kind.in_(kinds))
        events = connection.execute(asked.order_by(audit.c.seq)).all()
        adopted = sa.text("SELECT 1 FROM recorded_account WHERE account_id = :id")
        first = "active" if connection.execute(adopted, {"id": row["id"]}).first() else "pending-activation"
        copied = {name: row[name] for name in _COPIED}
        rows = [
            {**copied, "account_id": row["id"], "at": at, "state_at": at, "state": state, "state_reason": ""}
            for at, state in _states(row["created_at"], first, events)
        ]
        last = rows[-1]
        if last["state"] != row["state"]:
            # What leaves no event of its own (an envelope opened where nobody can see the first change) ends it.
            rows.append({**last, "at": row["state_at"], "state_at": row["state_at"], "state": row["state"]})
        rows[-1]["state_reason"] = row["state_reason"]
        connection.execute(sa.insert(history), [{**each, "rebuilt": True} for each in rows])


def _states(created: Any, first: str, events: Iterable[Any]) -> Iterator[tuple[Any, str]]:
    """(since when, state), oldest first."""
    yield created, first
    now, open_state = first, first
    for at, kind in events:
        state = _AFTER.get(kind, open_state)
        if kind == "password-changed" and now in _CLOSED:
            continue
        if state not in (*_CLOSED, "revoked"):
            open_state = state
        if state != now:
            now = state
            yield at, state
