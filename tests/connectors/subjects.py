"""A fresh target of every kind for the contract. A new connector adds one function and its name below."""

import atexit
import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, MetaData, String, Table, create_engine, insert

from connectors.chaos import ChaosConnector
from connectors.contract import Subject
from connectors.manual import ManualConnector
from connectors.mariadb import MariadbConnector
from connectors.memory import MemoryConnector
from connectors.postgresql import PostgresqlConnector, scram
from connectors.table import TableConnector, TableSettings
from provisioner.connector import ConnectorContext
from tests.connectors.task_board import USERNAME_LABEL, DeskBoard
from tests.servers import mariadb as mariadb_server
from tests.servers import postgresql as postgresql_server
from tests.servers.mariadb import Mariadb
from tests.servers.postgresql import Postgresql
from tests.servers.role_server import role_server
from tests.servers.user_server import user_server

if TYPE_CHECKING:
    from connectors.active_directory import ActiveDirectoryConnector
    from tests.servers.samba_ad import Office

CHEAP_ARGON2 = {"argon2_memory_kib": 64, "argon2_iterations": 1}
ENTITLEMENTS = {"*": ["siak"], "OPERATOR_DAFDUK": ["dafduk", "wilayah-{region}"]}


@contextmanager
def memory(_folder: Path) -> Iterator[Subject]:
    """Kept in this process."""
    settings = {"entitlements": ENTITLEMENTS, **CHEAP_ARGON2}
    connector = MemoryConnector.from_settings(settings, ConnectorContext("memori"))

    def add_strangers(usernames: Iterable[str]) -> None:
        for username in usernames:
            connector.add_stranger(username)

    yield Subject(connector, add_strangers)


@contextmanager
def chaos(folder: Path) -> Iterator[Subject]:
    """Misbehaves by a plan; this one is empty."""
    settings = {"file": folder / "chaos.db", "loses_accounts_on_purpose": True, "entitlements": ENTITLEMENTS}
    connector = ChaosConnector.from_settings({**settings, **CHEAP_ARGON2}, ConnectorContext("kacau"))

    def add_strangers(usernames: Iterable[str]) -> None:
        for username in usernames:
            connector.add_stranger(username)

    yield Subject(connector, add_strangers)


SERVED_TABLE: dict[str, Any] = {
    "table": "pengguna",
    "columns": {"id": "id_pengguna", "id_kind": "database", "username": "nama_pengguna", "enabled": "aktif"},
    "entitlements": {"rules": ENTITLEMENTS},
}
"""What differs from one database to the next is told by whole numbers as keys and by roles."""


@contextmanager
def table(folder: Path) -> Iterator[Subject]:
    """SQLite, as on one machine, with roles."""
    with _table(_sqlite(folder), entitlements={"rules": ENTITLEMENTS}) as subject:
        yield subject


@contextmanager
def withheld_table(folder: Path) -> Iterator[Subject]:
    """A foreign application's table: no column for the first change, whole numbers as keys, no roles."""
    columns = {
        "id": "id_pengguna",
        "id_kind": "database",
        "username": "nama_pengguna",
        "must_change": None,
        "enabled": "aktif",
        "verifier": "sandi",
        "profile": {"nama": "{full_name}", "keterangan": "{position}, {org_unit}"},
    }
    foreign = {"table": "pengguna", "columns": columns, "withheld": True, "unusable_verifier": "!"}
    with _table(_sqlite(folder), **foreign) as subject:
        yield subject


@contextmanager
def table_on_postgresql(database: tuple[Postgresql, str], folder: Path) -> Iterator[Subject]:
    """Rows in a real PostgreSQL."""
    with _served_table(postgresql_address(*database, folder)) as subject:
        yield subject


@contextmanager
def table_on_mariadb(database: tuple[Mariadb, str], folder: Path) -> Iterator[Subject]:
    """Rows in a real MariaDB."""
    with _served_table(mariadb_address(*database, folder)) as subject:
        yield subject


@contextmanager
def _served_table(address: dict[str, str]) -> Iterator[Subject]:
    """The database outlives the test, the tables do not."""
    try:
        with _table(address, **SERVED_TABLE) as subject:
            yield subject
    finally:
        engine = create_engine(TableSettings.model_validate(address).address())
        with engine.begin() as connection:
            for table_name in ("account_roles", "pengguna"):
                Table(table_name, MetaData()).drop(connection, checkfirst=True)
        engine.dispose()


def postgresql_address(server: Postgresql, name: str, folder: Path) -> dict[str, str]:
    """Settings that lead to a database whose owner is its namesake, as docs/table.md has them."""
    file = folder / "owner.password"
    file.write_text(postgresql_server.OWNER_PASSWORD + "\n")
    url = f"postgresql+psycopg://{name}@127.0.0.1:{server.port}/{name}?sslmode=verify-full&sslrootcert={server.ca_file}"
    return {"url": url, "password_file": str(file)}


def mariadb_address(server: Mariadb, name: str, folder: Path) -> dict[str, str]:
    """The same for MariaDB."""
    file = folder / "owner.password"
    file.write_text(mariadb_server.OWNER_PASSWORD + "\n")
    url = f"mysql+pymysql://{name}@127.0.0.1:{server.port}/{name}?charset=utf8mb4&ssl_ca={server.ca_file}"
    return {"url": url, "password_file": str(file)}


def _sqlite(folder: Path) -> dict[str, str]:
    return {"url": f"sqlite:///{folder / 'accounts.db'}"}


