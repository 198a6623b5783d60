"""Which tests run on PostgreSQL too: as few as put every question to it that the whole suite puts to a store.

    pytest --note-statements /tmp/noted tests/provisioner tests/web tests/faults    # on SQLite; what every test asks
    python -m tests.statements /tmp/noted.* > tests/on_postgresql.txt               # the choice

A statement counts by its text, however many values it is given. Races, freezes and whatever else is about several
writers run on both in any case (:data:`ALWAYS`), and so does every test that the choice does not know yet.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import Engine, event

SUITES = ("tests/provisioner/", "tests/web/", "tests/faults/")
"""Of which there is a choice. Other tests are of something else than the store, and run on SQLite alone."""
CHOICE = Path(__file__).with_name("on_postgresql.txt")
ALWAYS = (
    "tests/faults/test_races",
    "tests/faults/test_lock_order",
    "tests/faults/test_freeze",
    "tests/faults/test_reconciliation",
    "tests/provisioner/test_store",
    "tests/provisioner/test_migration",
    "tests/provisioner/test_preparation",
    "tests/provisioner/audit/",
)
_MANY_VALUES = re.compile(r"\(\s*(\?|:\w+)(\s*,\s*(\?|:\w+))*\s*\)")
_MANY_ROWS = re.compile(r"\(\?\)(, \(\?\))+")
_NO_QUESTION = ("PRAGMA", "BEGIN", "CREATE", "DROP", "ALTER")
_LEAST_SECONDS = 0.05


def function_of(node_id: str) -> str:
    """A test without its cases."""
    return node_id.partition("[")[0]


class Choice:
    """What was chosen before."""

    def __init__(self, lines: Iterable[str]) -> None:
        """A chosen test stands as it is, one that was left out after a minus sign; a folder or file speaks for all
        tests in it that are not named themselves.
        """
        self._known = {line.lstrip("- "): not line.startswith("-") for line in lines if line.strip() and line[0] != "#"}

    def takes(self, node_id: str) -> bool:
        """Whether a test runs on PostgreSQL too."""
        if not node_id.startswith(SUITES):
            return False
        speaking = [name for name in self._known if function_of(node_id).startswith(name)]
        return node_id.startswith(ALWAYS) or not speaking or self._known[max(speaking, key=len)]


def choice() -> Choice:
    """The one that is kept beside this file; without it everything runs on both."""
    return Choice(CHOICE.read_text().splitlines() if CHOICE.exists() else ())


class Noting:
    """A plugin: notes what each test asks, and how long it takes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._asked: dict[str, set[str]] = defaultdict(set)
        self._took: dict[str, float] = defaultdict(float)
        self._now = ""
        event.listen(Engine, "before_cursor_execute", self._note)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        """What its fixtures ask counts as its own: whoever comes first makes them."""
        self._now, began = function_of(item.nodeid), perf_counter()
        try:
            return (yield)
        finally:
            self._took[self._now] += perf_counter() - began
            self._now = ""

    def pytest_sessionfinish(self) -> None:
        """Write it down."""
        noted = {name: [self._took[name], sorted(self._asked[name])] for name in self._took}
        self._file.write_text(json.dumps(noted))

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if self._now and not statement.startswith(_NO_QUESTION):
            self._asked[self._now].add(shape(statement))


def shape(statement: str) -> str:
    """A statement whatever the number of its values, in few characters."""
    plain = _MANY_ROWS.sub("(?)", _MANY_VALUES.sub("(?)", " ".join(statement.split())))
    return blake2b(plain.encode(), digest_size=6).hexdigest()


def cover(asked: Mapping[str, tuple[float, set[str]]]) -> set[str]:
    """Tests that ask everything, cheapest first by what they add."""
    open_, chosen = set().union(*(each for _, each in asked.values())), set()
    while open_:
        best = max(sorted(asked), key=lambda name: len(asked[name][1] & open_) / (asked[name][0] + _LEAST_SECONDS))
        chosen.add(best)
        open_ -= asked[best][1]
    return chosen


def main(files: Iterable[str]) -> None:
    """Print the choice over what all files noted."""
    asked: dict[str, tuple[float, set[str]]] = {}
    for file in files:
        for name, (took, shapes) in json.loads(Path(file).read_text()).items():
            before, known = asked.get(name, (0.0, set()))
            asked[name] = (before + took, known | set(shapes))
    asked = {name: found for name, found in asked.items() if found[1] and not name.startswith(ALWAYS)}
    chosen = cover(asked)
    for name in sorted(asked):
        sys.stdout.write(f"{'' if name in chosen else '- '}{name}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
