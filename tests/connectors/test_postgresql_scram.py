"""Verifiers made here are those that libpq and the server make."""

import hashlib
import hmac
import re
from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.postgresql import scram
from connectors.postgresql.saslprep import prepared
from connectors.postgresql.text import sendable
from tests.servers.postgresql import Postgresql

_FORM = re.compile(r"SCRAM-SHA-256\$(\d+):([^$]+)\$.*")

PASSWORDS = [
    "sepeda biru di Jalan Majapahit 1",
    " kopi éncér & 咖啡 *()\\ ",
    "ⅸ roman, ﬁ ligature, Å angstrom, e\u0301",
    "soft\u00adhyphen and\u200bzero width",
    "no-break\u00a0space and\u3000ideographic",
    "\u00ad",
    "control \x07 bell",
    "private \ue000 use",
    "non-character \ufffe",
    "\u06271",
    "\u0627\u0628\u062c",
    "\u0627 left a \u0627",
    "unassigned in 3.2: \u0221 and \U0001f600",
    "language tag \U000e0001",
    "ꦢꦺꦮꦶ",
    "'; DROP ROLE siak; --",
]


def test_the_known_answer_of_rfc_7677() -> None:
    made = scram.verifier("pencil", 4096, b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    assert made.text.startswith("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$")
    stored, server = map(b64decode, made.text.rpartition("$")[2].split(":"))
    # The exchange of section 3, with the proof of the client and the signature of the server.
    exchange = (
        b"n=user,r=rOprNGfwEbeRWgbNEkqO,"
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    )
    signature = hmac.digest(server, exchange, "sha256")
    assert b64encode(signature) == b"6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    proof = b64decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    client_signature = hmac.digest(stored, exchange, "sha256")
    client_key = bytes(a ^ b for a, b in zip(proof, client_signature, strict=True))
    assert hashlib.sha256(client_key).digest() == stored


@pytest.mark.parametrize("password", PASSWORDS)
def test_libpq_makes_the_same_of_a_password(postgresql_server: Postgresql, password: str) -> None:
    with postgresql_server.superuser() as connection:
        theirs = connection.pgconn.encrypt_password(password.encode(), b"dewi", b"scram-sha-256").decode()
    form = _FORM.fullmatch(theirs)
    assert form is not None
    assert scram.verifier(password, int(form[1]), b64decode(form[2])).text == theirs


@given(st.text(min_size=1).filter(sendable))
def test_preparing_twice_changes_nothing_more(password: str) -> None:
    once = prepared(password)
    assert once
    assert prepared(once) == once


def test_each_verifier_has_a_salt_of_its_own() -> None:
    assert scram.verifier("sama", 1).text != scram.verifier("sama", 1).text
