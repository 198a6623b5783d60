"""Groups and roles given to several accounts at once, or taken from them, where the target can.

A change of a group is what costs a directory most: it writes the whole group, and every account in it needs it. Taken
away it is first, before each account is worked on alone; given it is last, when each of them stands there. What cannot
be done together is done alone, as if nobody had tried.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from provisioner.connector import ConnectorError, EntitlesSeveral, RemoteAccount, Seen
from provisioner.convergence.plan import Grant, Revoke, Step
from provisioner.convergence.record import Success
from provisioner.convergence.target_set import TargetSet

_log = logging.getLogger(__name__)

Wanted = Mapping[str, Mapping[str, RemoteAccount]]
"""By the group or role: the entries of those whom it is about, by their link."""
_Call = Callable[[Sequence[RemoteAccount], str], list[ConnectorError | None]]


class Together:
    """What one target can do for several. Never raises: what is not done is done alone, and tells why."""

    def __init__(self, targets: TargetSet, target: str, connector: EntitlesSeveral) -> None:
        self._targets, self._target, self._connector = targets, target, connector

    def granted(self, wanted: Wanted, may_write: Callable[[str], bool]) -> Mapping[str, Sequence[str]]:
        """What was given to each link. ``may_write``: asked of a link before each call, whether it is still ours."""
        return self._changed("grant_several", self._connector.grant_several, wanted, may_write)

    def revoked(self, wanted: Wanted, may_write: Callable[[str], bool]) -> Mapping[str, Sequence[str]]:
        """What was taken away from each link; see :meth:`granted`."""
        return self._changed("revoke_several", self._connector.revoke_several, wanted, may_write)

    def _changed(
        self, name: str, call: _Call, wanted: Wanted, may_write: Callable[[str], bool]
    ) -> Mapping[str, Sequence[str]]:
        done: dict[str, list[str]] = defaultdict(list)
        for entitlement, entries in sorted(wanted.items()):
            several = {link: entry for link, entry in entries.items() if may_write(link)}
            for link in self._called(name, call, several, entitlement) if len(several) > 1 else ():
                done[link].append(entitlement)
        return done

    def _called(self, name: str, call: _Call, several: Mapping[str, RemoteAccount], entitlement: str) -> Sequence[str]:
        try:
            with self._targets.calling(self._target, name):
                answers = call([*several.values()], entitlement)
            return [link for link, error in zip(several, answers, strict=True) if error is None]
        except ConnectorError:
            return ()
        except Exception as error:
            _log.error("%s for %d accounts ended in %s", name, len(several), type(error).__name__)
            return ()


def together(targets: TargetSet, target: str) -> Together | None:
    """None: the target changes groups and roles for one account at a time only."""
    connector = targets[target].connector
    return Together(targets, target, connector) if isinstance(connector, EntitlesSeveral) else None


def leading_revocations(steps: Sequence[Step]) -> Iterator[Revoke]:
    """What a plan takes away before it does anything else."""
    for step in steps:
        if not isinstance(step, Revoke):
            return
        yield step


def without(seen: Seen | None, entitlements: Sequence[str]) -> Seen | None:
    """The same entries, none of which holds these any more."""
    return seen and replace(
        seen, found=[replace(each, entitlements=each.entitlements.difference(entitlements)) for each in seen.found]
    )


def given(success: Success, step: Grant) -> Success:
    """The success, with something done that it had held back."""
    applied = success.applied
    rest = tuple(each for each in applied.granting if each != step)
    return replace(success, applied=replace(applied, steps=(*applied.steps, step), granting=rest))
