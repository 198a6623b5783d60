"""The pact's text and what is frozen in one pact."""

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import ValidationError

from provisioner.errors import ConfigurationError
from provisioner.pact import (
    Acting,
    ActingKind,
    AuditHead,
    Authentication,
    PactApplicant,
    PactFacts,
    PactOfficial,
    PactRecord,
    PactText,
)

SHIPPED = Path(__file__).parents[2] / "config" / "pact.toml"
GOOD = """revision = "2026-1"
opening = "Saya:"
declaration = "menyatakan:"
clauses = [
    "Satu.",
    "Dua.",
]
closing = "Demikian."
"""
POST = "Kepala Seksi Sistem Informasi"


def written(folder: Path, text: str) -> Path:
    file = folder / "pact.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_shipped_text_has_the_nine_clauses_and_is_a_draft() -> None:
    text = PactText.load(SHIPPED)
    assert len(text.clauses) == 9
    assert text.clauses[0].startswith("Menjaga kerahasiaan")
    assert text.clauses[-1].startswith("Bersedia dikenai sanksi")
    assert text.approval is None


def test_an_approval_makes_it_more_than_a_draft(tmp_path: Path) -> None:
    approval = '[approval]\nby = "Kepala Dinas"\norder = "188/1/2026"\non = 2026-01-05\n'
    text = PactText.load(written(tmp_path, GOOD + approval))
    assert text.approval is not None
    assert text.approval.on == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (GOOD.replace('"Dua."', '""'), 6, "clauses"),
        (GOOD.replace('"Dua."', "2"), 6, "clauses"),
        (GOOD.replace('closing = "Demikian."', ""), 1, "closing: is missing"),
        (GOOD + 'penutup = "x"\n', 9, "not a known key"),
        (GOOD.replace('"2026-1"', '"../x"'), 1, "revision"),
        (GOOD.replace('    "Satu.",\n    "Dua.",\n', ""), 4, "clauses"),
        (GOOD.replace('"Dua.",', '"Dua'), 6, ""),
        (GOOD + '[approval]\nby = "K"\norder = "1"\non = 2026-01-05T10:00:00\n', 12, "on"),
        (GOOD + '[approval]\nby = "K"\n', 9, "approval"),
    ],
)
def test_a_wrong_text_is_refused_with_its_line(tmp_path: Path, text: str, line: int, reason: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        PactText.load(written(tmp_path, text))
    assert refusal.value.line == line
    assert reason in refusal.value.reason


def test_a_missing_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        PactText.load(tmp_path / "pact.toml")


def test_one_changed_word_changes_the_fingerprint(tmp_path: Path) -> None:
    before = PactText.load(written(tmp_path, GOOD))
    after = PactText.load(written(tmp_path, GOOD.replace("Dua.", "Dua!")))
    assert before.revision == after.revision
    assert before.fingerprint != after.fingerprint
    assert PactText.load(written(tmp_path, GOOD)).fingerprint == before.fingerprint


@pytest.mark.parametrize(
    ("official", "heading"),
    [
        (PactOfficial("Budi", POST), (POST,)),
        (
            PactOfficial("Budi", POST, acting=Acting(ActingKind.PLT, "Analis", "1/2026", date(2026, 1, 1))),
            (f"Plt. {POST}", "Analis"),
        ),
        (
            PactOfficial("Budi", POST, acting=Acting(ActingKind.PLH, "Analis", "1/2026", date(2026, 1, 1))),
            (f"Plh. {POST}", "Analis"),
        ),
        (PactOfficial("Budi", POST, on_behalf_of=("Kabid",)), ("a.n. Kabid", POST)),
        (PactOfficial("Budi", POST, on_behalf_of=("Kadis", "Kabid")), ("a.n. Kadis", "Kabid", "u.b.", POST)),
    ],
)
def test_the_heading_follows_the_office_s_forms(official: PactOfficial, heading: tuple[str, ...]) -> None:
    assert official.heading() == heading


def facts() -> PactFacts:
    acting = Acting(ActingKind.PLT, "Analis", "800/1/2026", date(2026, 1, 1))
    return PactFacts(
        number="1",
        request_number="2",
        applicant=PactApplicant("Łukasz 'X'", "3576**********01", "PNS", "Staf", "Mentikan"),
        official=PactOfficial("Budi", POST, acting=acting),
        role="Operator",
        region="Mentikan",
        place="Mojokerto",
        day=date(2026, 11, 22),
        check_code="K7QM-4T2X",
        verification_url="https://siak.example.go.id/v",
        text_revision="2026-1",
        template_revision="0123456789ab",
        audit_head=AuditHead(7, "ab" * 32),
        valid_until=date(2027, 1, 1),
        authentication=Authentication.PASSWORD_TOTP,
    )


def test_facts_survive_being_stored() -> None:
    assert PactFacts.from_json(facts().to_json()) == facts()


def test_stored_facts_that_are_not_ours_are_refused() -> None:
    with pytest.raises(ValidationError):
        PactFacts.from_json('{"number": "1"}')


def test_a_record_matches_its_document_bit_for_bit() -> None:
    record = PactRecord.of("1", b"document", "a" * 64, "b" * 64)
    assert (record.sha256, record.length) == (sha256(b"document").hexdigest(), 8)
    assert record.matches(b"document")
    assert not record.matches(b"documenu")
    assert not record.matches(b"document ")


def test_the_last_day_of_a_renewal_is_given_or_counted_from_the_approval(tmp_path: Path) -> None:
    approval = '\n[approval]\nby = "Kepala Dinas"\norder = "188/1"\non = 2026-06-08\n'
    plain = PactText.load(written(tmp_path, GOOD + approval))
    counted = PactText.load(written(tmp_path, f"{GOOD}{approval}[renewal]\ndays = 10\n"))
    given = PactText.load(written(tmp_path, f"{GOOD}{approval}[renewal]\nsign_by = 2026-07-01\n"))
    assert (plain.sign_by, counted.sign_by, given.sign_by) == (None, date(2026, 6, 18), date(2026, 7, 1))
    assert plain.fingerprint == counted.fingerprint == given.fingerprint
    for wrong in ("[renewal]\ndays = 10\n", f"{approval}[renewal]\n", f"{approval}[renewal]\ndays = 0\n"):
        with pytest.raises(ConfigurationError):
            PactText.load(written(tmp_path, f"{GOOD}\n{wrong}"))
