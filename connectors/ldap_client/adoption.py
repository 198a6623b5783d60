"""Taking a stranger's entry over at a server that knows no assertions (RFC 4528).

There is no way to say "as long as there is no marker" there. But a server refuses a whole modify that adds a value
which is there already (attributeOrValueExists, RFC 4511 section 4.6). So whoever takes an entry over adds a value of
the entry's own beside the marker, ``siak-provisioner-adopted:<id>``: only the first does. It stays with the entry.
"""

from connectors.ldap_client.changes import Change, added_all, removed_all
from connectors.ldap_client.session import Entry
from provisioner.connector import MARKER_PREFIX, Marker, PermissionDenied, RemoteAccount, StaleVersion

ADOPTED = f"{MARKER_PREFIX}-adopted"


def refuse_marked(current: RemoteAccount) -> None:
    """:raises PermissionDenied: what was read is no stranger's entry."""
    if current.marker is not None:
        raise PermissionDenied("the entry carries a marker already")


class Adoption:
    """Of entries whose marker stands in one attribute, and their immutable id in another."""

    def __init__(self, marker_attribute: str, id_attribute: str) -> None:
        self._marker_attribute = marker_attribute
        self._id_attribute = id_attribute

    def change(self, entry: Entry, marker: Marker) -> dict[str, Change]:
        """What takes an entry over; refused once somebody has."""
        return {self._marker_attribute: added_all(str(marker), self._own_value(entry))}

    def undone(self, entry: Entry, marker: Marker) -> dict[str, Change]:
        """What takes that back."""
        return {self._marker_attribute: removed_all(str(marker), self._own_value(entry))}

    def require_open(self, entry: Entry, marker: Marker | None) -> None:
        """Nothing, when nobody has taken the entry over.

        :param marker: the one that it carries now.
        :raises StaleVersion: it carries one.
        :raises PermissionDenied: it was taken over, and the marker was removed by hand.
        """
        if marker is not None:
            raise StaleVersion("the entry carries a marker by now")
        if self._own_value(entry) in entry.values.get(self._marker_attribute.lower(), ()):
            raise PermissionDenied("the entry was taken over before, and its marker was removed by hand")

    def _own_value(self, entry: Entry) -> str:
        # With the entry's id, since no two entries may share a value where the attribute is to be unique.
        return f"{ADOPTED}:{entry.first(self._id_attribute)}"
