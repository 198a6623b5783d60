"""Rules for a new password as a page shows them: before typing, and after a try which of them were met."""

from collections.abc import Iterable, Sequence

from provisioner.password_policy import Rule
from web.errors import rule_text

_BROKEN_BY = {
    "min-length": {"too-short"},
    "max-length": {"too-long"},
    "not-name": {"contains-username", "contains-name"},
    "not-common": {"common"},
    "not-old": {"same-as-old", "in-history"},
}


def rules_shown(rules: Iterable[Rule], broken: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """(sentence, ``met``, ``unmet`` or nothing) of every rule. ``broken``: the codes of a try; None: nobody tried."""
    return [(rule_text(rule.code, rule.data), _met(rule.code, broken)) for rule in rules]


def _met(rule: str, broken: Sequence[str] | None) -> str:
    if broken is None:
        return ""
    return "unmet" if _BROKEN_BY.get(rule, set()) & set(broken) else "met"
