"""One step of a plan, carried out by the port's method for it."""

from provisioner.connector import Adopts, Connector, EndsSessions, Entitles, PermissionDenied, RemoteAccount
from provisioner.convergence.plan import Adopt, Create, Delete, Disconnect, Grant, Revoke, Step, Update
from provisioner.convergence.snapshot import Snapshot
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


def may_be_left_out(step: Step, targets: TargetSet, target: str) -> bool:
    """Ending sessions, where this kind of target knows none: every other step has to be carried out."""
    return isinstance(step, Disconnect) and not isinstance(targets[target].connector, EndsSessions)


def carry_out(step: Step, targets: TargetSet, snapshot: Snapshot, entry: RemoteAccount | None) -> RemoteAccount | None:
    """The entry as the target answers it, without what a step gives it or takes away; None: it is deleted.

    :raises ConnectorError: the target did not do it, or may not have.
    """
    with targets.calling(snapshot.target, _CALLS[type(step)], snapshot.account.id):
        return _called(targets[snapshot.target].connector, step, entry)


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
