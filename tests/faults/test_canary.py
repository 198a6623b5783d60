"""The canary: walk the whole SOP with known secrets beside the real service, then look for them everywhere.

The service runs as its own process, with its runner: there the initial password comes into being. The people act on the
core in this process, over the same data folder, as a command beside ``serve`` does; its log is taken at the finest
level, statements of the database with their parameters included.
"""

import base64
import json
import logging
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from provisioner import totp
from provisioner.actor import Actor
from provisioner.audit.export import export
from provisioner.bootstrap import Provisioner, build
from provisioner.errors import AuthenticationFailed
from provisioner.initial_password import initial_password
from provisioner.preparation import prepare
from provisioner.procedure import Act
from provisioner.provisioning.cards import Card
from provisioner.provisioning.officials import OfficialProfile
from provisioner.provisioning.operators import OperatorSession
from provisioner.provisioning.pacts import Approval
from provisioner.settings import Settings, load_settings
from provisioner.ticket import Ticket
from tests.faults.secret_search import Found, SecretSearch
from tests.servers.directory_tree import PEOPLE
from tests.servers.ldap_commands import LdapCommands
from tests.servers.served import Served, served
from tests.servers.settings_file import write_settings
from tests.servers.slapd import Slapd, private_slapd

OWN = "Tangga-Perahu-Senja-Kelapa"
MISTYPED = "Tangga-Perahu-Sanja-Kelupa"
FROM_SIAK = "Siak-Awal-4F7k-Zq2w-Vb9c"
OFFICIALS_OWN = "Lentera-Bambu-Ombak-Rimba"
BIO = {
    "full_name": "Dewi Lestari Handayani",
    "nik": "3576024101900007",
    "employment_status": "non_asn",
    "birth_place": "Mojokerto",
    "birth_date": "1990-01-01",
    "sex": "female",
    "position": "Operator",
    "org_unit": "Kelurahan Gedongan",
    "address": "Jalan Gajah Mada 1",
    "phone": "081234567890",
    "mail": "dewi@example.go.id",
    "education": "S1",
    "assignment_order": "800/113",
    "assignment_order_date": "2026-11-02",
    "reason": "Operator baru",
    "supervisor": "Lurah",
}


@dataclass
class Walked:
    """The office, the service, and every secret that anybody was shown or typed."""

    folder: Path
    directory: Slapd
    service: Served
    core: Provisioner
    secrets: dict[str, str] = field(default_factory=dict)
    request_id: str = ""
    account_id: str = ""
    username: str = ""

    def keep(self, name: str, secret: str) -> str:
        """Remember a secret under its name."""
        assert name not in self.secrets
        self.secrets[name] = secret
        return secret

    def search(self) -> SecretSearch:
        """For everything kept so far."""
        return SecretSearch(self.secrets)

    def found(self) -> list[Found]:
        """Where any of it lies: files, write-ahead logs, output, temporary files, directory, access log, audit."""
        search = self.search()
        found = search.in_folder(self.folder)
        found += search.in_bytes("slapcat", self.directory.dump().encode())
        found += search.in_bytes("audit export", self._exported().encode())
        found += search.in_bytes("pact", self._pact_as_text())
        return found

    def _exported(self) -> str:
        with self.core.context.store.read() as session:
            return "\n".join(export(session, self.core.context.trail, personal=True))

    def _pact_as_text(self) -> bytes:
        if not self.request_id or self.core.pacts.of_request(self.request_id) is None:
            return b""
        _, pdf = self.core.pacts.own_document(self.request_id)
        return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """Everything is over: the SOP, the first change, a lost ticket, a reset, and a second first change."""
    folder = tmp_path_factory.mktemp("canary")
    with private_slapd(folder, maxsize=1 << 24) as directory, _fine_log(folder / "core.log"):
        settings = _settings(folder, directory)
        prepare(settings)
        environment = {"PROVISIONER_LOG__LEVEL": "debug", "PROVISIONER_METRICS__PORT": "0", "PYTHONDEVMODE": "1"}
        arguments = ("--config", str(folder / "provisioner.toml"), "serve")
        with served(folder / "service", folder / "data", *arguments, environment=environment) as service:
            core = build(settings)
            try:
                walk = Walked(folder, directory, service, core)
                _walk(walk, service.address())
                yield walk
            finally:
                core.close()


def test_no_secret_is_left_anywhere_while_the_service_runs(walked: Walked) -> None:
    assert len(walked.secrets) >= 20
    assert walked.found() == []


