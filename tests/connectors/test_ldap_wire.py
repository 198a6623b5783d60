"""The requests written by hand: what a server may answer, in whatever pieces."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from ldap3.core.exceptions import LDAPSessionTerminatedByServerError, LDAPSocketReceiveError
from ldap3.operation.search import compile_filter, parse_filter
from ldap3.utils.asn1 import encode as encode_asn1

from connectors.ldap_client import ber, names, wire

NUMBER = 7


def message(operation: bytes, number: int = NUMBER) -> bytes:
    return ber.encode(0x30, ber.encode(0x02, bytes([number])) + operation)


def result(tag: int, code: int = 0, text: bytes = b"") -> bytes:
    return ber.encode(tag, ber.encode(0x0A, bytes([code])) + ber.encode(0x04, b"") + ber.encode(0x04, text))


def entry(name: bytes, attribute: bytes, value: bytes) -> bytes:
    values = ber.encode(0x30, ber.encode(0x04, attribute) + ber.encode(0x31, ber.encode(0x04, value)))
    return ber.encode(0x64, ber.encode(0x04, name) + ber.encode(0x30, values))


class Line:
    """Both ends of a connection; ours as ldap3 would hold it."""

    def __init__(self) -> None:
        ours, self.server = socket.socketpair()
        ours.settimeout(5)
        self.connection = SimpleNamespace(socket=ours, server=SimpleNamespace(next_message_id=lambda: NUMBER))

    def read(self) -> wire.Result:
        return wire.read(self.connection, "uid=dewi,dc=x", ["uid"])


@pytest.fixture
def line() -> Iterator[Line]:
    ready = Line()
    yield ready
    ready.server.close()
    ready.connection.socket.close()


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_answer_may_come_in_any_pieces(line: Line, size: int) -> None:
    long_value = "é" * 200
    answer = message(entry(b"uid=dewi,dc=x", b"UID", long_value.encode())) + message(result(0x65))
    pieces = [answer[start : start + size] for start in range(0, len(answer), size)]
    with ThreadPoolExecutor(1) as server:
        sent = [server.submit(line.server.sendall, piece) for piece in pieces]
        read = line.read()
        for each in sent:
            each.result(5)
    assert read == wire.Result(0, "", {}, [("uid=dewi,dc=x", {"uid": [long_value]})])


def test_references_to_other_servers_are_passed_over(line: Line) -> None:
    line.server.sendall(message(ber.encode(0x73, ber.encode(0x04, b"ldap://x"))) + message(result(0x65)))
    assert line.read().entries == []


def test_code_and_text_of_a_refusal_are_told(line: Line) -> None:
    line.server.sendall(message(result(0x65, 50, b"no")))
    assert (line.read().code, line.connection.socket.gettimeout()) == (50, 5)


@pytest.mark.parametrize("sent", [b"", message(result(0x65))[:5], message(result(0x78, 52), number=0)])
def test_a_server_that_hangs_up_or_says_good_bye_is_a_lost_answer(line: Line, sent: bytes) -> None:
    line.server.sendall(sent)
    line.server.shutdown(socket.SHUT_WR)
    with pytest.raises(LDAPSessionTerminatedByServerError):
        line.read()


def test_silence_is_a_lost_answer(line: Line) -> None:
    line.connection.socket.settimeout(0.01)
    with pytest.raises(LDAPSocketReceiveError):
        line.read()


@pytest.mark.parametrize("sent", [message(result(0x65), number=8), b"\x30\x03\x02\x01\x07", b"\x30\x02\x02\x09"])
def test_an_answer_to_something_else_makes_no_sense(line: Line, sent: bytes) -> None:
    line.server.sendall(sent)
    with pytest.raises(ValueError, match=r"."):
        line.read()


def test_a_control_without_an_entry_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="no entry"):
        wire.entry(b"\x30\x00")


@pytest.mark.parametrize("value", ["dewi", "*", "a)(uid=*", "\\2a", "é", ""])
def test_a_filter_written_by_hand_is_the_one_that_ldap3_would_send(value: str) -> None:
    """What a text filter must escape has no meaning of its own here, and cannot get one."""
    parsed = parse_filter(names.equals("uid", value), None, False, False, None, False)
    assert wire.equals("uid", value) == encode_asn1(compile_filter(parsed.elements[0]))


def test_the_filter_of_a_beginning_is_the_one_that_ldap3_would_send() -> None:
    parsed = parse_filter("(carLicense=siak:7:*)", None, False, False, None, False)
    assert wire.begins("carLicense", "siak:7:") == encode_asn1(compile_filter(parsed.elements[0]))
