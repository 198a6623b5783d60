"""SQL that was compiled for one SQLite database serves the next: tests make thousands, and SQLAlchemy compiles for each
anew what takes more time than carrying it out.

SQLAlchemy looks a statement up by its dialect and its shape. Dialects are told apart by identity; here two of SQLite
count as one, since they differ in nothing that a statement's text depends on, and every connection looks in one cache.
"""

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_KEPT = 2000


def _is_same(one: object, other: object) -> bool:
    return type(one) is type(other)


def _by_class(self: object) -> int:
    return hash(type(self))


def keep_compiled_statements() -> None:
    """For every SQLite database that is opened from now on."""
    compiled: LRUCache[object, object] = LRUCache(_KEPT)
    SQLiteDialect_pysqlite.__eq__ = _is_same  # type: ignore[method-assign]
    SQLiteDialect_pysqlite.__hash__ = _by_class  # type: ignore[method-assign]

    @event.listens_for(Engine, "engine_connect")
    def look_there(connection: Connection) -> None:
        if isinstance(connection.dialect, SQLiteDialect_pysqlite):
            connection.execution_options(compiled_cache=compiled)
