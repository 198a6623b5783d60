"""One office, one authority and one pact for the tests of papers and signatures."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from provisioner.documents.pact import PactDocuments
from provisioner.documents.receipt import ReceiptFacts
from provisioner.documents.renderer import Renderer
from provisioner.office import load_office
from provisioner.pact import (
    AuditHead,
    Authentication,
    PactApplicant,
    PactFacts,
    PactOfficial,
    PactText,
)
from provisioner.signing.authority import Authority

CONFIG = Path(__file__).parents[3] / "config"
LETTERS = CONFIG / "letters"
OFFICE = load_office(CONFIG)
TEN_YEARS = timedelta(days=3653)
FOUNDED = datetime(2026, 1, 2, tzinfo=UTC)
FIRST = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
SECOND = datetime(2026, 11, 22, 7, 41, tzinfo=UTC)

APPLICANT = PactApplicant(
    name="Siti Nur'aini Rahmawati, S.Kom., M.Si.",
    nik="3576**********01",
    employment="PNS",
    position="Pengadministrasi Kependudukan",
    unit="Kelurahan Mentikan, Kecamatan Prajurit Kulon",
    staff_number="19900512 201503 2 004",
    rank="Penata Muda (III/a)",
)
OFFICIAL = PactOfficial(
    name="Drs. Bambang Widjaja, M.M.",
    position="Kepala Seksi Sistem Informasi Administrasi Kependudukan",
    staff_number="19700101 199503 1 002",
    rank="Penata Tingkat I (III/d)",
)


def authority(organisation: str = OFFICE.name) -> Authority:
    """A fresh authority; another organisation makes it a stranger's."""
    return Authority.create(organisation, FOUNDED, TEN_YEARS)


def pact_documents(own: Authority | None = None) -> PactDocuments:
    """The office's pacts, with its real templates and text."""
    return PactDocuments(Renderer(LETTERS), own or authority(), OFFICE, PactText.load(CONFIG / "pact.toml"))


def pact_facts(documents: PactDocuments, **changes: object) -> PactFacts:
    """A complete pact."""
    facts = PactFacts(
        number="0007/PI-SIAK/XI/2026",
        request_number="0012/PSIAK/XI/2026",
        applicant=APPLICANT,
        official=OFFICIAL,
        role="Operator pendaftaran penduduk (kelurahan)",
        region="Kelurahan Mentikan (35.76.01.1003)",
        place="Mojokerto",
        day=date(2026, 11, 22),
        check_code="K7QM-4T2X",
        verification_url="https://siak.example.go.id/verifikasi?nomor=0007%2FPI-SIAK%2FXI%2F2026",
        text_revision=documents.text.revision,
        template_revision=documents.template_revision,
        audit_head=AuditHead(18342, "9f2c" * 16),
        username="siti.rahmawati",
        valid_until=date(2027, 12, 31),
        authentication=Authentication.PASSWORD_TOTP,
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def signed_pact(documents: PactDocuments, facts: PactFacts, key: ec.EllipticCurvePrivateKey | None = None) -> bytes:
    """Signed by both."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    by_applicant = documents.sign_as_applicant(documents.prepare(facts), key, facts, FIRST)
    return documents.sign_as_official(by_applicant, facts, SECOND)


def receipt_facts() -> ReceiptFacts:
    """A complete receipt."""
    return ReceiptFacts(
        request_number="0012/PSIAK/XI/2026",
        letter_number="800/112/417.512/2026",
        letter_date=date(2026, 11, 20),
        applicant=APPLICANT.name,
        unit=APPLICANT.unit,
        role="Operator pendaftaran penduduk",
        region="Kelurahan Mentikan",
        submitted_at=datetime(2026, 11, 22, 2, 15, tzinfo=UTC),
        tracking_code="7K2M-XQ4T-9RWB-H3PD",
        check_code="K7QM-4T2X",
        tracking_url="https://siak.example.go.id/lacak#7K2M-XQ4T-9RWB-H3PD",
        audit_head="1042-3f9a2-c1188-d077a-b1234",
    )
