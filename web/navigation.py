"""The head of each page: where one can go from here, and who one is."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for
from flask_babel import LazyString

from provisioner.month.monthly_check import READERS as MONTH_READERS
from provisioner.provisioning.access import REQUESTS as REQUEST_READERS
from provisioner.provisioning.account_views import READERS as ACCOUNT_READERS
from provisioner.provisioning.accounts_on_day import READERS as INSPECTION_READERS
from provisioner.provisioning.reconciliation_views import READERS as RECONCILIATION_READERS
from provisioner.provisioning.recorded_views import READERS as RECORDED_READERS
from provisioner.provisioning.register import READERS as BOOK_READERS
from provisioner.provisioning.restorations import READERS as RESTORATION_READERS
from provisioner.provisioning.system_views import READERS as SYSTEM_READERS
from web.area import Area, current_area
from web.catalog import gettext, later
from web.current import core
from web.identity import person_here


@dataclass(frozen=True)
class Link:
    """A word that leads somewhere; ``count`` is shown beside it when it is not zero."""

    text: str
    url: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True)
class Entry:
    """An entry of a menu. It appears when its page exists and, where posts are named, for their holders only."""

    endpoint: str
    text: LazyString
    posts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Person:
    """Who is signed in, as the head of the page shows it."""

    name: str
    post: str
    links: tuple[Link, ...]
    sign_out: str


@dataclass(frozen=True)
class View:
    """What the layout needs to know of the area."""

    home: str
    links: tuple[Link, ...] = ()
    foot: tuple[Link, ...] = ()
    person: Person | None = None
    held: bool = False
    """The service was restored, and nothing is dispatched until that is confirmed."""
    held_url: str = ""
    """Where the steps stand, for those who may see them."""


PUBLIC = (
    Entry("apply.start", later("Ajukan permohonan")),
    Entry("track.form", later("Lacak permohonan")),
    Entry("handover.form", later("Ambil akun")),
    Entry("verify.form", later("Verifikasi dokumen")),
)
PUBLIC_FOOT = (Entry("my_account.home", later("Akun saya")), Entry("sign_in.form", later("Masuk pejabat")))
OPERATOR = (Entry("my_account.home", later("Akun saya")),)
_DESKS = frozenset({"head", "division_head", "section_head", "adb", "secretary"})
OFFICE = (
    Entry("inbox.index", later("Kotak masuk"), _DESKS | {"it"}),
    Entry("requests.index", later("Permohonan"), _DESKS | {"it", "auditor"}),
    Entry("pacts.index", later("Pakta"), frozenset({"section_head"})),
    Entry("pact_overview.index", later("Pakta operator"), frozenset({"section_head", "adb", "auditor"})),
    Entry("queue.index", later("Antrean"), frozenset({"adb", "it"})),
    Entry("cards.index", later("Kartu tugas"), frozenset({"auditor"})),
    Entry("accounts.index", later("Akun"), frozenset(ACCOUNT_READERS)),
    Entry("recorded.index", later("Akun tercatat"), frozenset(RECORDED_READERS)),
    Entry("reconciliation.index", later("Kesesuaian"), frozenset(RECONCILIATION_READERS)),
    Entry("targets.index", later("Sistem"), frozenset(SYSTEM_READERS)),
    Entry("register.index", later("Surat masuk"), frozenset({"secretary"})),
    Entry("archive.index", later("Arsip"), frozenset(REQUEST_READERS)),
    Entry("register_book.index", later("Buku Agenda"), frozenset(BOOK_READERS)),
    Entry("officials.index", later("Pejabat"), frozenset({"it"})),
    Entry("month.index", later("Bulan ini"), frozenset(MONTH_READERS)),
    Entry("audit.index", later("Jejak audit"), frozenset({"auditor", "it", "head", "division_head", "section_head"})),
    Entry("inspection.index", later("Pemeriksaan"), frozenset(INSPECTION_READERS)),
    Entry("system.index", later("Pengaturan"), frozenset({"it"})),
)
OFFICE_OWN = (Entry("sign_in.account", later("Akun dan sesi saya")), Entry("sign_in.mandates", later("Plt. dan Plh.")))

Counts = Callable[[], dict[str, int]]
"""Numbers to show beside menu entries, by endpoint, for the person who is signed in."""


def setup_navigation(app: Flask, counts: Counts = dict) -> None:
    """Hand the layout its ``area``. ``counts`` is asked once a page, for officials only."""
    app.extensions["menu_counts"] = counts
    app.context_processor(lambda: {"area": current_view()})


def current_view() -> View:
    """The head of the page that is being answered."""
    if "view" not in g:
        g.view = _view(current_area())
    view: View = g.view
    return view


def view_without_store() -> None:
    """From here on the head of the page being answered holds nothing that the store would have to be asked for."""
    g.signed_in, g.view = None, View("/")


def _view(area: Area) -> View:
    if area in (Area.OFFICE, Area.IT):
        return _office()
    if area is Area.OPERATOR:
        return _operator()
    return View(_url("home.index"), _links(PUBLIC), _links(PUBLIC_FOOT))


def _office() -> View:
    person = person_here()
    if person is None:
        return View(_url("sign_in.form"), (), _links((Entry("home.index", later("Halaman pemohon")),)))
    counts: Counts = current_app.extensions["menu_counts"]
    links = _links(OFFICE, frozenset(person.posts), counts())
    home = links[0].url if links else _url("sign_in.account")
    own = Person(person.name, person.post_text, _links(OFFICE_OWN), _url("sign_in.leave"))
    held = core().restorations.held()
    steps = url_for("restoration.show") if held and frozenset(person.posts) & frozenset(RESTORATION_READERS) else ""
    return View(home, links, (), own, held, steps)


def _operator() -> View:
    person = person_here()
    if person is None:
        return View(_url("my_account.sign_in"), (), _links((Entry("home.index", later("Halaman pemohon")),)))
    own = Person(person.name, gettext("Operator"), (), _url("my_account.leave"))
    return View(_url("my_account.home"), _links(OPERATOR), (), own)


def _links(
    entries: tuple[Entry, ...], posts: frozenset[str] = frozenset(), counts: dict[str, int] | None = None
) -> tuple[Link, ...]:
    shown = (entry for entry in entries if entry.endpoint in current_app.view_functions)
    return tuple(
        Link(str(entry.text), url_for(entry.endpoint), _is_here(entry), (counts or {}).get(entry.endpoint, 0))
        for entry in shown
        if not entry.posts or entry.posts & posts
    )


def _is_here(entry: Entry) -> bool:
    subject, here = entry.endpoint.partition(".")[0], request.blueprint or ""
    return here == subject or here.startswith(f"{subject}_")


def _url(endpoint: str) -> str:
    return url_for(endpoint) if endpoint in current_app.view_functions else "/"
