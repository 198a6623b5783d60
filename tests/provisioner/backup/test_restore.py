"""Restoring is whole or not at all, into either database, and never over an office by mistake."""

import io
import json
import os
import shutil
import signal
import sqlite3
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Select, Table, create_engine, inspect, select

from provisioner.backup.contents import BackupBroken, backed_up_tables, canonical, table_kinds
from provisioner.backup.reading import opened_backup
from provisioner.backup.writing import Written, write_backup
from provisioner.bootstrap import build
from provisioner.dispatch.lock_file import RUNNER_LOCK, LockFile
from provisioner.errors import AuthenticationFailed, ConfigurationError, WrongState
from provisioner.keyring import Keyring
from provisioner.preparation import prepare
from provisioner.restore import loading
from provisioner.restore.loading import load
from provisioner.restore.restoring import restore
from provisioner.store import Store
from provisioner.store.migration import migrate_to
from tests.office import MovableClock, RealOffice, settings_of
from tests.stores import SQLITE

# Which database it is restored into, these say themselves; most look at the file afterwards.
pytestmark = pytest.mark.parametrize("store_kind", [SQLITE], indirect=True)

RELEASED = "0016"
"""The schema of release 0.1.0."""


def everything(engine: Engine, without: Mapping[str, tuple[str, ...]] = {}) -> dict[str, list[Any]]:
    """Every row of what is backed up, but for these columns."""
    with engine.connect() as connection:
        return {
            table.name: list(connection.execute(_rows(table, without.get(table.name, ()))))
            for table in backed_up_tables()
        }


def _rows(table: Table, without: tuple[str, ...]) -> Select[Any]:
    columns = [column for column in table.columns if column.name not in without]
    return select(*columns).order_by(*table.primary_key.columns)


def back(folder: Path, written: Written, office: RealOffice, **more: Any) -> None:
    """Restore into a folder that has the keys."""
    if not (folder / "keys").exists():
        shutil.copytree(office.folder / "keys", folder / "keys")
    restore(settings_of(folder), written.file, reason="uji", by="pengelola", clock=office.clock, **more)


def test_every_row_comes_back_in_either_database(
    office: RealOffice, written: Written, tmp_path: Path, postgresql_server: Any
) -> None:
    before = everything(office.core.context.store.engine)
    with postgresql_server.database() as database:
        found = database.parameters
        urls = [
            f"sqlite:///{tmp_path / 'lain.db'}",
            f"postgresql+psycopg://{found['user']}:{found['password']}@127.0.0.1:{found['port']}/{found['dbname']}",
        ]
        for url in urls:
            with opened_backup(written.file, office.core.context.keyring) as reader:
                load(url, reader, lambda _connection: None)
            store = Store(url)
            assert everything(store.engine) == before
            store.close()


