"""Whether a target shows what it said it had done.

A "yes" may be a lie, or the answer to another call. So what was written is read again before it is recorded, and what
is recorded is what was read.
"""

from collections.abc import Sequence
from dataclasses import replace

from provisioner.connector import ConnectorError, InDoubt, ReadsSeveral, RemoteAccount, Sought
from provisioner.convergence.plan import Create, Delete, Grant, Revoke, Update
from provisioner.convergence.record import Applied, Success
from provisioner.convergence.target_set import TargetSet


def wrote(applied: Applied) -> bool:
    """Whether there is anything to confirm. What a person was asked for, a person confirms."""
    return not applied.asked and any(
        isinstance(step, Create | Update | Grant | Revoke | Delete) for step in applied.steps
    )


def read_back(targets: TargetSet, target: str, successes: Sequence[Success]) -> list[list[RemoteAccount]]:
    """For each, the entries that carry the account's marker; in one call where the target can tell.

    :raises ConnectorError: the target cannot be read now.
    """
    connector = targets[target].connector
    accounts = [success.snapshot.account for success in successes]
    if len(accounts) > 1 and isinstance(connector, ReadsSeveral):
        try:
            sought = [Sought(account.id, account.username) for account in accounts]
            with targets.calling(target, "read_several"):
                return [seen.found for seen in connector.read_several(sought)]
        except ConnectorError as error:
            if error.retryable:
                raise
    return [_found(targets, target, account.id) for account in accounts]


def _found(targets: TargetSet, target: str, account_id: str) -> list[RemoteAccount]:
    with targets.calling(target, "find", account_id):
        return targets[target].connector.find(account_id)


def confirmed(success: Success, found: Sequence[RemoteAccount]) -> Success:
    """The success, with the entry as it was read.

    :raises InDoubt: the target does not show what it said it had done.
    """
    applied = success.applied
    if applied.entry is None and not found:
        return success
    if applied.entry is None or len(found) != 1 or not _shows(found[0], applied, applied.entry):
        raise InDoubt("the system said that it was done, but does not show it")
    return replace(success, applied=replace(applied, entry=found[0]))


def _shows(entry: RemoteAccount, applied: Applied, answered: RemoteAccount) -> bool:
    if entry.marker is None or answered.marker is None or entry.remote_id != answered.remote_id:
        return False
    if entry.marker.version > answered.marker.version:
        return True  # Somebody newer was there since: that is theirs to confirm.
    granted = {step.entitlement for step in applied.steps if isinstance(step, Grant)}
    revoked = {step.entitlement for step in applied.steps if isinstance(step, Revoke)}
    # Whether the first change is still demanded may have been settled by its user meanwhile.
    return (
        entry.marker == answered.marker
        and (entry.username, entry.enabled) == (answered.username, answered.enabled)
        and dict(entry.profile) == dict(answered.profile)
        and granted <= entry.entitlements
        and not revoked & entry.entitlements
    )
