"""Initial passwords: enough chance in them, accepted by common policies, hard to misread."""

import math
import re

from provisioner import initial_password as module
from provisioner.initial_password import ENTROPY_BITS, initial_password

DRAWN = [initial_password() for _ in range(2000)]


def test_they_differ() -> None:
    assert len(set(DRAWN)) == len(DRAWN)


def test_they_hold_at_least_the_bits_they_claim() -> None:
    letters, kinds = module._LETTERS, (module._CAPITALS, module._SMALL, module._DIGITS)
    assert len(set(letters)) == len(letters)
    length = module._GROUPS * module._GROUP
    size = len(letters)
    # At most this share is drawn again: the sum over the kinds of "has none of this kind".
    refused = sum((1 - len(kind) / size) ** length for kind in kinds)
    # And the sum over the places where a sign could stand for the third time.
    refused += (length - 2) / size**2
    assert length * math.log2(size) + math.log2(1 - refused) >= ENTROPY_BITS >= 96


def test_they_come_in_groups_that_can_be_read_aloud() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9]{4}(-[A-Za-z0-9]{4}){4}", password) for password in DRAWN)


def test_they_hold_capitals_small_letters_and_digits() -> None:
    for kind in (str.isupper, str.islower, str.isdigit):
        assert all(any(map(kind, password)) for password in DRAWN)


def test_no_sign_stands_three_times_in_a_row() -> None:
    assert not any(re.search(r"(.)\1\1", password.replace("-", "")) for password in DRAWN)


def test_the_extremes_might_be_drawn() -> None:
    for password in module.EXTREMES:
        letters = password.replace("-", "")
        assert re.fullmatch(r"[A-Za-z0-9]{4}(-[A-Za-z0-9]{4}){4}", password)
        assert set(letters) <= set(module._LETTERS)
        assert not re.search(r"(.)\1\1", letters)


def test_no_look_alike_appears() -> None:
    assert not set("".join(DRAWN)) & set("0OoQ1lIij2Zz5Ss8BGgqp")


def test_every_letter_is_drawn() -> None:
    assert set("".join(DRAWN)) == {*module._LETTERS, "-"}
