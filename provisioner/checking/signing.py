"""Signatures: the authority and its key, time stamps, BSrE, and whether every account has its pact."""

from collections.abc import Iterator
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256

from provisioner import signing
from provisioner.bootstrap import Provisioner
from provisioner.checking.checked import Checked, guarded
from provisioner.connector import Finding, Severity
from provisioner.person import Nik
from provisioner.settings import Settings
from provisioner.signing.bsre.service import BsreRefused
from provisioner.signing.timestamp import TimestampUnavailable
from provisioner.signing.token import TokenKey
from provisioner.signing_setup import bsre_service, load_authority, timestamp_service, token_place

_SOON = timedelta(days=90)


def check_signing(provisioner: Provisioner) -> Iterator[Checked]:
    """Every finding about them; what the settings do not use is not asked."""
    settings = provisioner.settings
    yield guarded("signing", "pacts-held", lambda: _pacts_held(provisioner))
    yield guarded("signing", "authority", lambda: _authority(provisioner))
    if settings.signing.timestamp_url:
        yield guarded("signing", "timestamp", lambda: _timestamp(settings))
    if settings.signing.bsre is not None:
        yield guarded("signing", "bsre", lambda: _bsre(provisioner))


def _pacts_held(provisioner: Provisioner) -> Finding:
    """What the service found when it last compared every account with its pact."""
    last = provisioner.pact_checks.last()
    if last.ended_at is None:
        return Finding("pacts-held", Severity.OK, "accounts were not compared with their pacts yet")
    message = f"{last.found} of {last.examined} accounts have no pact, or a broken one"
    if last.found:
        return Finding(
            "pacts-held", Severity.ERROR, message, "see the page Kesesuaian, or provisioner reconcile --pacts"
        )
    return Finding("pacts-held", Severity.OK, f"every one of {last.examined} accounts has its pact")


def _authority(provisioner: Provisioner) -> Finding:
    authority, _ = load_authority(provisioner.context)
    # A certificate of a signature must not outlive the authority: it issues none in its own last years.
    until, now = authority.certificate.not_valid_after_utc - authority.retention, provisioner.context.clock()
    message = f"signs pacts until {until.date().isoformat()}"
    place = token_place(provisioner.settings)
    if place is not None:
        if not isinstance(authority.key, TokenKey):
            return Finding("authority", Severity.WARNING, "its key lies in the database still", "run provisioner init")
        authority.key.sign(b"", ECDSA(SHA256()))  # Nothing but a signature shows that the token is there and is ours.
        message += f", with a key in the token {place.label}"
    if until - now >= _SOON:
        return Finding("authority", Severity.OK, message)
    return Finding("authority", Severity.ERROR if until < now else Severity.WARNING, message, "renew the authority")


def _timestamp(settings: Settings) -> Finding:
    try:
        name = signing.validation_data.try_service(timestamp_service(settings))
    except TimestampUnavailable as error:
        severity = Severity.ERROR if settings.signing.timestamp_down == "refuse" else Severity.WARNING
        return Finding("timestamp", severity, str(error), "see signing.timestamp_url and signing.timestamp_roots")
    return Finding("timestamp", Severity.OK, f"time stamps by {name}")


def _bsre(provisioner: Provisioner) -> Finding:
    """Nobody's NIK is known here: the service is asked about one that cannot exist."""
    service = bsre_service(provisioner.settings)
    assert service is not None  # noqa: S101  Asked only where there is one.
    now = provisioner.context.clock()
    last = min(x509.load_der_x509_certificate(root).not_valid_after_utc for root in service.roots)
    if last < now:
        return Finding("bsre", Severity.ERROR, f"a root expired on {last.date()}", "see signing.bsre.roots")
    try:
        # Late, as where it signs: it takes a tenth of a second to load, and every page loads this file.
        from provisioner.signing.bsre import desk

        desk.state_of(service, Nik("0" * 16))
    except BsreRefused as error:
        return Finding("bsre", Severity.ERROR, str(error), "see signing.bsre and the client service's own log")
    if last - now < _SOON:
        return Finding("bsre", Severity.WARNING, f"a root expires on {last.date()}", "ask BSrE for the new roots")
    return Finding("bsre", Severity.OK, f"the client service answers; its roots are good until {last.date()}")
