"""The page that describes every setting, written from the settings: ``python -m provisioner.settings.page``."""

import sys
from collections.abc import Iterator
from datetime import time
from enum import StrEnum
from pathlib import PurePath
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from provisioner.settings.loading import NESTED, PREFIX, Settings
from provisioner.settings.target import TargetSettings

_HEAD = """\
# Settings

This page is written by `make docs` from the settings themselves; change the text there.

The service reads one TOML file: the one given with `--config`, else the one that the environment variable
`PROVISIONER_CONFIG` names, else `config/provisioner.toml` of the project. A variable of the environment goes above the
file: `PROVISIONER_WEB__PORT=8090` is `port` in the table `[web]` (two underscores between table and key; lists are
written as JSON). A key that nobody knows is refused, with its line. Secrets have no default and stand in no file here.
"""


def settings_page() -> str:
    """The whole page as Markdown."""
    parts = [_HEAD, *_section("General", "", Settings)]
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            parts += _table(name, field.annotation)
    parts += _table("targets.NAME", TargetSettings)
    return "\n".join(parts)


def _table(name: str, section: type[BaseModel]) -> Iterator[str]:
    yield from _section(f"[{name}]", name, section)
    for key, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _table(f"{name}.{key}", field.annotation)


def _section(title: str, path: str, section: type[BaseModel]) -> Iterator[str]:
    yield f"## {title}\n"
    if path:
        yield f"{_one_line(section.__doc__ or '')}\n"
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            continue  # A table of its own.
        variable = PREFIX + NESTED.join([*path.split("."), name] if path else [name]).upper()
        yield f"### `{name}`\n"
        yield f"{_one_line(field.description or '')}\n"
        yield f"Default: {_default(field)} · {_kind(field.annotation)} · `{variable}`\n"


def _one_line(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "none, it must be given"
    value = field.get_default(call_default_factory=True)
    if value is None or value == "" or value == {}:
        return "none"
    if field.annotation is not None and isinstance(value, PurePath) and value.is_absolute():
        return "see above"
    return f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    """A value as it would be written in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(each) for each in value)}]"
    if isinstance(value, int | float | time):
        return str(value)
    return f'"{value}"'


def _kind(annotation: Any) -> str:
    """What may be written, in words."""
    arguments = [each for each in get_args(annotation) if each is not type(None)]
    origin = get_origin(annotation)
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in arguments)
    if origin is tuple:
        return "list"
    if origin in (Union, UnionType):
        return _kind(arguments[0])
    if hasattr(annotation, "__metadata__"):
        return _kind(arguments[0])
    if isinstance(annotation, type):
        if issubclass(annotation, StrEnum | PurePath):
            return "text"
        return {bool: "`true` or `false`", int: "whole number", float: "number", time: "time"}.get(annotation, "text")
    return "table"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
