"""What is said when a database is opened: which driver, how long to wait, how many connections."""

from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from provisioner.errors import ConfigurationError

_DRIVER = "postgresql+psycopg"
_CONNECT_SECONDS = 5
_SESSION = {
    # Whoever stands still in the middle of a unit of work loses it, and with it the rows that others wait for.
    "idle_in_transaction_session_timeout": "20s",
    # A waiting click is told to try again, instead of holding a connection for ever.
    "lock_timeout": "10s",
    # A client whose machine lost its power is noticed by the server, whose own waiting is two hours.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
"""Said to PostgreSQL with each new connection; ``options`` in the address comes later, and so wins."""
_POOL = {"pool_size": 10, "max_overflow": 20}
"""Connections of one process: ten stay open, twenty more come and go."""


def database_url(text: str) -> URL:
    """The address in a form that names our driver: ``postgresql://`` means psycopg 3.

    :raises ConfigurationError: it cannot be understood. Its text, which may hold a password, is not repeated.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ConfigurationError("store.url", "is not the address of a database") from None
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername=_DRIVER)
    if url.drivername != _DRIVER and url.get_backend_name() != "sqlite":
        raise ConfigurationError("store.url", f"{url.drivername} is no database of this service: SQLite or PostgreSQL")
    return url


def engine_options(url: URL) -> dict[str, Any]:
    """For :func:`sqlalchemy.create_engine`."""
    # A statement that fails is quoted in the error, and the error in the log: its values must not be.
    options: dict[str, Any] = {"hide_parameters": True, **_POOL}
    if url.get_backend_name() == "sqlite":
        return {**options, "pool_timeout": 60, "connect_args": {"check_same_thread": False}}
    return {**options, "pool_timeout": 10, "connect_args": _session_of(url)}


def _session_of(url: URL) -> dict[str, Any]:
    """What the address itself says stays as it says."""
    said = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    own = url.query.get("options", "")
    told = " ".join([said, *([own] if isinstance(own, str) else own)]).strip()
    defaults = {"application_name": "siak-provisioner", "connect_timeout": _CONNECT_SECONDS}
    given = {name: value for name, value in defaults.items() if name not in url.query}
    return {**given, "options": told, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
