"""What only 389 Directory Server does, on a real one: the first change, suspension, removal, its policy."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.contract.subject import (
    DEWI,
    OWN_PASSWORD,
    PASSWORD,
    cheap_argon2id,
    marker_of,
    new_account,
    next_version,
)
from connectors.ds389 import Ds389Connector
from connectors.ds389.pbkdf2 import is_verifier
from connectors.ds389.sign_in import REASONS, rule_of
from connectors.ldap_client.changes import removed, swapped
from connectors.ldap_client.names import child, rdn
from connectors.ldap_client.password_policy import RULES
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import (
    Changes,
    ConnectorError,
    InvalidAttribute,
    Marker,
    Outcome,
    PermissionDenied,
    PolicyViolation,
    RemoteAccount,
    Severity,
    StaleVersion,
    UnknownAccount,
    Verifier,
)
from tests.connectors.ds389_trees import connected
from tests.servers.ds389 import BIND_DN, Tree, shared_ds389

NAME = "dewi.lestari"
MINE = Marker("a" * 32, 1, 1)


@pytest.fixture
def tree() -> Tree:
    """An empty part of the directory."""
    return shared_ds389().fresh_tree()


@pytest.fixture
def connector(tree: Tree) -> Iterator[Ds389Connector]:
    with connected(tree) as ready:
        yield ready


def _with_password(connector: Ds389Connector, password: str = PASSWORD) -> RemoteAccount:
    return connector.create(new_account(verifier=connector.make_verifier(password), generation=1))


# Verifiers and the first change


def test_a_verifier_is_what_the_server_would_have_stored_itself(tree: Tree, connector: Ds389Connector) -> None:
    verifier = connector.make_verifier(PASSWORD)
    assert verifier.scheme == "pbkdf2-sha512"
    assert verifier.text.startswith("{PBKDF2-SHA512}1000$")
    assert is_verifier(verifier.text)
    assert PASSWORD not in repr(verifier)
    assert connector.make_verifier(PASSWORD).text != verifier.text
    created = connector.create(new_account(verifier=verifier))
    assert created.must_change
    assert "passwordExpirationTime: 19700101000000Z" in tree.directory.show(tree.person(NAME))


@pytest.mark.parametrize("text", [PASSWORD, "{CLEAR}" + PASSWORD, "{PBKDF2-SHA512}1000$AAAA$AAAA", "{SSHA}AAAA"])
def test_what_is_no_verifier_is_never_sent(connector: Ds389Connector, text: str) -> None:
    with pytest.raises(InvalidAttribute) as refusal:
        connector.create(new_account(verifier=Verifier("pbkdf2-sha512", text)))
    assert text not in str(refusal.value)
    with pytest.raises(InvalidAttribute):
        connector.create(new_account(verifier=cheap_argon2id(PASSWORD)))


def test_an_application_lets_nobody_in_before_the_first_change(tree: Tree, connector: Ds389Connector) -> None:
    _with_password(connector)
    person = tree.person(NAME)
    assert tree.directory.read_own_entry(person, PASSWORD) is None
    connector.change_password(NAME, PASSWORD, OWN_PASSWORD)
    assert f"uid: {NAME}" in (tree.directory.read_own_entry(person, OWN_PASSWORD) or "")
    assert tree.directory.read_own_entry(person, PASSWORD) is None


def test_a_password_reset_at_the_help_desk_demands_the_change_too(tree: Tree, connector: Ds389Connector) -> None:
    created = _with_password(connector)
    connector.change_password(NAME, PASSWORD, OWN_PASSWORD)
    tree.directory.reset_password(tree.person(NAME), "Meja bantuan 2026")
    assert connector.authenticate(NAME, "Meja bantuan 2026").outcome is Outcome.MUST_CHANGE
    assert connector.find(marker_of(created).account_id)[0].must_change


def test_a_recorded_change_never_becomes_a_demand_again(connector: Ds389Connector) -> None:
    # The server demands the change of what we set shortly after it has answered; that must not win the race.
    account = _with_password(connector)
    for round_ in range(12):
        own = f"{OWN_PASSWORD} {round_}"
        changes = Changes(verifier=connector.make_verifier(own), must_change=False)
        account = connector.update(account, changes, next_version(account))
        assert account.must_change is False
    assert connector.authenticate(NAME, own).outcome is Outcome.ACCEPTED
    seen = connector.get(NAME)
    assert seen == account


def test_the_first_change_can_be_demanded_again_without_another_password(connector: Ds389Connector) -> None:
    account = _with_password(connector)
    connector.change_password(NAME, PASSWORD, OWN_PASSWORD)
    account = connector.update(account, Changes(must_change=True), next_version(account))
    assert connector.authenticate(NAME, OWN_PASSWORD).outcome is Outcome.MUST_CHANGE
    connector.update(account, Changes(must_change=False), next_version(account))
    assert connector.authenticate(NAME, OWN_PASSWORD).outcome is Outcome.ACCEPTED


# A policy that would not enforce the first change


def test_an_account_is_left_suspended_where_the_first_change_is_not_enforced(
    tree: Tree, connector: Ds389Connector
) -> None:
    new = new_account(verifier=connector.make_verifier(PASSWORD), generation=1)
    with tree.directory.configured(passwordMustChange="off"), pytest.raises(PolicyViolation) as refusal:
        connector.create(new)
    assert refusal.value.rule == "not-enforced"
    (left,) = connector.find(new.marker.account_id)
    assert not left.enabled
    assert left.marker == new.marker
    assert connector.authenticate(NAME, PASSWORD).outcome is Outcome.REJECTED


def test_a_reset_is_refused_where_the_first_change_is_not_enforced(tree: Tree, connector: Ds389Connector) -> None:
    account = _with_password(connector)
    connector.change_password(NAME, PASSWORD, OWN_PASSWORD)
    before = connector.get(NAME)
    reset = Changes(verifier=connector.make_verifier(PASSWORD), must_change=True)
    with tree.directory.configured(passwordMustChange="off"), pytest.raises(PolicyViolation) as refusal:
        connector.update(account, reset, next_version(account, generation=2))
    assert refusal.value.rule == "not-enforced"
    assert connector.get(NAME) == before
    assert connector.authenticate(NAME, OWN_PASSWORD).outcome is Outcome.ACCEPTED


def test_the_servers_own_word_counts_and_not_only_the_policy_that_was_named(tree: Tree) -> None:
    # Another entry is named as the policy, which says on; the one in force says off.
    other = f"cn=said,{tree.base}"
    policy = "objectClass: extensibleObject\ncn: said\npasswordMustChange: on\npasswordChange: on"
    tree.directory.add([f"dn: {other}\n{policy}\n"])
    with connected(tree, policy=other) as connector:
        settled = connector.create(new_account("budi.santoso", verifier=connector.make_verifier(PASSWORD)))
        with tree.directory.configured(passwordMustChange="off"):
            new = new_account(verifier=connector.make_verifier(PASSWORD))
            with pytest.raises(PolicyViolation):
                connector.create(new)
            reset = Changes(verifier=connector.make_verifier(PASSWORD), must_change=True)
            with pytest.raises(PolicyViolation):
                connector.update(settled, reset, next_version(settled, generation=1))
        assert [found.enabled for found in connector.search()] == [False, False]


def test_the_policy_of_the_entry_itself_counts_before_the_servers(tree: Tree, connector: Ds389Connector) -> None:
    account = _with_password(connector)
    connector.change_password(NAME, PASSWORD, OWN_PASSWORD)
    lax = f"cn=lax,{tree.base}"
    values = "objectClass: ldapsubentry\nobjectClass: passwordPolicy\nobjectClass: extensibleObject\ncn: lax"
    tree.directory.add([f"dn: {lax}\n{values}\npasswordMustChange: off\npasswordAdminDN: {BIND_DN}\n"])
    tree.directory.set(tree.person(NAME), pwdpolicysubentry=lax)
    reset = Changes(verifier=connector.make_verifier(PASSWORD), must_change=True)
    with pytest.raises(PolicyViolation) as refusal:
        connector.update(account, reset, next_version(account, generation=2))
    assert refusal.value.rule == "not-enforced"
    assert connector.authenticate(NAME, OWN_PASSWORD).outcome is Outcome.ACCEPTED
    tree.directory.set(lax, passwordMustChange="on")
    connector.update(account, reset, next_version(account, generation=2))
    assert connector.authenticate(NAME, PASSWORD).outcome is Outcome.MUST_CHANGE


def test_withheld_no_initial_password_is_written(tree: Tree) -> None:
    with connected(tree, withheld=True) as connector:
        assert not connector.enforces_first_change()
        new = new_account(verifier=connector.make_verifier(PASSWORD))
        with pytest.raises(PolicyViolation):
            connector.create(new)
        (left,) = connector.find(new.marker.account_id)
        assert (left.enabled, left.must_change) == (False, None)


# The person's own change


@pytest.mark.parametrize(
    ("password", "rule"),
    [("pendek", "too-short"), (PASSWORD, "in-history"), ("semua huruf kecil saja", "quality")],
)
def test_a_refused_password_is_refused_with_its_rule(connector: Ds389Connector, password: str, rule: str) -> None:
    _with_password(connector)
    with pytest.raises(PolicyViolation) as refusal:
        connector.change_password(NAME, PASSWORD, password)
    assert refusal.value.rule == rule
    assert password not in str(refusal.value)


def test_a_password_that_is_too_young_may_not_be_changed(tree: Tree, connector: Ds389Connector) -> None:
    _with_password(connector)
    tree.directory.set("cn=config", passwordMinAge="3600")
    try:
        connector.change_password(NAME, PASSWORD, OWN_PASSWORD)
        with pytest.raises(PolicyViolation) as refusal:
            connector.change_password(NAME, OWN_PASSWORD, OWN_PASSWORD + " lagi")
    finally:
        tree.directory.set("cn=config", passwordMinAge="0")
    assert refusal.value.rule == "too-young"


def test_every_reason_of_the_server_is_a_rule_of_the_port() -> None:
    assert set(REASONS.values()) == set(RULES.values())
    assert rule_of("something else") is None


def test_too_many_wrong_passwords_lock_out_until_the_account_is_resumed(connector: Ds389Connector) -> None:
    account = _with_password(connector)
    for _ in range(3):
        assert connector.authenticate(NAME, OWN_PASSWORD).outcome is Outcome.REJECTED
    assert connector.authenticate(NAME, PASSWORD).outcome is Outcome.LOCKED
    seen = connector.get(NAME)
    assert seen is not None
    assert seen.enabled
    connector.update(account, Changes(enabled=True), next_version(account))
    assert connector.authenticate(NAME, PASSWORD).outcome is Outcome.MUST_CHANGE


# Suspension


def test_a_suspension_survives_a_password_reset_at_the_help_desk(tree: Tree, connector: Ds389Connector) -> None:
    account = _with_password(connector)
    suspended = connector.update(account, Changes(enabled=False), next_version(account))
    tree.directory.reset_password(tree.person(NAME), "Meja bantuan 2026")
    assert connector.authenticate(NAME, "Meja bantuan 2026").outcome is Outcome.REJECTED
    assert tree.directory.read_own_entry(tree.person(NAME), "Meja bantuan 2026") is None
    assert connector.find(marker_of(suspended).account_id) == [suspended]


def test_a_connection_opened_before_a_suspension_lives_on(tree: Tree, connector: Ds389Connector) -> None:
    account = _with_password(connector)
    connector.change_password(NAME, PASSWORD, OWN_PASSWORD)
    with connector._pool.signed_in(tree.person(NAME), OWN_PASSWORD.encode()) as (session, _):
        connector.update(account, Changes(enabled=False), next_version(account))
        assert session.read(tree.person(NAME), ["uid"]) is not None
    assert connector.open_session_limit() is None
    with connected(tree, open_session_seconds=600) as limited:
        limit = limited.open_session_limit()
    assert limit is not None
    assert limit.total_seconds() == 600


# Removal on condition of the marker


def _parked(tree: Tree, connector: Ds389Connector, marker: str) -> str:
    """Leave an entry as a removal would that was cut off after it had put this marker into the name."""
    name = "+".join((rdn("uid", NAME), rdn("carLicense", marker)))
    with connector._pool.session() as session:
        session.expect(session.rename(tree.person(NAME), name), "parking")
    return child(name, tree.people)


def test_while_an_entry_is_being_removed_nobody_can_change_its_marker(tree: Tree, connector: Ds389Connector) -> None:
    account = connector.create(new_account())
    parked = _parked(tree, connector, str(account.marker))
    with connector._pool.session() as session:
        answer = session.modify(parked, {"carLicense": swapped(str(account.marker), str(next_version(account)))})
    assert answer.description == "notAllowedOnRDN"


def test_a_removal_that_was_cut_off_is_finished_by_the_next(tree: Tree, connector: Ds389Connector) -> None:
    account = connector.create(new_account())
    _parked(tree, connector, str(account.marker))
    assert connector.find(marker_of(account).account_id) == [account]
    assert connector.get(NAME) == account
    connector.delete(account)
    assert list(connector.search()) == []


def test_a_writer_takes_an_entry_back_from_a_removal_that_was_cut_off(tree: Tree, connector: Ds389Connector) -> None:
    account = connector.create(new_account())
    _parked(tree, connector, str(account.marker))
    moved = replace(DEWI, full_name="Dewi Lestari H. Putri")
    after = connector.update(account, Changes(profile=moved), next_version(account))
    assert after.profile["full_name"] == "Dewi Lestari H. Putri"
    assert f"dn: {tree.person(NAME)}" in tree.directory.show(tree.person(NAME))
    with pytest.raises(StaleVersion):
        connector.delete(account)
    assert connector.get(NAME) == after


def test_a_late_removal_that_was_cut_off_leaves_a_newer_entry_as_it_was(tree: Tree, connector: Ds389Connector) -> None:
    account = connector.create(new_account())
    newer = connector.update(account, Changes(), next_version(account))
    _parked(tree, connector, str(account.marker))
    assert connector.find(marker_of(account).account_id) == [newer]
    with pytest.raises(StaleVersion):
        connector.delete(account)
    newest = connector.update(newer, Changes(), next_version(newer))
    assert tree.directory.show(tree.person(NAME), "carLicense").count("carLicense: ") == 1
    connector.delete(newest)
    assert connector.get(NAME) is None


# Names and groups


# Taking an entry over


def _stranger(tree: Tree, connector: Ds389Connector) -> RemoteAccount:
    tree.add_people([NAME])
    stranger = connector.get(NAME)
    assert stranger is not None
    return stranger


def test_a_removal_of_an_entry_that_was_taken_over_is_finished_too(tree: Tree, connector: Ds389Connector) -> None:
    account = connector.adopt(_stranger(tree, connector), MINE)
    _parked(tree, connector, str(account.marker))
    assert connector.find(MINE.account_id) == [account]
    connector.delete(account)
    assert connector.get(NAME) is None


def test_an_entry_that_was_taken_over_is_taken_back_from_a_removal(tree: Tree, connector: Ds389Connector) -> None:
    account = connector.adopt(_stranger(tree, connector), MINE)
    _parked(tree, connector, str(account.marker))
    changed = connector.update(account, Changes(enabled=False), next_version(account))
    assert connector.get(NAME) == changed
    assert not changed.enabled


def test_an_entry_whose_marker_somebody_removed_is_not_taken_over_again(tree: Tree, connector: Ds389Connector) -> None:
    connector.adopt(_stranger(tree, connector), MINE)
    with connector._pool.session() as session:
        session.expect(session.modify(tree.person(NAME), {"carLicense": removed(str(MINE))}), "spoiling")
    unmarked = connector.get(NAME)
    assert unmarked is not None
    with pytest.raises(PermissionDenied, match="by hand"):
        connector.adopt(unmarked, MINE)
    assert connector.get(NAME) == unmarked


def test_an_entry_that_somebody_takes_over_at_the_last_moment_stays_theirs(
    tree: Tree, connector: Ds389Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = _stranger(tree, connector)
    locate = connector._directory.locate
    theirs = Marker("b" * 32, 1)

    def found_too_early(session: Session, account: RemoteAccount, dn: str | None = None) -> Entry:
        monkeypatch.undo()
        found = locate(session, account, dn)
        with connected(tree) as quicker:
            quicker.adopt(stranger, theirs)
        return found

    monkeypatch.setattr(connector._directory, "locate", found_too_early)
    with pytest.raises(StaleVersion):
        connector.adopt(stranger, MINE)
    assert connector.get(NAME) == replace(stranger, marker=theirs)
    assert connector.find(MINE.account_id) == []


def test_an_entry_that_took_the_place_at_the_last_moment_is_given_back(
    tree: Tree, connector: Ds389Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = _stranger(tree, connector)
    locate = connector._directory.locate

    def found_too_early(session: Session, account: RemoteAccount, dn: str | None = None) -> Entry:
        monkeypatch.undo()
        found = locate(session, account, dn)
        session.expect(session.delete(found.dn), "removing it")
        tree.add_people([NAME])
        return found

    monkeypatch.setattr(connector._directory, "locate", found_too_early)
    with pytest.raises(UnknownAccount):
        connector.adopt(stranger, MINE)
    successor = connector.get(NAME)
    assert successor == replace(stranger, remote_id=successor.remote_id if successor else "")
    assert "carLicense" not in shared_ds389().show(tree.person(NAME), "carLicense", "uid")


def test_a_name_elsewhere_in_the_directory_is_taken(tree: Tree) -> None:
    tree.add_people(["dewi.lestari"])
    with connected(tree, people_base=tree.add_unit("other"), search_base=tree.base) as connector:
        with pytest.raises(ConnectorError) as refusal:
            connector.create(new_account())
        assert type(refusal.value).__name__ == "AccountExists"


def test_an_account_moves_with_its_region_and_keeps_its_groups(tree: Tree) -> None:
    kranggan = tree.add_unit("kranggan")
    with connected(tree, people_bases={"35.76.01": kranggan}, search_base=tree.base) as connector:
        created = connector.create(new_account())
        connector.grant(created, "peran-OPERATOR_DAFDUK")
        changes = Changes(profile=replace(DEWI, region="35.76.01"))
        moved = connector.update(created, changes, next_version(created))
        assert (moved.remote_id, moved.entitlements) == (created.remote_id, frozenset({"peran-OPERATOR_DAFDUK"}))
        assert f"uid: {NAME}" in tree.directory.show(f"uid={NAME},{kranggan}", "uid")
        assert not [finding for finding in connector.check() if finding.severity is Severity.ERROR]
        connector.delete(moved)
        assert list(connector.search()) == []


def test_a_missing_group_is_made_without_a_placeholder(tree: Tree) -> None:
    with connected(tree, create_groups=True, group_placeholder=None) as connector:
        account = connector.create(new_account())
        connector.grant(account, "peran-BARU")
        (seen,) = connector.search()
        assert seen.entitlements == {"peran-BARU"}
        connector.revoke(account, "peran-BARU")
        (seen,) = connector.search()
        assert seen.entitlements == frozenset()
