"""OpenLDAP in other shapes than the usual one, by settings alone: another naming attribute, a place for each region."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.ldap import LdapConnector
from connectors.ldap_client.session import Session
from provisioner.connector import AccountExists, Changes, ConnectorContext, RemoteAccount, Severity, StaleVersion
from tests.connectors import contract
from tests.connectors.contract import Subject
from tests.connectors.contract.subject import DEWI, marker_of, new_account, next_version
from tests.servers.directory_tree import PEOPLE, SUFFIX
from tests.servers.slapd import Slapd, private_slapd

KRANGGAN = f"ou=Kranggan,{PEOPLE}"
MAGERSARI = f"ou=Magersari,{PEOPLE}"
ATTRIBUTES = {"sn": "{full_name}", "displayName": "{display_name}", "title": "{position}", "ou": "{org_unit}"}
SHAPE: dict[str, Any] = {
    "naming_attribute": "cn",
    "attributes": ATTRIBUTES,
    "people_bases": {"35.76": MAGERSARI, "35.76.01": KRANGGAN},
    "search_base": PEOPLE,
}
"""Accounts are called ``cn=...``, the district 35.76.01 has a place of its own, and the rest of the town another."""
MOVED = replace(DEWI, region="35.76.01")
UNIQUE_CN = f'unique_uri "serialize ldap:///{PEOPLE}?cn?sub?(objectClass=inetOrgPerson)"'


@contextmanager
def shaped(folder: Path) -> Iterator[tuple[Slapd, LdapConnector]]:
    with private_slapd(folder, people=0) as directory:
        directory.stop()
        config = folder / "slapd" / "slapd.conf"
        config.write_text(config.read_text().replace("overlay unique\n", f"overlay unique\n{UNIQUE_CN}\n"))
        directory.load("\n".join(_unit(dn) for dn in (KRANGGAN, MAGERSARI)))
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
    ],
    ids=str,
)
def test_places_that_would_not_be_searched_are_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    settings = {
        "urls": ["ldaps://localhost"],
        "bind_dn": f"cn=x,{SUFFIX}",
        "bind_password_file": str(tmp_path / "password"),
        "people_base": PEOPLE,
        **SHAPE,
        **wrong,
    }
    settings = {name: value for name, value in settings.items() if value is not None}
    with pytest.raises(ValueError, match="people_bases"):
        LdapConnector.from_settings(settings, ConnectorContext("direktori"))
