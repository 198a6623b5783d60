"""Sections below ``[signing]`` about where keys lie and who else signs."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from provisioner.settings.section import PathInDataDir, Seconds, Section
from provisioner.signing.bsre.service import Protocol


class TokenSettings(Section):
    """The authority's key in a PKCS#11 token (a smart card, an HSM). ``provisioner init`` makes it there, and none
    stays in the database. Without this table the key lies sealed in the database."""

    module: Path
    """The token maker's PKCS#11 library, e.g. ``/usr/lib/softhsm/libsofthsm2.so``."""

    label: Annotated[str, Field(min_length=1, max_length=32)]
    """The label of the token."""

    key: Annotated[str, Field(min_length=1, max_length=64)] = "otoritas-tte"
    """The label of the key in it. One that is there already is used: an ECDSA P-256 key."""

    pin_env: str | None = None
    """Environment variable that holds the user's PIN. This or ``pin_file``."""

    pin_file: PathInDataDir | None = None
    """File that holds the user's PIN in its first line. Read at every use."""

    @model_validator(mode="after")
    def _one_pin(self) -> Self:
        if bool(self.pin_env) == bool(self.pin_file):
            raise ValueError("one of pin_env and pin_file is needed")
        return self


class BsreSettings(Section):
    """BSrE's eSign client service, which the agency runs on a server of its own; for ``signing.way = "bsre"``. Pacts
    that it signed stay "tersertifikasi" for as long as ``roots`` stands here."""

    address: str
    """Where the service listens, e.g. ``https://esign.example.go.id``. Without TLS only on this machine: passphrases
    pass through it."""

    protocol: Protocol = Protocol.V2
    """The interface that the service speaks. ``v1`` can fetch an answer that was cut off on the way; ``v2`` cannot."""

    username: Annotated[str, Field(min_length=1)]
    """This application's name at the service (its administration makes it, for this machine's address)."""

    password_env: str | None = None
    """Environment variable that holds its password. This or ``password_file``."""

    password_file: PathInDataDir | None = None
    """File that holds its password in the first line. Read at every use."""

    ca_file: PathInDataDir | None = None
    """PEM file of the authority that signed the service's TLS certificate; without it the machine's own count."""

    roots: PathInDataDir
    """PEM file of the roots in which the certificates of BSrE end (PSrE Induk)."""

    seconds: Seconds = 60.0
    """Time allowed for one question. Signing waits for BSrE itself."""

    v1_corner: bool = True
    """In ``v1``, ``width`` and ``height`` name the upper right corner of the stamp. Look at one signed pact: where the
    stamp is too large, set it to false."""

    @field_validator("address")
    @classmethod
    def _protected(cls, address: str) -> str:
        found = urlsplit(address)
        here = found.hostname in ("127.0.0.1", "::1", "localhost")
        if found.scheme != "https" and not (found.scheme == "http" and here):
            raise ValueError("must begin with https://; http:// only for this machine itself")
        return address

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        if bool(self.password_env) == bool(self.password_file):
            raise ValueError("one of password_env and password_file is needed")
        return self
