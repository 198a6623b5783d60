"""Files that people send never touch a disk in clear, and cannot eat the machine's memory."""

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.web.walking import Browser
from web.uploads import UploadMemory, UploadsBusy

FIVE_MB = b"%PDF-1.7\n" + bytes(5_000_000)
_opened: list[str] | None = None


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if _opened is not None and event == "open" and isinstance(arguments[0], str):
        writes = arguments[2] & (os.O_WRONLY | os.O_RDWR | getattr(os, "O_TMPFILE", 0))
        if writes and arguments[0].startswith(tempfile.gettempdir()):
            _opened.append(arguments[0])


sys.addaudithook(_note)


def _send(browser: Browser, content: bytes) -> TestResponse:
    """One file as a browser sends it. (The test client's own forms would go through a temporary file.)"""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/verifikasi").text)
    assert token
    form = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token[1]}\r\n'
    file = '--x\r\nContent-Disposition: form-data; name="file"; filename="berkas.pdf"\r\n\r\n'
    body = form.encode() + file.encode() + content + b"\r\n--x--\r\n"
    return browser.client.post("/verifikasi/berkas", data=body, content_type="multipart/form-data; boundary=x")


@contextmanager
def temporary_files() -> Iterator[list[str]]:
    """Every file that this process opens for writing in the folder for temporary files, even one without a name."""
    global _opened
    _opened = []
    try:
        yield _opened
    finally:
        _opened = None


def test_a_large_file_is_read_without_a_temporary_file(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(app.extensions["provisioner"].settings.data_dir / "temporary"))
    Path(tempfile.gettempdir()).mkdir()
    with temporary_files() as opened:
        with tempfile.TemporaryFile() as proof:
            proof.write(b"x")
        assert opened, "the ear does not hear"
        opened.clear()
        answer = _send(Browser(app), FIVE_MB)
        assert answer.status_code == 200
        assert opened == []


def test_memory_for_files_is_given_back_after_every_answer(app: Flask) -> None:
    browser, memory = Browser(app), app.extensions["upload-memory"]
    free = memory._free
    for content in (FIVE_MB, b"", b"x" * 11_000_000):
        _send(browser, content)
    assert memory._free == free


def test_files_that_do_not_fit_wait_and_are_then_sent_away() -> None:
    memory = UploadMemory(10)
    memory.take(8)
    with pytest.raises(UploadsBusy):
        memory.take(3, patience=0.01)
    waiting = threading.Thread(target=memory.take, args=(3, 30.0))
    waiting.start()
    memory.give_back(8)
    waiting.join(30)
    assert memory._free == 7


def test_a_sender_who_cannot_be_served_gets_a_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UploadMemory.take, "__defaults__", (0.0,))
    memory = app.extensions["upload-memory"]
    memory.take(memory._free)
    answer = _send(Browser(app), FIVE_MB)
    assert answer.status_code == 503
    assert "Sedang sibuk" in answer.text


def test_a_file_of_40_mb_is_refused_at_its_field_before_it_is_read(app: Flask) -> None:
    answer = _send(Browser(app), bytes(40_000_000))
    assert answer.status_code == 413
    assert "lebih besar dari 10 MB" in answer.text
    assert 'name="file"' in answer.text
