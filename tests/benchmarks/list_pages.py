"""Every page that lists, filters or searches, as its readers ask for it."""

import http.client
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from sqlalchemy import select

from provisioner.bootstrap import Provisioner
from provisioner.store.tables import AccountRow, LetterRow, OfficialRow, PactRow, RequestRow
from tests.office import CHEAP
from tests.servers.settings_file import write_settings


@dataclass(frozen=True)
class ListPage:
    """One address, and the post of who asks for it. ``{name}`` and so on stand for what is in the store."""

    name: str
    post: str
    address: str


PAGES = (
    ListPage("inbox of the head", "head", "/kotak-masuk/"),
    ListPage("inbox of the division head", "division_head", "/kotak-masuk/"),
    ListPage("inbox of the section head", "section_head", "/kotak-masuk/"),
    ListPage("inbox of the secretary", "secretary", "/kotak-masuk/"),
    ListPage("start page of IT", "it", "/kotak-masuk/"),
    ListPage("accounts", "it", "/akun"),
    ListPage("accounts, page 40", "it", "/akun?hal=40"),
    ListPage("accounts, last page", "it", "/akun?hal=4000"),
    ListPage("accounts by state", "it", "/akun?status=active"),
    ListPage("accounts by rare state", "it", "/akun?status=suspended"),
    ListPage("accounts by role and region", "it", "/akun?peran=OPERATOR_KELURAHAN&wilayah=35.76.02.1004"),
    ListPage("accounts by name", "it", "/akun?cari={name}"),
    ListPage("accounts by a common part of names", "it", "/akun?cari=dewi"),
    ListPage("accounts by user name", "it", "/akun?cari={username}"),
    ListPage("accounts by unit", "it", "/akun?cari=Gedongan"),
    ListPage("accounts by what nobody has", "it", "/akun?cari=zzyzx"),
    ListPage("accounts by NIP", "it", "/akun?cari=199507012020122001"),
    ListPage("accounts by NIK", "it", "/akun?cari=3576024107950001"),
    ListPage("requests", "section_head", "/permohonan/"),
    ListPage("requests, last page", "section_head", "/permohonan/?hal=4000"),
    ListPage("requests under way", "section_head", "/permohonan/?status=open"),
    ListPage("requests done", "section_head", "/permohonan/?status=done"),
    ListPage("requests by name", "section_head", "/permohonan/?q={name}"),
    ListPage("requests by number", "section_head", "/permohonan/?q={number}"),
    ListPage("requests by what nobody has", "section_head", "/permohonan/?q=zzyzx"),
    ListPage("requests by NIK", "section_head", "/permohonan/?q=3576024107950001"),
    ListPage("register book", "secretary", "/buku-agenda"),
    ListPage("register book by sender", "secretary", "/buku-agenda?q=Gedongan"),
    ListPage("register book by number", "secretary", "/buku-agenda?q=001200"),
    ListPage("letters of the counter", "secretary", "/surat-masuk/"),
    ListPage("sheets of dispositions", "secretary", "/lembar-disposisi"),
    ListPage("pacts to sign", "section_head", "/pakta/"),
    ListPage("pacts of operators", "section_head", "/pakta-operator/"),
    ListPage("pacts of operators, older", "section_head", "/pakta-operator/?daftar=older"),
    ListPage("pacts of operators by name", "section_head", "/pakta-operator/?cari={name}"),
    ListPage("queue", "adb", "/antrean"),
    ListPage("cards", "adb", "/kartu"),
    ListPage("recorded accounts", "it", "/akun-tercatat"),
    ListPage("recorded accounts by state", "it", "/akun-tercatat?status=recorded"),
    ListPage("recorded accounts by name", "it", "/akun-tercatat?cari=lama.dewi"),
    ListPage("audit trail", "auditor", "/jejak-audit"),
    ListPage("audit trail by kind", "auditor", "/jejak-audit?jenis=pact"),
    ListPage("audit trail by actor", "auditor", "/jejak-audit?pelaku=applicant"),
    ListPage("audit trail by days", "auditor", "/jejak-audit?dari=2026-06-01&sampai=2026-06-30"),
    ListPage("audit trail by text", "auditor", "/jejak-audit?cari={username}"),
    ListPage("audit trail of an account", "auditor", "/jejak-audit?akun={account}"),
    ListPage("archive", "auditor", "/arsip"),
    ListPage("retention", "head", "/arsip/masa-simpan"),
    ListPage("officials", "it", "/pejabat"),
    ListPage("systems", "it", "/sistem"),
    ListPage("agreement of systems", "it", "/kesesuaian"),
    ListPage("agreement of one system", "it", "/kesesuaian/sistem"),
    ListPage("settings", "it", "/pengaturan"),
    ListPage("one account", "it", "/akun/{account}"),
    ListPage("one request", "section_head", "/permohonan/{request}"),
    ListPage("one letter", "head", "/surat/{letter}"),
)
REPORTS = (
    ListPage("inspection of a day", "auditor", "/pemeriksaan"),
    ListPage("inspection of a day by name", "auditor", "/pemeriksaan?cari={name}"),
    ListPage("exceptions of a month", "auditor", "/pemeriksaan/pengecualian?dari=2026-06-01&sampai=2026-06-30"),
)
"""Computed over the history of every account, for whoever inspects the office: no lists, and measured apart."""


