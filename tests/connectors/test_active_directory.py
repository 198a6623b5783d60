"""What is peculiar to Active Directory, on a real Samba domain controller."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.active_directory import ActiveDirectoryConnector
from connectors.active_directory.accounts import DomainAccounts, by_guid
from connectors.active_directory.entry import REMOVAL
from connectors.active_directory.examination import DomainExamination
from connectors.contract.subject import OWN_PASSWORD, PASSWORD, marker_of, new_account, next_version
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import (
    AccountExists,
    Changes,
    ConnectorContext,
    InDoubt,
    Marker,
    Outcome,
    PermissionDenied,
    PolicyViolation,
    RemoteAccount,
    Severity,
    StaleVersion,
    TargetUnavailable,
)
from tests.servers.samba_ad import BIND_DN, OFFICES, ROLE_GROUPS, STRICT, Office, SambaAd, shared_samba_ad

NEVER_EXPIRES = "66048"


@dataclass(frozen=True)
class There:
    """An office's unit, the connector to it, and other connectors on request."""

    office: Office
    connector: ActiveDirectoryConnector
    opened: list[ActiveDirectoryConnector]

    def another(self, call_timeout: float = 10.0, **overrides: Any) -> ActiveDirectoryConnector:
        """A connector with other settings."""
        context = ConnectorContext("ad", call_timeout)
        connector = ActiveDirectoryConnector.from_settings(self.office.settings(**overrides), context)
        self.opened.append(connector)
        return connector

    def set(self, account: RemoteAccount, **values: Any) -> None:
        """Change an account's entry as the administrator."""
        self.office.domain.set(by_guid(account.remote_id), **values)

    def issued(self, username: str = "dewi.lestari") -> RemoteAccount:
        """An account with an initial password."""
        created = self.connector.create(new_account(username))
        return self.connector.set_password(created, PASSWORD, next_version(created, generation=1), must_change=True)

    def now(self, account: RemoteAccount) -> RemoteAccount:
        """The account as it is now."""
        (found,) = self.connector.find(marker_of(account).account_id)
        return found


class FreezesAfterReading(DomainAccounts):
    """The domain controller stops answering between the reading and the writing."""

    def __init__(self, connector: ActiveDirectoryConnector, domain: SambaAd, thawing: contextlib.ExitStack) -> None:
        super().__init__(connector._settings, connector._shape)
        self._domain, self._thawing = domain, thawing

    def locate(self, session: Session, account: RemoteAccount, dn: str | None = None) -> Entry:
        entry = super().locate(session, account, dn)
        self._thawing.enter_context(self._domain.frozen())
        return entry


@pytest.fixture
def there() -> Iterator[There]:
    """An empty unit in the domain of this process."""
    with shared_samba_ad().office() as office:
        connector = ActiveDirectoryConnector.from_settings(office.settings(), ConnectorContext("ad"))
        opened = [connector]
        try:
            yield There(office, connector, opened)
        finally:
            for each in opened:
                each.close()


# Entries


def test_a_new_entry_holds_nothing_but_what_an_account_needs(there: There) -> None:
    account = there.connector.create(new_account(enabled=False))
    entry = there.office.domain.show(by_guid(account.remote_id))
    assert entry["userAccountControl"] == [b"514"]
    assert entry["userPrincipalName"] == [b"dewi.lestari@dinas.test"]
    assert entry["extensionName"] == [str(account.marker).encode()]
    assert entry["pwdLastSet"] == [b"0"]


def test_an_entry_that_was_moved_and_renamed_by_hand_is_still_the_same(there: There) -> None:
    account = there.connector.create(new_account())
    elsewhere = f"OU=pindah,{there.office.dn}"
    there.office.domain.add(elsewhere, "organizationalUnit")
    administrator = there.office.domain.administrator
    assert administrator.modify_dn(there.office.person("dewi.lestari"), "CN=Bu Dewi", new_superior=elsewhere)
    seen = there.connector.get("dewi.lestari")
    assert seen == account
    after = there.connector.update(account, Changes(enabled=False), next_version(account))
    assert not after.enabled
    there.connector.delete(after)
    assert there.connector.get("dewi.lestari") is None
    assert administrator.delete(elsewhere)


def test_a_cn_that_is_in_use_keeps_nobody_from_a_free_user_name(there: There) -> None:
    there.office.domain.add(f"CN=dewi.lestari,{there.office.people}", "contact")
    created = there.connector.create(new_account())
    assert created.username == "dewi.lestari"
    there.connector.delete(created)
    assert there.office.domain.administrator.delete(f"CN=dewi.lestari,{there.office.people}")


