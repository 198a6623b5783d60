"""What the help says is so: every command and option that a text names exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from provisioner.cli import main

ROOT = Path(__file__).parents[3]
CONTEXT = click.Context(main)
NAMED = re.compile(r"\bprovisioner ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)((?: (?:--[a-z-]+|[A-Z_]+|[a-z_]+))*)")


def commands(
    command: click.Command = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command and group with its words."""
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(CONTEXT):
            found = command.get_command(CONTEXT, name)
            assert found is not None
            yield from commands(found, (*path, name))


KNOWN = dict(commands())
GROUPS = {path: command for path, command in KNOWN.items() if path and isinstance(command, click.Group)}


@pytest.mark.parametrize("path", list(GROUPS), ids=lambda path: path[0])
def test_the_help_of_a_group_names_its_commands_in_their_order(path: tuple[str, ...]) -> None:
    group = GROUPS[path]
    said = re.match(r"[^:]*: ([a-z, -]+)\.", group.help or "")
    assert said is not None, group.help
    assert set(said.group(1).split(", ")) == set(group.list_commands(CONTEXT))


def texts() -> Iterator[tuple[str, str]]:
    """Every text in the code, and what stands between backticks in the documents."""
    for folder in ("provisioner", "web", "connectors"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node.value
    for page in sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"]):
        for quoted in re.findall(r"`(provisioner [^`]*)`", page.read_text(encoding="utf-8")):
            yield page.name, quoted
    for path, command in KNOWN.items():
        for option in command.params:
            yield " ".join(path), getattr(option, "help", None) or ""


def wrong_in(text: str) -> Iterator[str]:
    for found in NAMED.finditer(" ".join(text.split())):
        words = tuple(found.group(1).split())
        path = next((words[:length] for length in (2, 1) if words[:length] in KNOWN), None)
        if path is None or (path in GROUPS and len(words) > 1):
            yield found.group(0)
            continue
        options = {name for each in KNOWN[path].params for name in each.opts} | {"--help"}
        yield from (
            f"{found.group(0)}: no {name}" for name in re.findall(r"--[a-z-]+", found.group(2)) if name not in options
        )


def test_every_command_that_a_text_names_exists() -> None:
    assert [(place, wrong) for place, text in texts() for wrong in wrong_in(text)] == []


def test_the_search_notices_what_is_not_there() -> None:
    assert list(wrong_in("run provisioner account repeat NAME")) == ["provisioner account repeat NAME"]
    assert list(wrong_in("type: provisioner walk --kept")) == ["provisioner walk --kept: no --kept"]
    assert list(wrong_in("provisioner official add NAME --post POST, then provisioner check")) == []
