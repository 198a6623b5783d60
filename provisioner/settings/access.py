"""Sections about who gets in: the web front, passwords, second factor, limits."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from provisioner.office import PostId
from provisioner.settings.section import Count, Section

Network = IPv4Network | IPv6Network
Area = Literal["public", "officials", "it", "operators"]

_ANYWHERE: tuple[Network, ...] = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))


class NetworkSettings(Section):
    """From which networks each area of the pages may be reached. An empty list closes the area."""

    public: tuple[Network, ...] = _ANYWHERE
    """Applicants: the form, the receipt, the state of a request, opening the envelope, verifying a pact."""

    officials: tuple[Network, ...] = _ANYWHERE
    """Officials: their desks, the register, the audit trail."""

    it: tuple[Network, ...] = _ANYWHERE
    """IT: accounts, officials' accounts, systems."""

    operators: tuple[Network, ...] = _ANYWHERE
    """Operators: sign-in, change of password, sessions."""

    def allows(self, area: Area, address: str) -> bool:
        """Whether a caller at ``address`` may reach ``area``. What is not an address may reach nothing."""
        try:
            caller: IPv4Address | IPv6Address = ip_address(address)
        except ValueError:
            return False
        if isinstance(caller, IPv6Address) and caller.ipv4_mapped is not None:
            caller = caller.ipv4_mapped
        return any(caller in network for network in getattr(self, area))


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment or parts.username:
        raise ValueError("is not an address like https://siak.example.go.id")
    return text.rstrip("/")


class WebSettings(Section):
    """The web front."""

    host: str = "127.0.0.1"
    """Address to listen at. ``0.0.0.0`` opens the pages to the network: put a proxy with TLS before it."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port to listen at; 0 takes a free one and prints it."""

    public_url: Annotated[str, AfterValidator(_web_address)] | None = None
    """The address people type, e.g. ``https://siak.example.go.id``: it stands on papers and in QR codes. Without it:
    ``http://host:port``."""

    secure_cookies: bool | None = None
    """Cookies travel over HTTPS only. Without it: yes, if ``public_url`` begins with ``https``."""

    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0
    """How many proxies stand before the pages; that many last entries of ``X-Forwarded-For`` are believed."""

    threads: Count = 8
    """Requests answered at the same time."""

    upload_memory_mib: Count = 256
    """Memory in MiB for files that are being sent, all together: they are held in memory only, so that nothing of them
    is on a disk in clear. What does not fit waits, then its sender is asked to try again. Never less than one largest
    paper (``attachments.max_file_mib`` times ``attachments.max_files``). Reading a file takes about twice its size."""

    session_idle_minutes: Count = 30
    """A session ends when nothing has been asked for so long."""

    session_hours: Count = 9
    """A session ends after so long, whatever happens in it."""

    networks: NetworkSettings = NetworkSettings()
    """From where each area may be reached."""

    @property
    def cookies_are_secure(self) -> bool:
        """``secure_cookies``, or what follows from ``public_url``."""
        if self.secure_cookies is not None:
            return self.secure_cookies
        return (self.public_url or "").startswith("https://")

    @property
    def address(self) -> str:
        """``public_url``, or the address at which the pages listen."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @model_validator(mode="after")
    def _cookies_arrive(self) -> Self:
        if self.secure_cookies and (self.public_url or "").startswith("http://"):
            raise ValueError("secure_cookies cannot work with a public_url that begins with http://")
        return self


class PasswordSettings(Section):
    """Rules for passwords that people choose, and the price of hashing every password. Figures of OWASP, 2024."""

    min_length: Annotated[int, Field(ge=8, le=64)] = 12
    """Characters at least. A system of its own may ask for more."""

    max_length: Annotated[int, Field(ge=64, le=4096)] = 128
    """Characters at most."""

    first_days: Count = 14
    """How many days an official's first password lets in. It has to be changed at the first sign-in in any case."""

    argon2_memory_kib: Annotated[int, Field(ge=8, le=1048576)] = 19456
    """Memory in KiB that one hash costs (Argon2id, m)."""

    argon2_iterations: Annotated[int, Field(ge=1, le=100)] = 2
    """Passes over that memory (Argon2id, t). Lanes are always 1."""


class LockoutSettings(Section):
    """When a name that was tried with wrong passwords is locked."""

    max_failures: Count = 5
    """Wrong tries in a row before the lock."""

    minutes: Count = 15
    """How long the lock holds, and how long a wrong try counts."""


class TotpSettings(Section):
    """The second factor of officials: six digits from an authenticator application (RFC 6238)."""

    mandatory_for: tuple[PostId, ...] = tuple(PostId)
    """Posts that cannot sign in without a second factor."""

    issuer: str = ""
    """The name an authenticator application shows. Empty: the office's short name."""


class AttachmentSettings(Section):
    """Scans and photographs that come with a letter."""

    max_file_mib: Count = 10
    """Size of one file as it is sent, in MiB."""

    max_files: Count = 10
    """Files that one paper may be put together from."""

    max_pages: Count = 30
    """Pages of one paper."""

    max_image_megapixels: Count = 50
    """Photographs with more are refused: unpacking them would take the machine's memory."""

    image_edge_pixels: Annotated[int, Field(ge=800, le=10000)] = 2000
    """Photographs are reduced until the longer edge has so many."""

    jpeg_quality: Annotated[int, Field(ge=30, le=95)] = 75
    """Quality in which photographs are kept."""


class RateLimitSettings(Section):
    """How often one network address may do what anybody can do."""

    drafts_per_hour: Count = 20
    """Letters begun."""

    submissions_per_hour: Count = 20
    """Letters sent."""

    sign_ins_per_minute: Count = 20
    """Tries to sign in, whatever the name."""

    codes_per_minute: Count = 10
    """Tries with a collection code, a tracking code or a replacement code."""

    help_per_hour: Count = 10
    """Requests for help with a password; as many for one user name, from wherever they come."""

    verifications_per_minute: Count = 10
    """Pacts uploaded to be verified."""
