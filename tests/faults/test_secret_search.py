"""A search that finds nothing proves something only if it finds what is there."""

import base64
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.faults.secret_search import SecretSearch, forms

SECRET = "Kx7M-tR4w-Zp9N-aB3e"
PLAIN = SECRET.replace("-", "")


def test_every_form_is_found_in_the_middle_of_a_file(tmp_path: Path) -> None:
    search = SecretSearch({"password": SECRET})
    for name, needle in forms(SECRET).items():
        (tmp_path / "log").write_bytes(b"\0before" + needle + b"after")
        assert name in {found.form for found in search.in_folder(tmp_path)}


@pytest.mark.parametrize(
    "left",
    [
        base64.b64encode(b'{"a": "x' + PLAIN.encode() + b'"}'),
        base64.urlsafe_b64encode(b'{"a": "xy' + SECRET.encode() + b'"}'),
        base64.b64encode(b"xyz" + SECRET.encode("utf-16-le") + b"x\0"),
        PLAIN.upper().encode().hex().encode(),
        quote(SECRET.replace("-", " ")).encode(),
        f"{SECRET}\n".encode("utf-16"),
    ],
)
def test_what_other_programs_make_of_it_is_found(left: bytes) -> None:
    assert SecretSearch({"password": SECRET}).in_bytes("somewhere", b"..." + left + b"...")


def test_a_row_that_was_written_and_not_checkpointed_is_found_in_the_write_ahead_log(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.executescript("PRAGMA journal_mode=WAL; CREATE TABLE row (text)")
    connection.execute("INSERT INTO row VALUES (?)", (SECRET,))
    connection.commit()
    found = SecretSearch({"password": SECRET}).in_folder(tmp_path)
    connection.close()
    assert {Path(each.place).name for each in found} == {"store.db-wal"}


def test_the_name_of_a_file_is_searched_too(tmp_path: Path) -> None:
    (tmp_path / SECRET).write_text("")
    assert SecretSearch({"password": SECRET}).in_folder(tmp_path)


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"Kx7M tR4w Zp9N aB3f")
    assert SecretSearch({"password": SECRET}).in_folder(tmp_path) == []
