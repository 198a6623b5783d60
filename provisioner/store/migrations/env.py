"""Alembic's entry: runs the revisions over the connection that :mod:`provisioner.store.migration` hands in."""

from typing import Literal

from alembic import context

from provisioner.store.tables import Model, UtcDateTime

connection = context.config.attributes["connection"]


def render_type(kind: str, thing: object, _context: object) -> str | Literal[False]:
    """Write our own column type by its short name."""
    return "UtcDateTime()" if kind == "type" and isinstance(thing, UtcDateTime) else False


context.configure(
    connection=connection,
    target_metadata=Model.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_type,
)
with context.begin_transaction():
    context.run_migrations()
