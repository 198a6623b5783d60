"""Operators sign in with their own names and passwords, on connections of their own."""

import pymysql

from connectors.mariadb import verifier
from connectors.mariadb.errors import BAD_CREDENTIALS, LOCKED, MUST_CHANGE, number_of, translated
from connectors.mariadb.line import Line
from connectors.mariadb.settings import MariadbSettings
from connectors.username import require_fit
from provisioner.connector import (
    Authentication,
    InDoubt,
    InvalidAttribute,
    Limits,
    Outcome,
    PermissionDenied,
    PolicyViolation,
)

_OTHER_FORM = 1372
_REFUSED = {1290: "the server takes no one-way forms (strict_password_validation): see judged_by"}
_RULES = {1819: "quality", 1290: "other"}
"""password_reuse_check too answers 1819."""


class SignIn:
    """The server decides; the password is proven to it, never sent."""

    def __init__(self, settings: MariadbSettings, limits: Limits, call_timeout: float) -> None:
        self._settings = settings
        self._limits = limits
        self._call_timeout = call_timeout

    def authenticate(self, username: str, password: str) -> Authentication:
        """A locked account is told as such for the right password only, one with too many failures for any."""
        name = self._fitting(username)
        if name is None or not _sendable(password):
            return Authentication(Outcome.REJECTED)
        try:
            line = Line.open(self._settings, name, password, self._call_timeout)
            try:
                line.execute("SELECT 1")
            finally:
                line.close()
        except pymysql.MySQLError as error:
            outcome = _outcome(number_of(error))
            if outcome is None:
                raise translated("signing in as a user", error) from error
            return Authentication(outcome)
        return Authentication(Outcome.ACCEPTED)

    def change_password(self, username: str, old: str, new: str) -> None:
        """See the port. What the user would not be let in with again is not sent.

        :raises InDoubt: no answer came.
        """
        name = self._fitting(username)
        if name is None or not _sendable(old):
            raise PermissionDenied("wrong user name or password")
        try:
            line = Line.open(self._settings, name, old, self._call_timeout, expired=True)
        except pymysql.MySQLError as error:
            if _outcome(number_of(error)) is not None:
                raise PermissionDenied("wrong user name or password, or the account is locked") from error
            raise translated("signing in as a user", error) from error
        try:
            self._judge(old, new)
            self._set(line, new)
        finally:
            line.close()

    def _judge(self, old: str, new: str) -> None:
        if len(new) < self._settings.password_min_length:
            raise PolicyViolation("the new password is too short", rule="too-short")
        if new == old:
            raise PolicyViolation("the new password is the old one", rule="in-history")
        if not _sendable(new):
            raise PolicyViolation("the new password has characters that cannot be sent", rule="quality")

    def _set(self, line: Line, new: str) -> None:
        try:
            if self._settings.judged_by == "server":
                line.execute("SET PASSWORD = PASSWORD(%s)", new)
            else:
                self._set_verifier(line, new)
        except pymysql.MySQLError as error:
            number = number_of(error)
            if number in _RULES:
                message = _REFUSED.get(number, "the server's password validation refuses the new password")
                raise PolicyViolation(message, rule=_RULES[number]) from error
            # The driver's error holds no statement; its cause neither.
            meaning = translated("changing a password", error, written=True)
            raise meaning from (None if isinstance(meaning, InDoubt) else error)

    def _set_verifier(self, line: Line, new: str) -> None:
        """In the scheme of the settings; in that of the old password where the server takes no other, as for a user
        that was there before it became ours.
        """
        first, second = sorted(verifier.FORMS, key=lambda scheme: scheme != self._settings.scheme)
        try:
            line.execute("SET PASSWORD = %s", verifier.make(first, new).text)
        except pymysql.MySQLError as error:
            if number_of(error) != _OTHER_FORM:
                raise
            line.execute("SET PASSWORD = %s", verifier.make(second, new).text)

    def _fitting(self, username: str) -> str | None:
        try:
            # Names of ours are in lower case, and compared without regard to it.
            return require_fit(username.lower(), self._limits)
        except InvalidAttribute:
            return None


def _outcome(number: int | None) -> Outcome | None:
    if number in MUST_CHANGE:
        return Outcome.MUST_CHANGE
    if number in LOCKED:
        return Outcome.LOCKED
    return Outcome.REJECTED if number in BAD_CREDENTIALS else None


def _sendable(password: str) -> bool:
    """An empty password is nobody's, and the protocol ends one at NUL."""
    if not password or "\0" in password:
        return False
    try:
        password.encode()
    except UnicodeEncodeError:
        return False
    return True
