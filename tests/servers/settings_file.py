"""The settings file that an administrator would write, for services that run as processes."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Table = Mapping[str, Any]


def write_settings(file: Path, sections: Table, targets: Mapping[str, Table]) -> Path:
    """Write ``file`` as TOML: plain values first, then a table for each section and each target."""
    file.write_text("\n".join(_lines((), {**sections, "targets": targets})) + "\n")
    return file


def _lines(path: tuple[str, ...], table: Table) -> Iterator[str]:
    if path:
        yield f"[{'.'.join(_key(name) for name in path)}]"
    for name, value in table.items():
        if not isinstance(value, Mapping):
            yield f"{_key(name)} = {json.dumps(value)}"
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _lines((*path, name), value)


def _key(name: str) -> str:
    return json.dumps(name)  # A quoted key is right for every name, and a JSON text is a TOML one.
