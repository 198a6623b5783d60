"""The built-in signer: PAdES B-B (ETSI EN 319 142-1) with ECDSA P-256 and a certificate of our own authority.

With a time stamp it is B-T; :mod:`provisioner.signing.validation_data` makes that B-LT.
"""

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from asn1crypto import x509 as asn1_x509
from asn1crypto.algos import SignedDigestAlgorithm
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.layout import AxisAlignment, InnerScaling, Margins, SimpleBoxLayoutRule
from pyhanko.sign.fields import SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import Signer as CmsSigner
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.stamp.static import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from provisioner.signing.authority import Authority, Holder, fingerprint
from provisioner.signing.rfc3161 import Rfc3161Client
from provisioner.signing.signer import SignatureRefused
from provisioner.signing.timestamp import TimestampService, TimestampUnavailable
from provisioner.signing.update import PageStamp, PdfUpdate

_USUAL_CMS_BYTES = 3584
_CMS_BYTES = 6144
"""Room for a signature with two certificates: with names as people and offices have them, and with longer ones. Whoever
reads the file later reads all of it, sign by sign.
"""
_TOKEN_BYTES = (1024, 16384)  # A token of two ECDSA certificates fits beside the rest; three of RSA-4096 take 7,000.
_LARGEST_ECDSA = 72
_WHOLE_FIELD = SimpleBoxLayoutRule(
    x_align=AxisAlignment.ALIGN_MIN,
    y_align=AxisAlignment.ALIGN_MIN,
    margins=Margins(),
    inner_content_scaling=InnerScaling.STRETCH_FILL,
)


class PadesSigner:
    """Signs with one private key and the certificate issued for it. Drop it and the key is gone."""

    certified = False

    def __init__(
        self,
        authority: Authority,
        key: ec.EllipticCurvePrivateKey,
        holder: Holder,
        at: datetime,
        timestamps: TimestampService | None = None,
    ) -> None:
        """Issue a certificate for ``key`` that names ``holder``. ``timestamps``: who vouches for the time.

        :raises SignatureRefused: ``authority-expired``.
        """
        self._holder, self._timestamps = holder, timestamps
        self._certificate = authority.certify(key.public_key(), holder, at)
        self._cms = _EcdsaSigner(key, self._certificate, authority.certificate)

    @classmethod
    def for_one_signature(
        cls, authority: Authority, holder: Holder, at: datetime, timestamps: TimestampService | None = None
    ) -> "PadesSigner":
        """A signer with a key made just now, which nobody keeps. Takes and raises what the constructor does."""
        return cls(authority, ec.generate_private_key(ec.SECP256R1()), holder, at, timestamps)

    @property
    def certificate_fingerprint(self) -> str:
        """SHA-256 of the certificate, 64 hexadecimal digits."""
        return fingerprint(self._certificate)

    def sign(self, pdf: bytes, field: str, *, stamp: bytes, reason: str, place: str, at: datetime) -> bytes:
        """See :class:`provisioner.signing.signer.Signer`.

        :raises TimestampUnavailable: no time stamp was to be had, and one is needed.
        """
        metadata = PdfSignatureMetadata(
            field_name=field,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            name=self._holder.name,
            reason=reason,
            location=place,
        )
        sign_once = partial(self._sign_once, pdf, metadata, stamp, at)
        if self._timestamps is not None:
            try:
                return self._stamped(sign_once, self._timestamps)
            except TimestampUnavailable:
                if self._timestamps.needed:
                    raise
        with suppress(SigningError):
            return sign_once(None, _USUAL_CMS_BYTES)
        return sign_once(None, _CMS_BYTES)

    def _stamped(self, sign_once: Callable[[Rfc3161Client, int], bytes], service: TimestampService) -> bytes:
        """The room for the token is reserved before its size is known, and whoever verifies has to read all of it."""
        for room in _TOKEN_BYTES:
            with suppress(SigningError):
                return sign_once(Rfc3161Client(service), _CMS_BYTES + room)
        raise TimestampUnavailable("refused")  # No honest answer is as long as that.

    def _sign_once(
        self,
        pdf: bytes,
        metadata: PdfSignatureMetadata,
        stamp: bytes,
        at: datetime,
        client: Rfc3161Client | None,
        room: int,
    ) -> bytes:
        update = PdfUpdate(pdf)
        _check_empty(update, str(metadata.field_name))
        style = StaticStampStyle(border_width=0, background=PageStamp(stamp), background_layout=_WHOLE_FIELD)
        signer = _DatedSigner(metadata, self._cms, style, at, client)
        out = io.BytesIO()
        signer.sign_pdf(update, existing_fields_only=True, bytes_reserved=2 * room, output=out)
        return out.getvalue()


class _DatedSigner(PdfSigner):
    """Claims the time it was given instead of the machine's."""

    def __init__(
        self,
        metadata: PdfSignatureMetadata,
        signer: CmsSigner,
        style: StaticStampStyle,
        at: datetime,
        client: Rfc3161Client | None,
    ) -> None:
        super().__init__(metadata, signer, timestamper=client, stamp_style=style)
        self._at = at

    def init_signing_session(self, *args: Any, **options: Any) -> Any:
        session = super().init_signing_session(*args, **options)
        session.system_time = self._at.replace(microsecond=0)
        return session


class _EcdsaSigner(CmsSigner):
    """ECDSA with RFC 6979 nonces: no bad random number can give the key away, and the same input signs the same."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, own: x509.Certificate, issuer: x509.Certificate) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([_asn1(own), _asn1(issuer)])
        super().__init__(
            signing_cert=_asn1(own),
            cert_registry=store,
            signature_mechanism=SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        )
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002
        if dry_run:
            return bytes(_LARGEST_ECDSA)
        return self._key.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True))


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _check_empty(update: PdfUpdate, field: str) -> None:
    found = {name: value for name, value, _ in enumerate_sig_fields(update.prev)}
    if field not in found:
        raise SignatureRefused("signature-no-field", field=field)
    if found[field] is not None:
        raise SignatureRefused("signature-done", field=field)
