"""The installed command over an office of its own, without a process for every call."""

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from provisioner.cli import main
from provisioner.store import Store
from tests.stores import store_of

SETTINGS = """
data_dir = "{folder}/data"
[passwords]
argon2_memory_kib = 64
argon2_iterations = 1
[totp]
mandatory_for = []
[targets.akun]
kind = "table"
label = "Basis data akun"
sign_in = true
[targets.akun.settings]
url = "sqlite:///{folder}/data/accounts.db"
create_tables = true
"""

IN_MEMORY = """
data_dir = "{data}"
[passwords]
argon2_memory_kib = 64
argon2_iterations = 1
[totp]
mandatory_for = []
[targets.sistem]
kind = "memory"
label = "Sistem"
sign_in = true
[targets.sistem.settings]
argon2_memory_kib = 64
argon2_iterations = 1
"""
"""Settings of an office as ``tests.office`` sets one up, whose data lie in ``{data}``."""


class CommandLine:
    """Types ``provisioner --config FILE ...``."""

    def __init__(self, folder: Path, settings: str = SETTINGS) -> None:
        self.folder = folder
        self.file = folder / "provisioner.toml"
        text = settings.replace("{folder}", str(folder))
        self._store = store_of(Path(tomllib.loads(text)["data_dir"]), bare=True)["url"]
        self.file.write_text(f'{text}\n[store]\nurl = "{self._store}"\n', encoding="utf-8")

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def type(self, *words: str) -> Result:
        """Run one command."""
        return CliRunner().invoke(main, ["--config", str(self.file), *words])

    def ok(self, *words: str) -> str:
        """Run one command that must end well; gives its standard output."""
        result = self.type(*words)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    @contextmanager
    def behind(self) -> Iterator[Session]:
        """The store, behind the service's back; what is changed there stays."""
        store = Store(self._store)
        with store.begin() as session:
            yield session
        store.close()

    def lines(self, *words: str) -> list[dict[str, Any]]:
        """Run one command that prints one JSON object a line."""
        return [json.loads(line) for line in self.ok(*words).splitlines()]
