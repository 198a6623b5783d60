"""The rooms of the house and the direction of the arrows between them, read from the source itself."""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("provisioner", "connectors", "web")

WEB_LIBRARIES = ("flask", "flask_babel", "flask_login", "flask_wtf", "werkzeug", "wtforms", "jinja2")

FORBIDDEN = {
    "provisioner": ("web", "connectors", "ldap3", *WEB_LIBRARIES),
    "connectors": ("web", *WEB_LIBRARIES),
    "web": ("connectors", "ldap3", "sqlalchemy", "alembic"),
}
"""What a room must not import."""

HOMES = {
    "ldap3": ("connectors/ldap_client",),
    "typst": ("provisioner/documents",),
    "pyhanko": ("provisioner/signing",),
    "pyhanko_certvalidator": ("provisioner/signing",),
    "aiohttp": ("provisioner/signing",),
    "pkcs11": ("provisioner/signing/token",),
    "alembic": ("provisioner/store",),
    "cheroot": ("provisioner/cli",),
    "sqlalchemy": ("provisioner", "connectors/table"),
    "psycopg": ("provisioner/store", "connectors"),
    "pymysql": ("connectors",),
    "nacl": ("connectors/mariadb",),
    "openpyxl": ("provisioner/list_lines", "provisioner/workbook"),
    "pypdfium2": ("provisioner/documents/page_reading",),
    "zxingcpp": ("provisioner/documents/qr", "provisioner/documents/qr_reading", "provisioner/documents/page_reading"),
    "prometheus_client": ("provisioner/observation/prometheus",),
    "pyrage": ("provisioner/backup",),
    "procrastinate": ("provisioner/dispatch",),
}
"""A library that is one room's business, and the only folders that import it."""

NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}


@dataclass(frozen=True)
class Import:
    """One import, wherever it stands in a file."""

    file: str
    line: int
    module: str

    def is_from(self, package: str) -> bool:
        return self.module == package or self.module.startswith(f"{package}.")

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


def _files(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@cache
def _imports(room: str) -> tuple[Import, ...]:
    """Read once: parsing hundreds of files for each library again takes a minute of one processor."""
    return tuple(_read_imports(room))


def _read_imports(room: str) -> Iterator[Import]:
    for file in _files(room):
        place = file.relative_to(ROOT)
        for node in ast.walk(ast.parse(file.read_text(), str(file))):
            if isinstance(node, ast.Import):
                for name in node.names:
                    yield Import(str(place), node.lineno, name.name)
            elif isinstance(node, ast.Call) and (late := _late_import(node)):
                yield Import(str(place), node.lineno, late)
            elif isinstance(node, ast.ImportFrom):
                package = list(place.parent.parts[: len(place.parent.parts) - node.level + 1]) if node.level else []
                module = ".".join([*package, *([node.module] if node.module else [])])
                # "from provisioner import connector" names a module as well as "import provisioner.connector" does.
                for name in node.names:
                    yield Import(str(place), node.lineno, f"{module}.{name.name}")


def _late_import(call: ast.Call) -> str:
    """The name in ``import_module("name")``: what is read only when it is needed belongs to a room all the same."""
    function = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    named = call.args[0] if len(call.args) == 1 else None
    if function == "import_module" and isinstance(named, ast.Constant) and isinstance(named.value, str):
        return named.value
    return ""


@pytest.mark.parametrize("room", ROOMS)
def test_there_is_something_in_every_room(room: str) -> None:
    assert _imports(room)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_nothing_that_belongs_to_another(room: str) -> None:
    wrong = [str(each) for each in _imports(room) if any(each.is_from(package) for package in FORBIDDEN[room])]
    assert wrong == []


def test_connectors_know_the_port_and_nothing_else_of_the_core() -> None:
    wrong = [
        str(each)
        for each in _imports("connectors")
        if each.is_from("provisioner") and not each.is_from("provisioner.connector")
    ]
    assert wrong == []


def test_one_connector_does_not_lean_on_another() -> None:
    # What is registered is a connector; a folder without an entry point is a room that connectors share.
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["provisioner.connectors"]
    kinds = [value.partition(":")[0].removeprefix("connectors.") for value in named.values()]
    assert kinds
    wrong = [
        str(each)
        for each in _imports("connectors")
        for kind in kinds
        if each.is_from(f"connectors.{kind}") and not each.file.startswith(f"connectors/{kind}/")
    ]
    assert wrong == []


@pytest.mark.parametrize("library", HOMES)
def test_a_vendor_library_stays_in_its_own_room(library: str) -> None:
    wrong = [
        str(each)
        for room in ROOMS
        for each in _imports(room)
        if each.is_from(library)
        and not any(Path(each.file).is_relative_to(home) or each.file == f"{home}.py" for home in HOMES[library])
    ]
    assert wrong == []


def test_the_configuration_holds_data_only() -> None:
    kinds = {file.suffix for file in (ROOT / "config").rglob("*") if file.is_file()}
    # Besides what the office decides: examples for reverse proxies, monitoring and containers.
    assert kinds <= {".toml", ".typ", ".txt", ".conf", ".yml", ".json", ""}


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_every_file_is_named_after_something(room: str) -> None:
    nameless = [str(file.relative_to(ROOT)) for file in _files(room) if file.stem in NAMES_THAT_SAY_NOTHING]
    assert nameless == []


def test_no_test_mocks_our_own_interfaces() -> None:
    wrong = [str(each) for each in _imports("tests") if each.is_from("unittest.mock") or each.is_from("mock")]
    assert wrong == []
