"""The office's own certificate authority."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from provisioner.errors import ConfigurationError
from provisioner.signing.authority import Authority, Holder, fingerprint
from provisioner.signing.signer import SignatureRefused
from tests.provisioner.documents.samples import FIRST, FOUNDED, OFFICE, TEN_YEARS, authority

HOLDER = Holder("Siti Rahmawati, S.Kom.", "Pemohon")
KEY = ec.generate_private_key(ec.SECP256R1()).public_key()


def name_of(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    (attribute,) = certificate.subject.get_attributes_for_oid(oid)
    return str(attribute.value)


def test_a_certificate_names_person_capacity_and_office() -> None:
    certificate = authority().certify(KEY, HOLDER, FIRST)
    assert name_of(certificate, NameOID.COMMON_NAME) == "Siti Rahmawati, S.Kom. (Pemohon)"
    assert name_of(certificate, NameOID.TITLE) == "Pemohon"
    assert name_of(certificate, NameOID.ORGANIZATION_NAME) == OFFICE.name


def test_a_certificate_is_signed_by_the_authority_and_outlasts_the_retention() -> None:
    own = authority()
    certificate = own.certify(KEY, HOLDER, FIRST)
    certificate.verify_directly_issued_by(own.certificate)
    assert certificate.not_valid_before_utc == FIRST
    assert certificate.not_valid_after_utc == FIRST + TEN_YEARS
    assert certificate.public_key() == KEY


def test_a_certificate_can_sign_documents_and_not_certificates() -> None:
    certificate = authority().certify(KEY, HOLDER, FIRST)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


@pytest.mark.parametrize("name", ["X" * 60 + ", S.Kom., M.Si.", "Ł" * 60, "😀" * 40])
def test_a_long_name_is_cut_in_the_common_name_and_whole_beside_it(name: str) -> None:
    certificate = authority().certify(KEY, Holder(name, "Kepala Seksi " + "Y" * 80), FIRST)
    common = name_of(certificate, NameOID.COMMON_NAME)
    assert len(common.encode()) <= 64
    assert common.endswith("…")
    assert name_of(certificate, x509.ObjectIdentifier("2.5.4.41")) == name


def test_the_same_input_gives_the_same_certificate_and_any_other_another() -> None:
    own = authority()
    first = own.certify(KEY, HOLDER, FIRST)
    others = [
        own.certify(KEY, HOLDER, FIRST + timedelta(seconds=1)),
        own.certify(KEY, Holder("Budi", "Pemohon"), FIRST),
        own.certify(ec.generate_private_key(ec.SECP256R1()).public_key(), HOLDER, FIRST),
        authority().certify(KEY, HOLDER, FIRST),
    ]
    assert own.certify(KEY, HOLDER, FIRST) == first
    serials = {first.serial_number, *(other.serial_number for other in others)}
    assert len({fingerprint(one) for one in [first, *others]}) == 5
    assert len(serials) >= 4
    assert all(0 < serial < 2**159 for serial in serials)


def test_the_authority_comes_back_from_its_pem() -> None:
    own = authority()
    again = Authority.load(own.private_key_pem(), own.certificate_pem(), TEN_YEARS)
    assert again.certify(KEY, HOLDER, FIRST) == own.certify(KEY, HOLDER, FIRST)


def test_the_private_key_never_shows_in_a_representation() -> None:
    own = authority()
    assert "key" not in repr(own)
    assert own.private_key_pem().decode().splitlines()[1] not in repr(own)


def test_a_key_and_certificate_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="not the one"):
        Authority.load(authority().private_key_pem(), authority().certificate_pem(), TEN_YEARS)


@pytest.mark.parametrize(("key", "certificate"), [(b"", None), (b"junk", None), (None, b"junk")])
def test_an_authority_that_cannot_be_read_is_refused(key: bytes | None, certificate: bytes | None) -> None:
    own = authority()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Authority.load(
            own.private_key_pem() if key is None else key,
            own.certificate_pem() if certificate is None else certificate,
            TEN_YEARS,
        )


def test_an_authority_too_old_for_another_certificate_says_so() -> None:
    own = authority()
    own.certify(KEY, HOLDER, FOUNDED + TEN_YEARS)
    with pytest.raises(SignatureRefused) as refusal:
        own.certify(KEY, HOLDER, FOUNDED + TEN_YEARS + timedelta(days=1))
    assert refusal.value.code == "authority-expired"
