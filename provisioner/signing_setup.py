"""What pacts are signed with in this office: built from its settings, its keys and its store."""

from datetime import timedelta

from sqlalchemy import select

from provisioner.documents.pact import PactDocuments
from provisioner.documents.renderer import Renderer
from provisioner.errors import ConfigurationError
from provisioner.pact import PactText
from provisioner.provisioning.context import Context
from provisioner.settings import Settings
from provisioner.signing.authority import Authority
from provisioner.signing.bsre.service import BsreService
from provisioner.signing.timestamp import TimestampService, read_roots
from provisioner.signing.token import TokenPlace
from provisioner.store.tables import AuthorityRow

AUTHORITY_PURPOSE = "authority-key"


def pact_documents(context: Context, renderer: Renderer) -> PactDocuments:
    """The maker of pacts, with the office's authority.

    :raises ConfigurationError: the office was not prepared: there is no authority yet.
    """
    settings = context.settings
    text = PactText.load(settings.office_dir / "pact.toml")
    authority, former = load_authority(context)
    timestamps = timestamp_service(settings)
    return PactDocuments(
        renderer,
        authority,
        context.office,
        text,
        former,
        timestamps=timestamps if settings.signing.timestamp_url else None,
        timestamp_roots=timestamps.roots,
        certified_roots=service.roots if (service := bsre_service(settings)) else (),
    )


def load_authority(context: Context) -> tuple[Authority, list[bytes]]:
    """The current authority and the certificates (PEM) of former ones.

    :raises ConfigurationError: there is none.
    """
    with context.store.read() as session:
        rows = session.scalars(select(AuthorityRow).order_by(AuthorityRow.created_at.desc())).all()
    if not rows:
        raise ConfigurationError("authority", "the office has not been prepared: run provisioner init")
    span, former = certificate_span(context.settings), [row.certificate for row in rows[1:]]
    if rows[0].key:
        return Authority.load(context.keyring.open(AUTHORITY_PURPOSE, rows[0].key), rows[0].certificate, span), former
    place = token_place(context.settings)
    if place is None:
        raise ConfigurationError("signing.token", "the authority's key lies in a token, and none is named here")
    return Authority.in_token(place, rows[0].certificate, span), former


def token_place(settings: Settings) -> TokenPlace | None:
    """Where the authority's key lies; None: in the database."""
    token = settings.signing.token
    if token is None:
        return None
    pin_file = settings.path(token.pin_file) if token.pin_file else None
    return TokenPlace(token.module, token.label, token.key, token.pin_env, pin_file)


def certificate_span(settings: Settings) -> timedelta:
    """How long certificates of signatures hold."""
    return timedelta(days=365 * settings.signing.certificate_years)


def timestamp_service(settings: Settings) -> TimestampService:
    """Without an address its roots still count: for pacts that were signed while there was one.

    :raises ConfigurationError: the file of roots cannot be read.
    """
    signing = settings.signing
    roots = read_roots(settings.path(signing.timestamp_roots)) if signing.timestamp_roots else ()
    needed = signing.timestamp_down == "refuse"
    return TimestampService(signing.timestamp_url or "", roots, signing.timestamp_seconds, needed)


def bsre_service(settings: Settings) -> BsreService | None:
    """BSrE's client service; None where the office has none.

    :raises ConfigurationError: the file of roots cannot be read.
    """
    bsre = settings.signing.bsre
    if bsre is None:
        return None
    return BsreService(
        bsre.address,
        bsre.protocol,
        bsre.username,
        read_roots(settings.path(bsre.roots)),
        bsre.password_env,
        settings.path(bsre.password_file) if bsre.password_file else None,
        settings.path(bsre.ca_file) if bsre.ca_file else None,
        bsre.seconds,
        bsre.v1_corner,
    )
