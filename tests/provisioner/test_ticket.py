"""Codes on paper: read however people type them, every slip of the pen noticed, keys that fit together."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import InvalidInput
from provisioner.grouped_code import ALPHABET
from provisioner.keyring import Keyring
from provisioner.ticket import _P256_ORDER, EnrolmentCode, Ticket, TicketKeys, TrackingCode

RING = Keyring.generate()
KINDS = (Ticket, TrackingCode, EnrolmentCode)
SHAPES = {Ticket: [5] * 6, TrackingCode: [4] * 4, EnrolmentCode: [4] * 5}
FIXED = Ticket(bytes(range(16)))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_code_reads_back_to_itself(kind: type[Ticket], data: st.DataObject) -> None:
    code = kind(data.draw(st.binary(min_size=kind.format.size, max_size=kind.format.size)))
    assert kind.parse(code.text()) == code
    assert [len(group) for group in code.text().split("-")] == SHAPES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_new_codes_differ_and_hold_enough_random_bits(kind: type[Ticket]) -> None:
    assert len({kind.new().text() for _ in range(50)}) == 50
    assert {Ticket: 16, TrackingCode: 8, EnrolmentCode: 10}[kind] == kind.format.size


def test_case_separators_and_look_alikes_do_not_matter() -> None:
    code = Ticket(b"\x00\x42" * 8)
    text = code.text()
    assert "0" in text
    assert "1" in text
    for typed in (
        text.lower(),
        text.replace("-", ""),
        text.replace("-", " "),
        f"  {text}\r\n",
        text.replace("0", "O").replace("1", "I"),
        text.replace("0", "o").replace("1", "l"),
        text.replace("-", "–"),
        text.replace("V", "u"),
    ):
        assert Ticket.parse(typed) == code


@given(st.integers(0, 29), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_noticed(position: int, letter: str) -> None:
    letters = list(FIXED.text().replace("-", ""))
    if letters[position] == letter:
        return
    letters[position] = letter
    with pytest.raises(InvalidInput) as caught:
        Ticket.parse("".join(letters))
    assert caught.value.code == "code-checksum"


@given(st.integers(0, 28))
def test_two_letters_swapped_are_noticed(position: int) -> None:
    letters = list(FIXED.text().replace("-", ""))
    if letters[position] == letters[position + 1]:
        return
    letters[position : position + 2] = reversed(letters[position : position + 2])
    with pytest.raises(InvalidInput):
        Ticket.parse("".join(letters))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "code-empty"),
        (" - ", "code-empty"),
        (FIXED.text()[:-1], "code-length"),
        (FIXED.text() + "0", "code-length"),
        (TrackingCode.new().text(), "code-length"),
        ("7K2Q?", "code-character"),
        ("ß" * 30, "code-character"),
        ("\ud800" * 30, "code-character"),
        ("0" * 1_000_000, "code-length"),
    ],
)
def test_unreadable_codes_get_a_clear_reason_that_never_quotes_them(typed: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Ticket.parse(typed)
    assert caught.value.code == code
    assert caught.value.data["kind"] == "ticket"
    assert typed not in str(caught.value) or not typed.strip(" -")


@given(st.text())
def test_any_text_is_a_code_or_a_clear_refusal(text: str) -> None:
    with pytest.raises(InvalidInput):
        Ticket.parse(text)


def test_the_same_ticket_always_gives_the_same_keys() -> None:
    keys = FIXED.keys()
    assert keys == Ticket.parse(FIXED.text()).keys()
    assert (len(keys.opening), len(keys.signing)) == (32, 65)
    assert keys != Ticket.new().keys()
    assert keys.fingerprint() == "50fdbb91123109b2cdde1d87fe382ede59f16586813b1f6a636370eda8a988b6"
    assert keys.check_code() == "V7K7-EWE6"


def test_the_signing_key_signs_for_the_registered_public_key() -> None:
    signature = FIXED.signing_key().sign(b"pakta", ECDSA(SHA256()))
    FIXED.keys().signing_key().verify(signature, b"pakta", ECDSA(SHA256()))


def test_the_order_of_the_curve_is_the_right_one() -> None:
    derive_private_key(_P256_ORDER - 1, SECP256R1())
    with pytest.raises(ValueError, match=r"."):
        derive_private_key(_P256_ORDER, SECP256R1())


def test_opening_and_signing_keys_have_nothing_in_common() -> None:
    assert FIXED.opening_key().private_bytes_raw() != FIXED.signing_key().private_numbers().private_value.to_bytes(32)


def test_the_check_code_is_compared_as_people_read_it() -> None:
    keys = FIXED.keys()
    assert keys.matches(f" {keys.check_code().lower().replace('-', ' ')} ")
    assert not keys.matches(Ticket.new().keys().check_code())
    assert not keys.matches("")
    assert not keys.matches("?" * 8)


def test_a_changed_public_key_changes_fingerprint_and_check_code() -> None:
    keys = FIXED.keys()
    forged = TicketKeys(Ticket.new().keys().opening, keys.signing)
    assert forged.fingerprint() != keys.fingerprint()
    assert forged.check_code() != keys.check_code()


def test_codes_are_looked_up_by_a_keyed_form_of_their_kind() -> None:
    code = TrackingCode.new()
    assert code.lookup(RING) == TrackingCode.parse(code.text().lower()).lookup(RING.rotated())
    assert code.lookup(RING) != code.lookup(Keyring.generate())
    assert TrackingCode(bytes(8)).lookup(RING) != EnrolmentCode(bytes(10)).lookup(RING)


@pytest.mark.parametrize("kind", KINDS)
def test_no_representation_shows_the_code(kind: type[Ticket]) -> None:
    code = kind.new()
    shown = f"{code!r} {code} {code!s} {[code]}"
    assert code.text() not in shown
    assert code.secret.hex() not in shown
    assert repr(code.secret) not in shown
