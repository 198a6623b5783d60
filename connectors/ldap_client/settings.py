"""How to reach an LDAP server and sign in to it: what the settings of every directory begin with."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.ldap_client.names import Dn


def _valid_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("ldap", "ldaps", "ldapi") or not parts.netloc:
        raise ValueError("an address is ldaps://host[:port], ldap://host[:port] or ldapi://path-percent-encoded")
    if parts.path.strip("/") or parts.query or parts.username:
        raise ValueError("an address holds a host and a port and nothing else")
    if parts.scheme != "ldapi" and parts.port == 0:
        raise ValueError("port 0 is not a port")
    return url


LdapUrl = Annotated[str, AfterValidator(_valid_url)]


class LdapClientSettings(BaseModel):
    """The server's addresses, the service account and how to hold connections. Validating never connects; unknown keys
    are refused, so none turns TLS off.
    """

    # Values are kept out of error texts: somebody will try to put the password here.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    urls: list[LdapUrl] = Field(min_length=1)
    """Addresses, tried in this order; the first that works is kept until it fails. ``ldaps://`` is TLS from the start,
    ``ldap://`` always upgrades with StartTLS, ``ldapi://`` is a local socket. Several addresses must be providers of
    one directory; the one that takes the writes first."""
    ca_file: Path | None = None
    """PEM file of the authority that signed the server's certificate; without it the machine's own authorities count.
    Certificate and host name are always verified."""
    bind_dn: Dn | None = None
    """The service account. Without it (only over ``ldapi://``) the operating system's user counts (SASL EXTERNAL)."""
    bind_password_env: str | None = None
    """Name of the environment variable that holds the service account's password. This or ``bind_password_file``."""
    bind_password_file: Path | None = None
    """File that holds the service account's password, in its first line. Read at every sign-in, so it may change."""
    connect_timeout: float = Field(default=5.0, gt=0)
    """Seconds to wait for one address to accept a connection, before the next is tried."""
    idle_connections: int = Field(default=4, ge=0)
    """How many connections are kept open between calls."""
    page_size: int = Field(default=500, ge=1)
    """Entries per page when everything is read (RFC 2696)."""

    @model_validator(mode="after")
    def _knows_how_to_sign_in(self) -> Self:
        sources = [source for source in (self.bind_password_env, self.bind_password_file) if source]
        if self.bind_dn is None:
            if sources or any(not url.startswith("ldapi:") for url in self.urls):
                raise ValueError("bind_dn is missing; only ldapi:// without a password can do without")
        elif len(sources) != 1:
            raise ValueError("exactly one of bind_password_env and bind_password_file is needed")
        return self
