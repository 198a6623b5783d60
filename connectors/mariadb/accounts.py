"""Users, our table and roles put together as what the port calls an account."""

from collections.abc import Callable, Iterable, Sequence

from connectors.mariadb import marked
from connectors.mariadb.ledger import Ledger, Row
from connectors.mariadb.line import Line
from connectors.mariadb.roles import Roles
from connectors.mariadb.users import User, Users, account_ids
from provisioner.connector import Marker, PermissionDenied, RemoteAccount, StaleVersion, UnknownAccount


class Accounts:
    """Reads. Our table comes first and the users after it, as writers do it the other way round: a version that is read
    is never newer than what stands beside it, and a write that rests on an older one is refused.
    """

    def __init__(self, users: Users, ledger: Ledger, roles: Roles | None) -> None:
        self._users = users
        self._ledger = ledger
        self._roles = roles

    def named(self, line: Line, username: str) -> RemoteAccount | None:
        """Ours first, where several users have this name at different hosts or in different case."""
        seen = self._joined(line, self._users.named(line, username), lambda: self._users.named(line, username))
        return min(seen, key=lambda account: (account.marker is None, account.remote_id), default=None)

    def of(self, line: Line, account_id: str) -> list[RemoteAccount]:
        """Every entry of this account."""
        if not marked.fits(account_id):
            return []
        rows = self._ledger.rows(line, [account_id])
        users = self._users.carrying(line, account_id)
        return self._accounts(line, users, rows)

    def page(self, line: Line, after: tuple[str, str], size: int) -> tuple[list[RemoteAccount], tuple[str, str] | None]:
        """The next accounts, and where to go on; None at the end."""
        users = self._users.page(line, after, size)
        seen = self._joined(line, users, lambda: self._users.page(line, after, size))
        return seen, users[-1].key if len(users) == size else None

    def one(self, line: Line, account_id: str) -> RemoteAccount:
        """After a write, under the lock."""
        (account,) = self.of(line, account_id)
        return account

    def stranger(self, line: Line, current: RemoteAccount) -> User:
        """The user that was read as ``current`` and is to become ours.

        :raises UnknownAccount: it is gone, or was renamed. :raises StaleVersion: it carries an account's id by now.
        :raises PermissionDenied: it is the server's own, one of several of this name, or signs in otherwise than by
            password.
        """
        namesakes = self._users.named(line, current.username)
        user = next((each for each in namesakes if each.own_id == current.remote_id), None)
        if user is None:
            raise UnknownAccount("the user is gone")
        if user.account_id is not None:
            raise StaleVersion("the user carries a marker by now")
        if self._users.is_the_servers(user):
            raise PermissionDenied("a user of the server itself is never taken over")
        if len(namesakes) > 1:
            raise PermissionDenied("several users have this name; all but one must be removed first")
        if not user.has_only_passwords:
            raise PermissionDenied("the user signs in otherwise than by a password of ed25519 or mysql_native_password")
        return user

    def row_of(self, line: Line, account_id: str) -> Row:
        """What our table says; version 0 under the account's own id where it says nothing."""
        return self._ledger.rows(line, [account_id]).get(account_id) or _lost(account_id)

    def _joined(self, line: Line, users: Sequence[User], again: Callable[[], Sequence[User]]) -> list[RemoteAccount]:
        ids = account_ids(users)
        if not ids:
            return self._accounts(line, users, {})
        rows = self._ledger.rows(line, ids)
        now = again()
        # Those that came in between are read in the right order, each for itself.
        late = account_ids(now) - ids
        settled = self._accounts(line, [user for user in now if user.account_id not in late], rows)
        return settled + [account for account_id in sorted(late) for account in self.of(line, account_id)]

    def _accounts(self, line: Line, users: Sequence[User], rows: dict[str, Row]) -> list[RemoteAccount]:
        held = self._roles.held(line, [user.key for user in users]) if self._roles is not None else {}
        return [self._account(user, rows, held.get(user.key, ())) for user in users]

    def _account(self, user: User, rows: dict[str, Row], roles: Iterable[str]) -> RemoteAccount:
        account_id = user.account_id
        row = rows.get(account_id, _lost(account_id)) if account_id is not None else None
        return RemoteAccount(
            remote_id=row.remote_id if row is not None else user.own_id,
            username=user.name,
            marker=row.marker if row is not None else None,
            enabled=not user.locked,
            must_change=user.expired,
            profile=self._ledger.seen(row),
            entitlements=frozenset(roles),
        )


def _lost(account_id: str) -> Row:
    return Row(Marker(account_id, 0), account_id, {})
