"""The statements that change roles. Names and values go through the driver's quoting, as these take no parameters."""

from typing import LiteralString

from psycopg.sql import SQL, Composed, Identifier, Literal

_Part = SQL | Composed


def create(name: str, *, log_in: bool, limit: int, until: str, verifier: str | None = None) -> Composed:
    """A role with no rights, and without a verifier with no password."""
    options = [_log_in(log_in), *_bounds(limit, until), *_password(verifier)]
    return SQL("CREATE ROLE {} WITH {}").format(Identifier(name), SQL(" ").join(options))


def alter(
    name: str,
    *,
    log_in: bool | None = None,
    limit: int | None = None,
    until: str | None = None,
    verifier: str | None = None,
) -> Composed | None:
    """The change; None where nothing changes."""
    options: list[_Part] = [] if log_in is None else [_log_in(log_in)]
    options += [*_bounds(limit, until), *_password(verifier)]
    return SQL("ALTER ROLE {} WITH {}").format(Identifier(name), SQL(" ").join(options)) if options else None


def set_own_password(verifier: str) -> Composed:
    """For the role that is signed in."""
    return SQL("ALTER ROLE CURRENT_USER WITH PASSWORD {}").format(Literal(verifier))


def rename(name: str, new: str) -> Composed:
    """The oid, the SCRAM verifier and the memberships stay."""
    return SQL("ALTER ROLE {} RENAME TO {}").format(Identifier(name), Identifier(new))


def comment(name: str, text: str) -> Composed:
    """Replace the comment."""
    return SQL("COMMENT ON ROLE {} IS {}").format(Identifier(name), Literal(text))


def together(*parts: Composed) -> Composed:
    """Several as one message. The server logs them as one if one of them fails."""
    return SQL("; ").join(parts)


def drop(name: str) -> Composed:
    """Its memberships go with it; what it owns prevents it."""
    return SQL("DROP ROLE {}").format(Identifier(name))


def grant(group: str, name: str) -> Composed:
    """Make it a member."""
    return SQL("GRANT {} TO {}").format(Identifier(group), Identifier(name))


def revoke(group: str, name: str) -> Composed:
    """End the membership."""
    return SQL("REVOKE {} FROM {}").format(Identifier(group), Identifier(name))


def _log_in(allowed: bool) -> SQL:
    word: LiteralString = "LOGIN" if allowed else "NOLOGIN"
    return SQL(word)


def _password(verifier: str | None) -> list[_Part]:
    return [] if verifier is None else [SQL("PASSWORD {}").format(Literal(verifier))]


def _bounds(limit: int | None, until: str | None) -> list[_Part]:
    options: list[_Part] = []
    if limit is not None:
        options.append(SQL("CONNECTION LIMIT {}").format(Literal(limit)))
    if until is not None:
        options.append(SQL("VALID UNTIL {}").format(Literal(until)))
    return options
