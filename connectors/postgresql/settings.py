"""The settings of a PostgreSQL target. Validating never connects; unknown keys are refused, so none turns TLS off."""

from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.entitlements import EntitlementTemplates
from connectors.template import PROFILE_FIELDS

NAME_BYTES = 63
"""The longest name of anything in PostgreSQL (NAMEDATALEN - 1); it cuts longer ones off without a word."""


def _profile_field(name: str) -> str:
    if name not in PROFILE_FIELDS:
        raise ValueError(f"unknown field; known are {', '.join(sorted(PROFILE_FIELDS))}")
    if name == "valid_until":
        raise ValueError("valid_until has a place of its own in the role (VALID UNTIL)")
    return name


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("not a time zone") from None
    return name


class PostgresqlSettings(BaseModel):
    """How to reach a PostgreSQL server and what a role of ours looks like there."""

    # Values are kept out of error texts: somebody will try to put the password here.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    host: str = Field(min_length=1)
    """Name of the server as in its certificate, or the folder of its socket (``/var/run/postgresql``)."""
    port: int = Field(default=5432, ge=1, le=65535)
    """Port of the server."""
    database: str = Field(default="postgres", min_length=1)
    """The database to connect to. Roles belong to the whole server, but every process that writes here must name the
    same one: the locks that keep writers apart are the database's."""
    user: str = Field(min_length=1)
    """The service account, a role that may create roles."""
    password_env: str | None = None
    """Name of the environment variable that holds the service account's password. This or ``password_file``; neither
    where the socket's ``peer`` method knows it."""
    password_file: Path | None = None
    """File that holds the service account's password, in its first line. Read at every sign-in, so it may change."""
    ca_file: Path | None = None
    """PEM file of the authority that signed the server's certificate; without it the machine's own authorities count.
    Certificate and host name are always verified."""
    connect_timeout: int = Field(default=5, ge=2)
    """Seconds to wait for a connection."""
    idle_connections: int = Field(default=4, ge=0)
    """How many connections are kept open between calls."""

    sign_in_database: str | None = Field(default=None, min_length=1)
    """The database in which an operator's password is tried, if not ``database``. Operators need the right to connect
    to it."""
    profile: list[Annotated[str, AfterValidator(_profile_field)]] = ["full_name", "role", "region"]
    """What is written of the person into the role's comment, beside the marker. Everybody who may connect to the
    server can read comments."""
    connection_limit: int = Field(default=-1, ge=-1)
    """How many connections an operator may have open at once; -1: any number."""
    timezone: Annotated[str, AfterValidator(_time_zone)] = "Asia/Jakarta"
    """Where an account's last day ends at midnight (``VALID UNTIL``)."""
    entitlements: EntitlementTemplates = {}
    """Group roles by role of the catalogue (``*``: every role), as templates, e.g. ``{"*": ["siak", "peran-{role}"]}``.
    With it, memberships that the settings do not give are taken away; without it memberships are left alone."""

    scram_iterations: int = Field(default=4096, ge=4096, le=1_000_000)
    """Rounds of hashing in a password's verifier (RFC 7677 asks for 4096 at least). Every sign-in costs them."""
    password_min_length: int = Field(default=10, ge=1)
    """Characters a password chosen by its user must have; PostgreSQL itself sees verifiers only."""
    username_max_length: int = Field(default=NAME_BYTES, ge=1, le=NAME_BYTES)
    """Characters a user name may have."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.password_env and self.password_file:
            raise ValueError("password_env and password_file exclude each other")
        if not self.by_socket and not (self.password_env or self.password_file):
            raise ValueError("password_env or password_file is needed")
        return self

    @property
    def by_socket(self) -> bool:
        """Whether the server is reached over a socket of this machine."""
        return self.host.startswith("/")
