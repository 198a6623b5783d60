"""The second factor: RFC 6238's own vectors, one step of tolerance, and no code twice."""

from datetime import UTC, datetime, timedelta

import pytest

from provisioner import totp

SECRET = b"12345678901234567890"
NOW = datetime(2026, 11, 22, 3, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_vectors_of_the_rfc_hold(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.current_code(SECRET, at) == code
    assert totp.verify(SECRET, code, at) == seconds // 30


@pytest.mark.parametrize(("offset", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_clocks_may_differ_by_one_step(offset: int, accepted: bool) -> None:
    code = totp.current_code(SECRET, NOW + timedelta(seconds=offset))
    assert (totp.verify(SECRET, code, NOW) is not None) == accepted


def test_a_code_is_accepted_once() -> None:
    code = totp.current_code(SECRET, NOW)
    step = totp.verify(SECRET, code, NOW)
    assert step is not None
    assert totp.verify(SECRET, code, NOW, step) is None
    earlier = totp.current_code(SECRET, NOW - timedelta(seconds=30))
    assert totp.verify(SECRET, earlier, NOW, step) is None
    following = totp.current_code(SECRET, NOW + timedelta(seconds=30))
    assert totp.verify(SECRET, following, NOW, step) == step + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345\x00", "\ud800" * 6, "1" * 10**6])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert totp.verify(SECRET, typed, NOW) is None


def test_spaces_do_not_matter() -> None:
    code = totp.current_code(SECRET, NOW)
    assert totp.verify(SECRET, f" {code[:3]} {code[3:]} ", NOW) is not None


def test_a_new_secret_can_be_scanned_or_typed() -> None:
    secret = totp.new_secret()
    assert secret != totp.new_secret()
    assert len(secret) == 20
    letters = totp.secret_text(secret)
    assert [len(group) for group in letters.split()] == [4] * 8
    uri = totp.provisioning_uri(secret, "kadis@dukcapil", "Dispendukcapil Kota Mojokerto")
    assert uri.startswith("otpauth://totp/Dispendukcapil%20Kota%20Mojokerto:kadis")
    assert f"secret={letters.replace(' ', '')}" in uri
