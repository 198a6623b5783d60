"""The key of the office's authority in a PKCS#11 token: made there, used there, and away when the token is away."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select

from provisioner.checking import check_everything
from provisioner.connector import Finding, Severity
from provisioner.errors import ConfigurationError
from provisioner.opening import build_context
from provisioner.preparation import prepare
from provisioner.signing.authority import Authority, Holder
from provisioner.signing.token import TokenKey, TokenPlace, TokenUnavailable
from provisioner.signing_setup import load_authority
from provisioner.store.tables import AuthorityRow
from tests.office import MONDAY, MovableClock, RealOffice, settings_of
from tests.provisioner.documents.samples import FOUNDED, TEN_YEARS
from tests.servers.softhsm import MODULE, PIN, SoftToken
from tests.stores import copy_office

HOLDER = Holder("Siti Rahmawati", "Pemohon")


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftToken:
    return SoftToken.make(tmp_path / "token", monkeypatch)


def place_of(token: SoftToken, **more: Any) -> TokenPlace:
    return TokenPlace(**{"module": MODULE, "label": token.label, "key": "kunci", "pin_file": token.pin_file, **more})


def authorities(office: RealOffice) -> list[AuthorityRow]:
    with office.core.context.store.read() as session:
        return list(session.scalars(select(AuthorityRow).order_by(AuthorityRow.created_at)))


def finding_of(office: RealOffice) -> Finding:
    return next(each.finding for each in check_everything(office.core) if each.finding.subject == "authority")


def moved_into(token: SoftToken, folder: Path, prepared: Path) -> RealOffice:
    """An office whose authority lay in the database, prepared again with the token."""
    copy = folder.with_name(f"{folder.name}-prepared-again")
    copy_office(prepared, copy)
    settings = settings_of(copy, signing={"token": token.settings()})
    clock = MovableClock(MONDAY + timedelta(hours=1))
    assert "Certificate authority for pacts made." in prepare(settings, clock)
    return RealOffice(folder, copy, clock, signing={"token": token.settings()})


def test_init_makes_the_key_in_the_token_and_none_in_the_database(
    token: SoftToken, tmp_path: Path, prepared_office: Path
) -> None:
    office = moved_into(token, tmp_path / "office", prepared_office)
    former, current = authorities(office)
    assert (former.key, current.key) == (b"", b"")
    assert not token.is_without_objects()
    who = office.new("creation")
    _, paper = office.core.pacts.own_document(who.request_id)
    assert office.core.verification.by_upload(paper).verdict.genuine
    assert (finding_of(office).severity, token.label in finding_of(office).message) == (Severity.OK, True)
    assert prepare(office.settings, office.clock) == []
    assert len(authorities(office)) == 2
    office.close()


def test_a_pact_of_before_stays_genuine(token: SoftToken, tmp_path: Path, prepared_office: Path) -> None:
    before = RealOffice(tmp_path / "before", prepared_office)
    _, paper = before.core.pacts.own_document(before.new("creation").request_id)
    before.close()
    office = moved_into(token, tmp_path / "office", before.folder)
    assert office.core.verification.by_upload(paper).verdict.genuine
    office.close()


def test_while_the_token_is_away_nothing_is_half_done_and_later_it_goes_on(
    token: SoftToken, tmp_path: Path, prepared_office: Path
) -> None:
    office = moved_into(token, tmp_path / "office", prepared_office)
    who = office.new("pact-applicant")
    before = office.pact(who)
    token.take_away()
    with pytest.raises(TokenUnavailable) as refusal:
        office.core.signatures.sign_as_applicant(who.request_id, who.ticket)
    assert refusal.value.data == {"reason": "absent"}
    assert (office.pact(who).state, office.pact(who).sha256) == ("prepared", before.sha256)
    assert finding_of(office).severity is Severity.ERROR
    token.bring_back()
    office.bring(who, "pact-official", start="pact-applicant")
    token.take_away()
    (result,) = office.sign(who)
    assert result.error is not None
    assert result.error.code == "token-unavailable"
    assert (office.pact(who).state, office.events("pact-signed")) == ("applicant-signed", [])
    token.bring_back()
    assert office.sign(who)[0].error is None
    office.close()


def test_an_office_is_not_prepared_without_its_token_and_then_is(token: SoftToken, tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "new", signing={"token": token.settings()})
    token.take_away()
    with pytest.raises(TokenUnavailable):
        prepare(settings, MovableClock())
    context = build_context(settings)
    with pytest.raises(ConfigurationError, match="not been prepared"):
        load_authority(context)
    context.store.close()
    token.bring_back()
    assert "Certificate authority for pacts made." in prepare(settings, MovableClock())


def test_an_office_whose_key_is_in_a_token_does_not_start_without_naming_it(
    token: SoftToken, tmp_path: Path, prepared_office: Path
) -> None:
    moved_into(token, tmp_path / "office", prepared_office).close()
    with pytest.raises(ConfigurationError, match="lies in a token"):
        RealOffice(tmp_path / "elsewhere", tmp_path / "office")


def test_a_key_stays_the_same_when_it_is_made_again_and_cannot_be_read(token: SoftToken) -> None:
    place = place_of(token)
    public = place.make_key()
    assert place.make_key() == public == place.public_key()
    with pytest.raises(ConfigurationError, match="cannot leave"):
        Authority.create("Dinas", FOUNDED, TEN_YEARS, TokenKey(place, public)).private_key_pem()


def test_certificates_and_lists_of_revoked_ones_are_signed_in_the_token(token: SoftToken) -> None:
    place = place_of(token)
    own = Authority.create("Dinas", FOUNDED, TEN_YEARS, TokenKey(place, place.make_key()))
    again = Authority.in_token(place, own.certificate_pem(), TEN_YEARS)
    made = again.certify(ec.generate_private_key(ec.SECP256R1()).public_key(), HOLDER, FOUNDED)
    made.verify_directly_issued_by(own.certificate)
    assert again.revocations(FOUNDED).is_signature_valid(own.certificate.public_key())  # type: ignore[arg-type]


@pytest.mark.parametrize("trouble", ["pin", "no-pin", "label", "module", "no-key", "other-key"])
def test_what_is_wrong_with_a_token_is_told_apart(token: SoftToken, trouble: str, tmp_path: Path) -> None:
    key = TokenKey(place_of(token), place_of(token).make_key())
    wrong: dict[str, tuple[dict[str, Any], str]] = {
        "pin": ({"pin_file": tmp_path / "wrong"}, "pin"),
        "no-pin": ({"pin_file": None, "pin_env": "NO_SUCH_VARIABLE_HERE"}, "pin"),
        "label": ({"label": "another"}, "absent"),
        "module": ({"module": tmp_path / "nothing.so"}, "module"),
        "no-key": ({"key": "another"}, "key"),
        "other-key": ({}, "key"),
    }
    (tmp_path / "wrong").write_text("1234567\n")
    changes, reason = wrong[trouble]
    if trouble == "other-key":
        token.forget_keys()
        place_of(token).make_key()
    with pytest.raises(TokenUnavailable) as refusal:
        TokenKey(place_of(token, **changes), key.public_key()).sign(b"data", ec.ECDSA(SHA256()))
    assert refusal.value.data == {"reason": reason}
    assert PIN not in repr(refusal.value)
