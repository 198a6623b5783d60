"""A fresh target of every kind for the contract. A new connector adds one function and its name below."""

import atexit
import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, MetaData, String, Table, create_engine, insert

from connectors.manual import ManualConnector
from connectors.memory import MemoryConnector
from connectors.table import TableConnector
from provisioner.connector import ConnectorContext
from tests.connectors.contract import Subject
from tests.connectors.task_board import USERNAME_LABEL, DeskBoard

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
def table(folder: Path) -> Iterator[Subject]:
    """SQLite, as on one machine, with roles."""
    with _table(folder, entitlements={"rules": ENTITLEMENTS}) as subject:
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
    with _table(folder, table="pengguna", columns=columns, withheld=True, unusable_verifier="!") as subject:
        yield subject


@contextmanager
def _table(folder: Path, **settings: Any) -> Iterator[Subject]:
    url = f"sqlite:///{folder / 'accounts.db'}"
    settings = {"url": url, "create_tables": True, **CHEAP_ARGON2, **settings}
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
        {name: username, enabled: 1, **({} if counted else {"id": f"stranger-{number}"})}
        for number, username in enumerate(usernames)
    ]
    accounts = Table(settings.get("table", "accounts"), MetaData(), *(Column(column, String) for column in rows[0]))
    engine = create_engine(settings["url"])
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
    from tests.servers.slapd import private_slapd

    with private_slapd(folder, last_bind=True) as directory:
        connector = LdapConnector.from_settings(directory.settings(), ConnectorContext("direktori"))

        def add_strangers(usernames: Iterable[str]) -> None:
            entries = [
                f"dn: uid={name},{PEOPLE}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: {name}\n"
                for name in usernames
            ]
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
    "table": table,
    "withheld-table": withheld_table,
    "manual": manual,
    "ldap": ldap,
    "ds389": ds389,
    "active-directory": active_directory,
}
