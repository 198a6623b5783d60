"""The port: who can sign a paper. The built-in signer is in ``pades.py``; a service of the state would be another."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from provisioner.errors import WrongState


class SignatureField(StrEnum):
    """The names of the signature fields of a pact, in the order in which they are signed."""

    APPLICANT = "Pemohon"
    OFFICIAL = "Pejabat"


APPLICANT_CAPACITY = "Pemohon"
"""How the certificate of an applicant names them. Never an official's post: it tells whose field a key may sign."""


OPERATOR_CAPACITY = "Operator (kata sandi akun)"
"""The same for an operator who signs a pact anew without a ticket: the account's password was typed."""


class SignatureRefused(WrongState):
    """A signature cannot be made.

    ``code`` is one of ``signature-no-pdf, signature-no-field, signature-done, signature-applicant-first,
    signature-document-changed, signature-wrong-document, authority-expired``.
    """


class Signer(Protocol):
    """The ability of one person to sign, for as long as the object lives."""

    @property
    def certified(self) -> bool:
        """Whether it is "tersertifikasi" in law: made with a certificate of a licensed provider."""

    @property
    def certificate_fingerprint(self) -> str:
        """SHA-256 of the certificate's DER form, 64 hexadecimal digits."""

    def sign(self, pdf: bytes, field: str, *, stamp: bytes, reason: str, place: str, at: datetime) -> bytes:
        """Sign ``field`` of ``pdf`` as an incremental update and show ``stamp`` (a PDF of one page) in it.

        ``at`` is the time claimed. Nothing that stands in ``pdf`` is changed.

        :raises SignatureRefused: ``signature-no-pdf``, ``signature-no-field``, ``signature-done``.
        """