def test_log_and_metrics_of_the_service_do_not_know_who_anybody_is(walked: Walked) -> None:
    """Taken at the finest level, and everything that a machine can scrape, at the port for that."""
    port = re.search(r"probes are answered address=(127\.0\.0\.1:\d+)", walked.service.complained)
    assert port is not None
    with urllib.request.urlopen(f"http://{port[1]}/metrics", timeout=30) as answer:
        shown = answer.read()
    log = "\n".join(file.read_text() for file in walked.service.output_files)
    assert b'provisioner_envelopes_total{event="sealed"} 2.0' in shown, "it was this process that did it"
    assert f"account={walked.account_id}" in log, "an account is told by its own number"
    personal = {name: BIO[name] for name in ("full_name", "nik", "phone", "mail", "address")}
    people = SecretSearch({**walked.secrets, **personal, "user name": walked.username, "client": "192.0.2.7"})
    assert people.in_bytes("metrics", shown) == []
    assert people.in_bytes("log", log.encode()) == []


def test_what_was_searched_holds_what_is_no_secret(walked: Walked) -> None:
    """The search looked into the right places: what may be there is there."""
    known = SecretSearch({"user name": walked.username, "account": walked.account_id})
    places = {Path(each.place).name.removesuffix("-wal") for each in known.in_folder(walked.folder)}
    assert {"store.db", "accounts.db", "core.log"} <= places
    assert known.in_bytes("slapcat", walked.directory.dump().encode())
    marker = SecretSearch({"access log": f"uid={walked.username},{PEOPLE}"})
    assert marker.in_folder(walked.folder / "slapd" / "log")


def test_nothing_was_complained_about(walked: Walked) -> None:
    assert "Traceback" not in walked.service.complained
    assert walked.service.process.poll() is None


def test_a_secret_that_does_get_out_is_found(walked: Walked) -> None:
    """Planted where a careless line would leave it: a row, the directory, a temporary file, the log."""
    planted = Walked(walked.folder, walked.directory, walked.service, walked.core, {"planted": initial_password()})
    secret = planted.secrets["planted"]
    assert planted.found() == []
    LdapCommands(walked.directory).set(f"uid={walked.username},{PEOPLE}", description=f"catatan {secret}")
    (walked.service.temporary / "letter").write_bytes(base64.b64encode(json.dumps({"x": secret}).encode()))
    with walked.core.context.store.begin() as session:
        session.connection().exec_driver_sql("UPDATE link SET error_message = ?", (secret.replace("-", ""),))
    logging.getLogger("provisioner").warning("gagal: %s", secret)
    places = {Path(each.place).name for each in planted.found()}
    assert {"slapcat", "data.mdb", "letter", "store.db-wal", "core.log"} <= places


def test_the_browser_ways_keep_no_secret_either(walked: Walked) -> None:
    """Secrets that arrive in forged or broken requests are answered and forgotten."""
    secret = walked.keep("sent to a page", initial_password())
    address = walked.service.address().rstrip("/")
    for path in ("/", "/masuk", "/lacak", "/buka", "/akun/masuk", "/no-such-page"):
        for body in ({"password": secret, "ticket": secret}, {secret: "\udcff"}):
            data = urlencode(body, errors="surrogateescape").encode()
            request = urllib.request.Request(address + path, data=data)  # noqa: S310  Our own server.
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=30)  # noqa: S310
            refused.value.close()
    assert walked.search().in_folder(walked.folder / "service") == []
    assert walked.search().in_folder(walked.folder / "data") == []


def test_no_secret_is_left_after_the_service_has_ended(walked: Walked) -> None:
    assert walked.service.stop() == 0
    assert [each for each in walked.found() if each.name != "planted"] == []


# -- the walk ------------------------------------------------------------------------------------------------------


def _walk(walk: Walked, address: str) -> None:
    core = walk.core
    officials = {post: _official(walk, post) for post in ("head", "division_head", "section_head", "adb", "it")}
    begun = core.drafting.begin(address="192.0.2.7")
    walk.request_id = begun.request_id
    walk.keep("ticket", begun.ticket)
    walk.keep("first session", begun.session_token)
    _submit(walk)
    _dispose(walk, officials)
    lost = _new_ticket(walk, officials, "lost")
    kasi = officials["section_head"]
    _approve(walk, kasi, lost)
    _confirm_card(walk, officials["adb"])
    first = _open(walk, lost, "initial password")
    _first_login(walk, first)
    assert core.accounts.reset(officials["it"], walk.account_id, person_check="datang sendiri, KTP diperiksa")
    ticket = _new_ticket(walk, officials, "reset")
    _confirm_card(walk, officials["adb"], "second ")
    second = _open(walk, ticket, "second initial password")
    token, stage = core.operators.sign_in(walk.username, second, address="192.0.2.7")
    assert stage == "change"
    walk.keep("operator's session after the reset", token)
    assert address


