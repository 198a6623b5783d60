"""OpenLDAP in other shapes than the usual one, by settings alone: another naming attribute, a place for each region,
POSIX groups.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors import contract
from connectors.contract import Subject
from connectors.contract.subject import DEWI, marker_of, new_account, next_version
from connectors.ldap import LdapConnector
from connectors.ldap_client.changes import added, replaced
from connectors.ldap_client.session import Session
from provisioner.connector import (
    AccountExists,
    Changes,
    ConnectorContext,
    InvalidAttribute,
    ProtocolError,
    RemoteAccount,
    Severity,
    StaleVersion,
)
from tests.servers.directory_tree import PEOPLE, SUFFIX
from tests.servers.slapd import Slapd, private_slapd

KRANGGAN = f"ou=Kranggan,{PEOPLE}"
MAGERSARI = f"ou=Magersari,{PEOPLE}"
POSIX = f"ou=posix,{SUFFIX}"
COUNTER = f"cn=next-uid,{SUFFIX}"
FIRST_NUMBER = 20000
ATTRIBUTES = {"sn": "{full_name}", "displayName": "{display_name}", "title": "{position}", "ou": "{org_unit}"}
SHAPE: dict[str, Any] = {
    "naming_attribute": "cn",
    "attributes": ATTRIBUTES,
    "people_bases": {"35.76": MAGERSARI, "35.76.01": KRANGGAN},
    "search_base": PEOPLE,
    "entitlements": {},
    "posix_group_base": POSIX,
    "posix_entitlements": {"*": ["siak"], "OPERATOR_DAFDUK": ["dafduk"]},
}
"""Accounts are called ``cn=...``, the district 35.76.01 has a place of its own, and the rest of the town another."""
POSIX_SHAPE: dict[str, Any] = {
    "object_classes": ["inetOrgPerson", "posixAccount"],
    "posix_counter": COUNTER,
    "posix_group_number": 5000,
    "posix_home": "/rumah",
}
"""Accounts of Unix machines; these are called ``uid=...``."""
POSIX_GROUPS = ("siak", "dafduk")
MOVED = replace(DEWI, region="35.76.01")
UNIQUE_CN = f'unique_uri "serialize ldap:///{PEOPLE}?cn?sub?(objectClass=inetOrgPerson)"'


@contextmanager
def shaped(folder: Path) -> Iterator[tuple[Slapd, LdapConnector]]:
    with private_slapd(folder, people=0) as directory:
        directory.stop()
        config = folder / "slapd" / "slapd.conf"
        config.write_text(config.read_text().replace("overlay unique\n", f"overlay unique\n{UNIQUE_CN}\n"))
        groups = (
            f"dn: cn={name},{POSIX}\nobjectClass: posixGroup\ncn: {name}\ngidNumber: 5000\n" for name in POSIX_GROUPS
        )
        directory.load("\n".join([*map(_unit, (KRANGGAN, MAGERSARI, POSIX)), *groups]))
        directory.start()
        connector = LdapConnector.from_settings(directory.settings(**SHAPE), ConnectorContext("direktori"))
        try:
            yield directory, connector
        finally:
            connector.close()


def _unit(dn: str) -> str:
    return f"dn: {dn}\nobjectClass: organizationalUnit\nou: {dn.partition(',')[0].removeprefix('ou=')}\n"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[tuple[Slapd, LdapConnector]]:
    with shaped(tmp_path) as ready:
        yield ready


@pytest.fixture
def connector(there: tuple[Slapd, LdapConnector]) -> LdapConnector:
    return there[1]


@pytest.fixture
def subject(there: tuple[Slapd, LdapConnector]) -> Subject:
    return Subject(there[1], add_strangers=None)


class TestCreate(contract.CreateContract):
    """``create``."""


class TestRead(contract.ReadContract):
    """``get`` and ``find``."""


class TestUpdate(contract.UpdateContract):
    """``update``; the profile's new region moves the entry."""


class TestRename(contract.RenameContract):
    """``update`` of the user name."""


class TestDelete(contract.DeleteContract):
    """``delete``."""


class TestEntitle(contract.EntitleContract):
    """Groups."""


class TestRaces(contract.RaceContract):
    """Several at the same time."""


def _place(connector: LdapConnector, username: str = "dewi.lestari") -> str:
    with connector._pool.session() as session:
        entry = connector._directory.by_username(session, username)
    assert entry is not None
    return entry.dn.partition(",")[2]


@pytest.mark.parametrize(
    ("region", "place"), [("35.76.01", KRANGGAN), ("35.76.02", MAGERSARI), ("35.76", MAGERSARI), ("35.16.03", PEOPLE)]
)
def test_an_account_is_created_where_its_region_belongs(connector: LdapConnector, region: str, place: str) -> None:
    connector.create(new_account(profile=replace(DEWI, region=region)))
    assert _place(connector) == place


