"""Long-term validation data (PAdES B-LT): what is needed to judge the signatures when nobody can be asked any more.

The certificates of the signers and of the time-stamp service, and the lists that say which were revoked, stand in the
document security store of the file (ETSI EN 319 142-1, clause 5.4), as one update after the last signature.
"""

import asyncio
import io
from dataclasses import dataclass
from hashlib import sha256

from asn1crypto import cms, crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import CMSExtractionError, extract_certificate_info
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    CRLValidationError,
    InsufficientRevinfoError,
    OCSPValidationError,
    PathError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend
from pyhanko_certvalidator.path import ValidationPath

from provisioner.signing.rfc3161 import Rfc3161Client
from provisioner.signing.timestamp import TimestampService, TimestampUnavailable
from provisioner.signing.update import PdfUpdate


@dataclass(frozen=True)
class OwnRevocations:
    """Our authority and what it says about its certificates."""

    authority: x509.Certificate
    revoked: x509.CertificateRevocationList


def append_validation_data(pdf: bytes, own: OwnRevocations, service: TimestampService) -> bytes:
    """``pdf`` with the validation data of all its signatures; as it was, where no signature has a time stamp.

    The time-stamp service's lists are fetched from where its certificates say, now.

    :raises TimestampUnavailable: ``untrusted``, or ``revocation``: they were revoked or nobody could say.
    """
    signatures = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
    tokens = [token for one in signatures for token in extract_tst_data_iter(one.signer_info, signed=False)]
    if not tokens:
        return pdf
    paths, context = asyncio.run(_collect(tokens, service))
    signers = [one.signer_cert for one in signatures]
    ours = asn1_x509.Certificate.load(own.authority.public_bytes(Encoding.DER))
    list_of_ours = crl.CertificateList.load(own.revoked.public_bytes(Encoding.DER))
    update = PdfUpdate(pdf)
    DocumentSecurityStore.supply_dss_in_writer(
        update,
        None,
        certs=[*signers, ours],
        crls=[list_of_ours],
        paths=paths,
        validation_context=context,
    )
    return update.result()


def try_service(service: TimestampService) -> str:
    """Ask for a time stamp that nobody needs and judge it; gives the common name of the service's certificate.

    :raises TimestampUnavailable: it is of no use.
    """

    async def ask() -> cms.SignedData:
        answer = await Rfc3161Client(service).async_timestamp(sha256(b"").digest(), "sha256")
        token: cms.SignedData = answer["content"]
        return token

    (path,), _ = asyncio.run(_collect([asyncio.run(ask())], service))
    return str(path.leaf.subject.native.get("common_name", "")) if path.leaf else ""


async def _collect(
    tokens: list[cms.SignedData], service: TimestampService
) -> tuple[list[ValidationPath], ValidationContext]:
    backend = AIOHttpFetcherBackend(per_request_timeout=service.seconds)
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root) for root in service.roots],
        allow_fetching=True,
        revocation_mode="hard-fail",  # What says where its list of revoked certificates lies, must be found in none.
        fetcher_backend=backend,
    )
    try:
        return [await _path(token, context) for token in tokens], context
    finally:
        await context.aclose()  # type: ignore[no-untyped-call]
        await backend.close()  # type: ignore[no-untyped-call]


async def _path(token: cms.SignedData, context: ValidationContext) -> ValidationPath:
    try:
        found = extract_certificate_info(token)
        validator = CertificateValidator(
            found.signer_cert, intermediate_certs=found.other_certs, validation_context=context
        )
        path: ValidationPath = await validator.async_validate_usage(set(), {"time_stamping"})  # type: ignore[no-untyped-call]
    except (RevokedError, InsufficientRevinfoError, CRLValidationError, OCSPValidationError):
        raise TimestampUnavailable("revocation") from None
    except (CMSExtractionError, PathError, ValidationError):
        raise TimestampUnavailable("untrusted") from None
    return path
