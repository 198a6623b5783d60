"""What ``check`` tells an administrator, and that it leaves nothing behind."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.ldap.examination import Examination
from provisioner.connector import Finding, Severity
from tests.connectors.directories import BIND_DN, GROUPS, PEOPLE, PLACEHOLDER, POLICY, Office, office


def worst(findings: list[Finding]) -> set[tuple[str, Severity]]:
    return {(finding.subject, finding.severity) for finding in findings if finding.severity is not Severity.OK}


def people(there: Office) -> str:
    """What the directory holds, without its access log."""
    return there.directory.dump().partition("dn: cn=log\n")[0]


def test_a_directory_in_order_has_only_good_findings_of_every_kind(tmp_path: Path) -> None:
    with office(tmp_path, certificate_days=90) as there:
        findings = there.connector.check()
        assert worst(findings) == set()
        assert {finding.subject for finding in findings} == {"reachable", "certificate", "rights", "clock", "policy"}
        assert "probe-" not in people(there)


@pytest.mark.parametrize(("days", "severity"), [(20, Severity.WARNING), (5, Severity.ERROR)])
def test_a_certificate_near_its_end_is_told(tmp_path: Path, days: int, severity: Severity) -> None:
    with office(tmp_path, certificate_days=days) as there:
        assert ("certificate", severity) in worst(there.connector.check())


@pytest.mark.parametrize(
    ("policy", "severity"),
    [
        ({"pwdMustChange": "FALSE"}, Severity.ERROR),
        ({"pwdAllowUserChange": "FALSE"}, Severity.ERROR),
        ({"pwdLockout": "FALSE"}, Severity.WARNING),
        ({"pwdMinLength": "4"}, Severity.WARNING),
        ({"pwdCheckQuality": "1"}, Severity.WARNING),
    ],
)
def test_a_weak_policy_is_told_with_its_remedy(tmp_path: Path, policy: dict[str, str], severity: Severity) -> None:
    with office(tmp_path, policy=policy) as there:
        found = [finding for finding in there.connector.check() if finding.severity is severity]
        assert {finding.subject for finding in found if finding.subject != "certificate"} == {"policy"}
        assert any(next(iter(policy)) in finding.remedy for finding in found)


@pytest.mark.parametrize(
    ("settings", "subject"),
    [
        ({"policy": f"cn=none,{PEOPLE}"}, "policy"),
        ({"policy": None}, "policy"),
        ({"people_base": f"ou=nowhere,{PEOPLE}"}, "rights"),
        ({"search_base": f"ou=nowhere,{PEOPLE}"}, "rights"),
        ({"group_base": f"ou=nowhere,{GROUPS}"}, "rights"),
        ({"group_placeholder": f"cn=nowhere,{GROUPS}"}, "rights"),
        ({"object_classes": ["noSuchClass"]}, "rights"),
        ({"attributes": {"cn": "{full_name}", "sn": "{full_name}", "nomorPegawai": "{staff_number}"}}, "rights"),
        ({"disabled_attribute": "employeeType"}, "rights"),
    ],
)
def test_a_setting_that_does_not_fit_the_directory_is_told(
    tmp_path: Path, settings: dict[str, Any], subject: str
) -> None:
    with office(tmp_path, settings, certificate_days=90) as there:
        assert subject in {name for name, _ in worst(there.connector.check())}
        assert "probe-" not in people(there)


def test_a_policy_in_the_settings_that_is_not_the_servers_is_found_out_by_trying(tmp_path: Path) -> None:
    with office(tmp_path, policy={"pwdMustChange": "FALSE"}) as there:
        strict = f"cn=strict,{POLICY.partition(',')[2]}"
        lines = "objectClass: device\nobjectClass: pwdPolicy\npwdAttribute: userPassword\npwdMustChange: TRUE\n"
        assert there.commands.modify(f"dn: {strict}\nchangetype: add\ncn: strict\n{lines}").code == 0
        connector = there.another(policy=strict)
        told = [finding.message for finding in connector.check() if finding.severity is Severity.ERROR]
        assert told == ["an initial password gives access before it was changed"]
        connector.close()
        pinned = there.another(policy=strict, pin_policy=True)
        assert [finding for finding in pinned.check() if finding.severity is Severity.ERROR] == []
        pinned.close()


def test_missing_rights_on_groups_are_told(tmp_path: Path) -> None:
    rule = f'access to dn.subtree="{GROUPS}" by * read'
    with office(tmp_path, rules=rule, certificate_days=90) as there:
        refused = [finding for finding in there.connector.check() if finding.severity is Severity.ERROR]
        assert len(refused) == 4
        assert all("members" in finding.message for finding in refused)


@pytest.mark.parametrize("attribute", ["carLicense", "pwdReset", "businessCategory"])
def test_missing_rights_on_what_we_must_write_are_told(tmp_path: Path, attribute: str) -> None:
    rule = f'access to attrs={attribute} by dn.exact="{BIND_DN}" read by * none'
    with office(tmp_path, rules=rule, certificate_days=90) as there:
        assert ("rights", Severity.ERROR) in worst(there.connector.check())


def test_clocks_that_differ_are_told(tmp_path: Path) -> None:
    with office(tmp_path) as there:
        for apart, expected in ((timedelta(seconds=30), Severity.WARNING), (timedelta(hours=1), Severity.ERROR)):
            assert clock_finding(there, apart).severity is expected


def clock_finding(there: Office, apart: timedelta) -> Finding:
    connector = there.connector
    examination = Examination(
        connector._settings,
        connector._pool,
        connector._directory,
        connector._shape,
        clock=lambda: datetime.now(UTC) + apart,
    )
    (finding,) = (finding for finding in examination.findings() if finding.subject == "clock")
    return finding


def test_a_password_file_for_everybody_is_told(tmp_path: Path) -> None:
    with office(tmp_path, certificate_days=90) as there:
        there.directory.bind_password_file.chmod(0o644)
        assert worst(there.connector.check()) == {("rights", Severity.WARNING)}


def test_without_the_probe_nothing_is_written(tmp_path: Path) -> None:
    with office(tmp_path, {"probe": False}, certificate_days=90, last_bind=False) as there:
        assert worst(there.connector.check()) == set()
        there.directory.stop()
        assert "reqType" not in there.directory.dump()


def test_a_probe_that_was_left_behind_is_removed_by_the_next_check(tmp_path: Path) -> None:
    with office(tmp_path) as there:
        there.directory.stop()
        old = "objectClass: inetOrgPerson\ncn: Probe\nsn: Probe\ncarLicense: siak-provisioner-probe\n"
        stamps = "createTimestamp: 20200101000000Z\n"
        there.directory.load(f"dn: uid=probe-0,{PEOPLE}\n{old}uid: probe-0\n{stamps}")
        there.directory.start()
        assert list(there.connector.search()) == []
        assert there.connector.get("probe-0") is not None
        there.connector.check()
        assert there.connector.get("probe-0") is None


def test_the_placeholder_needs_no_rights_of_its_own(tmp_path: Path) -> None:
    with office(tmp_path) as there:
        assert there.directory.settings()["group_placeholder"] == PLACEHOLDER
        assert ("rights", Severity.ERROR) not in worst(there.connector.check())