def test_a_principal_name_that_somebody_else_has_is_taken(there: There) -> None:
    people = there.office.people
    principal = {"sAMAccountName": "tamu", "userPrincipalName": "dewi.lestari@dinas.test"}
    there.office.domain.add(f"CN=tamu,{people}", "user", **principal)
    with pytest.raises(AccountExists) as refusal:
        there.connector.create(new_account())
    assert refusal.value.marker is None


def test_a_name_that_is_in_use_elsewhere_in_the_domain_is_taken(there: There) -> None:
    with pytest.raises(AccountExists):
        there.connector.create(new_account("administrator"))


def test_a_removal_that_was_cut_off_can_only_be_gone_on_with(there: There) -> None:
    account = there.connector.create(new_account())
    there.set(account, extensionName=str(account.marker) + REMOVAL)
    assert there.now(account) == account
    with pytest.raises(StaleVersion):
        there.connector.update(account, Changes(enabled=True), next_version(account))
    with pytest.raises(StaleVersion):
        there.connector.set_password(account, PASSWORD, next_version(account), must_change=True)
    there.connector.delete(account)
    assert there.connector.get("dewi.lestari") is None


def test_a_membership_through_another_group_is_not_counted(there: There) -> None:
    account = there.connector.create(new_account())
    inner, outer = (f"CN={name},{there.office.groups}" for name in ROLE_GROUPS[:2])
    there.office.domain.set(outer, member=inner)
    there.connector.grant(account, ROLE_GROUPS[0])
    assert there.now(account).entitlements == {ROLE_GROUPS[0]}
    there.office.domain.set(outer, member=None)


# Passwords


def test_a_flag_that_would_let_in_unchanged_is_noticed_before_a_password_is_set(there: There) -> None:
    account = there.connector.create(new_account())
    there.set(account, userAccountControl=NEVER_EXPIRES)
    with pytest.raises(PolicyViolation) as refusal:
        there.connector.set_password(account, PASSWORD, next_version(account, generation=1), must_change=True)
    assert refusal.value.rule == "not-enforced"
    assert there.now(account).marker == account.marker
    assert there.connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.REJECTED


def test_nobody_is_let_in_whose_first_change_would_not_be_enforced(there: There) -> None:
    account = there.issued()
    suspended = there.connector.update(account, Changes(enabled=False), next_version(account))
    there.set(account, userAccountControl=str(int(NEVER_EXPIRES) + 2))
    with pytest.raises(PolicyViolation) as refusal:
        there.connector.update(suspended, Changes(enabled=True), next_version(suspended))
    assert refusal.value.rule == "not-enforced"
    assert not there.now(account).enabled


def test_every_reason_for_a_refused_sign_in_is_understood(there: There) -> None:
    account = there.issued()
    there.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    reasons = {"accountExpires": ("1", Outcome.EXPIRED), "logonHours": (bytes(21), Outcome.LOCKED)}
    for attribute, (value, outcome) in reasons.items():
        before = there.office.domain.show(by_guid(account.remote_id), attribute).get(attribute)
        there.set(account, **{attribute: value})
        assert there.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is outcome
        there.set(account, **{attribute: before[0] if before else None})
    there.set(account, userAccountControl="514")
    assert there.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.LOCKED
    assert there.connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.REJECTED


def test_a_new_initial_password_ends_the_lock_after_wrong_ones(there: There) -> None:
    account = there.issued()
    for number in range(5):
        assert there.connector.authenticate("dewi.lestari", f"salah-{number}").outcome is Outcome.REJECTED
    assert there.connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.LOCKED
    with pytest.raises(PermissionDenied):
        there.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    there.connector.set_password(account, OWN_PASSWORD, next_version(account, generation=2), must_change=True)
    assert there.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.MUST_CHANGE


def test_wrong_old_passwords_of_a_change_count_towards_the_lock(there: There) -> None:
    there.issued()
    for number in range(5):
        with pytest.raises(PermissionDenied):
            there.connector.change_password("dewi.lestari", f"salah-{number}", OWN_PASSWORD)
    assert there.connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.LOCKED


