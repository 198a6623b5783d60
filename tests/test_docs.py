"""The documentation knows every setting and every command, and its links lead somewhere."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from provisioner.settings import Settings, TargetSettings, load_settings
from provisioner.settings.page import connector_settings, connectors_page, settings_page
from tests.benchmarks.figures import Figure, table

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
EXAMPLES = sorted((ROOT / "config").glob("example-*.toml"))
PAGES = sorted([*DOCS.glob("*.md"), *ROOT.glob("*.md")])


def test_the_page_of_settings_is_the_one_that_make_docs_writes() -> None:
    assert (DOCS / "settings.md").read_text() == settings_page(), "type: make docs"


def test_the_page_of_connectors_is_the_one_that_make_docs_writes() -> None:
    assert (DOCS / "connectors.md").read_text() == connectors_page(), "type: make docs"


def test_the_figures_in_the_documents_are_those_that_were_measured() -> None:
    measured = json.loads((DOCS / "performance.json").read_text())
    figures = [Figure(**{**each, "samples": tuple(each["samples"])}) for each in measured["figures"]]
    assert table(figures) in (DOCS / "performance.md").read_text(), "copy build/benchmarks.json and build/benchmarks.md"


def _undescribed(section: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _undescribed(field.annotation, f"{path}{name}.")
        elif not field.description:
            yield f"{path}{name}"


def test_every_setting_has_a_description() -> None:
    assert [*_undescribed(Settings), *_undescribed(TargetSettings)] == []
    assert "\n\n\nDefault" not in connectors_page()


def test_every_setting_stands_on_the_page_of_settings() -> None:
    page = settings_page()
    for name in Settings.model_fields:
        assert f"`{name}`" in page or f"[{name}]" in page


@pytest.mark.parametrize("file", [ROOT / "config" / "provisioner.toml", *EXAMPLES], ids=lambda file: file.name)
def test_the_settings_of_every_system_in_an_example_are_accepted_by_its_connector(file: Path) -> None:
    settings = load_settings(file)
    for name, target in settings.targets.items():
        connector_settings()[target.kind].model_validate(settings.target_settings(name))


def test_what_is_commented_out_in_the_embedded_default_works_when_it_is_not(tmp_path: Path) -> None:
    text = (ROOT / "config" / "provisioner.toml").read_text()
    start = text.index("# [targets.siak]")
    (tmp_path / "provisioner.toml").write_text(text[:start] + re.sub(r"^# ?", "", text[start:], flags=re.M))
    settings = load_settings(tmp_path / "provisioner.toml")
    connector_settings()["manual"].model_validate(settings.target_settings("siak"))


def _commands(command: click.Command, path: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            each = command.get_command(context, name)
            assert each is not None
            yield from _commands(each, f"{path} {name}")
    elif not command.hidden:
        yield path


def test_every_command_is_described() -> None:
    if find_spec("provisioner.cli") is None:
        pytest.skip("there is no command yet")
    main = import_module("provisioner.cli").main
    assert isinstance(main, click.Command)
    page = (DOCS / "administrator.md").read_text()
    assert [path for path in _commands(main, "provisioner") if f"`{path}" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose)
    broken = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"`make ([a-z]+)`", page.read_text())) | set(
        re.findall(r"^make ([a-z]+)$", page.read_text(), re.M)
    )
    assert [target for target in sorted(named) if not re.search(rf"^{target}:", makefile, re.M)] == []
