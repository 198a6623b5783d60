"""What changed in Active Directory, on a real Samba domain controller: what no other connector could tell."""

import base64
from collections.abc import Iterator

import pytest
from ldap3 import MODIFY_ADD, MODIFY_DELETE

from connectors.active_directory import ActiveDirectoryConnector
from connectors.contract.subject import new_account
from connectors.contract.telling_changes import now, told
from provisioner.connector import ChangesUnknown, ConnectorContext
from tests.servers.samba_ad import ADMINISTRATOR, ADMINISTRATOR_PASSWORD, ROLE_GROUPS, Office, shared_samba_ad


@pytest.fixture
def office() -> Iterator[Office]:
    """An empty unit in the domain of this process."""
    with shared_samba_ad().office() as made:
        yield made


@pytest.fixture
def connector(office: Office) -> Iterator[ActiveDirectoryConnector]:
    """The connector to it."""
    made = ActiveDirectoryConnector.from_settings(office.settings(), ConnectorContext("ad"))
    yield made
    made.close()


def test_what_the_administrator_gives_and_takes_is_told_of_the_account(
    office: Office, connector: ActiveDirectoryConnector
) -> None:
    account = connector.create(new_account())
    start = now(connector)
    join(office, "dewi.lestari", MODIFY_ADD)
    news = told(connector, start)
    assert news.changed[account.remote_id].entitlements == {ROLE_GROUPS[0]}
    join(office, "dewi.lestari", MODIFY_DELETE)
    news = told(connector, news.cursor)
    assert {one.username: one.entitlements for one in news.changed.values()} == {"dewi.lestari": frozenset()}


def test_an_account_of_an_awkward_name_that_was_moved_away_is_gone(
    office: Office, connector: ActiveDirectoryConnector
) -> None:
    account, administrator = connector.create(new_account()), office.domain.administrator
    start = now(connector)
    assert administrator.modify_dn(office.person("dewi.lestari"), r"CN=Dewi Lestari\, A.Md. (Keçamatan) *")
    news = told(connector, start)
    assert news.changed[account.remote_id] == account
    assert administrator.modify_dn(office.person("dewi.lestari"), r"CN=dewi.lestari", new_superior=office.dn)
    assert told(connector, news.cursor).gone == {account.remote_id}
    assert administrator.modify_dn(f"CN=dewi.lestari,{office.dn}", "CN=dewi.lestari", new_superior=office.people)


def test_a_removed_account_is_told_to_a_service_account_that_sees_it(
    office: Office, connector: ActiveDirectoryConnector
) -> None:
    file = office.domain.folder / "administrator.password"
    file.write_text(ADMINISTRATOR_PASSWORD)
    settings = office.settings(bind_dn=ADMINISTRATOR, bind_password_file=str(file))
    seeing = ActiveDirectoryConnector.from_settings(settings, ConnectorContext("ad"))
    account = connector.create(new_account())
    start = now(seeing)
    connector.delete(account)
    assert told(seeing, start).gone == {account.remote_id}
    assert not told(connector, start).gone
    seeing.close()


@pytest.mark.parametrize("moved", [False, True])
def test_a_group_with_another_name_or_place_is_a_reason_to_read_everything(
    office: Office, connector: ActiveDirectoryConnector, moved: bool
) -> None:
    start, administrator = now(connector), office.domain.administrator
    above = office.dn if moved else office.groups
    assert administrator.modify_dn(f"CN={ROLE_GROUPS[0]},{office.groups}", "CN=lain", new_superior=above)
    try:
        with pytest.raises(ChangesUnknown) as unknown:
            told(connector, start)
    finally:
        assert administrator.modify_dn(f"CN=lain,{above}", f"CN={ROLE_GROUPS[0]}", new_superior=office.groups)
    assert unknown.value.reason == "memberships"


def test_members_of_a_new_group_are_told(office: Office, connector: ActiveDirectoryConnector) -> None:
    account = connector.create(new_account())
    start, group = now(connector), f"CN=baru,{office.groups}"
    office.domain.add(group, "group", member=office.person("dewi.lestari"))
    assert told(connector, start).changed[account.remote_id].entitlements == {"baru"}
    assert office.domain.administrator.delete(group)


def test_a_cursor_of_another_domain_controller_or_of_a_newer_state_is_refused(
    connector: ActiveDirectoryConnector,
) -> None:
    prefix, replica, highest, cookie = now(connector).split(":")
    another = replica[:-1] + ("0" if replica[-1] != "0" else "1")
    for cursor in ((prefix, another, highest, cookie), (prefix, replica, str(int(highest) + 1), cookie)):
        with pytest.raises(ChangesUnknown) as unknown:
            told(connector, ":".join(cursor))
        assert unknown.value.reason == "cursor"
    spoilt = base64.b64encode(b"rubbish").decode()
    with pytest.raises(ChangesUnknown):
        told(connector, f"{prefix}:{replica}:{highest}:{spoilt}")


def test_many_changes_at_once_are_all_told(office: Office, connector: ActiveDirectoryConnector) -> None:
    start = now(connector)
    names = {f"tamu{number}" for number in range(101)}
    office.add_people(names)
    assert {account.username for account in told(connector, start).changed.values()} == names


def join(office: Office, username: str, how: str) -> None:
    administrator = office.domain.administrator
    group = f"CN={ROLE_GROUPS[0]},{office.groups}"
    assert administrator.modify(group, {"member": [(how, [office.person(username)])]}), administrator.result
