"""Every answer a directory can give, and every exception ldap3 can raise, has a meaning in the port's words."""

import pytest
from ldap3.core import exceptions as vendor
from ldap3.core.results import RESULT_CODES

from connectors.ldap_client.errors import RESULTS, Answer, breakdown, refusal
from connectors.ldap_client.password_policy import RULES, PolicyAnswer
from provisioner.connector import (
    ConnectorError,
    InDoubt,
    InvalidAttribute,
    PolicyViolation,
    ProtocolError,
    TargetUnavailable,
)

VENDOR_EXCEPTIONS = [
    kind
    for kind in vars(vendor).values()
    if isinstance(kind, type) and issubclass(kind, vendor.LDAPExceptionError) and kind.__module__ == vendor.__name__
]


def test_the_table_knows_every_result_code_of_ldap3_and_no_other() -> None:
    assert set(RESULTS) == set(RESULT_CODES)


@pytest.mark.parametrize("code", sorted(code for code, kind in RESULTS.items() if kind is not None))
def test_every_refusal_becomes_the_error_of_the_table(code: int) -> None:
    error = refusal(Answer(code, RESULT_CODES[code]), "trying")
    assert type(error) is RESULTS[code]
    assert RESULT_CODES[code] in str(error)


def test_a_code_that_nobody_knows_is_a_protocol_error() -> None:
    assert isinstance(refusal(Answer(4711), "trying"), ProtocolError)


@pytest.mark.parametrize(("error", "rule"), RULES.items())
def test_the_password_policys_reason_decides_over_the_result_code(error: int, rule: str) -> None:
    refused = refusal(Answer(19, policy=PolicyAnswer(error)), "changing")
    assert isinstance(refused, PolicyViolation)
    assert refused.rule == rule


@pytest.mark.parametrize("kind", VENDOR_EXCEPTIONS, ids=lambda kind: str(kind.__name__))
@pytest.mark.parametrize("writing", [True, False])
def test_every_exception_of_ldap3_becomes_an_error_of_the_port(kind: type[Exception], writing: bool) -> None:
    error = breakdown(kind("reason"), "trying", writing=writing)
    assert type(error) is not ConnectorError
    assert isinstance(error, ConnectorError)
    if isinstance(error, InDoubt):
        assert writing


@pytest.mark.parametrize("kind", [vendor.LDAPSocketReceiveError, vendor.LDAPSessionTerminatedByServerError])
def test_a_lost_answer_leaves_a_write_in_doubt_and_a_reading_harmless(kind: type[Exception]) -> None:
    assert isinstance(breakdown(kind("gone"), "writing", writing=True), InDoubt)
    assert isinstance(breakdown(kind("gone"), "reading", writing=False), TargetUnavailable)


def test_what_was_never_sent_is_not_in_doubt() -> None:
    error = breakdown(vendor.LDAPSocketSendError("broken pipe"), "writing", writing=True)
    assert isinstance(error, TargetUnavailable)


def test_a_value_in_a_vendors_exception_is_not_repeated() -> None:
    error = breakdown(vendor.LDAPInvalidValueError("value 'rahasia' non valid"), "writing", writing=True)
    assert isinstance(error, ProtocolError)
    assert "rahasia" not in str(error)


@pytest.mark.parametrize(
    ("message", "attribute"),
    [
        ("mail: value #0 invalid per syntax", "mail"),
        ("object class 'inetOrgPerson' requires attribute 'sn'", "sn"),
        ("attribute 'nik' not allowed", "nik"),
        ("something else", None),
    ],
)
def test_the_attribute_that_the_server_complains_about_is_told(message: str, attribute: str | None) -> None:
    error = refusal(Answer(21, message=message), "creating")
    assert isinstance(error, InvalidAttribute)
    assert error.attribute == attribute
