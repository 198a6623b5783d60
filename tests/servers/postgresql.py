"""A private PostgreSQL: TLS, SCRAM, one server for all tests of a process, a fresh database or no roles for each.

    with private_postgresql() as server, server.database() as database:
        psycopg.connect(**database.parameters)

Needs the Debian package ``postgresql``; no cluster of the machine's own is used or touched. The server refuses to run
as root, so it runs as ``postgres`` there.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.servers import standstill
from tests.servers.certificates import write_certificates
from tests.servers.slapd import free_port
from tests.servers.small_disk import SmallDisk, small_disk

SUPERUSER = "postgres"
SUPERUSER_PASSWORD = "kunci-induk-server-uji"
OWNER_PASSWORD = "pemilik-basis-data-uji"
_CONFIGURATION = """
listen_addresses = '127.0.0.1'
ssl = on
ssl_ca_file = '{folder}/ca.pem'
ssl_cert_file = '{folder}/server.pem'
ssl_key_file = '{folder}/server.key'
password_encryption = scram-sha-256
fsync = {durable}
full_page_writes = {durable}
shared_buffers = 16MB
max_connections = {connections}
unix_socket_directories = '{folder}'
timezone = 'UTC'
"""
_ACCESS = """
local all postgres trust
local all kantor trust
hostssl all all 127.0.0.1/32 scram-sha-256
"""


class PostgresqlFailed(RuntimeError):
    """The server did not start; carries what it printed."""


@dataclass(frozen=True)
class Database:
    """A fresh database and the role that owns it."""

    name: str
    owner: str
    parameters: dict[str, Any] = field(repr=False)
    """What libpq needs to connect as the owner, the certificate checked."""


class Postgresql:
    """One private server. Keeps its port and its data over :meth:`stop`, :meth:`kill` and :meth:`start`.

    :param durable: whether commits reach the disk; False is quicker and right for tests that do not cut the power.
    :param disk: that its data lie on, a small one, say; None: in ``folder``.
    """

    def __init__(
        self, folder: Path, *, durable: bool = False, disk: SmallDisk | None = None, connections: int = 100
    ) -> None:
        self.folder = folder
        self._disk = disk
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._user = "postgres" if os.geteuid() == 0 else None
        self.ca_file = str(write_certificates(folder).ca)
        password = folder / "superuser.password"
        password.write_text(SUPERUSER_PASSWORD)
        if self._user:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, self._user, self._user)
        self._run("initdb", "--pgdata", str(folder / "data"), "--username", SUPERUSER, "--pwfile", str(password))
        password.unlink()
        data = disk.seen_from_here if disk else folder / "data"
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.write(
                _CONFIGURATION.format(folder=folder, durable="on" if durable else "off", connections=connections)
                + f"port = {self.port}\n"
            )
        (data / "pg_hba.conf").write_text(_ACCESS)

    def parameters(self, user: str, password: str, database: str = "postgres") -> dict[str, Any]:
        """What libpq needs to connect over TLS, the certificate checked."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "dbname": database,
            "user": user,
            "password": password,
            "sslmode": "verify-full",
            "sslrootcert": self.ca_file,
        }

    def superuser(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """A connection over the socket that may do everything; each statement commits at once."""
        return psycopg.connect(
            host=str(self.folder), port=self.port, user=SUPERUSER, dbname=database, autocommit=True, connect_timeout=10
        )

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A fresh, empty database with an owner of its own; both are gone afterwards."""
        name = f"uji_{uuid4().hex[:12]}"
        database, owner = sql.Identifier(name), sql.Identifier(name)
        with self.superuser() as connection:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(owner, OWNER_PASSWORD))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} STRATEGY file_copy").format(database, owner))
        try:
            yield Database(name, name, self.parameters(name, OWNER_PASSWORD, name))
        finally:
            with self.superuser() as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
                connection.execute(sql.SQL("DROP ROLE {}").format(owner))

    def output(self) -> str:
        """What the server has logged until now."""
        return (self.folder / "postgres.output").read_text(errors="replace")

    def start(self) -> None:
        """Start on the same port with the same data; returns when connections are accepted."""
        with (self.folder / "postgres.output").open("ab") as output:
            command = self._where_its_disk_is([str(_programs() / "postgres"), "-D", str(self.folder / "data")])
            self._process = subprocess.Popen(command, stdout=output, stderr=output, **self._as_user())
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self.superuser().close()
            except psycopg.OperationalError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.01)
            else:
                return
        self.kill()
        raise PostgresqlFailed(self.output())

    def stop(self) -> None:
        """End it in good order, closing every connection. Stopped already is fine."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a crash would: the next start has to recover. Every one of its processes is gone afterwards."""
        self._end(signal.SIGQUIT)

    def kill_first_process(self) -> None:
        """End the process that all others are children of (SIGKILL), and wait until they have noticed: the next start
        finds what such an end leaves behind.
        """
        process, self._process = self._process, None
        assert process is not None, "PostgreSQL is not running"
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
        process.wait(20)
        deadline = time.monotonic() + 30
        while any(Path(f"/proc/{child}").exists() for child in children):
            if time.monotonic() > deadline:
                raise PostgresqlFailed("its children live on")
            time.sleep(0.01)

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()

    @property
    def disk(self) -> SmallDisk:
        """The disk of its own that it was started with."""
        assert self._disk is not None, "it has no disk of its own"
        return self._disk

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended since, by itself or by us."""
        return self._process is not None and self._process.poll() is None

    def freeze(self) -> None:
        """Make every one of its processes hang without an answer; what is sent waits for :meth:`thaw`."""
        standstill.stop(self._pids())

    def thaw(self) -> None:
        """Let a frozen server go on."""
        standstill.go_on(self._pids())

    def _pids(self) -> list[int]:
        """The server itself first, so that no process is born behind the others' backs."""
        if self._process is None:
            raise RuntimeError("PostgreSQL is not running")
        pid = self._process.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def _end(self, with_signal: signal.Signals) -> None:
        if self._process is None:
            return
        self.thaw()
        process, self._process = self._process, None
        process.send_signal(with_signal)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)

    def _where_its_disk_is(self, command: list[str]) -> list[str]:
        return [*self._disk.entering(), *command] if self._disk else command

    def _as_user(self) -> dict[str, Any]:
        account = {"user": self._user, "group": self._user, "extra_groups": []} if self._user and not self._disk else {}
        return {"cwd": self.folder, "env": {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}, **account}

    def _run(self, program: str, *arguments: str) -> None:
        locale = ("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions")
        command = self._where_its_disk_is([str(_programs() / program), *arguments, *locale])
        done = subprocess.run(command, capture_output=True, check=False, text=True, **self._as_user())
        if done.returncode:
            raise PostgresqlFailed(done.stdout + done.stderr)


@contextmanager
def private_postgresql(*, durable: bool = False, disk_mib: int = 0, connections: int = 100) -> Iterator[Postgresql]:
    """Start a :class:`Postgresql` in a folder of its own, which ``postgres`` can reach, and end it afterwards.

    ``disk_mib``: its data lie on a disk of their own that holds so much; 0: they do not. ``connections``: how many it
    takes at once.
    """
    folder = Path(tempfile.mkdtemp(prefix="siak-postgresql-"))
    try:
        with small_disk(folder / "data", disk_mib, SUPERUSER) if disk_mib else nullcontext() as disk:
            server = Postgresql(folder, durable=durable, disk=disk, connections=connections)
            server.start()
            try:
                yield server
            finally:
                server.stop()
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    """Where Debian keeps the programs of the newest version that is installed."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if not versions:
        raise PostgresqlFailed("PostgreSQL is not installed (Debian package postgresql)")
    return max(versions, key=lambda path: int(path.parent.name))
