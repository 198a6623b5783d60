"""Creating, changing and removing entries in a real OpenLDAP: whole, conditionally, and never somebody else's."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.contract.subject import DEWI, marker_of
from connectors.ldap_client.session import Session
from provisioner.connector import (
    AccountExists,
    Changes,
    InvalidAttribute,
    Marker,
    NewAccount,
    Outcome,
    PermissionDenied,
    PolicyViolation,
    RemoteAccount,
    StaleVersion,
    UnknownAccount,
)
from tests.connectors.directories import (
    BIND_DN,
    OWN_PASSWORD,
    PASSWORD,
    PEOPLE,
    POLICY,
    Office,
    cheap_argon2id,
    new_account,
    next_version,
    office,
)


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as ready:
        yield ready


def issued(username: str = "dewi.lestari", *, enabled: bool = True) -> NewAccount:
    return new_account(username, verifier=cheap_argon2id(PASSWORD), generation=1, enabled=enabled)


def test_the_entry_is_created_whole_in_one_add(tmp_path: Path) -> None:
    new = issued()
    with office(tmp_path, last_bind=False) as there:
        there.connector.create(new)
    log = there.directory.dump()
    assert log.count("reqType: add") == 1
    assert "reqType: modify" not in log
    for written in (f"carLicense:+ {new.marker}", "userPassword:+ {ARGON2}$argon2id$", "pwdReset:+ TRUE"):
        assert f"reqMod: {written}" in log


def test_empty_fields_leave_their_attributes_out(there: Office) -> None:
    there.connector.create(replace(issued(), profile=replace(DEWI, mail="", phone="  ", position="")))
    shown = there.commands.show("dewi.lestari")
    assert "cn: Dewi Lestari Handayani" in shown
    assert not any(f"\n{name}:" in shown for name in ("mail", "telephoneNumber", "title"))


def test_classes_naming_attribute_and_templates_are_settings(there: Office) -> None:
    changed: dict[str, Any] = {
        "object_classes": ["inetOrgPerson", "simpleSecurityObject"],
        "naming_attribute": "cn",
        "attributes": {"sn": "{full_name}", "uid": "{staff_number}", "o": "Dispendukcapil", "l": "{role} {region}"},
        "marker_attribute": "employeeNumber",
        "disabled_attribute": "employeeType",
    }
    connector = there.another(**changed)
    created = connector.create(issued())
    assert created.profile == {"full_name": "Dewi Lestari Handayani", "staff_number": "199203152019032004"}
    found = there.commands.modify(
        f"dn: cn=dewi.lestari,{PEOPLE}\nchangetype: modify\nadd: l\nl: OPERATOR_DAFDUK 35.76.02\n"
    )
    assert found.code == 20
    connector.close()


def test_attributes_of_one_field_that_disagree_show_as_a_difference(there: Office) -> None:
    created = there.connector.create(issued())
    there.commands.set(f"uid=dewi.lestari,{PEOPLE}", sn="Handayani")
    read = there.connector.get("dewi.lestari")
    assert read is not None
    assert created.profile["full_name"] != read.profile["full_name"]
    repaired = there.connector.update(read, Changes(profile=DEWI), next_version(read))
    assert repaired.profile == created.profile


def test_a_policy_that_enforces_nothing_leaves_the_entry_suspended_from_its_first_moment(tmp_path: Path) -> None:
    new = issued()
    with office(tmp_path, policy={"pwdMustChange": "FALSE"}, last_bind=False) as there:
        with pytest.raises(PolicyViolation) as refusal:
            there.connector.create(new)
        assert refusal.value.rule == "not-enforced"
        (left,) = there.connector.find(new.marker.account_id)
        assert (left.marker, left.enabled) == (new.marker, False)
        there.directory.stop()
        assert "reqType: modify" not in there.directory.dump()
        there.directory.start()
        assert there.commands.read_own_entry("dewi.lestari", PASSWORD).code == 49


def test_once_the_policy_is_right_the_suspended_entry_is_let_in_and_not_before(tmp_path: Path) -> None:
    with office(tmp_path, policy={"pwdMustChange": "FALSE"}) as there:
        new = issued()
        with pytest.raises(PolicyViolation):
            there.connector.create(new)
        (left,) = there.connector.find(new.marker.account_id)
        with pytest.raises(PolicyViolation):
            there.connector.update(left, Changes(enabled=True), next_version(left))
        assert there.connector.find(new.marker.account_id) == [left]
        there.commands.set(POLICY, pwdMustChange="TRUE")
        assert there.connector.update(left, Changes(enabled=True), next_version(left)).enabled
        assert there.connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE


def test_a_reset_that_would_not_be_enforced_changes_nothing(there: Office) -> None:
    created = there.connector.create(issued())
    there.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    there.commands.set(POLICY, pwdMustChange="FALSE")
    reset = Changes(verifier=cheap_argon2id(PASSWORD), must_change=True)
    with pytest.raises(PolicyViolation) as refusal:
        there.connector.update(created, reset, next_version(created, generation=2))
    assert refusal.value.rule == "not-enforced"
    assert there.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.ACCEPTED


def test_a_policy_that_users_may_not_obey_counts_as_not_enforced(tmp_path: Path) -> None:
    with office(tmp_path, policy={"pwdAllowUserChange": "FALSE"}) as there, pytest.raises(PolicyViolation):
        there.connector.create(issued())


def test_a_policy_that_is_not_there_counts_as_not_enforced(tmp_path: Path) -> None:
    with office(tmp_path, {"policy": f"cn=none,{PEOPLE}"}) as there, pytest.raises(PolicyViolation):
        there.connector.create(issued())


def test_a_first_change_that_cannot_be_read_back_counts_as_not_enforced(tmp_path: Path) -> None:
    with office(tmp_path, rules=f'access to attrs=pwdReset by dn.exact="{BIND_DN}" =w by * none') as there:
        new = issued()
        with pytest.raises(PolicyViolation):
            there.connector.create(new)
        (left,) = there.connector.find(new.marker.account_id)
        assert (left.marker, left.enabled) == (new.marker, False)


def test_another_policy_on_the_entry_is_the_one_that_counts(there: Office) -> None:
    lax = f"cn=lax,ou=policies,{POLICY.partition('ou=policies,')[2]}"
    classes = "objectClass: device\nobjectClass: pwdPolicy\npwdAttribute: userPassword"
    added = there.commands.modify(f"dn: {lax}\nchangetype: add\n{classes}\ncn: lax\npwdMustChange: FALSE\n")
    assert added.code == 0, added.output
    created = there.connector.create(issued())
    there.commands.set(f"uid=dewi.lestari,{PEOPLE}", pwdPolicySubentry=lax)
    reset = Changes(verifier=cheap_argon2id(OWN_PASSWORD), must_change=True)
    with pytest.raises(PolicyViolation):
        there.connector.update(created, reset, next_version(created, generation=2))


def test_a_pinned_policy_is_written_into_the_entry(there: Office) -> None:
    connector = there.another(pin_policy=True)
    connector.create(issued())
    assert f"pwdPolicySubentry: {POLICY}" in there.commands.show("dewi.lestari")
    connector.close()


def test_a_name_in_use_anywhere_below_the_search_base_is_taken(there: Office) -> None:
    suffix = PEOPLE.partition(",")[2]
    stranger = f"dn: uid=Dewi.Lestari,ou=services,{suffix}\nchangetype: add\nobjectClass: account\nuid: Dewi.Lestari\n"
    assert there.commands.modify(stranger).code == 0
    connector = there.another(search_base=suffix)
    seen = connector.get("dewi.lestari")
    assert seen is not None
    assert (seen.marker, seen.username) == (None, "Dewi.Lestari")
    connector.close()


def test_the_same_account_under_a_second_name_is_refused_by_the_directory(there: Office) -> None:
    new = issued()
    created = there.connector.create(new)
    with pytest.raises(AccountExists) as refusal:
        there.connector.create(replace(new, username="dewi.l"))
    assert (refusal.value.marker, refusal.value.remote_id) == (new.marker, created.remote_id)


def test_a_marker_on_two_entries_is_found_twice(tmp_path: Path) -> None:
    with office(tmp_path, unique=False) as there:
        new = issued()
        there.connector.create(new)
        there.connector.create(replace(new, username="dewi.l"))
        assert {each.username for each in there.connector.find(new.marker.account_id)} == {"dewi.lestari", "dewi.l"}


def test_an_attribute_the_server_refuses_is_told_in_the_cores_words(there: Office) -> None:
    with pytest.raises(InvalidAttribute) as refusal:
        there.connector.create(replace(issued(), profile=replace(DEWI, mail="désirée@example.id")))
    assert refusal.value.attribute == "mail"
    with pytest.raises(InvalidAttribute) as refusal:
        there.connector.create(replace(issued(), profile=replace(DEWI, full_name="")))
    assert refusal.value.attribute == "full_name"


@pytest.mark.parametrize("bad", ["a\0b", "\ud800"])
def test_nul_and_broken_unicode_are_refused_before_anything_is_sent(there: Office, bad: str) -> None:
    with pytest.raises(InvalidAttribute) as refusal:
        there.connector.create(replace(issued(), profile=replace(DEWI, position=bad)))
    assert refusal.value.attribute == "position"
    created = there.connector.create(issued())
    with pytest.raises(InvalidAttribute):
        there.connector.update(created, Changes(profile=replace(DEWI, org_unit=bad)), next_version(created))
    assert list(there.connector.search()) == [created]


@pytest.mark.parametrize("name", ["o'brien, dewi", "#1", 'a"b\\c+d;e<f>g=h', " x", "x ", "dewi*", "(dewi)", "déwi"])
def test_where_the_office_allows_odd_user_names_they_work_everywhere(there: Office, name: str) -> None:
    connector = there.another(username_pattern="(?s).*")
    created = connector.create(new_account(name, verifier=cheap_argon2id(PASSWORD)))
    assert connector.get(name) == created
    connector.grant(created, "peran-OPERATOR_DAFDUK")
    assert connector.authenticate(name, PASSWORD).outcome is Outcome.MUST_CHANGE
    renamed = connector.update(created, Changes(username=f"{name}2"), next_version(created))
    assert renamed.entitlements == {"peran-OPERATOR_DAFDUK"}
    connector.revoke(renamed, "peran-OPERATOR_DAFDUK")
    connector.delete(renamed)
    assert list(connector.search()) == []
    connector.close()


def test_a_rename_that_only_changes_case_keeps_the_entry(there: Office) -> None:
    connector = there.another(username_pattern="[A-Za-z.]+")
    created = connector.create(issued())
    renamed = connector.update(created, Changes(username="Dewi.Lestari"), next_version(created))
    assert (renamed.username, renamed.remote_id) == ("Dewi.Lestari", created.remote_id)
    connector.close()


def test_an_entry_that_was_moved_by_hand_is_still_the_accounts(there: Office) -> None:
    created = there.connector.create(issued())
    unit = f"dn: ou=loket,{PEOPLE}\nchangetype: add\nobjectClass: organizationalUnit\nou: loket\n\n"
    move = "changetype: modrdn\nnewrdn: uid=dewi.lestari\ndeleteoldrdn: 1\n"
    moved = there.commands.modify(f"{unit}dn: uid=dewi.lestari,{PEOPLE}\n{move}newsuperior: ou=loket,{PEOPLE}\n")
    assert moved.code == 0, moved.output
    suspended = there.connector.update(created, Changes(enabled=False), next_version(created))
    assert (suspended.enabled, suspended.remote_id) == (False, created.remote_id)
    renamed = there.connector.update(suspended, Changes(username="dewi.l"), next_version(suspended))
    there.connector.delete(renamed)
    assert there.connector.find(marker_of(created).account_id) == []


def test_of_two_writers_at_once_exactly_one_wins_every_round(there: Office) -> None:
    current = there.connector.create(issued())
    account_id = marker_of(current).account_id

    def write(position: str) -> RemoteAccount | None:
        profile = replace(DEWI, position=position)
        try:
            return there.connector.update(current, Changes(profile=profile), next_version(current))
        except StaleVersion:
            return None

    with ThreadPoolExecutor(2) as pool:
        for _ in range(30):
            won = [done for done in pool.map(write, ("pertama", "kedua")) if done]
            (current,) = there.connector.find(account_id)
            assert won == [current]


def test_a_stale_rename_with_a_reset_changes_nothing_at_all(there: Office) -> None:
    early = there.connector.create(issued(enabled=False))
    now = there.connector.update(early, Changes(), next_version(early))
    stale = Changes(username="dewi.l", verifier=cheap_argon2id(OWN_PASSWORD), must_change=True)
    with pytest.raises(StaleVersion):
        there.connector.update(early, stale, Marker(marker_of(early).account_id, 9, 9))
    assert list(there.connector.search()) == [now]


def test_a_refused_change_gives_a_renamed_entry_its_old_name_back(there: Office) -> None:
    created = there.connector.create(issued())
    refused = Changes(username="dewi.l", profile=replace(DEWI, mail="désirée@example.id"))
    with pytest.raises(InvalidAttribute):
        there.connector.update(created, refused, next_version(created))
    assert list(there.connector.search()) == [created]


def test_a_writer_that_slept_before_its_rename_gives_the_name_back(
    there: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = there.connector.create(issued())
    newer = next_version(early)
    rename = Session.rename

    def sleepy(session: Session, dn: str, rdn: str, read_before: Sequence[str], **further: Any) -> Any:
        if rdn == "uid=dewi.l":
            there.commands.set(f"uid=dewi.lestari,{PEOPLE}", carLicense=str(newer))
        return rename(session, dn, rdn, read_before, **further)

    monkeypatch.setattr(Session, "rename", sleepy)
    with pytest.raises(StaleVersion):
        there.connector.update(early, Changes(username="dewi.l"), next_version(early))
    assert list(there.connector.search()) == [replace(early, marker=newer)]


def test_a_writer_that_had_read_the_old_name_is_stale_even_before_the_marker_moved(there: Office) -> None:
    created = there.connector.create(issued())
    renamed = f"dn: uid=dewi.lestari,{PEOPLE}\nchangetype: modrdn\nnewrdn: uid=dewi.l\ndeleteoldrdn: 1\n"
    assert there.commands.modify(renamed).code == 0
    with pytest.raises(StaleVersion):
        there.connector.update(created, Changes(enabled=False), next_version(created))
    read = there.connector.get("dewi.l")
    assert read is not None
    assert not there.connector.update(read, Changes(enabled=False), next_version(read)).enabled


def test_an_entry_removed_by_somebody_else_is_unknown_to_an_update(there: Office) -> None:
    created = there.connector.create(issued())
    assert there.commands.modify(f"dn: uid=dewi.lestari,{PEOPLE}\nchangetype: delete\n").code == 0
    with pytest.raises(UnknownAccount):
        there.connector.update(created, Changes(username="dewi.l"), next_version(created))


def test_a_missing_right_is_told_as_such(there: Office) -> None:
    weak = there.another(people_base=f"ou=policies,{PEOPLE.partition(',')[2]}", bind_dn=f"uid=dewi.lestari,{PEOPLE}")
    there.connector.create(issued())
    there.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    there.directory.bind_password_file.write_text(OWN_PASSWORD)
    with pytest.raises(PermissionDenied):
        weak.create(new_account("budi", verifier=None))
    weak.close()


def test_reading_a_thousand_entries_holds_no_more_than_a_page(tmp_path: Path) -> None:
    with office(tmp_path, {"page_size": 100}, people=1000) as there:
        found = there.connector.search()
        first = next(found)
        assert first.marker is None
        assert sum(1 for _ in found) == 999


def test_a_reading_that_is_given_up_does_not_spoil_the_connection(tmp_path: Path) -> None:
    with office(tmp_path, {"page_size": 50}, people=300) as there:
        for _ in range(5):
            found = there.connector.search()
            next(found)
            del found
        assert there.connector.get("orang000299") is not None


def test_a_base_that_is_not_there_never_looks_like_an_empty_one(tmp_path: Path) -> None:
    with office(tmp_path, {"people_base": f"ou=nowhere,{PEOPLE}"}) as there:
        for call in (
            lambda: there.connector.get("dewi.lestari"),
            lambda: there.connector.find("id"),
            lambda: list(there.connector.search()),
            lambda: there.connector.create(new_account()),
        ):
            with pytest.raises(PermissionDenied, match="ou=nowhere"):
                call()
