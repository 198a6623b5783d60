"""The settings of a MariaDB target. Validating never connects; unknown keys are refused, so none turns TLS off."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.entitlements import EntitlementTemplates
from connectors.template import PROFILE_FIELDS

NAME_LENGTH = 80
"""MariaDB 10.11 takes 128 characters; client programs that know the older limit cut at 80."""


def _profile_field(name: str) -> str:
    if name not in PROFILE_FIELDS:
        raise ValueError(f"unknown field; known are {', '.join(sorted(PROFILE_FIELDS))}")
    return name


class MariadbSettings(BaseModel):
    """How to reach a MariaDB server and what an account of ours looks like there."""

    # Values are kept out of error texts: somebody will try to put the password here.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    host: str = Field(min_length=1)
    """Name of the server as in its certificate. Every process that writes here must name the same server: the lock that
    keeps writers apart is that server's own, in a Galera cluster one node's."""
    port: int = Field(default=3306, ge=1, le=65535)
    """Port of the server."""
    user: str = Field(min_length=1)
    """The service account, which may create users."""
    password_env: str | None = None
    """Name of the environment variable that holds the service account's password. This or ``password_file``."""
    password_file: Path | None = None
    """File that holds the service account's password, in its first line. Read at every sign-in, so it may change."""
    ca_file: Path | None = None
    """PEM file of the authority that signed the server's certificate; without it the machine's own authorities count.
    Certificate and host name are always verified."""
    connect_timeout: int = Field(default=5, ge=1)
    """Seconds to wait for a connection."""
    idle_connections: int = Field(default=4, ge=0)
    """How many connections are kept open between calls."""

    db_schema: str = Field(default="siak_provisioner", alias="schema", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
    """The database that holds our table of versions."""
    table: str = Field(default="accounts", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
    """Its name."""
    create_tables: bool = False
    """Create the table at first use where it is missing; the database must be there."""

    account_host: str = Field(default="%", min_length=1, max_length=255, pattern=r"^[A-Za-z0-9.:%_/-]+$")
    """From where operators may connect: the part of an account behind the ``@``, e.g. ``10.20.%``."""
    system_accounts: list[str] = ["root", "mysql", "mariadb.sys"]
    """User names that are the server's own business: left out when everybody is listed. The service account is too."""
    profile: list[Annotated[str, AfterValidator(_profile_field)]] = [
        "full_name",
        "display_name",
        "role",
        "region",
        "org_unit",
        "position",
        "valid_until",
    ]
    """What is kept of the person in our table, for comparison: MariaDB has no place for it."""
    entitlements: EntitlementTemplates = {}
    """Roles of the server by role of the catalogue (``*``: every role), as templates, e.g.
    ``{"*": ["siak", "peran-{role}"]}``. The service account must hold each of them WITH ADMIN OPTION."""
    default_role: str | None = Field(default=None, min_length=1)
    """One of these roles, which is in force as soon as an operator signs in; MariaDB knows one for each user. The
    others need SET ROLE. With it the service account needs UPDATE on ``mysql.*``."""

    scheme: Literal["ed25519", "mysql_native_password"] = "ed25519"
    """How passwords are kept. ``mysql_native_password`` (SHA-1) only where an old client must sign in."""
    judged_by: Literal["here", "server"] = "here"
    """Who judges a password that its user chooses. ``here``: this service (length, not the old one); only a one-way
    form reaches the server. ``server``: the server's own password validation too, which has to see it in clear (inside
    TLS)."""
    password_min_length: int = Field(default=10, ge=1)
    """Characters a password chosen by its user must have."""
    username_max_length: int = Field(default=64, ge=1, le=NAME_LENGTH)
    """Characters a user name may have."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if bool(self.password_env) == bool(self.password_file):
            raise ValueError("one of password_env and password_file is needed")
        return self
