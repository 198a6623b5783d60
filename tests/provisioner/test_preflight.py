"""Whether issued passwords please a target is known before anything is approved."""

from dataclasses import replace
from typing import Any

import pytest

from provisioner.connector import PasswordRules, Severity
from provisioner.initial_password import EXTREMES, initial_password
from provisioner.preflight import Choice, blocking, broken, broken_by_issued, conflicts

CHOICE = Choice(12, 128)
ACTIVE_DIRECTORY = PasswordRules("DC=dinas", judges_issued=True, min_length=10, kinds=3, history=24)


def _rules(rule: str, count: int) -> PasswordRules:
    wanted: dict[str, Any] = {rule: count}
    return PasswordRules(**wanted)


def test_the_rules_of_a_usual_domain_are_met_by_every_issued_password() -> None:
    assert broken_by_issued(ACTIVE_DIRECTORY) == []
    assert blocking([ACTIVE_DIRECTORY]) == []


@pytest.mark.parametrize(
    ("rule", "met", "broken_at"),
    [
        ("min_length", 24, 25),
        ("capitals", 1, 2),
        ("small", 1, 2),
        ("digits", 1, 2),
        ("others", 4, 5),
        ("kinds", 4, 5),
    ],
)
def test_a_rule_holds_up_to_what_every_issued_password_has(rule: str, met: int, broken_at: int) -> None:
    assert broken_by_issued(_rules(rule, met)) == []
    (one,) = broken_by_issued(_rules(rule, broken_at))
    assert (one.rule, one.wanted, one.has) == (rule, broken_at, met)


@pytest.mark.parametrize(("rule", "met", "broken_at"), [("max_length", 24, 23), ("repeats", 2, 1)])
def test_a_limit_holds_down_to_what_every_issued_password_has(rule: str, met: int, broken_at: int) -> None:
    assert broken_by_issued(_rules(rule, met)) == []
    assert [each.rule for each in broken_by_issued(_rules(rule, broken_at))] == [rule]


def test_no_issued_password_has_a_sign_beyond_ascii() -> None:
    assert [each.rule for each in broken_by_issued(PasswordRules(beyond_ascii=1))] == ["beyond_ascii"]


def test_what_the_extremes_meet_every_drawn_password_meets() -> None:
    strictest = PasswordRules(min_length=24, max_length=24, capitals=1, small=1, digits=1, others=4, kinds=4, repeats=2)
    assert all(broken(password, strictest) == [] for password in (*EXTREMES, *(initial_password() for _ in range(500))))


def test_only_a_target_that_sees_the_password_blocks() -> None:
    rules = PasswordRules("cn=default", min_length=40)
    assert blocking([rules]) == []
    assert [each.rule for each in blocking([replace(rules, judges_issued=True)])] == ["min_length"]


def test_a_conflict_says_which_rule_and_what_to_do() -> None:
    (error, warning) = conflicts([PasswordRules("cn=default", min_length=40)], CHOICE)
    assert (error.severity, error.figure) == (Severity.ERROR, 24)
    assert "cn=default" in error.message
    assert error.remedy == "ask for no more than 24 there"
    assert (warning.severity, warning.remedy) == (Severity.WARNING, "passwords.min_length = 40")


def test_people_are_not_made_to_choose_what_the_target_cannot_take() -> None:
    (issued, chosen) = conflicts([PasswordRules("cn=default", max_length=10)], CHOICE)
    assert (issued.remedy, chosen.severity) == ("allow 24 there", Severity.ERROR)


def test_rules_that_go_together_with_ours_are_no_conflict() -> None:
    assert conflicts([ACTIVE_DIRECTORY, PasswordRules("cn=default", min_length=12)], CHOICE) == []
