"""Groups: conditional on the account's marker, and never without a member."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.contract.subject import marker_of
from provisioner.connector import (
    Changes,
    InvalidAttribute,
    PermissionDenied,
    RemoteAccount,
    StaleVersion,
    UnknownAccount,
)
from tests.connectors.directories import GROUPS, PEOPLE, PLACEHOLDER, Office, new_account, next_version, office

ROLE = "peran-OPERATOR_DAFDUK"
GROUP = f"cn={ROLE},{GROUPS}"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as ready:
        yield ready


def entitlements(there: Office, account: RemoteAccount) -> frozenset[str]:
    (read,) = there.connector.find(marker_of(account).account_id)
    return read.entitlements


def test_the_last_member_leaves_the_placeholder_behind(there: Office) -> None:
    created = there.connector.create(new_account())
    there.connector.grant(created, ROLE)
    there.commands.modify(f"dn: {GROUP}\nchangetype: modify\ndelete: member\nmember: {PLACEHOLDER}\n")
    there.connector.revoke(created, ROLE)
    assert entitlements(there, created) == frozenset()
    there.connector.revoke(created, ROLE)
    there.connector.grant(created, ROLE)
    assert entitlements(there, created) == {ROLE}


def test_a_stale_worker_raises_no_rights_again(there: Office) -> None:
    early = there.connector.create(new_account())
    there.connector.update(early, Changes(enabled=False), next_version(early))
    with pytest.raises(StaleVersion):
        there.connector.grant(early, ROLE)
    assert entitlements(there, early) == frozenset()


def test_a_worker_that_slept_before_its_write_takes_the_membership_back(
    there: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = there.connector.create(new_account())
    groups = there.connector._groups
    add = groups._add

    def sleepy(*arguments: Any) -> Any:
        there.commands.set(f"uid=dewi.lestari,{PEOPLE}", carLicense=str(next_version(early)))
        return add(*arguments)

    monkeypatch.setattr(groups, "_add", sleepy)
    with pytest.raises(StaleVersion):
        there.connector.grant(early, ROLE)
    assert entitlements(there, early) == frozenset()


def test_a_stale_worker_takes_no_rights_away(there: Office) -> None:
    early = there.connector.create(new_account())
    there.connector.grant(early, ROLE)
    there.connector.update(early, Changes(), next_version(early))
    with pytest.raises(StaleVersion):
        there.connector.revoke(early, ROLE)
    assert entitlements(there, early) == {ROLE}


def test_a_group_that_is_missing_is_told_by_name(there: Office) -> None:
    created = there.connector.create(new_account())
    with pytest.raises(InvalidAttribute, match="peran-SUPERVISOR"):
        there.connector.grant(created, "peran-SUPERVISOR")
    there.connector.revoke(created, "peran-SUPERVISOR")


def test_a_missing_group_is_created_where_the_settings_say_so(there: Office) -> None:
    connector = there.another(create_groups=True)
    created = connector.create(new_account())
    connector.grant(created, "peran-SUPERVISOR, kota")
    connector.grant(created, "peran-SUPERVISOR, kota")
    assert entitlements(there, created) == {"peran-SUPERVISOR, kota"}
    connector.close()


def test_an_account_that_is_gone_is_granted_nothing_and_has_nothing_to_lose(there: Office) -> None:
    created = there.connector.create(new_account())
    there.connector.delete(created)
    with pytest.raises(UnknownAccount):
        there.connector.grant(created, ROLE)
    there.connector.revoke(created, ROLE)


def test_a_deleted_account_is_no_member_any_more(there: Office) -> None:
    created = there.connector.create(new_account())
    there.connector.grant(created, ROLE)
    there.connector.delete(created)
    again = there.connector.create(new_account())
    assert again.entitlements == frozenset()


def test_groups_elsewhere_are_none_of_ours(there: Office) -> None:
    created = there.connector.create(new_account())
    other = f"cn=arisan,{PEOPLE.partition(',')[2]}"
    member = f"uid=dewi.lestari,{PEOPLE}"
    added = there.commands.modify(
        f"dn: {other}\nchangetype: add\nobjectClass: groupOfNames\ncn: arisan\nmember: {member}\n"
    )
    assert added.code == 0, added.output
    assert entitlements(there, created) == frozenset()


def test_without_groups_in_the_settings_nothing_is_granted(there: Office) -> None:
    connector = there.another(group_base=None, group_placeholder=None, entitlements=None)
    created = connector.create(new_account())
    with pytest.raises(InvalidAttribute):
        connector.grant(created, ROLE)
    connector.close()


def test_a_stranger_is_granted_nothing(tmp_path: Path) -> None:
    with office(tmp_path, people=1) as there:
        stranger = there.connector.get("orang000000")
        assert stranger is not None
        with pytest.raises(PermissionDenied):
            there.connector.grant(stranger, ROLE)
