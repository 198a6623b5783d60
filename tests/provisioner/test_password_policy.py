"""Passwords people choose: guessable ones are refused with their reason, good ones are left alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.common_password import CommonPasswords, load_words
from provisioner.errors import ConfigurationError
from provisioner.initial_password import initial_password
from provisioner.password_policy import PasswordPolicy

LIST = Path(__file__).parents[2] / "config" / "common-passwords.txt"
COMMON = CommonPasswords(load_words(LIST))
POLICY = PasswordPolicy(COMMON)


@pytest.mark.parametrize(
    "password",
    [
        "rahasia12345",
        "Rahasia2026!",
        "R4h4s14-2026",
        "mojokerto2026",
        "KotaMojokerto1",
        "bismillah123!",
        "B1sm1ll@h2026",
        "sayangsayang99",
        "indonesiaraya17",
        "AkuSayangKamu1",
        "password1234",
        "P@ssw0rd12345",
        "p.a.s.s.w.o.r.d",
        "qwertyuiop12",
        "poiuytrewq99",
        "1qaz2wsx3edc",
        "abcdefghijkl",
        "123456789012",
        "081234567890",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "Agustus-2026!",
        "dukcapil3576",
        "operatorsiak1",
        "persebaya1927",
        "rahasiaaaaaaa",
        "ｒａｈａｓｉａ２０２６",
    ],
)
def test_common_passwords_are_refused(password: str) -> None:
    assert "common" in POLICY.violations(password)


@pytest.mark.parametrize(
    "password",
    [
        "kuda hujan pagi laut",
        "gerobak-biola-kompor",
        "xV7#pLq29mRt",
        "tempe goreng di teras",
        "nasi pecel jam lima pagi",
        "каша из топора 7",
    ],
)
def test_good_passwords_are_left_alone(password: str) -> None:
    assert POLICY.violations(password, username="dewi.handayani", full_name="Dewi Lestari Handayani") == []


def test_initial_passwords_would_pass() -> None:
    assert all(POLICY.violations(initial_password()) == [] for _ in range(200))


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("xV7#pLq29mR", ["too-short"]),
        ("xV7#pLq29mRt" * 11, ["too-long"]),
        ("xV7#pLq\n29mRt", ["control-character"]),
        ("xV7#pLq29mRt\ud800", ["control-character"]),
        ("zq7-Dewi.Handayani", ["contains-username", "contains-name"]),
        ("zq7-dewi_handayani-px", ["contains-username", "contains-name"]),
        ("zq7-LESTARI-pxw", ["contains-name"]),
        ("zq7-léstari-pxw", ["contains-name"]),
        ("Burung-Kakaktua-9x", ["same-as-old"]),
        ("", ["too-short", "common"]),
    ],
)
def test_each_rule_gives_its_code(password: str, codes: list[str]) -> None:
    found = POLICY.violations(
        password, username="dewi.handayani", full_name="Dewi Lestari Handayani", old="burung-kakaktua-9x"
    )
    assert found == codes


def test_a_very_short_name_part_is_no_reason() -> None:
    assert POLICY.violations("gerobak-srikaya-8f", full_name="Sri") == []


def test_the_length_is_a_setting_and_stands_in_the_rules() -> None:
    policy = PasswordPolicy(COMMON, minimum=16, maximum=64)
    assert "too-short" in policy.violations("xV7#pLq29mRtbcd")
    assert [(rule.code, rule.data) for rule in policy.rules()][:2] == [
        ("min-length", {"count": 16}),
        ("max-length", {"count": 64}),
    ]


@given(st.text(st.characters(), max_size=150))
def test_any_text_gets_an_answer(password: str) -> None:
    assert isinstance(POLICY.violations(password, username=password, full_name=password, old=password), list)


def test_a_malformed_list_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("rahasia # yes\n\ndua kata\n")
    with pytest.raises(ConfigurationError, match=r":3: "):
        load_words(file)
    with pytest.raises(ConfigurationError):
        load_words(tmp_path / "none")
