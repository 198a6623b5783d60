"""Officials as papers name them: post, name, rank, NIP and mandate, frozen as text at the moment they acted."""

from pydantic import TypeAdapter

from provisioner.actor import Actor, Capacity
from provisioner.pact import Acting, ActingKind, PactOfficial
from provisioner.person import StaffNumber, StaffNumberKind
from provisioner.store.tables import ActRow

_ADAPTER = TypeAdapter(PactOfficial)


def frozen(actor: Actor, capacity: Capacity) -> str:
    """What to keep of somebody who acts now in ``capacity``, as JSON."""
    acting = None
    if capacity.kind and capacity.order_date is not None:
        kind = ActingKind[capacity.kind]
        acting = Acting(kind, actor.position, capacity.order_number, capacity.order_date)
    number = StaffNumber(StaffNumberKind.NIP, actor.staff_number).display() if actor.staff_number else ""
    return _ADAPTER.dump_json(
        PactOfficial(actor.name, capacity.title or capacity.label, number, actor.rank, acting)
    ).decode()


def read(kept: str) -> PactOfficial:
    """Back from :func:`frozen`."""
    return _ADAPTER.validate_json(kept)


def of_act(act: ActRow) -> PactOfficial:
    """Who did it. Of an act from before it was frozen, only the post and the name are known."""
    if act.signed_as:
        return read(act.signed_as)
    post, _, name = act.actor_label.partition(", ")
    return PactOfficial(name, post)
