"""The pieces a web front stands on, made afresh in a folder: the project's own office, a key ring, an empty store."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask

from provisioner.audit import AuditTrail
from provisioner.clock import Clock, system_clock
from provisioner.keyring import Keyring
from provisioner.office import PostId, load_office
from provisioner.procedure import load_procedure
from provisioner.provisioning.context import Context
from provisioner.settings import Settings
from provisioner.store import Store
from tests.web.gallery import gallery
from web.app import create_app

CONFIG = Path(__file__).parents[2] / "config"


@dataclass
class Given:
    """What a test may change before the application is made."""

    folder: Path
    clock: Clock = system_clock
    settings: dict[str, Any] = field(default_factory=dict)
    demo: bool = False

    def context(self) -> Context:
        keyring = Keyring.generate()
        settings = Settings(data_dir=self.folder, **self.settings)
        procedure = load_procedure(CONFIG / "procedure.toml", list(PostId))
        office = load_office(CONFIG)
        store = Store(f"sqlite:///{self.folder}/store.db")
        return Context(store, self.clock, keyring, office, procedure, settings, AuditTrail(keyring, self.clock))


def make_app(given: Given) -> Flask:
    """The web front with the gallery, over a core without use cases: pages that need one are tested elsewhere."""
    app = create_app(SimpleNamespace(), given.context(), demo=given.demo)
    app.register_blueprint(gallery())
    return app
