"""The locator knows the line of every key that the standard library's parser finds."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioner.toml_lines import KeyPath, locate

CONFIG = Path(__file__).parents[2] / "config"

TRICKY = '''\
# [not.a.table]
title = "a [b] # no comment"   # a comment
text = """
[neither]
key = "this one" \\"""
""""
raw = \'\'\'
x = 1\'\'\'
"quoted key".'and "this"' = 07:30:00
list = [
    "one",  # with ] in a comment
    [1, 2],
    { deep = "x", deeper.still = 3 },
]

[a.b]
c = 1
  [[a.b.rows]]
  name = "first"
  [[a.b.rows]]
  name = "second"
  [a.b.rows.inner]
  value = -1.5e3
'''


def _paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _paths(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _paths(each, (*path, index))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("text",), 3),
        (("raw",), 7),
        (("quoted key", 'and "this"'), 9),
        (("list", 0), 11),
        (("list", 1, 1), 12),
        (("list", 2), 13),
        (("list", 2, "deeper", "still"), 13),
        (("a",), 16),
        (("a", "b", "c"), 17),
        (("a", "b", "rows"), 18),
        (("a", "b", "rows", 0, "name"), 19),
        (("a", "b", "rows", 1), 20),
        (("a", "b", "rows", 1, "inner", "value"), 23),
    ],
)
def test_a_key_is_found_on_its_line(path: KeyPath, line: int) -> None:
    assert locate(TRICKY)[path] == line


@pytest.mark.parametrize(
    "text", [TRICKY, TRICKY.replace("\n", "\r\n"), *(f.read_text() for f in CONFIG.glob("*.toml"))]
)
def test_every_key_of_a_text_is_found_and_none_besides(text: str) -> None:
    assert set(locate(text)) == set(_paths(tomllib.loads(text)))


def test_an_empty_text_has_no_keys() -> None:
    assert locate("") == {}
    assert locate("# nothing\n\n") == {}
