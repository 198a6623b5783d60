"""Every building block on one page: what the tests look at. It is not part of the product."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Response, render_template_string
from markupsafe import Markup

from provisioner.connector import TargetUnavailable
from provisioner.documents.qr import qr_svg
from provisioner.errors import Conflict, InvalidInput, NotAllowed, TooMany, WrongState
from web.area import Area, Subject
from web.forms import Form
from web.identity import actor, signed_in
from web.paging import Page
from web.security import secret_page, takes_files
from web.sop_line import SopStep

NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
PAGE = Path(__file__).with_name("gallery.html")


def steps() -> list[SopStep]:
    return [
        SopStep(1, "Surat permohonan", "Pemohon", 15, "done", 12),
        SopStep(2, "Disposisi Kadis", "Kepala Dinas", 30, "done", 24, desk=70),
        SopStep(3, "Disposisi ke Kasi", "Kepala Bidang", 15, "done", 19),
        SopStep(4, "Kajian dan pakta", "Kepala Seksi", 10, "now", 6, remark="di meja Anda"),
        SopStep(5, "Pembuatan akun", "ADB", 10, "next", by="sistem, atas keputusan Kasi"),
        SopStep(6, "Serah terima", "Pemohon", 10, "next"),
    ]


def filled_form() -> Form:
    form = Form.empty(nama="Dewi Lestari Handayani", nik="3576", status="PNS", setuju="1")
    form.refuse(InvalidInput(fields={"nik": ["required"], "berkas": ["too-long"]}))
    form.warn({"nama": ["too-short"]})
    return form


def what_it_shows() -> dict[str, Any]:
    target = SimpleNamespace(
        name="Direktori SIAK", detail="OpenLDAP", state="selesai", kind="ok", working=False, why=""
    )
    slow = SimpleNamespace(
        name="Basis data layanan",
        detail="PostgreSQL",
        state="dikerjakan",
        kind="now",
        working=True,
        why="Tidak menjawab sejak 08.41 WIB. Dicoba lagi sendiri.",
    )
    past = [
        SimpleNamespace(what=Markup("<b>Kepala Dinas</b> meneruskan"), when="20 November", quote="Mohon.", kind="ok"),
        SimpleNamespace(what="Kepala Bidang mengembalikan", when="20 November", quote="", kind="late"),
    ]
    qr = Markup(qr_svg("K7QF-2M9D"))  # noqa: S704  Our own drawing.
    return {
        "steps": steps(),
        "form": filled_form(),
        "page": Page(range(20), 2, 20, 1214),
        "what": [target, slow],
        "past": past,
        "qr": qr,
        "now": NOW,
    }


def gallery() -> Subject:
    """The subject with the gallery and with views that fail in every way."""
    subject = Subject("gallery", __name__, Area.PUBLIC, "/uji")

    @subject.get("/gaya")
    def look() -> str:
        return render_template_string(PAGE.read_text(), **what_it_shows())

    @subject.get("/bagian")
    def fragment() -> Response:
        return Response("<p>Sudah selesai.</p>", headers={"X-Live": "done"})

    @subject.get("/gagal/<what>")
    def fail(what: str) -> str:
        raise {
            "not-allowed": NotAllowed("own-request"),
            "wrong-state": WrongState("request-wrong-state", state="pact-applicant"),
            "conflict": Conflict("username-taken"),
            "too-many": TooMany("too-many-tries", until=NOW),
            "system": TargetUnavailable("no answer"),
            "bug": RuntimeError("a secret that must not be shown: K7QF-2M9D"),
        }[what]

    @subject.get("/rahasia")
    def hidden() -> str:
        secret_page()
        return "rahasia"

    @subject.post("/kirim")
    def send() -> str:
        return f"diterima {sorted(Form.sent().values)}"

    @subject.post("/unggah")
    @takes_files
    def upload() -> str:
        return "diterima"

    return subject


def desk() -> Subject:
    """Pages behind a sign-in."""
    subject = Subject("desk", __name__, Area.OFFICE, "/meja")

    @subject.get("/siapa")
    @signed_in()
    def who() -> str:
        return render_template_string(
            "{% extends 'layout.html' %}{% block content %}{{ name }}{% endblock %}", name=actor().name
        )

    @subject.get("/kadis")
    @signed_in("head")
    def head_only() -> str:
        return "untuk Kadis"

    return subject
