"""Leave a small office behind for the releases to come: ``python -m tests.releases.make VERSION``, on its day.

Writes ``tests/releases/VERSION/{sqlite,postgresql}``: the store as SQL text, the table of accounts likewise, the keys,
and what people know. All of it is made up. See docs/developer.md, "Releasing".
"""

import lzma
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from tests.releases.made_up_office import walk_office
from tests.servers.postgresql import SUPERUSER, SUPERUSER_PASSWORD, Postgresql, private_postgresql

_RANDOM = re.compile(r"^\\(un)?restrict .*\n", re.MULTILINE)
"""What pg_dump of newer versions puts around its text: older psql do not know it, and it is drawn anew each time."""


def make(version: str, releases: Path) -> None:
    """Walk an office on each store and keep what it leaves."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "sqlite"
        walk_office(folder)
        _keep(folder, releases / version / "sqlite", _sqlite_text(folder / "store.db"))
        with private_postgresql() as server, server.database() as database:
            folder = Path(scratch) / "postgresql"
            walk_office(folder, store={"url": url_of(server, database.name)})
            _keep(folder, releases / version / "postgresql", _postgresql_text(server, database.name))


def url_of(server: Postgresql, database: str) -> str:
    """Address of a database of the private server, for settings."""
    return f"postgresql+psycopg://{SUPERUSER}:{SUPERUSER_PASSWORD}@127.0.0.1:{server.port}/{database}"


def _keep(folder: Path, place: Path, store: str) -> None:
    place.mkdir(parents=True, exist_ok=True)
    (place / "store.sql.xz").write_bytes(_packed(store))
    (place / "accounts.sql.xz").write_bytes(_packed(_sqlite_text(folder / "accounts.db")))
    shutil.copyfile(folder / "keys" / "keyring.json", place / "keyring.json")
    shutil.copyfile(folder / "facts.json", place / "facts.json")


def _packed(text: str) -> bytes:
    return lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)


def _sqlite_text(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return "\n".join(connection.iterdump())


def _postgresql_text(server: Postgresql, database: str) -> str:
    line = f"host=127.0.0.1 port={server.port} user={SUPERUSER} password={SUPERUSER_PASSWORD} dbname={database}"
    command = [str(programs() / "pg_dump"), "--no-owner", "--no-privileges", "--dbname", line]
    return _RANDOM.sub("", subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def programs() -> Path:
    """Where Debian keeps PostgreSQL's programs."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


if __name__ == "__main__":
    make(sys.argv[1], Path(__file__).parent)
