"""One account against one entry: the plan of convergence, told as differences. Pure. Passwords are never compared."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

from provisioner.account import Account, Credential, Traits, desired
from provisioner.connector import Changes, Marker, Profile, RemoteAccount
from provisioner.convergence.plan import (
    Create,
    Delete,
    Grant,
    LinkFacts,
    NothingToAdopt,
    Plan,
    Revoke,
    Step,
    Superseded,
    Update,
    forgotten,
    plan,
)
from provisioner.reconciliation.finding import LONGEST_VALUE, Difference, Finding, Kind, Reason

_PROFILE_FIELDS = tuple(each.name for each in fields(Profile))


@dataclass(frozen=True)
class Expected:
    """An account that takes part at a target, with what is recorded about it there."""

    link_id: str
    account: Account
    credential: Credential | None
    """Without a password to write: passwords are events."""
    facts: LinkFacts
    pending: bool
    """Its change is under way: the entry may be either way."""
    settled: bool
    """Nothing was written there since well before the look began."""


def compare(
    expected: Expected, entry: RemoteAccount | None, traits: Traits, entitlements: frozenset[str]
) -> Finding | None:
    """What is not as decided; None if all is well. The entry carries the account's marker."""
    if entry is not None and forgotten(expected.account, expected.facts, entry, traits):
        return _newer(expected, entry)
    wanted = desired(expected.account, expected.credential, traits)
    try:
        chosen = plan(wanted, expected.facts, entry, traits, entitlements)
    except Superseded:
        return _newer(expected, entry)
    except NothingToAdopt:
        return replace(_found(expected, entry), link_id=None)
    if entry is None:
        return _found(expected, entry) if any(isinstance(step, Create) for step in chosen.steps) else None
    differences = tuple(differences_of(chosen, entry))
    if not differences:
        return None
    return _found(expected, entry, Reason.OLDER if chosen.lost else Reason.NONE, differences)


def _found(
    expected: Expected,
    entry: RemoteAccount | None,
    reason: Reason = Reason.NONE,
    differences: tuple[Difference, ...] = (),
) -> Finding:
    return Finding(
        Kind.MISSING if entry is None else Kind.DRIFT,
        expected.account.username,
        reason,
        remote_id=entry.remote_id if entry is not None else "",
        enabled=entry.enabled if entry is not None else None,
        account_id=expected.account.id,
        link_id=expected.link_id,
        differences=differences,
    )


def differences_of(chosen: Plan, entry: RemoteAccount) -> Iterator[Difference]:
    """What a plan would change in an entry, field by field."""
    for step in chosen.steps:
        yield from _of_step(step, entry)


def _of_step(step: Step, entry: RemoteAccount) -> Iterator[Difference]:
    match step:
        case Update(changes, marker):
            yield from _of_changes(changes, entry)
            if marker != entry.marker and changes.verifier is None:
                yield Difference("marker", marker_text(marker), marker_text(entry.marker))
        case Grant(name):
            yield Difference("entitlement", _cut(name), "")
        case Revoke(name):
            yield Difference("entitlement", "", _cut(name))
        case Delete():
            yield Difference("presence", "absent", "present")


def _of_changes(changes: Changes, entry: RemoteAccount) -> Iterator[Difference]:
    if changes.username is not None:
        yield Difference("username", changes.username, _cut(entry.username))
    if changes.enabled is not None and changes.enabled != entry.enabled:
        yield Difference("enabled", _yes(changes.enabled), _yes(entry.enabled))
    if changes.profile is not None:
        for name in _PROFILE_FIELDS:
            if name in entry.profile and entry.profile[name] != getattr(changes.profile, name):
                yield Difference(name, _cut(getattr(changes.profile, name)), _cut(entry.profile[name]))


def marker_text(marker: Marker | None) -> str:
    """Version and generation of a marker: ``3/1``."""
    return f"{marker.version}/{marker.generation}" if marker is not None else ""


def _newer(expected: Expected, entry: RemoteAccount | None) -> Finding:
    should = f"{expected.account.version}/{expected.facts.applied_generation}"
    found_there = marker_text(entry.marker) if entry is not None else ""
    return _found(expected, entry, Reason.NEWER, (Difference("marker", should, found_there),))


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
