"""The client service as an office has it, who signs there, and what goes wrong."""

import os
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol as TypingProtocol

from provisioner.errors import ConfigurationError
from provisioner.person import Nik
from provisioner.signing.signer import SignatureRefused


class Protocol(StrEnum):
    """Which of the service's interfaces is spoken."""

    V1 = "v1"
    V2 = "v2"


class CertificateState(StrEnum):
    """The state of an official's certificate at BSrE. Only :attr:`ISSUE` may sign."""

    ISSUE = "ISSUE"
    EXPIRED = "EXPIRED"
    RENEW = "RENEW"
    WAITING_FOR_VERIFICATION = "WAITING_FOR_VERIFICATION"
    NEW = "NEW"
    NO_CERTIFICATE = "NO_CERTIFICATE"
    NOT_REGISTERED = "NOT_REGISTERED"
    SUSPEND = "SUSPEND"
    REVOKE = "REVOKE"
    UNKNOWN = "UNKNOWN"
    """The service said something else."""


class BsreRefused(SignatureRefused):
    """BSrE did not sign. Free of whatever was sent: neither NIK nor passphrase stand in it.

    ``code`` is one of ``bsre-unreachable`` (nobody answers, or only after the time allowed), ``bsre-credentials``
    (the service does not know this application), ``bsre-passphrase`` (2031), ``bsre-not-registered`` (2011),
    ``bsre-certificate`` (``data["state"]``), ``bsre-refused`` (``data["answer"]``: its number), ``bsre-answer-lost``
    (it may have signed, but the file never came: sign again), ``bsre-answer-wrong`` (what came is not our document
    with one more good signature).
    """


STOPS_ALL = frozenset({"bsre-unreachable", "bsre-credentials", "bsre-passphrase", "bsre-not-registered"})
"""After one of these a further document is not even tried: several wrong passphrases may lock the official out."""


@dataclass(frozen=True, repr=False)
class Signatory:
    """An official and the passphrase they have just typed. Lives for one call, is written nowhere, shows nothing."""

    nik: Nik
    passphrase: str

    def __repr__(self) -> str:
        return f"Signatory({self.nik})"


@dataclass(frozen=True)
class Placement:
    """Where the stamp stands: page from 0, corners in points from the lower left; the height of the page."""

    page: int
    left: float
    bottom: float
    right: float
    top: float
    page_height: float


@dataclass(frozen=True)
class Order:
    """What is to be signed."""

    pdf: bytes = field(repr=False)
    stamp: bytes = field(repr=False)
    """PNG."""
    placement: Placement
    reason: str
    place: str


@dataclass(frozen=True)
class BsreService:
    """How the service is reached. ``roots`` (DER): where the chains of BSrE's certificates end."""

    address: str
    protocol: Protocol
    username: str
    roots: tuple[bytes, ...] = field(repr=False)
    password_env: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    seconds: float = 60.0
    size_is_corner: bool = True
    """In v1, ``width`` and ``height`` name the upper right corner, as public examples suggest."""

    def password(self) -> str:
        """Read anew each time, and kept nowhere.

        :raises ConfigurationError: there is none.
        """
        try:
            if self.password_env:
                return os.environ[self.password_env]
            return (self.password_file or Path()).read_text().split("\n")[0]
        except (KeyError, OSError, UnicodeDecodeError):
            raise ConfigurationError("signing.bsre", "its password is missing") from None


class EsignClient(TypingProtocol):
    """One of the service's interfaces."""

    async def state(self, nik: Nik) -> CertificateState:
        """The state of somebody's certificate.

        :raises BsreRefused: ``bsre-unreachable``, ``bsre-credentials``, ``bsre-refused``.
        """

    async def sign(self, order: Order, who: Signatory) -> bytes:
        """The document as it came back; nothing about it is believed yet.

        :raises BsreRefused: any but ``bsre-certificate`` and ``bsre-answer-wrong``.
        """