def _submit(walk: Walked) -> None:
    core, office = walk.core, walk.core.office
    role = office.roles[0]
    bio = {**BIO, "role": role.code, "region_scope": office.regions.of_level(role.levels[0])[0].code}
    own = core.tracking.own(walk.request_id)
    letter = {"number": "800/112", "letter_date": "2026-11-02", "sender": "Kelurahan Gedongan"}
    core.drafting.save_letter(walk.request_id, own.letter_revision, letter)
    core.drafting.save_bio(walk.request_id, own.revision, bio)
    core.drafting.submit(walk.request_id, address="192.0.2.7")


def _dispose(walk: Walked, officials: dict[str, Actor]) -> None:
    core = walk.core
    letter_id = core.reading.request(officials["head"], walk.request_id).letter.id
    for step in core.procedure.steps_of(Act.DISPOSE):
        actor = officials[step.actor]
        core.desks.open(actor, letter_id)
        core.desks.forward(actor, letter_id, core.reading.letter(actor, letter_id).revision, note="Mohon diproses")


def _new_ticket(walk: Walked, officials: dict[str, Actor], reason: str) -> str:
    """An enrolment code, agreed to by a second official, exchanged on the applicant's own device."""
    core = walk.core
    assert core.enrolment.ask(officials["adb"], walk.request_id, reason, "datang sendiri, KTP diperiksa") is None
    (line,) = [each for each in core.enrolment.waiting(officials["it"]) if each.request_id == walk.request_id]
    code = walk.keep(f"enrolment code ({reason})", core.enrolment.agree(officials["it"], line.id))
    exchanged = core.enrolment.exchange(code, address="192.0.2.7")
    walk.keep(f"session ({reason})", exchanged.session_token)
    return walk.keep(f"ticket ({reason})", exchanged.ticket)


def _approve(walk: Walked, kasi: Actor, ticket: str) -> None:
    core = walk.core
    core.review.open(kasi, walk.request_id)
    offer = core.usernames.offer(kasi, walk.request_id)
    walk.username = offer.username
    own = core.tracking.own(walk.request_id)
    code = Ticket.parse(ticket).keys().check_code()
    revision = core.reading.request(kasi, walk.request_id).revision
    assert own.revision <= revision
    approval = Approval(offer.username, code, person_confirmed=True, answer="Disetujui")
    pact_id = core.pacts.approve(kasi, walk.request_id, revision, approval)
    core.signatures.sign_as_applicant(walk.request_id, ticket)
    core.pacts.document(kasi, pact_id)
    secret = base64.b32decode(walk.secrets["section_head: second factor"].replace(" ", ""))
    now = core.context.clock()
    (signed,) = core.signatures.sign(kasi, [pact_id], OFFICIALS_OWN, totp.current_code(secret, now))
    assert signed.error is None
    with core.context.store.read() as session:
        rows = session.connection().exec_driver_sql("SELECT id FROM account")
        walk.account_id = rows.scalar_one()


def _confirm_card(walk: Walked, adb: Actor, which: str = "") -> None:
    """The database administrator enters what the other system gave."""

    def waiting() -> list[Card]:
        return [card for card in walk.core.cards.open(adb) if card.needs_password and card.ticket_ready]

    _until(lambda: bool(waiting()))
    (card,) = waiting()
    password = FROM_SIAK if not which else f"{FROM_SIAK}-{which.strip()}"
    walk.keep(f"{which}password of the other system", password)
    walk.core.cards.confirm_created(adb, card.id, "3576.dewi", password, evidence="layar SIAK")


def _open(walk: Walked, ticket: str, name: str) -> str:
    core = walk.core
    _until(lambda: core.handover.status(walk.account_id).can_open)
    assert walk.found() == [], "nothing is readable while the envelope is sealed"
    _, token = core.drafting.with_ticket(ticket, address="192.0.2.7")
    walk.keep(f"session that saw the {name}", token)
    here = core.applicant_session(token)
    assert here is not None
    slips = core.handover.open(ticket, here.id, "192.0.2.7").slips
    (password,) = {slip.password for slip in slips if not slip.change_at}
    return walk.keep(name, password)


