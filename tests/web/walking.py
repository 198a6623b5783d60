"""One request on its way: an applicant's browser without a script, and the officials at their desks."""

import re
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from provisioner.actor import Actor
from provisioner.bootstrap import Provisioner
from provisioner.initial_password import initial_password
from provisioner.procedure import Act
from provisioner.provisioning.official_terms import latest_end
from provisioner.provisioning.officials import OfficialProfile
from provisioner.provisioning.pacts import Approval
from provisioner.ticket import Ticket

BIO = {
    "title_prefix": "",
    "full_name": "Siti Aminah",
    "title_suffix": "S.Kom.",
    "nik": "3576014708900001",
    "birth_place": "Mojokerto",
    "birth_date": "07-08-1990",
    "sex": "female",
    "employment_status": "non_asn",
    "staff_number": "",
    "rank": "",
    "position": "Operator",
    "org_unit": "Kelurahan Wates",
    "org_unit_region": "35.76.02.1010",
    "education": "S1",
    "supervisor": "Budi Santoso",
    "assignment_order": "800/12/2026",
    "assignment_order_date": "2026-01-05",
    "address": "Jl. Majapahit 1",
    "phone": "0812 3456 7890",
    "mail": "siti@mojokertokota.go.id",
    "role": "OPERATOR_KELURAHAN",
    "region_scope": "35.76.02.1010",
    "reason": "Melayani warga di kelurahan.",
    "valid_until": "",
    "replaces_username": "",
}
"""A bio form with nothing wrong in it."""

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_REVISION = re.compile(r'name="revision" value="([^"]+)"')


class Browser:
    """A browser that has no script. It sends the form tokens of the pages it has seen."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.ticket = self.tracking_code = ""

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, **kwargs)

    def post(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        token = _TOKEN.search(self.client.get("/lacak").text)
        assert token
        return self.client.post(path, data={"csrf_token": token.group(1), **(data or {})}, **kwargs)

    def begin(self) -> TestResponse:
        """Begin a draft and keep the codes, as an applicant does with paper."""
        answer = self.post("/ajukan/mulai")
        self.ticket = value_of(answer.text)
        self.tracking_code = value_of(answer.text, 1)
        return answer

    def save(self, path: str, fields: dict[str, str], revision: str = "") -> TestResponse:
        """Fill a form that was just opened."""
        found = _REVISION.search(self.get(path).text)
        assert found, path
        return self.post(path, {**fields, "revision": revision or found.group(1)})

    def fill(self, **changes: str) -> None:
        """The whole bio form, part after part."""
        for number in range(1, 5):
            self.save(f"/ajukan/konsep/bio-data/{number}", {**BIO, **changes})

    def apply(self, **changes: str) -> "Browser":
        """Begin, fill and send."""
        self.begin()
        self.fill(**changes)
        assert self.post("/ajukan/konsep/kirim").location == "/ajukan/saya/terkirim"
        return self


class Desks:
    """The officials, through the core. There is one for each post."""

    def __init__(self, core: Provisioner) -> None:
        self.core = core
        self._people: dict[str, tuple[Actor, str]] = {}

    def request_of(self, browser: Browser) -> str:
        request_id, _ = self.core.drafting.with_ticket(browser.ticket)
        return request_id

    def dispose(self, browser: Browser) -> None:
        """Steps 2 and 3."""
        for step in self.core.procedure.steps_of(Act.DISPOSE):
            actor, letter = self.at_letter(browser, step.actor)
            self.core.desks.forward(actor, letter, self.core.reading.letter(actor, letter).revision)

    def return_letter(self, browser: Browser, reason: str) -> None:
        """The first disposing desk gives the letter back."""
        actor, letter = self.at_letter(browser, self.core.procedure.steps_of(Act.DISPOSE)[0].actor)
        self.core.desks.return_for_repair(actor, letter, self.core.reading.letter(actor, letter).revision, reason)

    def at_letter(self, browser: Browser, post: str) -> tuple[Actor, str]:
        """An official with the letter open on the desk."""
        actor = self.official(post)
        letter: str = self.core.reading.request(actor, self.request_of(browser)).letter.id
        self.core.desks.open(actor, letter)
        return actor, letter

    def review(self, browser: Browser) -> tuple[Actor, str, int]:
        """The section head with the request open."""
        actor, request_id = self.official("section_head"), self.request_of(browser)
        self.core.review.open(actor, request_id)
        return actor, request_id, self.core.reading.request(actor, request_id).revision

    def approve(self, browser: Browser) -> str:
        """Step 4: the pact is made."""
        actor, request_id, revision = self.review(browser)
        code = Ticket.parse(browser.ticket).keys().check_code()
        username = self.core.usernames.offer(actor, request_id).username
        approval = Approval(username, code, person_confirmed=True, answer="Disetujui.")
        return self.core.pacts.approve(actor, request_id, revision, approval)

    def countersign(self, pact_id: str) -> None:
        """The section head signs after the applicant."""
        actor, password = self.official("section_head"), self._people["section_head"][1]
        self.core.pacts.document(actor, pact_id)
        (signed,) = self.core.signatures.sign(actor, [pact_id], password)
        assert signed.error is None

    def official(self, post: str) -> Actor:
        if post not in self._people:
            password = initial_password()
            until = latest_end(self.core.context) if post == "auditor" else None
            profile = OfficialProfile(
                post.replace("_", "-"), f"Pejabat {post}", (post,), position=post, expires_on=until
            )
            official_id, _ = self.core.officials.add(profile, password=password)
            actor = self.core.officials.actor(official_id)
            assert actor is not None
            self._people[post] = (actor, password)
        return self._people[post][0]

    def to_handover(self, browser: Browser) -> str:
        """From a sent request to an envelope that can be opened; gives the pact's id."""
        pact_id = self.to_pact(browser)
        self.sign_own(browser)
        self.countersign(pact_id)
        self.core.heart.drain()
        return pact_id

    def to_pact(self, browser: Browser) -> str:
        """From a sent request to a pact that waits for the applicant."""
        self.dispose(browser)
        return self.approve(browser)

    def sign_own(self, browser: Browser) -> None:
        """The applicant signs in the browser."""
        answer = browser.post("/ajukan/saya/pakta/tanda-tangan", {"kode": browser.ticket, "dibaca": "1"})
        assert answer.location == "/ajukan/saya/", answer.text


def value_of(page: str, place: int = 0) -> str:
    """A code as a page shows it."""
    return unescape(re.findall(r'class="value"[^>]*>([^<]+)<', page)[place])
