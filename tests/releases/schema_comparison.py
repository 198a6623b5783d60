"""What an old program could not stand about a new schema: anything gone, anything stricter, anything it must fill."""

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, inspect
from sqlalchemy.engine import Inspector

Table = Mapping[str, Any]
Schema = Mapping[str, Table]


def schema_of(connection: Connection) -> Schema:
    """Every table as the database itself describes it."""
    found = inspect(connection)
    with warnings.catch_warnings():
        # SQLite's indexes over expressions cannot be read back; PostgreSQL's are.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
        return {name: _table(found, name) for name in found.get_table_names() if name != "alembic_version"}


def unbearable(before: Schema, after: Schema) -> list[str]:
    """What a program that knows ``before`` could not stand about ``after``, one line each; empty: it may go on."""
    found: list[str] = []
    for name, old in before.items():
        new = after.get(name)
        found += [f"table {name} is gone"] if new is None else _in_table(name, old, new)
    return found


def _table(found: Inspector, name: str) -> Table:
    unique: list[Any] = [
        *(each["column_names"] for each in found.get_unique_constraints(name)),
        *(each["column_names"] for each in found.get_indexes(name) if each["unique"]),
    ]
    return {
        "columns": {each["name"]: each for each in found.get_columns(name)},
        "primary": found.get_pk_constraint(name)["constrained_columns"],
        "unique": {tuple(sorted(str(column) for column in each)) for each in unique},
        "foreign": {tuple(each["constrained_columns"]) for each in found.get_foreign_keys(name)},
        "checks": {each["sqltext"] for each in found.get_check_constraints(name)},
    }


def _in_table(name: str, old: Table, new: Table) -> Iterator[str]:
    for column, was in old["columns"].items():
        now = new["columns"].get(column)
        if now is None:
            yield f"column {name}.{column} is gone"
        else:
            yield from _in_column(f"{name}.{column}", was, now)
    for column in new["columns"].keys() - old["columns"].keys():
        made = new["columns"][column]
        if not made["nullable"] and made["default"] is None:
            yield f"column {name}.{column} must be filled, and has no default in the database"
    if old["primary"] != new["primary"]:
        yield f"table {name} has another primary key"
    for kind in ("unique", "foreign"):
        for added in new[kind] - old[kind]:
            if not any(_left_empty(column, old, new) for column in added):
                yield f"table {name} has a new rule ({kind}): {added}"
    for added in new["checks"] - old["checks"]:
        yield f"table {name} has a new rule: {added}"


def _left_empty(column: str, old: Table, new: Table) -> bool:
    """Whether an old program, which does not know the column, leaves it empty: no rule is broken by what is empty."""
    return column not in old["columns"] and new["columns"][column]["default"] is None


def _in_column(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    if was["nullable"] and not now["nullable"]:
        yield f"column {name} must be filled now"
    if was["default"] is not None and now["default"] is None and not now["nullable"]:
        yield f"column {name} lost its default"
    if type(was["type"]) is not type(now["type"]):
        yield f"column {name} is {now['type']} now, it was {was['type']}"
    elif (getattr(was["type"], "length", None) or 0) > (getattr(now["type"], "length", None) or 1 << 30):
        yield f"column {name} is shorter now"
