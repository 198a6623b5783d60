"""BER, the password-policy control, names and filters."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.operation.search import compile_filter, parse_filter

from connectors.ldap.policy import PasswordPolicy
from connectors.ldap_client import ber, names
from connectors.ldap_client.password_policy import PolicyAnswer
from provisioner.connector import InvalidAttribute

usable_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(st.integers(0, 255), st.binary(max_size=70_000))
def test_what_was_encoded_is_decoded(tag: int, content: bytes) -> None:
    assert list(ber.elements(ber.encode(tag, content))) == [(tag, content)]


@given(st.binary(max_size=40))
def test_garbage_is_decoded_or_refused_but_never_anything_else(garbage: bytes) -> None:
    with suppress(ValueError):
        PolicyAnswer.decode(garbage)


@pytest.mark.parametrize(
    "cut", [b"\x30", b"\x30\x80", b"\x30\x85\x00\x00\x00\x00\x01\x00", b"\x30\x05ab", b"\x30\x82\x01"]
)
def test_cut_off_and_indefinite_lengths_are_refused(cut: bytes) -> None:
    with pytest.raises(ValueError, match="BER"):
        list(ber.elements(cut))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, PolicyAnswer()),
        (b"\x30\x00", PolicyAnswer()),
        (b"\x30\x03\x81\x01\x02", PolicyAnswer(error=2)),
        (b"\x30\x84\x00\x00\x00\x03\x81\x01\x02", PolicyAnswer(error=2)),  # 389 Directory Server: long form
        (b"\x30\x05\xa0\x03\x81\x01\x04", PolicyAnswer(grace_left=4)),
        (b"\x30\x06\xa0\x04\x80\x02\x0e\x10", PolicyAnswer(expires_in=timedelta(hours=1))),
        (b"\x30\x08\xa0\x03\x81\x01\x00\x81\x01\x00", PolicyAnswer(error=0, grace_left=0)),
    ],
)
def test_the_password_policy_control_is_read(value: bytes | None, expected: PolicyAnswer) -> None:
    assert PolicyAnswer.decode(value) == expected


@given(usable_text.filter(lambda text: text.strip() != ""))
def test_a_name_holds_any_value_without_becoming_another_name(value: str) -> None:
    base = "ou=people,dc=dinas,dc=test"
    dn = names.child(names.rdn("uid", value), base)
    assert names.is_child(dn, base)
    assert names.first_value(dn).strip() == value.strip()


@pytest.mark.parametrize("value", ["", " ", "   ", "a\0b", "\ud800"])
def test_blank_names_nul_and_lone_surrogates_are_refused(value: str) -> None:
    with pytest.raises(InvalidAttribute):
        names.rdn("uid", value)


@given(usable_text)
def test_a_filter_holds_any_value_without_becoming_another_filter(value: str) -> None:
    parsed = parse_filter(names.equals("uid", value), None, False, False, None, False)
    (node,) = parsed.elements
    compiled = compile_filter(node)
    assert compiled.getName() == "equalityMatch"
    assert bytes(compiled["equalityMatch"]["assertionValue"]).decode().strip() == value.strip()


def test_names_are_compared_as_a_directory_compares() -> None:
    assert names.is_child("CN=Operator, OU=Groups,DC=dinas,dc=test", "ou=groups,dc=DINAS,dc=test")
    assert not names.is_child("cn=a,ou=x,ou=groups,dc=dinas", "ou=groups,dc=dinas")
    assert names.first_value("cn=Peran\\2C A\\C3\\A9,ou=groups") == "Peran, Aé"
    assert names.parent("cn=a\\,b,ou=groups,dc=x") == "ou=groups,dc=x"
    assert names.parent("cn=a+sn=b,ou=groups,dc=x") == "ou=groups,dc=x"


def test_a_policy_entry_without_values_enforces_nothing() -> None:
    policy = PasswordPolicy.read({})
    assert not policy.enforces_first_change
    assert (policy.lockout, policy.min_length, policy.quality) == (False, 0, 0)


def test_a_policy_that_forbids_users_to_change_does_not_count_as_enforcing_it() -> None:
    assert PasswordPolicy.read({"pwdmustchange": ["TRUE"]}).enforces_first_change
    assert not PasswordPolicy.read({"pwdmustchange": ["TRUE"], "pwdallowuserchange": ["FALSE"]}).enforces_first_change