def since(revision: str) -> dict[str, tuple[str, ...]]:
    """What came after a revision: tables (no columns) and columns."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        migrate_to(connection, revision)
        found = inspect(connection)
        old = {name: {each["name"] for each in found.get_columns(name)} for name in found.get_table_names()}
    engine.dispose()
    came = {name: tuple(kinds.keys() - old.get(name, set())) for name, kinds in table_kinds().items()}
    return {name: columns if name in old else () for name, columns in came.items() if columns}


def of_another_release(
    written: Written, target: Path, keyring: Keyring, revision: str, without: dict[str, tuple[str, ...]]
) -> Path:
    """The same backup as another release would have made it: without these columns, or these tables (no columns)."""
    with tarfile.open(written.file) as source, tarfile.open(target, "w:gz") as copy:
        members = {member.name: source.extractfile(member).read() for member in source}  # type: ignore[union-attr]
        header, manifest = json.loads(members.pop("header.json")), json.loads(members.pop("manifest.json"))
        header["revision"] = revision
        for table, columns in without.items():
            for column in columns:
                del header["tables"][table][column]
            header["tables"] = {name: kinds for name, kinds in header["tables"].items() if name != table or columns}
        told = {"header.json": canonical(header)}
        for name, content in members.items():
            gone = without.get(name.split("/")[1], ()) if name.startswith("tables/") else ()
            rows = [json.loads(line) for line in content.splitlines()] if gone else []
            cut = [json.dumps({key: value for key, value in row.items() if key not in gone}) + "\n" for row in rows]
            told[name] = "".join(cut).encode() if gone else content
            if gone:
                part = {"sha256": sha256(told[name]).hexdigest(), "size": len(told[name]), "rows": len(rows)}
                manifest["parts"]["/".join(name.split("/")[:2])] = part
        manifest["header_sha256"] = sha256(told["header.json"]).hexdigest()
        unsigned = canonical({name: value for name, value in manifest.items() if name != "mac"})
        manifest["mac"] = keyring.mac("backup-manifest", unsigned).hex()
        for name, content in {**told, "manifest.json": canonical(manifest)}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            copy.addfile(member, io.BytesIO(content))
    return target


def test_one_of_an_older_release_is_restored_and_brought_up_to_date(
    office: RealOffice, written: Written, tmp_path: Path
) -> None:
    """As its rows were: without the tables and columns that came since."""
    keyring = office.core.context.keyring
    came = since(RELEASED)
    file = of_another_release(written, tmp_path / "lama", keyring, RELEASED, came)
    url = f"sqlite:///{tmp_path / 'lama.db'}"
    with opened_backup(file, keyring) as reader:
        load(url, reader, lambda _connection: None)
    store = Store(url)
    assert everything(store.engine, came) == everything(office.core.context.store.engine, came)
    store.close()


def test_an_office_is_not_restored_over_by_mistake(office: RealOffice, written: Written, tmp_path: Path) -> None:
    shutil.copytree(office.folder, tmp_path / "ada", ignore=shutil.ignore_patterns("*.lock"))
    with pytest.raises(WrongState, match="already"):
        back(tmp_path / "ada", written, office)
    back(tmp_path / "ada", written, office, replace=True)
    kept = list((tmp_path / "ada").glob("store.db.*.before-restore"))
    assert len(kept) == 1
    with sqlite3.connect(kept[0]) as former:
        assert former.execute("SELECT count(*) FROM restoration").fetchone() == (0,)


def test_one_that_was_only_prepared_is_empty_but_its_keys_are_others(
    office: RealOffice, written: Written, tmp_path: Path
) -> None:
    prepare(settings_of(tmp_path), office.clock)
    with pytest.raises(BackupBroken, match="do not belong"):
        back(tmp_path, written, office)
    shutil.copy(office.folder / "keys" / "keyring.json", tmp_path / "keys" / "keyring.json")
    back(tmp_path, written, office)


def test_what_is_wrong_is_told_before_anything_is_changed(office: RealOffice, written: Written, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with pytest.raises(ConfigurationError):
        restore(settings, written.file, reason="uji", by="x")
    shutil.copytree(office.folder / "keys", tmp_path / "keys")
    with pytest.raises(WrongState, match="why"):
        restore(settings, written.file, reason=" ", by="x")
    (tmp_path / "putus").write_bytes(written.file.read_bytes()[:-2000])
    with pytest.raises(BackupBroken):
        restore(settings, tmp_path / "putus", reason="uji", by="x")
    lock = LockFile(tmp_path / RUNNER_LOCK)
    lock.take()
    with pytest.raises(WrongState, match="already running"):
        restore(settings, written.file, reason="uji", by="x")
    lock.free()
    assert not (tmp_path / "store.db").exists()


def test_one_of_a_newer_release_is_refused(office: RealOffice, written: Written, tmp_path: Path) -> None:
    shutil.copytree(office.folder / "keys", tmp_path / "keys")
    file = of_another_release(written, tmp_path / "baru", office.core.context.keyring, "9999", {})
    with pytest.raises(BackupBroken, match="newer"):
        restore(settings_of(tmp_path), file, reason="uji", by="x")
    assert not list(tmp_path.glob("store.db*"))


@pytest.mark.parametrize("place", ["_add_rows", "_count_on", "_take_place"])
def test_a_killed_one_leaves_the_database_as_it_was(
    office: RealOffice, written: Written, tmp_path: Path, place: str
) -> None:
    """Killed, in a process of its own, when a part of it has just begun."""
    folder = tmp_path / "ada"
    shutil.copytree(office.folder, folder, ignore=shutil.ignore_patterns("*.lock"))
    before = (folder / "store.db").read_bytes()
    assert callable(getattr(loading, place))
    child = os.fork()
    if child == 0:  # pragma: no cover  (it never returns)
        setattr(loading, place, lambda *_given: os.kill(os.getpid(), signal.SIGKILL))
        with suppress(BaseException):
            restore(settings_of(folder), written.file, reason="uji", by="x", replace=True)
        os._exit(1)
    _, ended = os.waitpid(child, 0)
    assert os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL
    assert (folder / "store.db").read_bytes() == before
    LockFile(folder / RUNNER_LOCK).refuse_if_held()


def test_a_first_password_that_was_not_used_lets_nobody_in_any_more(prepared_office: Path, tmp_path: Path) -> None:
    """The letter may have been used since, and lie about."""
    office = RealOffice(tmp_path / "dulu", prepared_office, MovableClock())
    office.add_official("baru", "it", must_change=True)
    password = office.core.first_passwords.shown("baru")
    assert office.core.sign_in.sign_in("baru", password, address="192.0.2.1")
    back(tmp_path / "baru", write_backup(office.core.context, tmp_path / "satu.backup"), office)
    office.close()
    core = build(settings_of(tmp_path / "baru"), office.clock)
    with pytest.raises(AuthenticationFailed):
        core.sign_in.sign_in("baru", password, address="192.0.2.1")
    core.close()


def test_keys_may_have_been_rotated_since(office: RealOffice, written: Written, tmp_path: Path) -> None:
    shutil.copytree(office.folder / "keys", tmp_path / "keys")
    file = tmp_path / "keys" / "keyring.json"
    Keyring.load(file).rotated().save(file)
    back(tmp_path, written, office)
