"""A private MariaDB: TLS, one server for all tests of a process, a fresh database or no accounts for each.

    with private_mariadb() as server, server.database() as database:
        pymysql.connect(**database.parameters)

Needs the Debian package ``mariadb-server``; no server of the machine's own is used or touched. As root it runs as
``mysql``.
"""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pymysql

from tests.servers import standstill
from tests.servers.certificates import write_certificates
from tests.servers.slapd import free_port

OWNER_PASSWORD = "pemilik-basis-data-uji"
_CONFIGURATION = """
[mariadbd]
datadir = {folder}/data
tmpdir = {folder}
socket = {folder}/mariadb.sock
pid_file = {folder}/mariadb.pid
bind_address = 127.0.0.1
port = {port}
ssl_ca = {folder}/ca.pem
ssl_cert = {folder}/server.pem
ssl_key = {folder}/server.key
plugin_load_add = auth_ed25519
skip_name_resolve = ON
innodb_buffer_pool_size = 16M
innodb_log_file_size = 8M
innodb_flush_log_at_trx_commit = 0
innodb_fast_shutdown = 2
key_buffer_size = 1M
aria_pagecache_buffer_size = 8M
performance_schema = OFF
max_connections = 60
default_time_zone = +00:00
debug_no_sync = ON
"""


class MariadbFailed(RuntimeError):
    """The server did not start; carries what it printed."""


@dataclass(frozen=True)
class Database:
    """A fresh database and the account that owns it."""

    name: str
    owner: str
    parameters: dict[str, Any] = field(repr=False)
    """What PyMySQL needs to connect as the owner, the certificate checked."""


class Mariadb:
    """One private server. Keeps its port and its data over :meth:`stop`, :meth:`kill` and :meth:`start`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._user = "mysql" if os.geteuid() == 0 else None
        self.ca_file = str(write_certificates(folder).ca)
        self._options = folder / "mariadb.cnf"
        self._options.write_text(_CONFIGURATION.format(folder=folder, port=self.port))
        if self._user:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, self._user, self._user)
        self._install()

    def parameters(self, user: str, password: str, database: str | None = None) -> dict[str, Any]:
        """What PyMySQL needs to connect over TLS, the certificate checked."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": user,
            "password": password,
            "database": database,
            "ssl": ssl.create_default_context(cafile=self.ca_file),
            "connect_timeout": 10,
            "read_timeout": 30,
        }

    def superuser(self) -> "pymysql.Connection[Any]":
        """A connection over the socket that may do everything; each statement commits at once."""
        return pymysql.connect(
            unix_socket=str(self.folder / "mariadb.sock"), user="root", autocommit=True, ssl_disabled=True
        )

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        """As the administrator; rows of the last statement."""
        with closing(self.superuser()) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A fresh, empty database with an owner of its own; both are gone afterwards."""
        name = f"uji_{uuid4().hex[:12]}"
        self.execute(
            f"CREATE DATABASE {name} CHARACTER SET utf8mb4",
            f"CREATE USER {name}@'%' IDENTIFIED BY '{OWNER_PASSWORD}' REQUIRE SSL",
            f"GRANT ALL ON {name}.* TO {name}@'%'",
        )
        try:
            yield Database(name, name, self.parameters(name, OWNER_PASSWORD, name))
        finally:
            self.execute(f"DROP DATABASE {name}", f"DROP USER {name}@'%'")

    def output(self) -> str:
        """What the server has logged until now."""
        return (self.folder / "mariadbd.output").read_text(errors="replace")

    def start(self) -> None:
        """Start on the same port with the same data; returns when connections are accepted."""
        with (self.folder / "mariadbd.output").open("ab") as output:
            self._process = subprocess.Popen(
                ["/usr/sbin/mariadbd", f"--defaults-file={self._options}"],
                stdout=output,
                stderr=output,
                **self._as_user(),
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._listening():
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.01)
        self.kill()
        raise MariadbFailed(self.output())

    def stop(self) -> None:
        """End it in good order, closing every connection. Stopped already is fine."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash would: the next start has to recover."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Make it hang without an answer; what is sent waits for :meth:`thaw`."""
        standstill.stop([self._pid()])

    def thaw(self) -> None:
        """Let a frozen server go on."""
        standstill.go_on([self._pid()])

    def _listening(self) -> bool:
        # The driver leaves its socket open when nobody is there, so it is not asked before somebody is.
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(str(self.folder / "mariadb.sock"))
            except OSError:
                return False
        try:
            self.superuser().close()
        except pymysql.err.OperationalError:
            return False
        return True

    def _pid(self) -> int:
        if self._process is None:
            raise RuntimeError("MariaDB is not running")
        return self._process.pid

    def _end(self, with_signal: signal.Signals) -> None:
        if self._process is None:
            return
        self.thaw()
        process, self._process = self._process, None
        process.send_signal(with_signal)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)

    def _as_user(self) -> dict[str, Any]:
        account = {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}
        # The programs look beside themselves; Debian keeps some of what they call in sbin.
        path = "/usr/sbin:/usr/bin:/sbin:/bin"
        return {"cwd": self.folder, "env": {"PATH": path, "LC_ALL": "C.UTF-8", "TZ": "UTC"}, **account}

    def _install(self) -> None:
        command = ["/usr/bin/mariadb-install-db", f"--defaults-file={self._options}", "--skip-test-db"]
        try:
            done = subprocess.run(
                [*command, "--auth-root-authentication-method=normal"],
                capture_output=True,
                check=False,
                text=True,
                **self._as_user(),
            )
        except FileNotFoundError:
            raise MariadbFailed("MariaDB is not installed (Debian package mariadb-server)") from None
        if done.returncode:
            raise MariadbFailed(done.stdout + done.stderr)


@contextmanager
def private_mariadb() -> Iterator[Mariadb]:
    """Start a :class:`Mariadb` in a folder of its own, which ``mysql`` can reach, and end it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="siak-mariadb-"))
    try:
        server = Mariadb(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