def test_an_account_moves_with_its_region_and_keeps_id_groups_and_suspension(connector: LdapConnector) -> None:
    created = connector.create(new_account())
    connector.grant(created, "peran-OPERATOR_DAFDUK")
    suspended = connector.update(created, Changes(enabled=False), next_version(created))
    changes = Changes(username="dewi.putri", profile=MOVED)
    moved = connector.update(suspended, changes, next_version(suspended))
    assert _place(connector, "dewi.putri") == KRANGGAN
    assert (moved.remote_id, moved.enabled) == (created.remote_id, False)
    assert moved.entitlements == {"peran-OPERATOR_DAFDUK"}
    assert connector.find(marker_of(created).account_id) == [moved]


def test_a_stale_writer_moves_nothing(connector: LdapConnector) -> None:
    early = connector.create(new_account())
    now = connector.update(early, Changes(), next_version(early))
    with pytest.raises(StaleVersion):
        connector.update(early, Changes(profile=MOVED), next_version(early))
    assert _place(connector) == MAGERSARI
    assert connector.find(marker_of(early).account_id) == [now]


def test_a_worker_that_slept_before_the_move_gives_the_place_back(
    connector: LdapConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = connector.create(new_account())
    rename = Session.rename
    newer: list[RemoteAccount] = []

    def after_a_nap(session: Session, *arguments: Any, **named: Any) -> Any:
        if not newer:
            newer.append(connector.update(early, Changes(), next_version(early)))
        return rename(session, *arguments, **named)

    monkeypatch.setattr(Session, "rename", after_a_nap)
    with pytest.raises(StaleVersion):
        connector.update(early, Changes(profile=MOVED), next_version(early))
    assert _place(connector) == MAGERSARI
    assert connector.find(marker_of(early).account_id) == newer


def test_a_name_is_taken_wherever_it_is(connector: LdapConnector) -> None:
    created = connector.create(new_account())
    with pytest.raises(AccountExists) as refusal:
        connector.create(new_account(profile=MOVED))
    assert refusal.value.marker == created.marker


def test_an_entry_that_somebody_put_elsewhere_stays_there(
    there: tuple[Slapd, LdapConnector],
) -> None:
    directory, connector = there
    directory.stop()
    directory.load(_unit(f"ou=Cuti,{PEOPLE}"))
    directory.start()
    created = connector.create(new_account())
    with connector._pool.session() as session:
        session.rename(f"cn=dewi.lestari,{MAGERSARI}", "cn=dewi.lestari", below=f"ou=Cuti,{PEOPLE}")
    moved = connector.update(created, Changes(profile=MOVED), next_version(created))
    assert _place(connector) == f"ou=Cuti,{PEOPLE}"
    connector.delete(moved)
    assert connector.get("dewi.lestari") is None


def _members(connector: LdapConnector, group: str) -> list[str]:
    with connector._pool.session() as session:
        entry = session.read(f"cn={group},{POSIX}", ["memberUid"])
    assert entry is not None
    return list(entry.values.get("memberuid", ()))


def test_an_account_is_in_groups_of_both_kinds(connector: LdapConnector) -> None:
    created = connector.create(new_account())
    assert connector.entitlements_for(DEWI) == {"posix:siak", "posix:dafduk"}
    for entitlement in ("posix:siak", "peran-OPERATOR_DAFDUK"):
        connector.grant(created, entitlement)
    (seen,) = connector.search()
    assert seen.entitlements == {"posix:siak", "peran-OPERATOR_DAFDUK"}
    assert _members(connector, "siak") == ["dewi.lestari"]
    renamed = connector.update(seen, Changes(username="dewi.putri"), next_version(seen))
    assert renamed.entitlements == seen.entitlements
    assert _members(connector, "siak") == ["dewi.putri"]
    connector.delete(renamed)
    assert _members(connector, "siak") == []


def test_a_membership_that_was_left_under_a_name_is_not_inherited(connector: LdapConnector) -> None:
    with connector._pool.session() as session:
        session.modify(f"cn=siak,{POSIX}", {"memberUid": added("dewi.lestari")})
    created = connector.create(new_account())
    assert created.entitlements == frozenset()
    assert connector.get("dewi.lestari") == created
    assert _members(connector, "siak") == []


def test_a_stale_worker_raises_and_ends_no_posix_membership(connector: LdapConnector) -> None:
    early = connector.create(new_account())
    now = connector.update(early, Changes(), next_version(early))
    with pytest.raises(StaleVersion):
        connector.grant(early, "posix:siak")
    assert _members(connector, "siak") == []
    connector.grant(now, "posix:siak")
    with pytest.raises(StaleVersion):
        connector.revoke(early, "posix:siak")
    with pytest.raises(StaleVersion):
        connector.delete(early)
    assert _members(connector, "siak") == ["dewi.lestari"]


def test_a_worker_that_slept_before_a_grant_takes_the_posix_membership_back(
    connector: LdapConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = connector.create(new_account())
    modify = Session.modify
    newer: list[RemoteAccount] = []

    def after_a_nap(session: Session, dn: str, *arguments: Any) -> Any:
        if dn.endswith(POSIX) and not newer:
            newer.append(connector.update(early, Changes(enabled=False), next_version(early)))
        return modify(session, dn, *arguments)

    monkeypatch.setattr(Session, "modify", after_a_nap)
    with pytest.raises(StaleVersion):
        connector.grant(early, "posix:siak")
    assert _members(connector, "siak") == []


@pytest.mark.parametrize("entitlement", ["posix:there-is-none", "posix:", "posix:\0", "posix:*"])
def test_a_posix_group_that_does_not_exist_is_refused(connector: LdapConnector, entitlement: str) -> None:
    created = connector.create(new_account())
    with pytest.raises(InvalidAttribute):
        connector.grant(created, entitlement)


@pytest.fixture
def unix(tmp_path: Path) -> Iterator[LdapConnector]:
    with private_slapd(tmp_path) as directory:
        directory.stop()
        directory.load(f"dn: {COUNTER}\nobjectClass: device\ncn: next-uid\nserialNumber: {FIRST_NUMBER}\n")
        directory.start()
        connector = LdapConnector.from_settings(directory.settings(**POSIX_SHAPE), ConnectorContext("direktori"))
        yield connector
        connector.close()


def _numbers(connector: LdapConnector) -> dict[str, list[str]]:
    wanted = ["uid", "uidNumber", "gidNumber", "homeDirectory", "loginShell"]
    with connector._pool.session() as session:
        found = session.search(PEOPLE, "(objectClass=posixAccount)", wanted)
    return {entry.first("uid"): [entry.first(name) for name in wanted[1:]] for entry in found}


def test_a_new_account_is_one_of_unix_machines_and_keeps_its_number(unix: LdapConnector) -> None:
    created = unix.create(new_account())
    unix.create(new_account("budi.santoso"))
    assert _numbers(unix)["dewi.lestari"] == ["20000", "5000", "/rumah/dewi.lestari", "/bin/bash"]
    unix.update(created, Changes(username="dewi.putri", profile=MOVED), next_version(created))
    assert {name: values[0] for name, values in _numbers(unix).items()} == {
        "dewi.putri": "20000",
        "budi.santoso": "20001",
    }


def test_no_number_is_given_twice_however_many_create_at_once(unix: LdapConnector) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(unix.create, [new_account(f"orang{number}") for number in range(24)]))
    numbers = sorted(int(values[0]) for values in _numbers(unix).values())
    assert numbers == list(range(FIRST_NUMBER, FIRST_NUMBER + 24))


def test_checking_takes_no_number_and_tells_a_counter_that_cannot_count(unix: LdapConnector) -> None:
    assert not [finding for finding in unix.check() if finding.severity is Severity.ERROR]
    unix.create(new_account())
    assert _numbers(unix)["dewi.lestari"][0] == str(FIRST_NUMBER)
    with unix._pool.session() as session:
        session.modify(COUNTER, {"serialNumber": replaced("many")})
    with pytest.raises(ProtocolError):
        unix.create(new_account("budi.santoso"))
    errors = [finding.message for finding in unix.check() if finding.severity is Severity.ERROR]
    assert any("posix_counter" in message for message in errors)


def test_check_tries_every_place(there: tuple[Slapd, LdapConnector]) -> None:
    directory, connector = there
    assert not [finding for finding in connector.check() if finding.severity is Severity.ERROR]
    with_a_gap = SHAPE | {"people_bases": {"35.76": f"ou=Tiada,{PEOPLE}"}}
    broken = LdapConnector.from_settings(directory.settings(**with_a_gap), ConnectorContext("direktori"))
    errors = [finding.message for finding in broken.check() if finding.severity is Severity.ERROR]
    broken.close()
    assert any("people_bases 35.76" in message for message in errors)


@pytest.mark.parametrize(
    "wrong",
    [
        {"search_base": None},
        {"search_base": f"ou=groups,{SUFFIX}"},
        {"people_bases": {"35.76": "no name"}},
        {"posix_group_base": None},
        {**POSIX_SHAPE},
        {**POSIX_SHAPE, "naming_attribute": "uid", "object_classes": ["inetOrgPerson"]},
        {**POSIX_SHAPE, "naming_attribute": "uid", "attributes": {"sn": "{full_name}", "uidNumber": "{staff_number}"}},
    ],
    ids=str,
)
def test_a_shape_that_cannot_be_held_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    settings = {
        "urls": ["ldaps://localhost"],
        "bind_dn": f"cn=x,{SUFFIX}",
        "bind_password_file": str(tmp_path / "password"),
        "people_base": PEOPLE,
        **SHAPE,
        **wrong,
    }
    settings = {name: value for name, value in settings.items() if value is not None}
    with pytest.raises(ValueError, match=r"people_bases|posix_entitlements|posix_counter|uidNumber"):
        LdapConnector.from_settings(settings, ConnectorContext("direktori"))
