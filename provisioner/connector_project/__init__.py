"""A project for a connector that somebody else writes: what ``provisioner connector new`` makes."""

import keyword
import re
import sys
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from provisioner.errors import InvalidInput
from provisioner.targets import installed_kinds

LONGEST_NAME = 32
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_OURS = frozenset({"provisioner", "connectors", "web", "tests", "package"})
_SUFFIX = ".template"


def make_project(name: str, parent: Path) -> list[Path]:
    """Make the folder ``name`` in ``parent`` with a project that installs and fails the contract; what was made.

    :param name: of the kind of system, e.g. ``json-file``; the package is called ``json_file``.
    :raises InvalidInput: field ``name``, code ``malformed``, or ``taken-here``: a kind or a module of Python is called
        so; field ``into``, code ``missing``, or ``taken-here``: something of this name is there already.
    """
    package = name.replace("-", "_")
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name) or keyword.iskeyword(package):
        raise InvalidInput(fields={"name": ["malformed"]})
    if name in installed_kinds() or package in sys.stdlib_module_names or package in _OURS:
        raise InvalidInput(fields={"name": ["taken-here"]})
    project = parent / name
    if not parent.is_dir():
        raise InvalidInput(fields={"into": ["missing"]})
    if project.exists():
        raise InvalidInput(fields={"into": ["taken-here"]})
    camel = "".join(part.capitalize() for part in name.split("-"))
    return list(_write(files(__name__) / "template", project, {"name": name, "package": package, "Camel": camel}))


def _write(template: Traversable, folder: Path, words: dict[str, str]) -> list[Path]:
    folder.mkdir()
    made: list[Path] = []
    for each in sorted(template.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            made += _write(each, folder / (words["package"] if each.name == "package" else each.name), words)
        elif each.name.endswith(_SUFFIX):
            file = folder / each.name.removesuffix(_SUFFIX)
            file.write_text(Template(each.read_text("utf-8")).substitute(words), "utf-8")
            made.append(file)
    return made