def test_a_fine_grained_policy_decides_for_whom_it_applies_to(there: There) -> None:
    account = there.issued()
    there.office.domain.set(STRICT, **{"msDS-PSOAppliesTo": there.office.person("dewi.lestari")})
    readable = there.another(**_as_administrator(there))
    with pytest.raises(PolicyViolation) as short:
        readable.change_password("dewi.lestari", PASSWORD, "Dua-belas-12")
    assert short.value.rule == "too-short"
    readable.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    with pytest.raises(PolicyViolation) as young:
        readable.change_password("dewi.lestari", OWN_PASSWORD, "Yang ketiga hari ini 3")
    assert young.value.rule == "too-young"
    told = [finding for finding in readable.check() if STRICT.lower() in finding.message.lower()]
    assert "at least 14 characters" in told[0].message
    hidden = [finding for finding in there.connector.check() if STRICT.lower() in finding.message.lower()]
    assert [finding.severity for finding in hidden] == [Severity.WARNING]
    there.office.domain.set(STRICT, **{"msDS-PSOAppliesTo": None})
    assert there.now(account).must_change is False


def _as_administrator(there: There) -> dict[str, Any]:
    from tests.servers.samba_ad import ADMINISTRATOR, ADMINISTRATOR_PASSWORD

    file = there.office.domain.folder / "administrator.password"
    file.write_text(ADMINISTRATOR_PASSWORD)
    file.chmod(0o600)
    return {"bind_dn": ADMINISTRATOR, "bind_password_file": str(file)}


def test_the_last_sign_in_is_reported_once_there_was_one(there: There) -> None:
    account = there.issued()
    there.connector.authenticate("dewi.lestari", PASSWORD)
    assert there.connector.last_sign_in(account) is None
    there.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    assert there.connector.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.ACCEPTED
    when = there.connector.last_sign_in(account)
    assert when is not None
    assert abs(datetime.now(UTC) - when) < timedelta(minutes=5)


def test_a_password_is_not_kept_in_an_idle_connection(there: There) -> None:
    there.issued()
    there.connector.change_password("dewi.lestari", PASSWORD, OWN_PASSWORD)
    idle = there.connector._pool._idle
    assert idle
    for session in idle:
        kept = repr(vars(session._connection)) + repr(vars(session._connection.strategy))
        for password in (PASSWORD, OWN_PASSWORD):
            assert password not in kept
            assert repr(password.encode("utf-16-le"))[2:-1] not in kept


# The way there


def test_an_authority_that_is_not_trusted_is_refused(there: There, tmp_path: Path) -> None:
    from tests.servers.certificates import write_certificates

    stranger = there.another(ca_file=str(write_certificates(tmp_path).ca))
    with pytest.raises(TargetUnavailable):
        stranger.get("dewi.lestari")


def test_the_plain_port_is_used_with_starttls_only(there: There) -> None:
    upgraded = there.another(urls=[there.office.domain.ldap_url])
    created = upgraded.create(new_account())
    assert upgraded.set_password(created, PASSWORD, next_version(created, generation=1), must_change=True).must_change


def test_a_password_without_an_answer_is_in_doubt_and_seen_in_the_marker_afterwards(there: There) -> None:
    account = there.connector.create(new_account())
    marker = next_version(account, generation=1)
    hasty = there.another(call_timeout=1.0)
    with contextlib.ExitStack() as thawing:
        hasty._accounts = FreezesAfterReading(hasty, there.office.domain, thawing)
        with pytest.raises(InDoubt):
            hasty.set_password(account, PASSWORD, marker, must_change=True)
    # Whoever asks next is answered after it.
    seen = there.now(account)
    assert seen.marker in (account.marker, marker)
    if seen.marker == marker:
        assert there.connector.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.MUST_CHANGE


# Taking an entry over

MINE, THEIRS = Marker("a" * 32, 1), Marker("b" * 32, 1)
ONE_VALUE: dict[str, Any] = {"marker_attribute": "employeeNumber", "attributes": {"sn": "{full_name}"}}


def _stranger(there: There, connector: ActiveDirectoryConnector, name: str = "tamu") -> RemoteAccount:
    there.office.add_people([name])
    stranger = connector.get(name)
    assert stranger is not None
    return stranger


