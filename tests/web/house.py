"""An office made afresh in a folder: the project's own files, a store, keys, a table of accounts."""

import atexit
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from flask import Flask

from provisioner.bootstrap import Provisioner, build
from provisioner.clock import Clock, system_clock
from provisioner.preparation import prepare
from provisioner.settings import Settings, StoreSettings
from tests.stores import copy_office, current, store_of
from tests.web.gallery import desk, gallery
from web.app import create_app

CHEAP = {"argon2_memory_kib": 64, "argon2_iterations": 1}
TABLE = {
    "kind": "table",
    "label": "Basis data akun",
    "sign_in": True,
    "settings": {"url": "sqlite:///{data_dir}/accounts.db", "create_tables": True},
}


@dataclass
class Given:
    """What a test may change before the office is opened."""

    folder: Path
    clock: Clock = system_clock
    settings: Mapping[str, Any] = field(default_factory=dict)
    demo: bool = False
    opened: list[Provisioner] = field(default_factory=list)

    def provisioner(self) -> Provisioner:
        """The core over an office that has been prepared; open until :meth:`close`. No second factor, cheap hashes."""
        new = not (self.folder / "keys").exists()
        if new and self.clock is system_clock:
            copy_office(_prepared(current().kind), self.folder)
        own = {"store": store_of(self.folder, bare=True), "totp": {"mandatory_for": []}, "passwords": CHEAP}
        settings = Settings(data_dir=self.folder, **{**own, "targets": {"akun": TABLE}, **self.settings})
        if new and self.clock is not system_clock:
            prepare(settings, self.clock)
        self.opened.append(build(settings, self.clock))
        return self.opened[-1]

    def close(self) -> None:
        """Every core that was opened."""
        while self.opened:
            self.opened.pop().close()


@cache
def _prepared(_store_kind: str) -> Path:
    """An office as it is before anybody has come: made once, since keys, tables and an authority take their time."""
    folder = Path(mkdtemp())
    atexit.register(shutil.rmtree, folder)
    settings = Settings(data_dir=folder, store=StoreSettings(**store_of(folder, bare=True)))
    prepare(settings)
    core = build(settings)
    core.letters.folder()
    core.close()
    return folder


def make_app(given: Given) -> Flask:
    """The web front over that core, with the gallery."""
    app = create_app(given.provisioner(), demo=given.demo)
    app.register_blueprint(gallery())
    app.register_blueprint(desk())
    return app
