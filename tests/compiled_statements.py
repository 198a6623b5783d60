"""SQL that was compiled for one database serves the next of its kind: tests open thousands, and SQLAlchemy compiles
for each anew what takes more time than carrying it out.

SQLAlchemy looks a statement up by its dialect and its shape. Dialects are told apart by identity; here two of one kind
count as one, since they differ in nothing that a statement's text depends on, and every connection looks in one cache.
"""

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_KEPT = 2000
_KINDS = (SQLiteDialect_pysqlite, PGDialect_psycopg)


def _is_same(one: object, other: object) -> bool:
    return type(one) is type(other)


def _by_class(self: object) -> int:
    return hash(type(self))


def keep_compiled_statements() -> None:
    """For every database that is opened from now on."""
    compiled: LRUCache[object, object] = LRUCache(2 * _KEPT)
    for kind in _KINDS:
        kind.__eq__ = _is_same  # type: ignore[method-assign]
        kind.__hash__ = _by_class  # type: ignore[method-assign]

    @event.listens_for(Engine, "engine_connect")
    def look_there(connection: Connection) -> None:
        if isinstance(connection.dialect, _KINDS):
            connection.execution_options(compiled_cache=compiled)
