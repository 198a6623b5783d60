"""What browsers may do with our pages, and what we take from them."""

import re
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import timed
from werkzeug.test import TestResponse

from tests.web.house import Given, make_app

MULTIPART = "multipart/form-data; boundary=x"
TEMPLATES = Path(__file__).parents[2] / "web" / "templates"


def _token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/uji/gaya").text)
    assert found
    return found.group(1)


def _multipart(parts: list[tuple[str, str, bytes]]) -> bytes:
    """A form of (name, file name or nothing, content), byte for byte."""
    lines = []
    for name, file, content in parts:
        told = f'; filename="{file}"' if file else ""
        lines.append(f'--x\r\nContent-Disposition: form-data; name="{name}"{told}\r\n\r\n'.encode() + content)
    return b"\r\n".join([*lines, b"--x--\r\n"])


def _send(client: FlaskClient, **fields: str) -> TestResponse:
    return client.post("/uji/kirim", data={"csrf_token": _token(client), **fields})


def test_a_form_of_ours_is_taken(client: FlaskClient) -> None:
    assert _send(client, nama="Sukarno").text == "diterima ['csrf_token', 'nama']"


@pytest.mark.parametrize("token", [{}, {"csrf_token": ""}, {"csrf_token": "forged"}])
def test_a_forged_form_is_refused_with_a_page(client: FlaskClient, token: dict[str, str]) -> None:
    answer = client.post("/uji/kirim", data={"nama": "Sukarno", **token})
    assert answer.status_code == 400
    assert "Formulir ini sudah tidak berlaku" in answer.text


def test_a_form_is_taken_by_a_machine_whose_clock_is_behind(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, behind = _token(client), SimpleNamespace(time=lambda: time.time() - 90)
    monkeypatch.setattr(timed, "time", behind)
    assert client.post("/uji/kirim", data={"csrf_token": token}).status_code == 200


def test_a_form_that_another_site_sent_is_refused_whatever_its_token(client: FlaskClient) -> None:
    data = {"csrf_token": _token(client)}
    for site in ("cross-site", "same-site"):
        assert client.post("/uji/kirim", data=data, headers={"Sec-Fetch-Site": site}).status_code == 400
    assert client.post("/uji/kirim", data=data, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("broken", [b"\xff\xfe", b"Sukarno\xc3", b"nul\x00", b"\x1b[31m"])
def test_broken_text_is_refused_with_a_page(client: FlaskClient, broken: bytes) -> None:
    token = _token(client)
    encoded = b"".join(b"%%%02X" % byte for byte in broken)
    kind = "application/x-www-form-urlencoded"
    answer = client.post("/uji/kirim", data=b"csrf_token=" + token.encode() + b"&nama=" + encoded, content_type=kind)
    assert answer.status_code == 400
    assert "Kiriman tidak dapat dibaca" in answer.text


def test_broken_text_in_an_address_or_a_form_with_files_is_refused(client: FlaskClient) -> None:
    assert client.get("/uji/gaya?q=%FF").status_code == 400
    body = _multipart([("csrf_token", "", _token(client).encode()), ("nama", "", b"\xff\xfe")])
    assert client.post("/uji/unggah", data=body, content_type=MULTIPART).status_code == 400


def test_line_breaks_and_every_letter_are_fine(client: FlaskClient) -> None:
    assert _send(client, nama="Ni Luh Ayu\r\nŠ 😀").status_code == 200


def test_a_field_of_a_megabyte_is_refused_with_a_page(client: FlaskClient) -> None:
    answer = _send(client, nama="x" * 1_000_000)
    assert answer.status_code == 413
    assert "Kiriman terlalu besar" in answer.text
    body = _multipart([("nama", "", b"x" * 1_000_000)])
    assert client.post("/uji/unggah", data=body, content_type=MULTIPART).status_code == 413


# Werkzeug gives up in the middle of the form and leaves the files it has opened so far to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_form_with_a_thousand_fields_is_refused(client: FlaskClient) -> None:
    parts = [(f"f{number}", "a.txt", b"x") for number in range(1000)]
    assert client.post("/uji/unggah", data=_multipart(parts), content_type=MULTIPART).status_code == 413


def test_files_may_be_larger_where_a_page_takes_files(client: FlaskClient) -> None:
    def upload(path: str) -> TestResponse:
        files = [("csrf_token", "", _token(client).encode()), ("berkas", "foto.jpg", b"x" * 2_000_000)]
        return client.post(path, data=_multipart(files), content_type=MULTIPART)

    assert upload("/uji/unggah").status_code == 200
    assert upload("/uji/kirim").status_code == 413


def test_every_answer_says_what_a_browser_may_do_with_it(client: FlaskClient) -> None:
    for path in ("/", "/tidak-ada", "/uji/gagal/bug", "/static/style.css"):
        headers = client.get(path, buffered=True).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_with_a_secret_is_kept_nowhere_and_names_no_referrer(client: FlaskClient) -> None:
    headers = client.get("/uji/rahasia").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_forms_cookie_is_out_of_reach_for_scripts_and_other_sites(given: Given) -> None:
    given.settings = {"web": {"public_url": "https://siak.example.go.id"}}
    answer = make_app(given).test_client().get("/uji/gaya", base_url="https://siak.example.go.id")
    for word in ("HttpOnly", "Secure", "SameSite=Lax"):
        assert word in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_an_area_is_closed_to_other_networks_and_says_so(given: Given) -> None:
    given.settings = {"web": {"networks": {"public": ["10.1.0.0/16"]}}}
    client = make_app(given).test_client()
    answer = client.get("/")
    assert answer.status_code == 403
    assert "jaringan kantor" in answer.text
    assert client.get("/", environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 200
    assert client.get("/static/style.css", buffered=True).status_code == 200


def test_a_callers_address_is_believed_from_as_many_proxies_as_there_are(given: Given) -> None:
    networks = {"public": ["10.1.0.0/16"]}
    told = {"X-Forwarded-For": "10.1.2.3"}
    given.settings = {"web": {"networks": networks}}
    assert make_app(given).test_client().get("/", headers=told).status_code == 403
    given.settings = {"web": {"networks": networks, "trusted_proxies": 1}}
    assert make_app(given).test_client().get("/", headers=told).status_code == 200


def test_no_template_needs_what_the_policy_forbids() -> None:
    forbidden = re.compile(
        r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:|https?://(?!wa\.me)", re.IGNORECASE
    )
    wrong = [
        f"{file.name}: {found.group(0)}"
        for file in sorted(TEMPLATES.rglob("*.html"))
        if (found := forbidden.search(file.read_text().replace("http://www.w3.org/2000/svg", "")))
    ]
    assert wrong == []


def test_every_form_that_posts_carries_the_token() -> None:
    posts = re.compile(r'<form[^>]*method="post"[^>]*>(?!\s*\{\{ csrf\(\) \}\})', re.IGNORECASE)
    assert [file.name for file in sorted(TEMPLATES.rglob("*.html")) if posts.search(file.read_text())] == []


def test_static_files_are_kept_by_their_content(app: Flask, client: FlaskClient) -> None:
    found = re.search(r'href="(/static/style\.css\?v=\w+)"', client.get("/").text)
    assert found
    assert "immutable" in client.get(found.group(1), buffered=True).headers["Cache-Control"]
    assert app.static_folder
