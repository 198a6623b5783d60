"""Signing in on the server's own protocol, and the change of password by its user."""

from connectors.postgresql import scram, statements
from connectors.postgresql.errors import (
    BAD_CREDENTIALS,
    NO_DATABASE,
    NO_LOGIN,
    TOO_MANY,
    committing,
    refusal_of,
    translated,
)
from connectors.postgresql.pool import Line, Pool
from connectors.postgresql.settings import PostgresqlSettings
from connectors.postgresql.text import sendable
from connectors.username import require_fit
from provisioner.connector import (
    Authentication,
    ConnectorError,
    InvalidAttribute,
    Limits,
    Outcome,
    PermissionDenied,
    PolicyViolation,
)

_OUTCOMES = {
    BAD_CREDENTIALS: Outcome.REJECTED,
    NO_LOGIN: Outcome.LOCKED,
    # Both are found out after the password was right and the role may log in.
    NO_DATABASE: Outcome.ACCEPTED,
    TOO_MANY: Outcome.ACCEPTED,
}
_EXPLANATIONS = {
    BAD_CREDENTIALS: "wrong user name or password",
    NO_LOGIN: "the role may not log in",
    NO_DATABASE: "the role may not connect to the database for signing in",
    TOO_MANY: "the role has too many connections open",
}


class SignIn:
    """Every try is a connection of the user's own, which is closed at once."""

    def __init__(self, settings: PostgresqlSettings, pool: Pool, limits: Limits) -> None:
        self._settings = settings
        self._pool = pool
        self._limits = limits

    def authenticate(self, username: str, password: str) -> Authentication:
        """A role that may not log in is told for the right password only. One whose time is over, and one without a
        password, are rejected like a wrong password: the server does not tell them apart.
        """
        try:
            line = self._connect(username, password)
        except _Refused as refusal:
            return Authentication(_OUTCOMES[refusal.text])
        line.close()
        return Authentication(Outcome.ACCEPTED)

    def change_password(self, username: str, old: str, new: str) -> None:
        """Set a verifier computed here. A role that may not log in cannot change anything: it gets its first password
        from the core, together with the permission.

        :raises PermissionDenied: wrong user name or password, or the role may not log in.
        :raises PolicyViolation: the new password is too short or the old one.
        :raises InDoubt: no answer to the change.
        """
        try:
            line = self._connect(username, old)
        except _Refused as refusal:
            raise PermissionDenied(_EXPLANATIONS[refusal.text]) from refusal
        try:
            if len(new) < self._settings.password_min_length:
                raise PolicyViolation("the new password is too short", rule="too-short")
            if new == old:
                raise PolicyViolation("the new password is the old one", rule="in-history")
            verifier = scram.verifier(new, self._settings.scram_iterations)
            self._set(line, verifier.text)
        finally:
            line.close()

    def _set(self, line: Line, verifier: str) -> None:
        with translated("changing the password"):
            line.execute("BEGIN")
            line.execute(statements.set_own_password(verifier))
        with committing("changing the password"):
            line.execute("COMMIT")

    def _connect(self, username: str, password: str) -> Line:
        """:raises _Refused: the server said no to this user."""
        try:
            name = require_fit(username.lower(), self._limits)
        except InvalidAttribute:
            raise _Refused(BAD_CREDENTIALS) from None
        if not password or not sendable(password):
            raise _Refused(BAD_CREDENTIALS)
        database = self._settings.sign_in_database or self._settings.database
        try:
            return self._pool.connect("signing in", name, password, database)
        except ConnectorError as error:
            text = refusal_of(error.__cause__)
            if text not in _OUTCOMES:
                raise
            raise _Refused(text) from error


class _Refused(Exception):
    """The server said no; ``text`` is a key of the tables above."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
