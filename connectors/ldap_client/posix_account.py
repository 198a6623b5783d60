"""What makes an entry an account of Unix machines as well (``posixAccount``, RFC 2307), with a number of its own.

The next free number stands in an entry of the directory. Taking it is a compare-and-swap: delete the number that was
read, add the one after it. The server refuses all of it (noSuchAttribute) to everybody but the first, so no number is
ever given twice, by however many machines, and without a rule in the server. A create that fails afterwards leaves a
number unused; none is ever used again.
"""

import secrets

from connectors.ldap_client.changes import swapped
from connectors.ldap_client.errors import NO_SUCH_ATTRIBUTE
from connectors.ldap_client.session import Session
from connectors.ldap_client.tree import POSIX_COUNTER, TreeSettings
from provisioner.connector import PermissionDenied, ProtocolError

Values = dict[str, list[bytes]]


class PosixAccounts:
    """Gives the further attributes of a new entry. Without ``posix_counter`` there are none."""

    def __init__(self, settings: TreeSettings) -> None:
        self._settings = settings

    def attributes(self, session: Session, username: str) -> Values:
        """Those of a new account, with a fresh number.

        :raises PermissionDenied: the counter is not there or not shown to the service account, or may not be changed.
        :raises ProtocolError: it holds no number.
        :raises InDoubt: the time for this call is up.
        """
        if self._settings.posix_counter is None:
            return {}
        return self._with_number(username, self._fresh_number(session, self._settings.posix_counter))

    def trial_attributes(self, username: str) -> Values:
        """Those of an entry that is made for a moment only: its number is far from all others."""
        if self._settings.posix_counter is None:
            return {}
        return self._with_number(username, 2_000_000_000 + secrets.randbelow(100_000_000))

    def next_number(self, session: Session, counter: str) -> int:
        """The number that will be given next; raises as :meth:`attributes` does."""
        entry = session.read(counter, [POSIX_COUNTER])
        if entry is None:
            raise PermissionDenied(f"posix_counter: {counter} is not there or not shown to the service account")
        number = entry.first(POSIX_COUNTER)
        if not number.isdecimal():
            raise ProtocolError(f"posix_counter: {counter} holds no number in {POSIX_COUNTER}")
        return int(number)

    def _fresh_number(self, session: Session, counter: str) -> int:
        while True:
            number = self.next_number(session, counter)
            answer = session.modify(counter, {POSIX_COUNTER: swapped(str(number), str(number + 1))})
            if answer.code != NO_SUCH_ATTRIBUTE:
                session.expect(answer, "taking the next uidNumber")
                return number

    def _with_number(self, username: str, number: int) -> Values:
        settings = self._settings
        home = "/".join((settings.posix_home.rstrip("/"), username))
        values = {
            "uidNumber": str(number),
            "gidNumber": str(settings.posix_group_number),
            "homeDirectory": home,
            "loginShell": settings.posix_shell,
        }
        return {name: [value.encode()] for name, value in values.items()}