@contextmanager
def _table(address: dict[str, str], **settings: Any) -> Iterator[Subject]:
    settings = {**address, "create_tables": True, **CHEAP_ARGON2, **settings}
    connector = TableConnector.from_settings(settings, ConnectorContext("basisdata"))
    try:
        yield Subject(connector, lambda usernames: _insert_strangers(connector, settings, usernames))
    finally:
        connector.close()


def _insert_strangers(connector: TableConnector, settings: dict[str, Any], usernames: Iterable[str]) -> None:
    """Rows as another application writes them; the connector creates the tables first."""
    connector.get("nobody")
    names = settings.get("columns", {})
    counted = names.get("id_kind") == "database"
    name, enabled = names.get("username", "username"), names.get("enabled", "enabled")
    rows = [
        {name: username, enabled: True, **({} if counted else {"id": f"stranger-{number}"})}
        for number, username in enumerate(usernames)
    ]
    columns = [Column(name, String), Column(enabled, Boolean), *([] if counted else [Column("id", String)])]
    accounts = Table(settings.get("table", "accounts"), MetaData(), *columns)
    engine = create_engine(TableSettings.model_validate(settings).address())
    with engine.begin() as connection:
        connection.execute(insert(accounts), rows)
    engine.dispose()


@contextmanager
def manual(_folder: Path) -> Iterator[Subject]:
    """A person who confirms every card at once."""
    settings = {
        "system": "SIAK",
        "fields": [(USERNAME_LABEL, "{username}"), ("Nama Lengkap", "{full_name}"), ("Wilayah", "{region}")],
    }
    context = ConnectorContext("siak", board=DeskBoard(diligent=True))
    yield Subject(ManualConnector.from_settings(settings, context), add_strangers=None)


@contextmanager
def ldap(folder: Path) -> Iterator[Subject]:
    """A private OpenLDAP."""
    from connectors.ldap import LdapConnector
    from tests.servers.directory_tree import PEOPLE
    from tests.servers.ldap_commands import LdapCommands
    from tests.servers.slapd import private_slapd

    with private_slapd(folder, last_bind=True) as directory:
        connector = LdapConnector.from_settings(directory.settings(), ConnectorContext("direktori"))
        commands = LdapCommands(directory)

        def add_strangers(usernames: Iterable[str]) -> None:
            entries = [
                f"dn: uid={name},{PEOPLE}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: {name}\n"
                for name in usernames
            ]
            if len(entries) < 10:
                # Not offline, after which slapd would not know that anything has changed.
                for entry in entries:
                    assert commands.modify(entry.replace("objectClass:", "changetype: add\nobjectClass:", 1)).code == 0
                return
            directory.stop()
            directory.load("\n".join(entries))
            directory.start()

        try:
            yield Subject(connector, add_strangers)
        finally:
            connector.close()


@contextmanager
def ds389(_folder: Path) -> Iterator[Subject]:
    """A tree of its own in a private 389 Directory Server."""
    from connectors.ds389 import Ds389Connector
    from tests.servers.ds389 import shared_ds389

    tree = shared_ds389().fresh_tree()
    connector = Ds389Connector.from_settings(tree.settings(), ConnectorContext("direktori"))
    try:
        yield Subject(connector, lambda usernames: tree.add_people(list(usernames)), connector.make_verifier)
    finally:
        connector.close()


@contextmanager
def postgresql(server: Postgresql, folder: Path) -> Iterator[Subject]:
    """Roles of a real PostgreSQL, with verifiers that cost next to nothing."""
    with role_server(server, folder) as target:
        connector = PostgresqlConnector.from_settings(target.settings(), ConnectorContext("basisdata"))
        try:
            yield Subject(connector, target.add_login_roles, verifier=lambda password: scram.verifier(password, 1))
        finally:
            connector.close()


@contextmanager
def mariadb(server: Mariadb, folder: Path) -> Iterator[Subject]:
    """Users of a real MariaDB."""
    with user_server(server, folder) as target:
        connector = MariadbConnector.from_settings(target.settings(), ConnectorContext("basisdata"))
        try:
            yield Subject(connector, target.add_users, verifier=connector.make_verifier)
        finally:
            connector.close()


@functools.cache
def _domain_connector(office: "Office") -> "ActiveDirectoryConnector":
    """One for every office, which keeps its connections: a sign-in costs a domain controller 50 ms."""
    from connectors.active_directory import ActiveDirectoryConnector

    connector = ActiveDirectoryConnector.from_settings(office.settings(page_size=50), ConnectorContext("ad"))
    atexit.register(connector.close)
    return connector


@contextmanager
def active_directory(_folder: Path) -> Iterator[Subject]:
    """An empty unit in a private Samba domain."""
    from tests.servers.samba_ad import shared_samba_ad

    with shared_samba_ad().office() as office:
        yield Subject(_domain_connector(office), office.add_people, crowd=120)


SUBJECTS: dict[str, Callable[[Path], Any]] = {
    "memory": memory,
    "chaos": chaos,
    "table": table,
    "withheld-table": withheld_table,
    "manual": manual,
    "ldap": ldap,
    "ds389": ds389,
    "active-directory": active_directory,
}

SERVED: dict[str, tuple[str, Callable[[Any, Path], Any]]] = {
    "postgresql": ("postgresql_server", postgresql),
    "mariadb": ("mariadb_server", mariadb),
    "table-on-postgresql": ("postgresql_database", table_on_postgresql),
    "table-on-mariadb": ("mariadb_database", table_on_mariadb),
}
"""The same for targets whose server all tests of a process share: the fixture that gives the server comes first."""
