"""One office on two machines: two real ``provisioner serve`` over one PostgreSQL, each with a folder of its own."""

import base64
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from provisioner import totp
from provisioner.bootstrap import Provisioner, build
from provisioner.documents.letters_in_use import LettersInUse
from provisioner.preparation import prepare
from provisioner.provisioning.officials import OfficialProfile
from provisioner.settings import StoreSettings, load_settings
from provisioner.store.tables import OfficialRow
from tests.machines.visitor import Visitor
from tests.office import CHEAP, own_password
from tests.releases.make import url_of
from tests.servers.postgresql import Postgresql
from tests.servers.served import Served, served
from tests.servers.settings_file import write_settings

STORE_VARIABLE = "PROVISIONER_STORE__URL"
LETTERS = Path(__file__).parents[2] / "config" / "letters"
TRIES = 12
"""Sign-ins that one address may try in a minute."""
POSTS = ("head", "division_head", "section_head", "adb", "it", "secretary")


@dataclass
class TwoMachines:
    """``first`` and ``second`` are the addresses of the two processes; ``core`` is a third, which serves nothing."""

    core: Provisioner
    services: tuple[Served, Served]
    first: str = ""
    second: str = ""
    secrets: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def upstreams(self) -> list[str]:
        """As a proxy names them."""
        return [each.removeprefix("http://").rstrip("/") for each in (self.first, self.second)]

    def anywhere(self, source: str = "127.0.0.1") -> Visitor:
        """A browser whose every request goes to the other process than the one before."""
        return self.at(self.first, self.second, source=source)

    def at(self, *addresses: str, source: str = "127.0.0.1") -> Visitor:
        """A browser at these addresses, as a proxy would hand it on."""
        visitor = Visitor(*addresses)
        visitor.headers["X-Forwarded-For"] = source
        return visitor

    def signed_in(self, visitor: Visitor, post: str) -> Visitor:
        """The official of a post signs in."""
        visitor.get("/masuk").post("/masuk", {"username": post, "password": own_password(post)})
        if post in self.secrets:
            visitor.post("/masuk/kode-verifikasi", {"code": self.code(post)})
        assert visitor.status == 200, visitor.page
        assert "/masuk" not in visitor.path, visitor.page
        return visitor

    def somebody(self, username: str, post: str = "secretary") -> str:
        """One more official, for what must not be done to those whom others need; gives the user name."""
        _add_official(self.core, username, post)
        return username

    def code(self, post: str) -> str:
        """The code of the second factor that the application on the official's telephone shows now."""
        return totp.current_code(self.secrets[post], self.core.context.clock())

    def enrol(self, post: str) -> None:
        """Give an official a second factor."""
        token = self.core.sign_in.sign_in(post, own_password(post)).token
        here = self.core.sign_in.session(token)
        assert here is not None
        text = self.core.second_factors.begin(here.info)[0].replace(" ", "")
        secret = base64.b32decode(text + "=" * (-len(text) % 8))
        # The code of half a minute ago, which is still taken: the one that is shown now stays unused.
        before = self.core.context.clock() - timedelta(seconds=30)
        self.core.second_factors.confirm(here.info, totp.current_code(secret, before))
        self.secrets[post] = secret


@contextmanager
def two_machines(folder: Path, server: Postgresql) -> Iterator[TwoMachines]:
    """Prepare an office with an official for every post, and start both; ends them afterwards."""
    with server.database() as store, ExitStack() as running:
        file = write_settings(folder / "provisioner.toml", _sections(folder), _targets(folder))
        environment = {STORE_VARIABLE: url_of(server, store.name)}
        settings = load_settings(file).model_copy(update={"store": StoreSettings(url=environment[STORE_VARIABLE])})
        prepare(settings)
        core = build(settings)
        running.callback(core.close)
        _officials(core)
        services, letters = [], tried_letters(folder / "letters")
        for name in ("first", "second"):
            data = folder / name
            (data / "keys").mkdir(mode=0o700, parents=True)
            shutil.copy(folder / "data" / "keys" / "keyring.json", data / "keys" / "keyring.json")
            shutil.copytree(letters, data / "letters")
            started = served(folder / f"{name}-output", data, "--config", str(file), "serve", environment=environment)
            services.append(running.enter_context(started))
        machines = TwoMachines(core, (services[0], services[1]))
        machines.first, machines.second = (each.address() for each in services)
        yield machines


def tried_letters(folder: Path) -> Path:
    """The copies of the letters that a process makes when it tries them, made once for all who start here."""
    LettersInUse(LETTERS, folder).folder()
    return folder


def _sections(folder: Path) -> Mapping[str, Any]:
    return {
        "data_dir": str(folder / "data"),
        "web": {"public_url": "https://localhost", "trusted_proxies": 1},
        "passwords": CHEAP,
        "totp": {"mandatory_for": []},
        "limits": {"sign_ins_per_minute": TRIES},
    }


def _targets(folder: Path) -> Mapping[str, Any]:
    """One table of accounts that both reach."""
    settings = {"url": f"sqlite:///{folder / 'accounts.db'}", "create_tables": True}
    return {"akun": {"kind": "table", "label": "Basis data akun", "sign_in": True, "settings": settings}}


def _officials(core: Provisioner) -> None:
    for post in POSTS:
        _add_official(core, post, post)


def _add_official(core: Provisioner, username: str, post: str) -> None:
    core.officials.add(OfficialProfile(username, f"Pejabat {username}", (post,)), password=own_password(username))
    with core.context.store.begin() as session:
        session.execute(update(OfficialRow).where(OfficialRow.username == username).values(must_change=False))
