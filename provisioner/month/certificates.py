"""How long the certificates are valid that lie in files here."""

from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from provisioner.month.point import Point, Subject, Urgency, urgency_of
from provisioner.provisioning.context import Context
from provisioner.signing_setup import bsre_service, load_authority

ROOTS_DAYS = 90
"""New roots and a new authority are not had from one day to the next."""


def certificate_points(context: Context) -> Iterator[Point]:
    """The authority's, the site's own, the roots of the time stamps, and BSrE's."""
    settings = context.settings
    authority, _ = load_authority(context)
    # A certificate of a signature must not outlive the authority: it issues none in its own last years.
    last = context.today(authority.certificate.not_valid_after_utc - authority.retention)
    yield Point(Subject.AUTHORITY, urgency_of(last, context.today(), ROOTS_DAYS), last)
    if settings.web.address.startswith("https:") or settings.upkeep.certificate is not None:
        yield _of_file(context, Subject.SITE_CERTIFICATE, settings.upkeep.certificate)
    if settings.signing.timestamp_url is not None:
        yield _of_file(context, Subject.TIMESTAMP_ROOTS, settings.signing.timestamp_roots, ROOTS_DAYS)
    if settings.signing.bsre is not None and (service := bsre_service(settings)) is not None:
        roots = [x509.load_der_x509_certificate(root) for root in service.roots]
        yield _point(context, Subject.BSRE_ROOTS, roots, ROOTS_DAYS)


def _of_file(context: Context, subject: Subject, path: Path | None, month_days: int = 31) -> Point:
    if path is None:
        return Point(subject, Urgency.UNKNOWN, facts={"file": ""})
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        return Point(subject, Urgency.UNKNOWN, facts={"file": str(path)})
    # A chain begins with the site's own; of roots the first that runs out counts.
    return _point(context, subject, found[:1] if subject is Subject.SITE_CERTIFICATE else found, month_days)


def _point(context: Context, subject: Subject, found: list[x509.Certificate], month_days: int) -> Point:
    due = context.today(min(each.not_valid_after_utc for each in found))
    return Point(subject, urgency_of(due, context.today(), month_days), due)
