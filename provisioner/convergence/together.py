"""Groups and roles given to several accounts at once, or taken from them, where the target can.

A change of a group is what costs a directory most: it writes the whole group, and every account in it needs it. Taken
away it is first, before each account is worked on alone; given it is last, when each of them stands there. What cannot
be done together is done alone, as if nobody had tried.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from provisioner.connector import ConnectorError, EntitlesSeveral, RemoteAccount, Seen
from provisioner.convergence.plan import Grant, Revoke, Step
from provisioner.convergence.record import Success
from provisioner.convergence.target_set import TargetSet

_log = logging.getLogger(__name__)

Key = TypeVar("Key")
Call = Callable[[Sequence[RemoteAccount], str], list[ConnectorError | None]]


def together(targets: TargetSet, target: str) -> EntitlesSeveral | None:
    """The target's connector, where it can do that."""
    connector = targets[target].connector
    return connector if isinstance(connector, EntitlesSeveral) else None


def changed_together(
    targets: TargetSet, target: str, call: Call, name: str, several: Mapping[Key, RemoteAccount], entitlement: str
) -> frozenset[Key]:
    """Those of them for which it is done. Never raises: the others are done alone, and tell what is the matter.

    :param name: the port's name of ``call``.
    """
    if len(several) < 2:
        return frozenset()
    try:
        with targets.calling(target, name):
            answers = call([*several.values()], entitlement)
        return frozenset(key for key, error in zip(several, answers, strict=True) if error is None)
    except ConnectorError:
        return frozenset()
    except Exception as error:
        _log.error("%s for %d accounts ended in %s", name, len(several), type(error).__name__)
        return frozenset()


def leading_revocations(steps: Sequence[Step]) -> Iterator[Revoke]:
    """What a plan takes away before it does anything else."""
    for step in steps:
        if not isinstance(step, Revoke):
            return
        yield step


def without(seen: Seen | None, entitlement: str) -> Seen | None:
    """The same entries, none of which holds it any more."""
    if seen is None:
        return None
    return replace(seen, found=[replace(each, entitlements=each.entitlements - {entitlement}) for each in seen.found])


def given(success: Success, step: Grant) -> Success:
    """The success, with something done that it had held back."""
    applied = success.applied
    rest = tuple(each for each in applied.granting if each != step)
    return replace(success, applied=replace(applied, steps=(*applied.steps, step), granting=rest))