def _first_login(walk: Walked, initial: str) -> None:
    core = walk.core
    walk.keep("operator's own password", OWN)
    walk.keep("mistyped password", MISTYPED)
    with pytest.raises(AuthenticationFailed):
        core.operators.sign_in(walk.username, MISTYPED, address="192.0.2.7")
    token, stage = core.operators.sign_in(walk.username, initial, address="192.0.2.7")
    assert stage == "change"
    walk.keep("operator's session", token)
    token, _ = core.operators.change_password(_session(core, token), initial, OWN, address="192.0.2.7")
    walk.keep("operator's second session", token)
    _until(lambda: _words(walk) == {"direktori": "done", "akun": "done", "siak": "done"}, lambda: str(_words(walk)))
    token, stage = core.operators.sign_in(walk.username, OWN, address="192.0.2.7")
    assert stage == "full"
    walk.keep("operator's third session", token)


def _words(walk: Walked) -> dict[str, str]:
    return {each.target: each.reason or each.word for each in walk.core.accounts.progress(walk.account_id)}


def _session(core: Provisioner, token: str) -> OperatorSession:
    here = core.operators.session(token)
    assert here is not None
    return here


def _official(walk: Walked, post: str) -> Actor:
    """An official with a first password; the section head also changes it and takes a second factor."""
    core = walk.core
    first = walk.keep(f"{post}: first password", initial_password())
    official_id, _ = core.officials.add(
        OfficialProfile(post, f"Pejabat {post}", (post,), position=post), password=first
    )
    if post == "section_head":
        _settle_in(walk, first)
    actor = core.officials.actor(official_id)
    assert actor is not None
    return actor


def _settle_in(walk: Walked, first: str) -> None:
    core = walk.core
    walk.keep("section_head: own password", OFFICIALS_OWN)
    signed_in = core.sign_in.sign_in("section_head", first, address="192.0.2.8")
    walk.keep("section_head: session", signed_in.token)
    here = core.sign_in.session(signed_in.token)
    assert here is not None
    changed = core.sign_in.change_password(here.info, first, OFFICIALS_OWN)
    walk.keep("section_head: second session", changed.token)
    here = core.sign_in.session(changed.token)
    assert here is not None
    text, _ = core.second_factors.begin(here.info)
    walk.keep("section_head: second factor", text)
    secret = base64.b32decode(text.replace(" ", ""))
    earlier = core.context.clock() - timedelta(seconds=totp.STEP_SECONDS)
    confirmed = core.second_factors.confirm(here.info, totp.current_code(secret, earlier))
    walk.keep("section_head: third session", confirmed.token)


# -- the office ----------------------------------------------------------------------------------------------------


def _settings(folder: Path, directory: Slapd) -> Settings:
    targets: dict[str, dict[str, Any]] = {
        "direktori": {
            "kind": "ldap",
            "label": "Direktori",
            "sign_in": True,
            "settings": directory.settings(create_groups=True),
        },
        "akun": {
            "kind": "table",
            "label": "Basis data akun",
            "settings": {"url": f"sqlite:///{folder}/data/accounts.db", "create_tables": True},
        },
        "siak": {
            "kind": "manual",
            "label": "SIAK Terpusat",
            "settings": {"system": "SIAK", "fields": [["Nama lengkap", "{full_name}"], ["Wilayah", "{region}"]]},
        },
    }
    sections = {
        "data_dir": str(folder / "data"),
        "totp": {"mandatory_for": []},
        "passwords": {"argon2_memory_kib": 64, "argon2_iterations": 1},
        "runner": {"sweep_seconds": 0.1},
    }
    return load_settings(write_settings(folder / "provisioner.toml", sections, targets))


class _fine_log:  # noqa: N801  A context manager that reads like a verb.
    """Everything this process logs, at the finest level, into a file."""

    def __init__(self, file: Path) -> None:
        self._handler = logging.FileHandler(file)
        self._root = logging.getLogger()
        self._before = self._root.level
        self._statements = logging.getLogger("sqlalchemy.engine")

    def __enter__(self) -> None:
        self._root.addHandler(self._handler)
        self._root.setLevel(logging.DEBUG)
        self._statements.setLevel(logging.DEBUG)

    def __exit__(self, *_: object) -> None:
        self._root.setLevel(self._before)
        self._statements.setLevel(logging.NOTSET)
        self._root.removeHandler(self._handler)
        self._handler.close()


def _until(true: Callable[[], bool], state: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, f"the service does not get on: {state()}"
        time.sleep(0.05)
