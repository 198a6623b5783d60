"""Taking a stranger's user object over: by GUID, in one modify that only the first one to send it gets through."""

from connectors.active_directory.account_control import NORMAL, flags
from connectors.active_directory.accounts import DomainAccounts, by_guid
from connectors.active_directory.entry import ID, UserObject
from connectors.active_directory.settings import ActiveDirectorySettings
from connectors.ldap_client.adoption import Adoption, refuse_marked
from connectors.ldap_client.changes import added
from connectors.ldap_client.errors import CONSTRAINT_VIOLATION, VALUE_EXISTS, Answer
from connectors.ldap_client.names import is_at_or_below
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import Marker, PermissionDenied, RemoteAccount

_TAKEN = (VALUE_EXISTS, CONSTRAINT_VIOLATION)


class DomainAdoption:
    """Requests that are sent on a session."""

    def __init__(self, settings: ActiveDirectorySettings, shape: UserObject, accounts: DomainAccounts) -> None:
        self._settings = settings
        self._shape = shape
        self._accounts = accounts
        self._adoption = Adoption(settings.marker_attribute, ID)

    def take_over(self, session: Session, current: RemoteAccount, marker: Marker) -> RemoteAccount:
        """See :class:`~provisioner.connector.Adopts`.

        :raises PermissionDenied: also for what is no person's user object below ``people_base``, and where the marker's
            attribute takes one value and holds somebody else's.
        """
        refuse_marked(current)
        entry = self._accounts.locate(session, current)
        self._require_open(entry)
        answer = session.modify(by_guid(current.remote_id), self._adoption.change(entry, marker))
        if answer.code in _TAKEN:
            answer = self._as_only_value(session, current, marker)
        session.expect(answer, "taking the entry over")
        return self._shape.account(self._accounts.locate(session, current))

    def _as_only_value(self, session: Session, current: RemoteAccount, marker: Marker) -> Answer:
        """An attribute that takes one value needs no second one as a guard."""
        there = self._accounts.locate(session, current)
        self._require_open(there)
        if there.first(self._settings.marker_attribute):
            raise PermissionDenied(f"{self._settings.marker_attribute} of the entry holds something else")
        answer = session.modify(by_guid(current.remote_id), {self._settings.marker_attribute: added(str(marker))})
        if answer.code in _TAKEN:
            self._require_open(self._accounts.locate(session, current))
        return answer

    def _require_open(self, entry: Entry) -> None:
        self._adoption.require_open(entry, self._shape.marker(entry))
        if not flags(entry.values) & NORMAL:
            raise PermissionDenied("a group or a machine is never taken over")
        if not is_at_or_below(entry.dn, self._settings.people_base):
            raise PermissionDenied(f"the entry is not below {self._settings.people_base}: move it there first")