class Readers:
    """Signed-in officials of an office, one connection each."""

    def __init__(self, core: Provisioner, address: str) -> None:
        self._cookies = cookies(core)
        self._line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
        self._found = _in_the_middle(core)

    def took(self, page: ListPage) -> float:
        """Seconds until the whole page was there."""
        path = page.address.format(**self._found)
        started = time.perf_counter()
        self._line.request("GET", path, headers={"Cookie": f"pejabat={self._cookies[page.post]}"})
        answer = self._line.getresponse()
        answer.read()
        ended = time.perf_counter() - started
        assert answer.status == 200, f"{page.name}: {path} gave {answer.status}"
        return ended

    def close(self) -> None:
        self._line.close()


@contextmanager
def readers(core: Provisioner, address: str) -> Iterator[Readers]:
    """Sessions of every post."""
    with closing(Readers(core, address)) as found:
        yield found


def cookies(core: Provisioner) -> dict[str, str]:
    """A full session for every official, by user name."""
    with core.context.store.begin() as session:
        people = {row.username: row.id for row in session.scalars(select(OfficialRow))}
        return {name: core.sessions.start(session, "official", own)[0] for name, own in people.items()}


def settings_file(folder: Path, data: Path, **sections: object) -> Path:
    """The settings of an office in ``data`` with one system in memory, for a process."""
    given = {
        "data_dir": str(data),
        "office_dir": str(Path(__file__).parents[2] / "config"),
        "passwords": CHEAP,
        "totp": {"mandatory_for": []},
        "inspection": {"auditor_days": 3650},
        "reconciliation": {"every_hours": 0},
        **sections,
    }
    target = {"kind": "memory", "label": "Sistem", "sign_in": True, "settings": CHEAP}
    return write_settings(folder / "provisioner.toml", given, {"sistem": target})


def _in_the_middle(core: Provisioner) -> dict[str, str]:
    """Somebody from the middle of the lists."""
    with core.context.store.read() as session:
        number = select(AccountRow).order_by(AccountRow.id).limit(1).offset(400)
        account = session.scalars(number).one()
        request = session.get_one(RequestRow, account.request_id)
        letter = session.get_one(LetterRow, request.letter_id)
        pact = session.get_one(PactRow, account.pact_id)
        return {
            "name": quote(account.full_name),
            "username": account.username,
            "account": account.id,
            "request": request.id,
            "number": quote(request.number or ""),
            "letter": letter.id,
            "pact": pact.id,
        }
