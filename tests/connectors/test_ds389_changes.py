"""What changed in 389 Directory Server, on a real one: what its log tells, and when it tells nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.contract.subject import PASSWORD, new_account, next_version
from connectors.contract.telling_changes import now, told
from connectors.ds389 import Ds389Connector
from connectors.ds389.changes import Place
from provisioner.connector import Changes, ChangesUnknown, ConnectorContext
from tests.connectors.ds389_trees import connected
from tests.servers.ds389 import BIND_DN, ROLE_GROUPS, Tree, shared_ds389
from tests.servers.slapd import private_slapd


@pytest.fixture
def tree() -> Tree:
    """An empty part of the directory."""
    return shared_ds389().fresh_tree()


@pytest.fixture
def connector(tree: Tree) -> Iterator[Ds389Connector]:
    """The connector to it."""
    with connected(tree) as ready:
        yield ready


def test_only_what_changed_is_named(tree: Tree, connector: Ds389Connector) -> None:
    tree.add_people([f"tamu{number}" for number in range(5)])
    start = now(connector)
    account, going = connector.create(new_account()), connector.create(new_account("pergi"))
    news = told(connector, start)
    assert (set(news.changed), news.complete) == ({account.remote_id, going.remote_id}, False)
    connector.delete(going)
    news = told(connector, news.cursor)
    assert (set(news.changed), news.gone) == (set(), {going.remote_id})
    assert (told(connector, news.cursor).changed, told(connector, news.cursor).gone) == ({}, set())


def test_a_change_of_the_password_alone_is_told_although_the_log_does_not_hold_it(connector: Ds389Connector) -> None:
    account = connector.create(new_account())
    start = now(connector)
    verifier = connector.make_verifier(PASSWORD)
    changed = connector.update(account, Changes(verifier=verifier, must_change=True), next_version(account))
    assert told(connector, start).changed == {account.remote_id: changed}


def test_a_membership_that_somebody_else_gives_or_takes_is_told_of_the_account(
    tree: Tree, connector: Ds389Connector
) -> None:
    account = connector.create(new_account())
    start, group = now(connector), f"cn={ROLE_GROUPS[0]},ou=groups,{tree.base}"
    tree.directory.set(group, member=tree.person("dewi.lestari"))
    news = told(connector, start)
    assert news.changed[account.remote_id].entitlements == {ROLE_GROUPS[0]}
    tree.directory.set(group, member=f"cn=nobody,{tree.base}")
    assert told(connector, news.cursor).changed == {account.remote_id: account}


def test_somebody_elses_change_of_a_posix_group_is_a_reason_to_read_everything(tree: Tree) -> None:
    place = f"ou=unix,{tree.base}"
    allowed = f'allow (all) userdn="ldap:///{BIND_DN}"'
    rules = f'aci: (targetattr="*")(version 3.0; acl "unix"; {allowed};)\n'
    unit = f"dn: {place}\nobjectClass: organizationalUnit\nou: unix\n{rules}"
    group = f"dn: cn=petugas,{place}\nobjectClass: posixGroup\ncn: petugas\ngidNumber: 700\n"
    tree.directory.add([unit, group])
    with connected(tree, posix_group_base=place, posix_entitlements={"*": ["petugas"]}) as connector:
        account, start = connector.create(new_account()), now(connector)
        connector.grant(account, "posix:petugas")
        news = told(connector, start)
        assert news.changed == {}
        changed = connector.update(account, Changes(enabled=False), next_version(account))
        assert told(connector, news.cursor).changed == {account.remote_id: changed}
        assert changed.entitlements == {"posix:petugas"}
        tree.directory.set(f"cn=petugas,{place}", memberUid="")
        with pytest.raises(ChangesUnknown) as unknown:
            told(connector, news.cursor)
    assert unknown.value.reason == "memberships"


def test_a_cursor_of_another_start_or_from_the_future_is_refused(connector: Ds389Connector) -> None:
    connector.create(new_account())
    prefix, started, last, cookie = now(connector).split(":")
    for place in (["-1", last], [started, str(int(last) + 1000)]):
        with pytest.raises(ChangesUnknown) as unknown:
            told(connector, ":".join((prefix, *place, cookie)))
        assert unknown.value.reason == "cursor"


def test_a_log_must_not_have_been_cut_behind_the_cursor() -> None:
    before, here = Place("020261129064028", 7), Place("020261129064028", 9)
    assert before.leads_to(here, first=8)
    assert not before.leads_to(here, first=9)


def test_a_server_that_was_started_anew_does_not_know_the_cursor(tree: Tree, connector: Ds389Connector) -> None:
    start = now(connector)
    tree.directory.stop()
    tree.directory.start()
    with pytest.raises(ChangesUnknown) as unknown:
        told(connector, start)
    assert unknown.value.reason == "cursor"
    start = now(connector)
    account = connector.create(new_account())
    assert told(connector, start).changed == {account.remote_id: account}


def test_without_the_log_nothing_can_be_told(tmp_path: Path) -> None:
    """Of a server that has none, by any name."""
    with private_slapd(tmp_path, sync="") as other:
        wanted = {"urls", "ca_file", "bind_dn", "bind_password_file", "people_base"}
        settings = {name: value for name, value in other.settings().items() if name in wanted}
        connector = Ds389Connector.from_settings(settings, ConnectorContext("direktori"))
        assert connector.cursor() is None
        with pytest.raises(ChangesUnknown) as unknown:
            told(connector, str(Place("020261129064028", 7, (b"anything",))))
        connector.close()
    assert unknown.value.reason == "unsupported"
