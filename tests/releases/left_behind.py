"""The offices that earlier releases left behind, put back as they were."""

import json
import lzma
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.releases.made_up_office import Facts
from tests.releases.make import programs, url_of
from tests.servers.postgresql import SUPERUSER, SUPERUSER_PASSWORD, Postgresql

RELEASES = Path(__file__).parent
STORES = ("sqlite", "postgresql")


def releases() -> list[str]:
    """Every release that left something, oldest first."""
    names = [each.name for each in RELEASES.iterdir() if (each / "sqlite" / "facts.json").exists()]
    return sorted(names, key=lambda name: [int(part) for part in name.split(".")])


@contextmanager
def left_behind(release: str, store: str, folder: Path, server: Postgresql) -> Iterator[tuple[Facts, dict[str, Any]]]:
    """Put an office back into ``folder``; gives what people know, and the settings that are not the usual ones."""
    source = RELEASES / release / store
    (folder / "keys").mkdir(mode=0o700, parents=True)
    keys = folder / "keys" / "keyring.json"
    keys.write_bytes((source / "keyring.json").read_bytes())
    keys.chmod(0o600)
    facts = Facts(**json.loads((source / "facts.json").read_text()))
    _into_sqlite(folder / "accounts.db", _text(source / "accounts.sql.xz"))
    if store == "sqlite":
        _into_sqlite(folder / "store.db", _text(source / "store.sql.xz"))
        yield facts, {}
        return
    with server.database() as database:
        _into_postgresql(server, database.name, _text(source / "store.sql.xz"))
        yield facts, {"store": {"url": url_of(server, database.name)}}


def _text(file: Path) -> str:
    return lzma.decompress(file.read_bytes()).decode()


def _into_sqlite(file: Path, text: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(text)


def _into_postgresql(server: Postgresql, database: str, text: str) -> None:
    line = f"host=127.0.0.1 port={server.port} user={SUPERUSER} password={SUPERUSER_PASSWORD} dbname={database}"
    command = [str(programs() / "psql"), "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--dbname", line]
    subprocess.run(command, input=text, capture_output=True, check=True, text=True)
