"""User names: made from any name on earth, fitting every system, and never somebody else's."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.connector import Limits
from provisioner.errors import Conflict, InvalidInput
from provisioner.office import UsernameFormat
from provisioner.username import UsernamePolicy

POLICY = UsernamePolicy(UsernameFormat("{first}.{last}", max_length=20), [Limits()])


def _free(_name: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("full_name", "username"),
    [
        ("Dewi Lestari Handayani", "dewi.handayani"),
        ("DEWI HANDAYANI", "dewi.handayani"),
        ("Suparman", "suparman"),
        ("Siti Nur'aini", "siti.nuraini"),
        ("Anne-Marie Lim", "annemarie.lim"),
        ("M. Imron", "m.imron"),
        ("Đặng Thị Ngọc", "dang.ngoc"),
        ("José Ångström", "jose.angstrom"),
        ("李小龍", "lixiaolong"),
        ("Fathurrahman Kusumaningrat", "fathurrahman.k"),
        ("Raden Kusumaningratwidjaja", "raden.k"),
        ("Wirasatyanegarakusumah Di", "w.di"),
        ("A" * 60, "a" * 20),
        ("Ab", "ab10"),
        ("Operator", "operator2"),
        ("Root", "root2"),
        ("!!", "pengguna"),
    ],
)
def test_a_name_gives_the_expected_user_name(full_name: str, username: str) -> None:
    assert POLICY.propose(full_name, _free) == username


def test_taken_names_are_passed_over_in_order() -> None:
    names = list(islice(POLICY.candidates("Dewi Ayu Handayani"), 5))
    assert names == ["dewi.handayani", "dewi.ayu.handayani", "dewi.a.handayani", "dewi.handayani2", "dewi.handayani3"]
    assert POLICY.propose("Dewi Ayu Handayani", set(names[:3]).__contains__) == names[3]


@pytest.mark.parametrize(
    ("alphabet", "username"),
    [("[a-z_]+", "dewi_handayani"), ("[a-z-]+", "dewi-handayani"), ("[a-z]+", "dewihandayani")],
)
def test_a_system_without_dots_gets_another_separator_or_none(alphabet: str, username: str) -> None:
    form = UsernameFormat("{first}.{last}", max_length=20)
    assert UsernamePolicy(form, [Limits(username_pattern=alphabet)]).propose("Dewi Handayani", _free) == username


@given(st.text(st.characters(), max_size=80), st.integers(4, 64))
def test_every_candidate_fits_every_system(full_name: str, longest: int) -> None:
    limits = [Limits(), Limits(username_max_length=longest, username_pattern="[a-z][a-z0-9_]*")]
    policy = UsernamePolicy(UsernameFormat("{first}.{last}", max_length=40), limits)
    given_out: set[str] = set()
    for _ in range(30):
        name = policy.propose(full_name, given_out.__contains__)
        assert name not in given_out
        assert policy.violations(name) == []
        assert len(name) <= longest
        given_out.add(name)


@pytest.mark.parametrize(
    ("pattern", "username"),
    [
        ("{initials}.siak", "dlh.siak"),
        ("{name}", "dewilestarihandayani"),
        ("{last}-{first}", "handayani-dewi"),
        ("op.{first}", "op.dewi"),
    ],
)
def test_the_pattern_is_the_offices(pattern: str, username: str) -> None:
    policy = UsernamePolicy(UsernameFormat(pattern, max_length=20), [])
    assert policy.propose("Dewi Lestari Handayani", _free) == username


def test_the_shortest_limit_of_all_systems_counts() -> None:
    policy = UsernamePolicy(UsernameFormat("{first}.{last}", max_length=40), [Limits(), Limits(username_max_length=8)])
    assert policy.max_length == 8
    assert policy.propose("Dewi Handayani", _free) == "dewi.h"


def test_when_nothing_is_free_somebody_has_to_think_of_a_name() -> None:
    with pytest.raises(Conflict) as caught:
        POLICY.propose("Dewi Handayani", lambda _name: True)
    assert caught.value.code == "no-username-free"


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("", ["username-too-short", "username-characters"]),
        ("abc", ["username-too-short"]),
        ("a" * 21, ["username-too-long"]),
        ("a" * 1_000_000, ["username-too-long"]),
        ("dewi handayani", ["username-characters"]),
        ("dewi*)(uid=*", ["username-characters"]),
        (".dewi", ["username-characters"]),
        ("dewi\n", ["username-characters"]),
        ("dewí", ["username-characters"]),
        ("357602540390", ["username-only-digits"]),
        ("root", ["username-reserved"]),
    ],
)
def test_a_typed_name_is_refused_with_its_reasons(typed: str, codes: list[str]) -> None:
    assert POLICY.violations(typed) == codes


def test_a_typed_name_is_taken_in_small_letters() -> None:
    assert POLICY.accept(" Dewi.Handayani ", _free) == "dewi.handayani"
    with pytest.raises(InvalidInput) as caught:
        POLICY.accept("dewi handayani", _free)
    assert caught.value.fields == {"username": ["username-characters"]}
    with pytest.raises(Conflict) as taken:
        POLICY.accept("Dewi.Handayani", {"dewi.handayani"}.__contains__)
    assert taken.value.code == "username-taken"
