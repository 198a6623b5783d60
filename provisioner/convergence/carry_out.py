"""One step of a plan, carried out by the port's method for it."""

from provisioner.connector import (
    Adopts,
    Connector,
    EndsSessions,
    Entitles,
    PermissionDenied,
    RemoteAccount,
)
from provisioner.convergence.plan import Adopt, Create, Delete, Disconnect, Grant, Revoke, Step, Update
from provisioner.convergence.target_set import TargetSet

_CALLS: dict[type[Step], str] = {
    Create: "create",
    Adopt: "adopt",
    Update: "update",
    Grant: "grant",
    Revoke: "revoke",
    Disconnect: "end_sessions",
    Delete: "delete",
}
"""The port's method that carries out a step."""


def is_possible(step: Step, targets: TargetSet, target: str) -> bool:
    """Every step is, but for ending sessions, which not every kind of target knows."""
    return not isinstance(step, Disconnect) or isinstance(targets[target].connector, EndsSessions)


def carry_out(
    step: Step, targets: TargetSet, target: str, account_id: str, entry: RemoteAccount | None
) -> RemoteAccount | None:
    """The entry afterwards; None: it is deleted.

    :raises ConnectorError: the target did not do it, or may not have.
    """
    with targets.calling(target, _CALLS[type(step)], account_id):
        return _called(targets[target].connector, step, entry)


def present(entry: RemoteAccount | None) -> RemoteAccount:
    """The entry, which is there: plans never change what is not."""
    if entry is None:  # pragma: no cover  (a plan never changes what is not there)
        raise AssertionError("the plan changes an entry that is not there")
    return entry


def _called(connector: Connector, step: Step, entry: RemoteAccount | None) -> RemoteAccount | None:
    match step:
        case Create(new):
            return connector.create(new)
        case Adopt(marker) if isinstance(connector, Adopts):
            return connector.adopt(present(entry), marker)
        case Adopt():
            raise PermissionDenied("entries of this kind of system cannot be taken over")
        case Update(changes, marker):
            return connector.update(present(entry), changes, marker)
        case Grant(name) if isinstance(connector, Entitles):
            connector.grant(present(entry), name)
        case Revoke(name) if isinstance(connector, Entitles):
            connector.revoke(present(entry), name)
        case Disconnect() if isinstance(connector, EndsSessions):
            connector.end_sessions(present(entry))
        case Delete():
            connector.delete(present(entry))
            return None
    return entry