@pytest.mark.parametrize("settings", [{}, ONE_VALUE])
def test_an_entry_that_somebody_takes_over_at_the_last_moment_stays_theirs(
    there: There, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]
) -> None:
    connector, quicker = there.another(**settings), there.another(**settings)
    stranger = _stranger(there, connector)
    locate = connector._accounts.locate

    def found_too_early(session: Session, account: RemoteAccount, dn: str | None = None) -> Entry:
        monkeypatch.undo()
        found = locate(session, account, dn)
        quicker.adopt(stranger, THEIRS)
        return found

    monkeypatch.setattr(connector._accounts, "locate", found_too_early)
    with pytest.raises(StaleVersion):
        connector.adopt(stranger, MINE)
    (theirs,) = connector.find(THEIRS.account_id)
    assert theirs == replace(stranger, marker=THEIRS)
    assert connector.find(MINE.account_id) == []
    connector.delete(connector.update(theirs, Changes(enabled=False), next_version(theirs)))
    assert connector.get("tamu") is None


def test_other_values_of_the_markers_attribute_stay_where_there_is_room(there: There) -> None:
    several = there.connector
    stranger = _stranger(there, several)
    there.set(stranger, extensionName="lemari 3", employeeNumber="lemari 3")
    with pytest.raises(PermissionDenied, match="something else"):
        there.another(**ONE_VALUE).adopt(stranger, MINE)
    several.adopt(stranger, MINE)
    entry = there.office.domain.show(by_guid(stranger.remote_id))
    assert {b"lemari 3", str(MINE).encode()} < set(entry["extensionName"])
    assert entry["employeeNumber"] == [b"lemari 3"]


def test_what_is_no_persons_entry_among_the_accounts_is_not_taken_over(there: There) -> None:
    there.office.domain.add(f"CN=kelompok,{there.office.people}", "group", sAMAccountName="kelompok")
    for name in ("kelompok", "Administrator"):
        entry = there.connector.get(name)
        assert entry is not None
        with pytest.raises(PermissionDenied, match=r"group|not below"):
            there.connector.adopt(entry, MINE)
        assert there.connector.get(name) == entry


# check


def test_a_domain_in_order_is_told_as_such(there: There) -> None:
    findings = there.connector.check()
    assert {finding.severity for finding in findings} == {Severity.OK}
    assert {finding.subject for finding in findings} == {"reachable", "certificate", "rights", "clock", "policy"}
    messages = [finding.message for finding in findings]
    assert "an old password is dead as soon as it was changed" in messages
    assert any("at least 10 characters, three kinds of them, not the last 3" in message for message in messages)
    assert list(there.connector.search()) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"marker_attribute": "info"}, "people may write info"),
        ({"marker_attribute": "noSuchAttribute"}, "the schema has no noSuchAttribute"),
        ({"group_base": f"OU=nowhere,{OFFICES}"}, "is not there"),
        ({"attributes": {"sn": "{full_name}", "nomorPegawai": "{staff_number}"}}, "creating an entry"),
        ({"people_base": BIND_DN.partition(",")[2]}, "creating an entry"),
    ],
)
def test_a_setting_that_does_not_fit_the_domain_is_told(there: There, settings: dict[str, Any], words: str) -> None:
    told = [finding.message for finding in there.another(**settings).check() if finding.severity is Severity.ERROR]
    assert any(words in message for message in told), told


def test_groups_that_the_service_account_may_not_change_are_told(there: There) -> None:
    foreign = there.another(group_base="CN=Users,DC=dinas,DC=test")
    told = [finding.message for finding in foreign.check() if finding.severity is Severity.ERROR]
    assert any("may not change the members of CN=Domain Admins" in message for message in told)


def test_clocks_that_differ_are_told(there: There) -> None:
    connector = there.connector
    for apart, expected in ((timedelta(seconds=30), Severity.WARNING), (timedelta(hours=1), Severity.ERROR)):
        examination = DomainExamination(
            connector._settings, connector._pool, connector._shape, (datetime.now(UTC) + apart).replace
        )
        (finding,) = (finding for finding in examination._features() if finding.subject == "clock")
        assert finding.severity is expected


def test_an_old_password_that_goes_on_signing_in_is_told_with_the_remedy(tmp_path: Path) -> None:
    domain = SambaAd(tmp_path / "dc", old_password_minutes=60)
    try:
        domain.start()
        with domain.office() as office:
            connector = ActiveDirectoryConnector.from_settings(office.settings(), ConnectorContext("ad"))
            told = [finding for finding in connector.check() if finding.severity is Severity.ERROR]
            connector.close()
    finally:
        domain.close()
    assert [finding.message for finding in told] == [
        "a password still signs in after it was changed, beside the new one"
    ]
    assert "old password allowed period = 0" in told[0].remedy
