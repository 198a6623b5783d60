"""Every answer of a domain controller has a meaning in the port's words, and settings are judged without connecting."""

from typing import Any

import pytest
from ldap3.core.results import RESULT_CODES

from connectors.active_directory.errors import CANNOT_TELL, OUTCOMES, REASONS, reason, refusal
from connectors.active_directory.password import changed, quoted, unknown
from connectors.active_directory.settings import ActiveDirectorySettings
from connectors.ldap_client.errors import RESULTS, Answer
from provisioner.connector import ConnectorError, Outcome, PolicyViolation, ProtocolError

BIND = "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {:x}, v1db1"


@pytest.mark.parametrize("code", sorted(set(RESULT_CODES) - {0, 5, 6, 14}))
def test_every_result_without_a_reason_is_told_by_its_code(code: int) -> None:
    assert type(refusal(Answer(code, RESULT_CODES[code], "no reason"), "trying")) is RESULTS[code]


@pytest.mark.parametrize("code", sorted(REASONS))
@pytest.mark.parametrize("result", [19, 53, 80])
def test_a_windows_reason_decides_over_the_result_code(code: int, result: int) -> None:
    error = refusal(Answer(result, RESULT_CODES[result], f"{code:08X}: SvcErr: DSID-031A124C, problem 5003"), "trying")
    assert type(error) is REASONS[code]
    assert f"{code:08X}" in str(error)


def test_a_code_that_nobody_knows_is_a_protocol_error() -> None:
    assert isinstance(refusal(Answer(4711), "trying"), ProtocolError)
    assert issubclass(REASONS[0x52D], PolicyViolation)


@pytest.mark.parametrize("code", [*OUTCOMES, *CANNOT_TELL])
def test_the_reason_of_a_refused_bind_is_the_one_after_data(code: int) -> None:
    assert reason(Answer(49, message=BIND.format(code))) == code


def test_each_refused_bind_means_one_thing() -> None:
    assert not set(OUTCOMES) & set(CANNOT_TELL)
    assert Outcome.ACCEPTED not in OUTCOMES.values()
    assert all(issubclass(kind, ConnectorError) and kind.retryable for kind in CANNOT_TELL.values())


def test_nothing_of_the_servers_text_but_its_code_is_repeated() -> None:
    error = refusal(Answer(19, "constraintViolation", "0000052D: the value 'rahasia' is refused"), "trying")
    assert "rahasia" not in str(error)
    assert "0000052D" in str(error)


def test_a_password_is_sent_in_quotation_marks_and_utf16() -> None:
    assert quoted('a"é') == b'"\0a\0"\0\xe9\0"\0'
    assert unknown() != unknown()


@pytest.mark.parametrize("password", ["", "a\0b", "rahasia\ud800"])
def test_what_cannot_be_a_password_is_refused_without_being_repeated(password: str) -> None:
    with pytest.raises(PolicyViolation) as refused:
        changed("lama", password)
    assert refused.value.rule == "quality"
    assert refused.value.__suppress_context__
    assert "rahasia" not in repr(refused.value)


SETTINGS: dict[str, Any] = {
    "urls": ["ldaps://dc1.dinas.test"],
    "bind_dn": "CN=provisioner,OU=Layanan,DC=dinas,DC=test",
    "bind_password_env": "AD_PASSWORD",
    "people_base": "OU=Akun,DC=dinas,DC=test",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"urls": ["ldapi://%2Frun%2Fldapi"]},
        {"bind_dn": None, "bind_password_env": None},
        {"people_base": "OU=Akun,O=dinas"},
        {"username_max_length": 21},
        {"marker_attribute": "unicodePwd"},
        {"marker_attribute": "sAMAccountName"},
        {"attributes": {"userAccountControl": "{full_name}"}},
        {"attributes": {"extensionName": "{full_name}"}},
        {"create_groups": True},
        {"entitlements": {"*": ["siak"]}},
        {"upn_suffix": "@dinas.test"},
        {"people_bases": {"35.76.01": "OU=Kranggan,DC=dinas,DC=test"}},
        {"posix_group_base": "OU=Posix,DC=dinas,DC=test"},
        {"tls": False},
    ],
)
def test_settings_that_cannot_be_right_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        ActiveDirectorySettings.model_validate(SETTINGS | wrong)


def test_domain_and_principal_name_follow_from_where_the_accounts_are() -> None:
    settings = ActiveDirectorySettings.model_validate(SETTINGS)
    assert settings.domain == "DC=dinas,DC=test"
    assert settings.principal("dewi") == "dewi@dinas.test"
    assert ActiveDirectorySettings.model_validate(SETTINGS | {"upn_suffix": "disduk.go.id"}).principal("dewi") == (
        "dewi@disduk.go.id"
    )
