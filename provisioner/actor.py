"""Who acts: an official in one of their capacities. What a person may not do or see is refused here, in the core."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from provisioner import audit
from provisioner.errors import NotAllowed


@dataclass(frozen=True)
class Capacity:
    """A post in which somebody may act now: their own, or one they act for as Plt. or Plh. (UU 30/2014 Pasal 14)."""

    post: str
    """Identifier of the post, e.g. ``head``."""
    label: str
    """As papers and pages say it: "Kepala Dinas" or "Plt. Kepala Dinas"."""
    kind: str = ""
    """Empty for the holder, else ``PLT`` or ``PLH``."""
    order: str = ""
    """Number and date of the order that gives the mandate, in words; empty for the holder."""
    title: str = ""
    """The post as papers name it in full; empty: as ``label``."""
    order_number: str = ""
    order_date: date | None = None


@dataclass(frozen=True)
class Actor:
    """An official, as the store knew them when the request came in."""

    official_id: str
    """Empty for somebody at the machine's own console."""
    username: str
    name: str
    """With titles."""
    capacities: tuple[Capacity, ...] = ()
    staff_number: str = ""
    rank: str = ""
    position: str = ""
    person_key: bytes | None = None
    staff_key: bytes | None = None
    session_id: str = ""
    address: str = ""

    @property
    def posts(self) -> frozenset[str]:
        """Identifiers of every post this person may act in now."""
        return frozenset(capacity.post for capacity in self.capacities)

    def holds(self, *posts: str) -> bool:
        """Whether this person may act in one of ``posts`` now."""
        return any(True for _ in self._capacities_in(posts))

    def require(self, *posts: str) -> Capacity:
        """The capacity in which this person acts: their own post before one they stand in for.

        :raises NotAllowed: they hold none of ``posts``; ``data["posts"]`` names who may.
        """
        for capacity in self._capacities_in(posts):
            return capacity
        raise NotAllowed("not-your-post", posts=",".join(posts))

    def in_trail(self, capacity: Capacity | None = None) -> audit.Actor:
        """This person as the audit trail names them."""
        if not self.official_id:
            return audit.Actor.command(self.username)
        label = capacity.label if capacity else (self.capacities[0].label if self.capacities else self.position)
        return audit.Actor.official(self.official_id, label, name=self.name)

    def _capacities_in(self, posts: tuple[str, ...]) -> Iterator[Capacity]:
        own_first = sorted(self.capacities, key=lambda capacity: bool(capacity.kind))
        return (capacity for capacity in own_first if capacity.post in posts)
