"""A slip opens for the one ticket and the one place it was sealed for."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.envelope import SlipContext, open_slip, seal
from provisioner.errors import InvalidInput, SealBroken
from provisioner.ticket import Ticket

TICKET = Ticket.new()
KEY = TICKET.keys().opening
CONTEXT = SlipContext("3576", "r1", "a1", "bersama", 1)


@given(st.binary(max_size=300), st.builds(SlipContext, st.text(), st.text(), st.text(), st.text(), st.integers(0)))
def test_a_slip_opens_for_its_ticket_and_context(plaintext: bytes, context: SlipContext) -> None:
    assert open_slip(TICKET.opening_key(), context, seal(KEY, context, plaintext)) == plaintext


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(CONTEXT, office="3577"),
        replace(CONTEXT, request_id="r2"),
        replace(CONTEXT, account_id="a2"),
        replace(CONTEXT, credential="siak"),
        replace(CONTEXT, generation=2),
        # The same letters, cut at another place.
        replace(CONTEXT, request_id="r1a", account_id="1"),
    ],
)
def test_a_slip_moved_elsewhere_does_not_open(elsewhere: SlipContext) -> None:
    with pytest.raises(SealBroken) as caught:
        open_slip(TICKET.opening_key(), elsewhere, seal(KEY, CONTEXT, b"kata sandi"))
    assert caught.value.code == "slip-broken"


def test_another_ticket_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        open_slip(Ticket.new().opening_key(), CONTEXT, seal(KEY, CONTEXT, b"kata sandi"))


@given(st.data())
def test_changed_bytes_do_not_open(data: st.DataObject) -> None:
    blob = bytearray(seal(KEY, CONTEXT, b"kata sandi"))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= data.draw(st.integers(1, 255))
    # The highest bit of an X25519 point is ignored when it is read (RFC 7748), but not by HPKE's key schedule.
    with pytest.raises(SealBroken):
        open_slip(TICKET.opening_key(), CONTEXT, bytes(blob))


@given(st.binary(max_size=80))
def test_arbitrary_bytes_do_not_open(blob: bytes) -> None:
    with pytest.raises(SealBroken):
        open_slip(TICKET.opening_key(), CONTEXT, blob)


@pytest.mark.parametrize("key", [b"", b"x" * 31, b"x" * 33, bytes(32)])
def test_sealing_to_something_that_is_no_key_is_refused(key: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        seal(key, CONTEXT, b"kata sandi")
    assert caught.value.code == "public-key"
