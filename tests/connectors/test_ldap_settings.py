"""Settings are refused with a reason and without repeating what was in them; validating never connects."""

from pathlib import Path
from typing import Any

import pytest

from connectors.ldap import LdapConnector
from connectors.ldap.settings import LdapSettings
from provisioner.connector import (
    Authenticates,
    Connector,
    ConnectorContext,
    EndsSessions,
    Entitles,
    Profile,
    ReportsSignIns,
    Suspends,
    TakesVerifiers,
)

CONTEXT = ConnectorContext("direktori")
GOOD: dict[str, Any] = {
    "urls": ["ldaps://direktori.example.test"],
    "bind_dn": "cn=provisioner,dc=dinas,dc=test",
    "bind_password_env": "LDAP_PASSWORD",
    "people_base": "ou=people,dc=dinas,dc=test",
    "group_base": "ou=groups,dc=dinas,dc=test",
    "group_placeholder": "cn=nobody,dc=dinas,dc=test",
    "entitlements": {"*": ["peran-{role}"]},
}


def test_building_a_connector_reaches_nothing_and_needs_no_secret() -> None:
    connector = LdapConnector.from_settings(GOOD, CONTEXT)
    connector.close()


def test_the_connector_is_what_the_port_asks_and_what_a_directory_can_do() -> None:
    connector = LdapConnector.from_settings(GOOD, CONTEXT)
    for protocol in (Connector, TakesVerifiers, Suspends, Entitles, Authenticates, ReportsSignIns):
        assert isinstance(connector, protocol)
    assert not isinstance(connector, EndsSessions)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"urls": []}, "urls"),
        ({"urls": ["http://direktori"]}, "urls"),
        ({"urls": ["ldaps://"]}, "urls"),
        ({"urls": ["ldaps://direktori/dc=dinas"]}, "urls"),
        ({"urls": ["ldaps://admin@direktori"]}, "urls"),
        ({"people_base": "people"}, "people_base"),
        ({"people_base": None}, "people_base"),
        ({"bind_password_env": None}, "bind_password_env"),
        ({"bind_password_file": "/etc/secret"}, "bind_password_file"),
        ({"bind_dn": None}, "bind_dn"),
        ({"ca_file": "/no/such/file.pem"}, "ca_file"),
        ({"ca_file": __file__}, "ca_file"),
        ({"marker_attribute": "uid"}, "marker_attribute"),
        ({"marker_attribute": "businessCategory"}, "marker_attribute"),
        ({"marker_attribute": "car)(uid=*"}, "marker_attribute"),
        ({"attributes": {"carLicense": "{full_name}"}}, "attributes"),
        ({"attributes": {"userpassword": "{full_name}"}}, "attributes"),
        ({"attributes": {"pwdReset": "FALSE"}}, "attributes"),
        ({"attributes": {"cn": "{full_name}", "CN": "{full_name}"}}, "attributes"),
        ({"attributes": {"cn": "{no_such_field}"}}, "no_such_field"),
        ({"attributes": {"cn": "{full_name.__class__}"}}, "attributes"),
        ({"group_base": None}, "group_base"),
        ({"group_placeholder": None}, "group_placeholder"),
        ({"pin_policy": True}, "pin_policy"),
        ({"verify": False}, "verify"),
        ({"tls_verify": "none"}, "tls_verify"),
        ({"bind_password": "rahasia-sekali"}, "bind_password"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(changed: dict[str, Any], named: str) -> None:
    settings = {name: value for name, value in (GOOD | changed).items() if value is not None}
    with pytest.raises(ValueError, match=named) as refusal:
        LdapConnector.from_settings(settings, CONTEXT)
    assert "rahasia-sekali" not in str(refusal.value)


def test_only_a_local_socket_can_do_without_a_service_account() -> None:
    without = {name: value for name, value in GOOD.items() if not name.startswith("bind_")}
    with pytest.raises(ValueError, match="bind_dn"):
        LdapConnector.from_settings(without, CONTEXT)
    LdapConnector.from_settings(without | {"urls": ["ldapi://%2Frun%2Fslapd%2Fldapi"]}, CONTEXT).close()


def test_every_setting_is_documented() -> None:
    undocumented = [name for name, field in LdapSettings.model_fields.items() if not field.description]
    assert undocumented == []


def test_entitlements_come_from_role_and_region() -> None:
    rules = {"*": ["siak"], "OPERATOR_DAFDUK": ["dafduk", "wilayah-{region}"]}
    connector = LdapConnector.from_settings(GOOD | {"entitlements": rules}, CONTEXT)
    operator = Profile("Dewi", "Dewi", "OPERATOR_DAFDUK", "35.76.02")
    assert connector.entitlements_for(operator) == {"siak", "dafduk", "wilayah-35.76.02"}


def test_a_password_file_that_is_not_there_is_no_matter_of_the_settings(tmp_path: Path) -> None:
    settings = GOOD | {"bind_password_env": None, "bind_password_file": str(tmp_path / "later")}
    LdapConnector.from_settings({k: v for k, v in settings.items() if v is not None}, CONTEXT).close()
