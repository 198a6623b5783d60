"""The page for each thing that can go wrong: what happened, what is safe, what to do."""

import logging
from dataclasses import dataclass, field

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from provisioner.connector import ConnectorError
from provisioner.errors import ProvisionerError, StoreUnavailable
from provisioner.observation.reference import current_reference, new_reference
from web.catalog import gettext
from web.errors import case_now, kind_of, sentence
from web.navigation import Link, current_view, view_without_store

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """What an error page says. ``reference`` is what a reader may tell IT, who finds it in the log."""

    status: int
    title: str
    text: str = ""
    safe: str = ""
    todo: str = ""
    now: str = ""
    picture: str = "paper"
    code: str = ""
    reference: str = ""
    links: tuple[Link, ...] = field(default_factory=tuple)


def setup_fault_pages(app: Flask) -> None:
    """Register one handler for each family of errors."""
    app.register_error_handler(ProvisionerError, refused)
    app.register_error_handler(ConnectorError, system_away)
    app.register_error_handler(CSRFError, form_expired)
    app.register_error_handler(HTTPException, http_fault)
    app.register_error_handler(Exception, broken)


def page(fault: Fault) -> Response:
    """Render the page. Never stored by a browser: the same address may answer otherwise a moment later."""
    try:
        return _rendered(fault)
    except StoreUnavailable:  # The head of the page asks it too: who is here, and what waits for them.
        view_without_store()
        return _rendered(fault)


def _rendered(fault: Fault) -> Response:
    if not fault.links:
        home = current_view().home
        fault = Fault(**{**fault.__dict__, "links": (Link(gettext("Kembali ke awal"), home),)})
    response = make_response(render_template("errors/error.html", fault=fault), fault.status)
    response.headers["Cache-Control"] = "no-store"
    return response


def refused(error: ProvisionerError) -> Response:
    """A refusal of the core."""
    if isinstance(error, StoreUnavailable):
        view_without_store()
    kind = kind_of(error)
    reference = _logged(error) if kind.status >= 500 else ""
    back = _page_of_this_form()
    fault = Fault(
        kind.status,
        str(kind.title),
        sentence(error),
        str(kind.safe),
        str(kind.todo),
        case_now(error),
        picture=kind.picture,
        code=error.code,
        reference=reference,
        links=back,
    )
    response = page(fault)
    if kind.status in (429, 503):
        response.headers["Retry-After"] = "60" if kind.status == 429 else "10"
    return response


def system_away(error: ConnectorError) -> Response:
    """A system (directory, database) that a page needed at once does not answer."""
    reference = _logged(error)
    return page(
        Fault(
            503,
            gettext("Sistem sedang tidak dapat dihubungi"),
            gettext("Salah satu sistem yang diperlukan halaman ini tidak menjawab."),
            gettext("Yang sudah tercatat tetap tercatat dan akan diteruskan sendiri begitu sistem itu kembali."),
            gettext("Tunggu beberapa menit, lalu coba lagi."),
            picture="wait",
            reference=reference,
        )
    )


def form_expired(error: CSRFError) -> Response:
    """The form's token is missing, old, or another's."""
    _log.info("form token refused: %s", error.description)
    return page(
        Fault(
            400,
            gettext("Formulir ini sudah tidak berlaku"),
            gettext("Formulir dibuka terlalu lama, dari jendela lain, atau tidak berasal dari halaman kami."),
            gettext("Tidak ada yang dikirim atau berubah."),
            gettext("Buka kembali halamannya dan isi sekali lagi."),
            code="csrf",
            links=_page_of_this_form(),
        )
    )


def http_fault(error: HTTPException) -> Response:
    """What the web server's side refuses: an unknown address, a form that is too large."""
    status = error.code or 500
    if status < 400:  # A redirect to the address with its slash.
        return make_response(error.get_response())
    response = page(_http_faults().get(status) or Fault(status, gettext("Tidak dapat dikerjakan"), picture="broken"))
    if status == 405:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return response


def broken(error: Exception) -> Response:
    """A fault of ours."""
    reference = _logged(error)
    return page(
        Fault(
            500,
            gettext("Terjadi gangguan pada aplikasi"),
            gettext("Kesalahan ini ada pada kami, bukan pada isian Anda."),
            gettext("Langkah yang gagal dibatalkan seluruhnya; yang tercatat sebelumnya tetap utuh."),
            gettext("Coba sekali lagi. Bila terulang, beri tahu TI kantor dan sebutkan rujukan di bawah."),
            picture="broken",
            reference=reference,
        )
    )


def _logged(error: Exception) -> str:
    """Log with a reference. The exception's text may quote what was typed, so the log holds its type and place only."""
    reference = current_reference() or new_reference()
    trace, places = error.__traceback__, []
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    _log.error("fault %s at %s: %s in %s", reference, request.endpoint, type(error).__name__, " > ".join(places[-6:]))
    return reference


def _page_of_this_form() -> tuple[Link, ...]:
    """The page of a form that was refused, where the form's address can also be read."""
    home = Link(gettext("Kembali ke awal"), current_view().home)
    if request.method != "POST" or request.url_rule is None:
        return (home,)
    origin = request.referrer or ""
    if origin.startswith(request.host_url):
        return (Link(gettext("Kembali ke halaman tadi"), "/" + origin[len(request.host_url) :]), home)
    return (home,)


def _http_faults() -> dict[int, Fault]:
    nothing = gettext("Tidak ada yang disimpan.")
    return {
        400: Fault(
            400,
            gettext("Kiriman tidak dapat dibaca"),
            gettext("Kiriman ini memuat tanda yang rusak atau bentuknya tidak dikenal."),
            nothing,
            gettext("Buka kembali formulirnya dan ketik ulang bagian yang disalin dari tempat lain."),
            picture="broken",
        ),
        403: Fault(
            403,
            gettext("Anda tidak berwenang untuk ini"),
            gettext("Halaman ini untuk jabatan lain, atau hanya dapat dibuka dari jaringan kantor."),
            todo=gettext("Kembali ke halaman Anda. Bila menurut Anda ini keliru, tanyakan kepada TI kantor."),
            picture="lock",
        ),
        404: Fault(
            404,
            gettext("Halaman tidak ditemukan"),
            gettext("Alamat ini tidak ada, atau sudah tidak berlaku."),
            todo=gettext("Periksa alamatnya. Untuk melihat permohonan Anda, pakai kode lacak."),
            picture="search",
        ),
        405: Fault(
            405,
            gettext("Halaman ini tidak dibuka dengan cara itu"),
            gettext("Alamat ini hanya menerima kiriman dari formulirnya."),
            nothing,
            gettext("Mulai lagi dari halaman yang memuat formulirnya."),
        ),
        413: Fault(
            413,
            gettext("Kiriman terlalu besar"),
            gettext("Berkas atau isian yang dikirim melebihi batas."),
            nothing,
            gettext("Foto ulang dengan ukuran lebih kecil, kirim lebih sedikit halaman, atau persingkat isian."),
        ),
        429: Fault(
            429,
            gettext("Terlalu banyak percobaan"),
            safe=nothing,
            todo=gettext("Tunggu sebentar, lalu coba lagi."),
            picture="wait",
        ),
        503: Fault(
            503,
            gettext("Sedang sibuk"),
            gettext("Aplikasi sedang tidak dapat melayani permintaan ini."),
            gettext("Yang sudah tercatat tetap utuh."),
            gettext("Tunggu sebentar, lalu coba lagi."),
            picture="wait",
        ),
    }
