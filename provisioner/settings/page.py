"""The pages that describe every setting, written from the settings themselves.

``python -m provisioner.settings.page`` prints the page of the service's settings, ``... connectors`` that of the
connectors that are installed.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from datetime import time
from enum import StrEnum
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from provisioner.settings.loading import NESTED, PREFIX, Settings
from provisioner.settings.target import TargetSettings

CONNECTORS = "provisioner.connectors"
"""The group of entry points under which connectors are found."""

_HEAD = """\
# Settings

This page is written by `make docs` from the settings themselves; change the text there.

The service reads one TOML file: the one given with `--config`, else the one that the environment variable
`PROVISIONER_CONFIG` names, else `config/provisioner.toml` of the project. A variable of the environment goes above the
file: `PROVISIONER_WEB__PORT=8090` is `port` in the table `[web]` (two underscores between table and key; lists are
written as JSON). A key that nobody knows is refused, with its line. Secrets have no default and stand in no file here:
where a file is named, `{credentials}` stands for the folder in which systemd passes them
([one-machine.md](one-machine.md#keys-and-passwords)); the environment variable `CREDENTIALS_DIRECTORY` names it.
"""

_CONNECTORS_HEAD = """\
# Settings of the systems

This page is written by `make docs` from the settings themselves; change the text there.

What can stand in `[targets.NAME.settings]` of the settings file, for every `kind`. `{data_dir}` in a text stands for
the data folder, `{credentials}` for the one in which systemd passes keys and passwords. Passwords stand in a file of
their own or in a variable of the environment, never here.
"""


def settings_page() -> str:
    """The page of the service's own settings, as Markdown."""
    return "\n".join([_HEAD, *_section("General", "", Settings), *_section("", "targets.NAME", TargetSettings)])


def connectors_page() -> str:
    """The page of the settings of every installed connector, as Markdown."""
    parts = [_CONNECTORS_HEAD]
    for kind, section in sorted(connector_settings().items()):
        parts += [f"# Kind `{kind}`\n", *_section("", "targets.NAME.settings", section)]
    return "\n".join(parts)


def connector_settings() -> Mapping[str, type[BaseModel]]:
    """By convention a connector's package has a module ``settings`` with a class named by :func:`_class_name`."""
    found = {}
    for entry in entry_points(group=CONNECTORS):
        if find_spec(entry.module) is not None:
            found[entry.name] = getattr(import_module(f"{entry.module}.settings"), _class_name(entry.name))
    return found


def _class_name(kind: str) -> str:
    """``ldap`` -> ``LdapSettings``, ``active-directory`` -> ``ActiveDirectorySettings``."""
    return "".join(part.capitalize() for part in re.split("[-_]", kind)) + "Settings"


def _section(title: str, path: str, section: type[BaseModel]) -> Iterator[str]:
    yield f"## {title or f'[{path}]'}\n"
    if path:
        yield f"{_one_line(section.__doc__ or '')}\n"
    tables = {}
    for name, field in section.model_fields.items():
        key = field.alias or name
        table = _table_of(field.annotation)
        if table is None:
            yield from _entry(f"{path}.{key}".lstrip("."), field)
        else:
            tables[key] = table
    for key, table in tables.items():
        yield from _section("", f"{path}.{key}".lstrip("."), table)


def _table_of(annotation: Any) -> type[BaseModel] | None:
    """The class of a setting that is a table of settings, also where it may be left out."""
    for each in get_args(annotation) or (annotation,):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return None if get_origin(annotation) not in (None, Union, UnionType) else each
    return None


def _entry(path: str, field: FieldInfo) -> Iterator[str]:
    variable = PREFIX + path.replace(".", NESTED).upper()
    yield f"### `{path.rpartition('.')[2]}`\n"
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
    if isinstance(value, PurePath) and value.is_absolute():
        return "see above"
    return f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    """A value as it would be written in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(each) for each in value)}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_toml(each)}' for key, each in value.items())} }}"
    if isinstance(value, int | float | time):
        return str(value)
    return f'"{value}"'


def _kind(annotation: Any) -> str:
    """What may be written, in words."""
    arguments = [each for each in get_args(annotation) if each is not NoneType]
    origin = get_origin(annotation)
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in arguments)
    if origin in (tuple, list, frozenset):
        return "list"
    if origin in (Union, UnionType) or hasattr(annotation, "__metadata__"):
        return _kind(arguments[0])
    if isinstance(annotation, type):
        if issubclass(annotation, StrEnum | PurePath):
            return "text"
        return {bool: "`true` or `false`", int: "whole number", float: "number", time: "time"}.get(annotation, "text")
    return "table"


if __name__ == "__main__":
    sys.stdout.write(connectors_page() if sys.argv[1:] == ["connectors"] else settings_page())
