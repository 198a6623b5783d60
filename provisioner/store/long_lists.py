"""One page of a list that may be a hundred thousand rows long, at the price of the page.

Counting what a search finds costs as much as finding all of it, so that nobody counts further than :data:`COUNTED`.
Ids are read first, from an index that holds everything the search looks at; whole rows only for the page itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Boolean, ColumnElement, Select, bindparam, func, literal_column, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from provisioner.store.tables.model import Model

COUNTED = 1000
"""More than that is "more than a thousand"."""

SEARCHED = {
    "account": "lower(account.full_name || '|' || account.username || '|' || account.org_unit)",
    "request": (
        "lower(request.full_name || '|' || coalesce(request.number, '') || '|' || request.org_unit || '|' || "
        "coalesce(request.username, ''))"
    ),
    "letter": "lower(letter.number || '|' || letter.sender)",
    "register_entry": (
        "lower(register_entry.number || '|' || register_entry.sender || '|' || register_entry.letter_number || '|' || "
        "register_entry.subject || '|' || register_entry.forwarded_to || '|' || register_entry.remark)"
    ),
    "recorded_account": (
        "lower(recorded_account.full_name || '|' || recorded_account.username || '|' || recorded_account.org_unit)"
    ),
}
"""What a search looks at, by table: the very expression that PostgreSQL has a trigram index of, where its role may have
one (migration 0023). On SQLite an index over the columns is read through, in the order of the list.
"""
_COLUMN = re.compile(r"\b\w+\.\w+\b")

R = TypeVar("R", bound=Model)


@dataclass(frozen=True)
class Found:
    """Ids of one page, in order. ``total``: how many there are; one more than :data:`COUNTED` stands for more."""

    ids: Sequence[str]
    total: int


def contains(table: str, text: str) -> ColumnElement[bool]:
    """A condition on a table of :data:`SEARCHED`: one of its texts holds ``text``, whatever the case."""
    marked = text.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return _Held(table, f"%{marked}%")


class _Held(FunctionElement[bool]):
    """The expression as a whole against a pattern; on SQLite each of its columns, see below."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, table: str, pattern: str) -> None:
        columns: list[ColumnElement[Any]] = [literal_column(each) for each in _COLUMN.findall(SEARCHED[table])]
        super().__init__(literal_column(SEARCHED[table]), bindparam("pattern", pattern, unique=True), *columns)


@compiles(_Held)
def _whole(element: _Held, compiler: SQLCompiler, **options: Any) -> str:
    expression, pattern, *_ = element.clauses
    return compiler.process(expression.like(func.lower(pattern), escape="/"), **options)


@compiles(_Held, "sqlite")
def _by_column(element: _Held, compiler: SQLCompiler, **options: Any) -> str:
    """SQLite's LIKE takes capitals for small letters by itself; reading columns costs it a third of joining them."""
    _, pattern, *columns = element.clauses
    found = or_(*(column.like(pattern, escape="/") for column in columns))
    return f"({compiler.process(found, **options)})"


def page_of(session: Session, query: Select[Any], key: InstrumentedAttribute[str], page: int, per_page: int) -> Found:
    """One page of what an ordered query finds; ``key`` is the column of its ids."""
    ids, first = query.with_only_columns(key), (page - 1) * per_page
    if first < COUNTED:
        found = session.scalars(ids.limit(COUNTED + 1)).all()
        return Found(found[first : first + per_page], len(found))
    return Found(session.scalars(ids.limit(per_page).offset(first)).all(), COUNTED + 1)


def counted(session: Session, query: Select[Any]) -> int:
    """How many rows a query finds, as in :attr:`Found.total`."""
    some = query.order_by(None).limit(COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def in_order(session: Session, kind: type[R], key: InstrumentedAttribute[str], ids: Sequence[str]) -> list[R]:
    """The rows with these ids, in the order of the ids."""
    rows: dict[Any, R] = {}
    if ids:
        rows = {getattr(row, key.key): row for row in session.scalars(select(kind).where(key.in_(ids)))}
    return [rows[each] for each in ids if each in rows]
