"""Verifiers: right passwords match, stored texts cannot make us work without bound."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.verifier import Argon2Cost, Verifiers

CHEAP = Argon2Cost(memory_kib=64, iterations=1)
VERIFIERS = Verifiers(CHEAP)
PHC = VERIFIERS.make("kuda-lumping").text


@settings(max_examples=30)
@given(st.text(st.characters(), max_size=40), st.text(st.characters(), max_size=40))
def test_only_the_very_password_matches(password: str, other: str) -> None:
    phc = VERIFIERS.make(password).text
    assert VERIFIERS.matches(phc, password)
    assert VERIFIERS.matches(phc, other) == (password == other)


def test_a_lone_surrogate_is_simply_a_wrong_password() -> None:
    assert not VERIFIERS.matches(PHC, "\ud800")


def test_the_text_is_phc_with_one_lane_and_the_cost_that_was_set() -> None:
    assert PHC.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert Verifiers().make("x").text.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_same_password_never_gives_the_same_verifier() -> None:
    assert VERIFIERS.make("x") != VERIFIERS.make("x")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kuda-lumping",
        PHC.replace("m=64", "m=262145"),
        PHC.replace("m=64", "m=999999999"),
        PHC.replace("t=1", "t=11"),
        PHC.replace("p=1", "p=4"),
        PHC.replace("argon2id", "argon2i"),
        PHC.replace("v=19", "v=16"),
        PHC.replace("m=64", "m=+64"),
        PHC + "\n",
        PHC[:-30],
    ],
    # The salt is drawn anew in every process, so the texts themselves cannot be names.
    ids=[
        "empty",
        "no-phc",
        "memory",
        "more-memory",
        "passes",
        "lanes",
        "argon2i",
        "version",
        "sign",
        "newline",
        "short",
    ],
)
def test_malformed_and_too_costly_texts_match_nothing(text: str) -> None:
    assert not VERIFIERS.matches(text, "kuda-lumping")


@pytest.mark.parametrize(
    "text", [None, "malformed", PHC.replace("m=64", "m=999999999")], ids=["none", "malformed", "costly"]
)
def test_an_unknown_user_costs_one_derivation_too(text: str | None) -> None:
    done: list[str] = []

    class Counting(Verifiers):
        def _argon2id(self, password: str) -> str:
            done.append(password)
            return super()._argon2id(password)

    assert not Counting(CHEAP).matches(text, "kuda-lumping")
    assert done == ["kuda-lumping"]


def test_a_text_of_another_cost_is_outdated() -> None:
    assert not VERIFIERS.outdated(PHC)
    assert Verifiers(Argon2Cost(128, 1)).outdated(PHC)
    assert VERIFIERS.outdated("malformed")


def test_many_threads_derive_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: VERIFIERS.matches(PHC, "kuda-lumping"), range(40)))


def test_the_text_does_not_show_in_a_representation() -> None:
    assert "$argon2id$" not in repr(VERIFIERS.make("x"))
