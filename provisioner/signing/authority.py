"""The office's own certificate authority: certificates for keys that sign one pact and are never used again.

No key survives its signature, so nothing is ever revoked; instead every certificate outlasts the time for which pacts
are kept. For readers who want to be told so, the authority signs an empty list of revoked certificates. The
authority's own key comes and goes as PEM; whoever keeps it seals it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from provisioner.errors import ConfigurationError
from provisioner.signing.signer import SignatureRefused
from provisioner.signing.token import TokenKey, TokenPlace

_NAME_BYTES = 64  # X.520 bounds common name, title and organisation (RFC 5280, appendix A.1).
_FULL_NAME = x509.ObjectIdentifier("2.5.4.41")  # "name": room for what the common name has to cut.
_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336


@dataclass(frozen=True)
class Holder:
    """Whom a certificate names."""

    name: str
    """With titles."""
    capacity: str
    """In which capacity: "Pemohon", or the official's post."""


@dataclass(frozen=True)
class Authority:
    """A P-256 authority. ``retention`` is how long a certificate has to be good for."""

    certificate: x509.Certificate
    retention: timedelta
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def create(
        cls, organisation: str, at: datetime, retention: timedelta, key: ec.EllipticCurvePrivateKey | None = None
    ) -> "Authority":
        """A new authority, good for issuing during as long again as its certificates last. Without ``key``: a new one.

        :raises SignatureRefused: ``token-unavailable``, where ``key`` lies in a token.
        """
        key = key or ec.generate_private_key(ec.SECP256R1())
        name = _name([(NameOID.COMMON_NAME, f"Otoritas TTE {organisation}"), (NameOID.ORGANIZATION_NAME, organisation)])
        certificate = (
            _builder(key.public_key(), name, name, at, 2 * retention)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(sign_certificates=True), critical=True)
            .sign(key, SHA256(), ecdsa_deterministic=True)
        )
        return cls(certificate, retention, key)

    @classmethod
    def load(cls, private_key_pem: bytes, certificate_pem: bytes, retention: timedelta) -> "Authority":
        """The authority of :meth:`create` again.

        :raises ConfigurationError: the key or the certificate cannot be read, or they do not belong together.
        """
        try:
            key = load_pem_private_key(private_key_pem, password=None)
            certificate = x509.load_pem_x509_certificate(certificate_pem)
        except (ValueError, TypeError):
            raise ConfigurationError("signing authority", "its key or certificate cannot be read") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise ConfigurationError("signing authority", "its key is not the one of its certificate")
        return cls(certificate, retention, key)

    @classmethod
    def in_token(cls, place: TokenPlace, certificate_pem: bytes, retention: timedelta) -> "Authority":
        """An authority whose key lies in a token. The token is not touched before something is to be signed.

        :raises ConfigurationError: the certificate cannot be read.
        """
        try:
            certificate = x509.load_pem_x509_certificate(certificate_pem)
        except ValueError:
            raise ConfigurationError("signing authority", "its certificate cannot be read") from None
        public_key = certificate.public_key()
        if not isinstance(public_key, ec.EllipticCurvePublicKey):
            raise ConfigurationError("signing authority", "its certificate is not for an ECDSA key")
        return cls(certificate, retention, TokenKey(place, public_key))

    def private_key_pem(self) -> bytes:
        """The private key in clear, PKCS#8. The caller seals it before it touches a disk."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def certificate_pem(self) -> bytes:
        """Public; what verification trusts."""
        return self.certificate.public_bytes(Encoding.PEM)

    def certify(self, public_key: ec.EllipticCurvePublicKey, holder: Holder, at: datetime) -> x509.Certificate:
        """A certificate for ``public_key``. The same one for the same input, unless the key lies in a token.

        :raises SignatureRefused: ``authority-expired``: it would outlive the authority, which must be renewed;
            ``token-unavailable``.
        """
        if at + self.retention > self.certificate.not_valid_after_utc:
            raise SignatureRefused("authority-expired", until=self.certificate.not_valid_after_utc.date().isoformat())
        organisation = self.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
        subject = _name(
            [
                (NameOID.COMMON_NAME, f"{holder.name} ({holder.capacity})"),
                (_FULL_NAME, holder.name),
                (NameOID.TITLE, holder.capacity),
                (NameOID.ORGANIZATION_NAME, str(organisation)),
            ]
        )
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return (
            _builder(public_key, subject, self.certificate.subject, at, self.retention)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(sign_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)
            .add_extension(issuer_key, critical=False)
            .sign(self.key, SHA256(), ecdsa_deterministic=True)
        )

    def revocations(self, at: datetime) -> x509.CertificateRevocationList:
        """The list of revoked certificates as of ``at`` (RFC 5280, section 5): empty, for nothing is ever revoked.

        It is good for as long as a certificate made now, since no later list could say anything else.
        """
        start = at.astimezone(UTC).replace(microsecond=0)
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.certificate.public_key())  # type: ignore[arg-type]
        return (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(start)
            .next_update(start + self.retention)
            .add_extension(issuer_key, critical=False)
            .add_extension(x509.CRLNumber(int(start.timestamp())), critical=False)
            .sign(self.key, SHA256(), ecdsa_deterministic=True)
        )


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER form, 64 hexadecimal digits."""
    return sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def _builder(
    public_key: ec.EllipticCurvePublicKey, subject: x509.Name, issuer: x509.Name, at: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    start = at.astimezone(UTC).replace(microsecond=0)
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    seed = b"\0".join([spki, subject.public_bytes(), issuer.public_bytes(), start.isoformat().encode()])
    return (
        x509.CertificateBuilder()
        .public_key(public_key)
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(int.from_bytes(sha256(seed).digest()[:19]) | 1)  # Positive and below 2^159 (RFC 5280).
        .not_valid_before(start)
        .not_valid_after(start + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _usage(sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        content_commitment=not sign_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(parts: list[tuple[x509.ObjectIdentifier, str]]) -> x509.Name:
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "ID")
    return x509.Name([country, *(x509.NameAttribute(oid, _fit(oid, text)) for oid, text in parts)])


def _fit(oid: x509.ObjectIdentifier, text: str) -> str:
    """Cut to what the attribute may hold, between characters."""
    if oid == _FULL_NAME or len(text.encode()) <= _NAME_BYTES:
        return text
    return text.encode()[: _NAME_BYTES - 3].decode(errors="ignore").rstrip() + "…"
