"""Whether the passwords that are issued here please a target's rules: known before anything is approved. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from provisioner.connector import Finding, PasswordRules, Severity
from provisioner.initial_password import EXTREMES, initial_password


@dataclass(frozen=True)
class Broken:
    """A rule that a password breaks. ``rule`` is the field of :class:`~provisioner.connector.PasswordRules`."""

    rule: str
    wanted: int
    has: int
    """What the password has of it, e.g. 24 characters."""


@dataclass(frozen=True)
class Choice:
    """What people may choose here themselves: lengths in characters."""

    min_length: int
    max_length: int


def _count(test: Callable[[str], bool], password: str) -> int:
    return sum(map(test, password))


def _others(password: str) -> int:
    return _count(lambda letter: not letter.isalnum(), password)


_COUNTS: dict[str, Callable[[str], int]] = {
    "min_length": len,
    "capitals": lambda password: _count(str.isupper, password),
    "small": lambda password: _count(str.islower, password),
    "digits": lambda password: _count(str.isdecimal, password),
    "others": _others,
    "beyond_ascii": lambda password: _count(lambda letter: not letter.isascii(), password),
    "kinds": lambda password: sum(
        bool(count)
        for count in (
            _count(str.isupper, password),
            _count(str.islower, password),
            _count(str.isdecimal, password),
            _others(password),
        )
    ),
}
"""What there must be so many of at least."""

_LIMITS: dict[str, Callable[[str], int]] = {
    "max_length": len,
    "repeats": lambda password: max((len(list(run)) for _, run in groupby(password)), default=0),
}
"""What there may be so many of at most."""


def broken(password: str, rules: PasswordRules) -> list[Broken]:
    """Which rules this password breaks. History, age and word lists say nothing about a password that is drawn."""
    found = []
    for rule, count in _COUNTS.items():
        wanted, has = getattr(rules, rule), count(password)
        if has < wanted:
            found.append(Broken(rule, wanted, has))
    for rule, count in _LIMITS.items():
        wanted, has = getattr(rules, rule), count(password)
        if wanted and has > wanted:
            found.append(Broken(rule, wanted, has))
    return found


def broken_by_issued(rules: PasswordRules) -> list[Broken]:
    """Which rules some password that may be issued here breaks: the plainest that can be drawn, and one just drawn.

    Empty proves that every issued password is acceptable, as far as the rules are shown.
    """
    worst: dict[str, Broken] = {}
    for password in (*EXTREMES, initial_password()):
        for each in broken(password, rules):
            before = worst.get(each.rule)
            if before is None or abs(each.wanted - each.has) > abs(before.wanted - before.has):
                worst[each.rule] = each
    return list(worst.values())


def conflicts(several: Iterable[PasswordRules], choice: Choice) -> list[Finding]:
    """What in a target's rules does not go together with this office's passwords, each with what to do."""
    return [finding for rules in several for finding in (*_issued(rules), *_chosen(rules, choice))]


def blocking(several: Sequence[PasswordRules]) -> list[Broken]:
    """Why no account could be made there: rules that the target applies to what is issued here, and would refuse."""
    return [each for rules in several if rules.judges_issued for each in broken_by_issued(rules)]


def _issued(rules: PasswordRules) -> Iterable[Finding]:
    for each in broken_by_issued(rules):
        message = (
            f"initial passwords do not meet {rules.source}: {each.rule.replace('_', ' ')} {each.wanted}, "
            f"an initial password has {each.has}"
        )
        remedy = f"allow {each.has} there" if each.rule in _LIMITS else f"ask for no more than {each.has} there"
        yield Finding("policy", Severity.ERROR, message, remedy, "issued-refused", each.has)
    if rules.examined and rules.judges_issued:
        message = f"{rules.source} also looks into passwords in a way it does not show"
        yield Finding("policy", Severity.WARNING, message, "try it once with the probe or a first account", "unknown")


def _chosen(rules: PasswordRules, choice: Choice) -> Iterable[Finding]:
    if rules.min_length > choice.min_length:
        message = (
            f"{rules.source} wants {rules.min_length} characters, while people are told that "
            f"{choice.min_length} are enough"
        )
        remedy = f"passwords.min_length = {rules.min_length}"
        yield Finding("policy", Severity.WARNING, message, remedy, "chosen-short", rules.min_length)
    if 0 < rules.max_length < choice.min_length:
        message = f"{rules.source} takes no more than {rules.max_length} characters, fewer than people must choose here"
        remedy = f"allow at least {choice.min_length} characters there"
        yield Finding("policy", Severity.ERROR, message, remedy, "chosen-long", rules.max_length)
