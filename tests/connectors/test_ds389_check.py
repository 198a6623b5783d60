"""What ``check`` finds at a 389 Directory Server, the way there, and settings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.ds389 import Ds389Connector
from provisioner.connector import (
    ConnectorContext,
    Finding,
    Severity,
    TargetUnavailable,
)
from tests.connectors.ds389_trees import connected
from tests.servers.certificates import write_certificates
from tests.servers.ds389 import BIND_DN, Tree, shared_ds389


@pytest.fixture
def tree() -> Tree:
    """An empty part of the directory."""
    return shared_ds389().fresh_tree()


@pytest.fixture
def connector(tree: Tree) -> Iterator[Ds389Connector]:
    with connected(tree) as ready:
        yield ready


def _errors(connector: Ds389Connector) -> list[Finding]:
    return [finding for finding in connector.check() if finding.severity is Severity.ERROR]


def test_check_reports_every_subject(connector: Ds389Connector) -> None:
    findings = connector.check()
    assert {finding.subject for finding in findings} == {"reachable", "certificate", "rights", "clock", "policy"}
    assert [finding for finding in findings if finding.severity is Severity.ERROR] == []
    assert list(connector.search()) == []


def test_check_tells_that_the_first_change_is_not_enforced(tree: Tree, connector: Ds389Connector) -> None:
    with tree.directory.configured(passwordMustChange="off", passwordCheckSyntax="off", passwordLockout="off"):
        findings = connector.check()
    told = [(finding.severity, finding.message.partition(" (")[0]) for finding in findings if finding.remedy]
    assert (Severity.ERROR, "the first change is not enforced") in told
    assert (Severity.ERROR, "an initial password gives access before it was changed") in told
    assert (Severity.WARNING, "passwords may be guessed without limit") in told
    assert (Severity.WARNING, "weak passwords are accepted") in told


def test_check_tells_that_the_service_account_is_no_password_administrator(
    tree: Tree, connector: Ds389Connector
) -> None:
    with tree.directory.configured(passwordAdminDN=tree.people):
        (error,) = _errors(connector)
    assert error.subject == "rights"
    assert "creating an entry" in error.message


def test_check_tells_that_the_policy_cannot_be_read(tree: Tree) -> None:
    with connected(tree, policy=f"cn=nothing,{tree.base}") as connector:
        assert [(error.subject, error.remedy) for error in _errors(connector)] == [
            ("policy", "an access rule as in docs/389ds.md")
        ]


def test_starttls_is_used_on_the_plain_port(tree: Tree) -> None:
    with connected(tree, urls=[tree.directory.ldap_url]) as connector:
        assert connector.get("nobody") is None


def test_a_certificate_of_a_strange_authority_is_refused(tree: Tree, tmp_path: Path) -> None:
    strange = write_certificates(tmp_path)
    with connected(tree, ca_file=str(strange.ca)) as connector:
        with pytest.raises(TargetUnavailable):
            connector.get("nobody")
        assert [error.subject for error in _errors(connector)] == ["reachable"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"tls": False},
        {"pbkdf2_iterations": 999},
        {"policy": "not a name"},
        {"attributes": {"nsAccountLock": "{role}"}},
        {"attributes": {"passwordExpirationTime": "{valid_until}"}},
        {"attributes": {"userPassword": "{role}"}},
        {"attributes": {"carLicense": "{role}"}},
        {"group_base": None},
        {"bind_dn": None},
    ],
    ids=str,
)
def test_wrong_settings_are_refused_before_anything_isconnected(tree: Tree, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Ds389Connector.from_settings(tree.settings(**wrong), ConnectorContext("direktori"))


def test_no_secret_shows_in_the_connector(tree: Tree, connector: Ds389Connector) -> None:
    shown = repr((connector, connector._pool, connector._settings))
    assert tree.directory.bind_password_file.read_text().strip() not in shown
    assert BIND_DN in shown
