"""Entitlements as groups of the domain. Memberships through other groups are not followed."""

from dataclasses import replace

from connectors.active_directory.errors import NOT_A_MEMBER, reason
from connectors.ldap_client.errors import ENTRY_EXISTS, NO_SUCH_ATTRIBUTE, UNWILLING, VALUE_EXISTS, Answer
from connectors.ldap_client.groups import Groups
from connectors.ldap_client.session import Entry, Session


class DomainGroups(Groups):
    """Active Directory has answers of its own for a membership that is there already, or is not there."""

    def _add(self, session: Session, group: str, entry: Entry) -> Answer:
        answer = super()._add(session, group, entry)
        return replace(answer, code=VALUE_EXISTS) if answer.code == ENTRY_EXISTS else answer

    def _remove(self, session: Session, group: str, entry: Entry) -> Answer:
        answer = super()._remove(session, group, entry)
        # Windows names the reason, Samba does not; nothing else about a removal makes either of them unwilling.
        absent = answer.code == UNWILLING and reason(answer) in (0, NOT_A_MEMBER)
        return replace(answer, code=NO_SUCH_ATTRIBUTE) if absent else answer
