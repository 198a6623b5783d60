"""Users as the server has them: read from ``mysql.global_priv``, changed by the statements for that.

https://mariadb.com/kb/en/mysql-global_priv-table/
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from connectors.mariadb import marked
from connectors.mariadb.line import Line
from connectors.mariadb.settings import MariadbSettings
from connectors.mariadb.verifier import FORMS, NATIVE

_COLUMNS = "g.Host, g.User, g.Priv"
_FROM = "FROM mysql.global_priv g WHERE NOT COALESCE(JSON_VALUE(g.Priv, '$.is_role'), 0)"
_NAME = "CONVERT(g.User USING utf8mb4) COLLATE utf8mb4_nopad_bin"


@dataclass(frozen=True)
class User:
    """One ``'name'@'host'``."""

    name: str
    host: str
    locked: bool
    expired: bool
    ways: tuple[tuple[str, str], ...] = field(repr=False)
    """How one signs in: plug-in and what it compares with, in the server's order."""

    @property
    def account_id(self) -> str | None:
        """Whose it is; None: a stranger's."""
        plugin, text = self.ways[-1]
        return marked.carried(text) if plugin == NATIVE else None

    @property
    def own_id(self) -> str:
        """By which a stranger's user is known, and its account if it becomes ours: as long as it keeps its name until
        then. The server itself has no other.
        """
        return sha256(json.dumps([self.name, self.host]).encode()).hexdigest()[:32]

    @property
    def has_only_passwords(self) -> bool:
        """Whether one signs in by passwords that this service can try and replace, and in no other way."""
        return {plugin for plugin, _ in self.ways} <= FORMS.keys()

    @property
    def key(self) -> tuple[str, str]:
        """As the server identifies it."""
        return self.name, self.host


class Users:
    """Reads and writes users."""

    def __init__(self, settings: MariadbSettings) -> None:
        self._scheme = settings.scheme
        self._host = settings.account_host
        self._hidden = sorted({settings.user, *settings.system_accounts})

    def named(self, line: Line, username: str) -> list[User]:
        """Every user of this name, whatever its case and host. MariaDB itself takes two cases for two users."""
        return self._read(line, f"AND LOWER({_NAME}) = LOWER(%s)", username)

    def carrying(self, line: Line, account_id: str) -> list[User]:
        """Every user that carries this account's id."""
        pattern = f'%"{marked.carrier(account_id)}"%'
        return [user for user in self._read(line, "AND g.Priv LIKE %s", pattern) if user.account_id == account_id]

    def is_the_servers(self, user: User) -> bool:
        """Whether this is the server's own business, or the service account."""
        return user.name in self._hidden

    def page(self, line: Line, after: tuple[str, str], size: int) -> list[User]:
        """The next users in order of name and host, without the server's own."""
        beyond = f"AND {_NAME} NOT IN %s AND (g.User, g.Host) > (%s, %s) ORDER BY g.User, g.Host LIMIT %s"
        return self._read(line, beyond, self._hidden, *after, size)

    def role_exists(self, line: Line, name: str) -> bool:
        """Whether a role has this name: GRANT could not tell them apart."""
        statement = "SELECT 1 FROM mysql.global_priv g WHERE JSON_VALUE(g.Priv, '$.is_role') AND g.User = %s"
        return bool(line.rows("reading roles", statement, name))

    def create(
        self, line: Line, name: str, account_id: str, password: str | None, *, locked: bool, expired: bool
    ) -> None:
        """Whole in one statement: ways to sign in, TLS, expiry, lock."""
        ways, values = self._ways(password, account_id)
        options = f"REQUIRE SSL{' PASSWORD EXPIRE' if expired else ''} ACCOUNT {'LOCK' if locked else 'UNLOCK'}"
        line.change("creating a user", f"CREATE USER %s@%s {ways} {options}", name, self._host, *values)

    def alter(
        self,
        line: Line,
        user: User,
        account_id: str,
        *,
        password: str | None = None,
        locked: bool | None = None,
        expired: bool = False,
    ) -> None:
        """One statement; nothing where nothing changes. A new password is not expired unless that is said too."""
        ways, values = self._ways(password, account_id) if password is not None else ("", ())
        options = [ways] if ways else []
        options += ["PASSWORD EXPIRE"] if expired else []
        options += [] if locked is None else ["ACCOUNT LOCK" if locked else "ACCOUNT UNLOCK"]
        if options:
            line.change("changing a user", f"ALTER USER %s@%s {' '.join(options)}", *user.key, *values)

    def mark(self, line: Line, user: User, account_id: str) -> None:
        """Put the account's id into a stranger's user, behind the ways to sign in that it has. The server takes them
        all or none, and counts them as a new password, so that an expired one has to be expired anew.
        """
        ways = [*user.ways, (NATIVE, marked.carrier(account_id))]
        texts = " OR ".join(f"{plugin} USING %s" for plugin, _ in ways)
        expiry = " PASSWORD EXPIRE" if user.expired else ""
        statement = f"ALTER USER %s@%s IDENTIFIED VIA {texts}{expiry}"
        line.change("taking a user over", statement, *user.key, *(text for _, text in ways))

    def rename(self, line: Line, user: User, name: str) -> None:
        """Password, lock, roles and the carried id stay."""
        line.change("renaming a user", "RENAME USER %s@%s TO %s@%s", *user.key, name, user.host)

    def drop(self, line: Line, user: User) -> None:
        """Its roles go with it."""
        line.change("removing a user", "DROP USER %s@%s", *user.key)

    def _ways(self, password: str | None, account_id: str) -> tuple[str, tuple[str, ...]]:
        carrier = marked.carrier(account_id)
        if password is None:
            return f"IDENTIFIED VIA {NATIVE} USING %s", (carrier,)
        return f"IDENTIFIED VIA {self._scheme} USING %s OR {NATIVE} USING %s", (password, carrier)

    def _read(self, line: Line, condition: str, *values: object) -> list[User]:
        rows = line.rows("reading users", f"SELECT {_COLUMNS} {_FROM} {condition}", *values)
        return [_user(*row) for row in rows]


def account_ids(users: Iterable[User]) -> set[str]:
    """Of those that are ours."""
    return {account_id for account_id in (user.account_id for user in users) if account_id is not None}


def _user(host: Any, name: Any, text: Any) -> User:
    said = json.loads(_text(text))
    first = (str(said.get("plugin", "")), str(said.get("authentication_string", "")))
    # Of several ways one stands outside of the list, for older servers; an empty object keeps its place.
    ways = tuple(
        (str(way["plugin"]), str(way.get("authentication_string", ""))) if way else first
        for way in said.get("auth_or", [{}])
    )
    expired = said.get("password_last_changed") == 0
    return User(_text(name), _text(host), bool(said.get("account_locked")), expired, ways)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
