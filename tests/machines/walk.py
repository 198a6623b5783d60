"""The whole SOP by forms alone: from the letter to the operator's own password."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from provisioner.ticket import Ticket
from tests.machines.visitor import Visitor
from tests.office import own_password
from tests.web.walking import BIO

OWN = "Perahu-Kertas-di-Brantas-1928"
_LETTER = {"sender": "Camat Magersari", "number": "800/112", "letter_date": "2026-01-05"}
_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Operator:
    """Who came out of it, signed in at ``browser``."""

    username: str
    browser: Visitor


def walk(visitor: Callable[[], Visitor], official: Callable[[str], Visitor]) -> Operator:
    """``visitor`` opens a browser, ``official`` one in which that post is signed in."""
    applicant = visitor()
    ticket = _apply(applicant)
    for post in ("head", "division_head"):
        desk = official(post)
        letter = desk.get("/kotak-masuk/").found(r'href="(/surat/[0-9a-f]+)"')
        desk.get(letter).post(f"{letter}/teruskan")
        assert "Disposisi tercatat" in desk.page, desk.page
    section_head = official("section_head")
    request = section_head.get("/kotak-masuk/").found(r'href="(/permohonan/[0-9a-f]{32})"')
    username = section_head.get(request).found(r'name="username"[^>]* value="([^"]+)"')
    check_code = Ticket.parse(ticket).keys().check_code()
    approval = {"username": username, "check_code": check_code, "person_confirmed": "1", "answer": "Disetujui."}
    section_head.post(f"{request}/setujui", approval)
    assert "menunggu tanda tangan pemohon" in section_head.html, section_head.page
    applicant.get("/ajukan/saya/").post("/ajukan/saya/pakta/tanda-tangan", {"kode": ticket, "dibaca": "1"})
    assert "Menunggu tanda tangan" in applicant.page, applicant.page
    _countersign(section_head)
    initial = _open(applicant, ticket)
    operator = visitor()
    operator.get("/akun-saya/masuk").post("/akun-saya/masuk", {"username": username, "password": initial})
    operator.post("/akun-saya/kata-sandi-awal", {"old": initial, "new": OWN, "again": OWN})
    assert operator.get("/akun-saya").status == 200
    assert username in operator.page, operator.page
    return Operator(username, operator)


def _apply(applicant: Visitor) -> str:
    applicant.get("/ajukan/").post("/ajukan/mulai")
    ticket = applicant.found(r"(\w{5}(?:-\w{5}){5})")
    applicant.get("/ajukan/konsep/surat").post("/ajukan/konsep/surat", _LETTER)
    for number in range(1, 5):
        applicant.get(f"/ajukan/konsep/bio-data/{number}").post(f"/ajukan/konsep/bio-data/{number}", BIO)
        assert applicant.status == 200, applicant.page
    applicant.get("/ajukan/konsep/periksa").post("/ajukan/konsep/kirim")
    assert "Permohonan sudah dikirim" in applicant.page, applicant.page
    return ticket


def _countersign(section_head: Visitor) -> None:
    document = section_head.get("/pakta/").found(r'href="(/pakta/[0-9a-f]+/berkas)"')
    assert section_head.get(document).body.startswith(b"%PDF")
    pact = section_head.get("/pakta/").found(r'name="pact" value="([0-9a-f]+)"|value="[0-9a-f]+"[^>]*name="pact"')
    section_head.post("/pakta/tanda-tangan", {"pact": pact, "password": own_password("section_head")})
    assert "ditandatangani" in section_head.page, section_head.page


def _open(applicant: Visitor, ticket: str) -> str:
    """Ask until the account is made, as people reload a page."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while "Akun siap" not in applicant.get("/ajukan/saya/").html:
        assert time.monotonic() < deadline, applicant.page
        time.sleep(0.1)
    applicant.get("/ambil-akun").post("/ambil-akun", {"kode": ticket})
    assert "Buka amplop sekarang" in applicant.html, applicant.page
    applicant.post("/ambil-akun/buka", {"kode": ticket})
    found = re.search(r"\w{4}(?:-\w{4}){4}", applicant.page)
    assert found, applicant.page
    return found[0]
