"""What people read when the core refuses something.

An error's class gives the status and what to do about it; its code gives the sentence (``web.error_texts``). A code
that is not in that table is a gap that a test finds; its page then shows the class's own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import LazyString

from provisioner import errors as core
from provisioner.restoration import HeldAfterRestore
from web.catalog import current_language, gettext, later
from web.current import office
from web.error_texts import FIELDS, REFUSALS, RULES
from web.states import REQUEST


@dataclass(frozen=True)
class Kind:
    """What the class of an error says: status, headline, what is safe and what to do."""

    status: int
    title: LazyString
    safe: LazyString | str = ""
    todo: LazyString | str = ""
    picture: str = "paper"


NOTHING_CHANGED = later("Tidak ada yang berubah oleh percobaan ini.")

_DONE_ALREADY = Kind(
    409,
    later("Sudah ditindaklanjuti"),
    NOTHING_CHANGED,
    later("Buka kembali halamannya untuk melihat keadaan sekarang, lalu putuskan dari sana."),
)
KINDS: dict[type[core.ProvisionerError], Kind] = {
    core.NotAllowed: Kind(
        403,
        later("Anda tidak berwenang untuk ini"),
        NOTHING_CHANGED,
        later("Kembali ke halaman Anda. Bila menurut Anda ini keliru, tanyakan kepada TI kantor."),
        "lock",
    ),
    core.NotFound: Kind(
        404,
        later("Tidak ditemukan"),
        "",
        later("Periksa kembali nomor atau kodenya. Bila Anda datang lewat tautan, mintalah tautan yang baru."),
        "search",
    ),
    core.InvalidInput: Kind(
        422,
        later("Isian tidak dapat diterima"),
        later("Tidak ada yang disimpan dari isian ini."),
        later("Kembali ke formulir, perbaiki isiannya, lalu kirim lagi."),
    ),
    HeldAfterRestore: Kind(
        503,
        later("Aplikasi sedang dipulihkan"),
        NOTHING_CHANGED,
        later("Coba lagi nanti. Petugas TI melihat langkahnya di halaman Pemulihan."),
        "wait",
    ),
    core.WrongState: _DONE_ALREADY,
    core.ChangedMeanwhile: _DONE_ALREADY,
    core.Conflict: Kind(
        409,
        later("Berbenturan dengan yang sudah ada"),
        NOTHING_CHANGED,
        later("Periksa yang sudah ada lebih dahulu, atau ubah isian Anda."),
    ),
    core.AuthenticationFailed: Kind(
        401,
        later("Belum berhasil masuk"),
        "",
        later("Periksa nama pengguna dan kata sandi, lalu coba lagi."),
        "lock",
    ),
    core.LockedOut: Kind(
        429,
        later("Terkunci untuk sementara"),
        later("Akun Anda tidak berubah; hanya percobaan masuk yang ditahan."),
        later("Tunggu sampai waktunya, atau hubungi kantor bila Anda lupa kata sandi."),
        "wait",
    ),
    core.TooMany: Kind(
        429,
        later("Terlalu banyak percobaan"),
        NOTHING_CHANGED,
        later("Tunggu sebentar, lalu coba lagi."),
        "wait",
    ),
    core.SealBroken: Kind(
        409,
        later("Tidak dapat dibuka"),
        NOTHING_CHANGED,
        later("Periksa kembali kodenya. Bila tetap tidak terbuka, hubungi kantor."),
        "lock",
    ),
    core.StoreUnavailable: Kind(
        503,
        later("Basis data kantor sedang tidak dapat bekerja"),
        later("Yang sudah tercatat tetap utuh. Langkah yang sedang Anda kerjakan tidak tersimpan separuh."),
        later("Tunggu sebentar, lalu tekan lagi. Bila berulang, beri tahu TI kantor dan sebutkan rujukan di bawah."),
        "wait",
    ),
    core.ConfigurationError: Kind(
        500,
        later("Pengaturan kantor perlu diperbaiki"),
        NOTHING_CHANGED,
        later("Beri tahu TI kantor dan sebutkan rujukan di bawah."),
        "broken",
    ),
    core.ProvisionerError: Kind(
        400, later("Tidak dapat dikerjakan"), NOTHING_CHANGED, later("Kembali dan coba lagi."), "broken"
    ),
}
"""Every class of the core's tree; the nearest class of an error counts."""


def kind_of(error: core.ProvisionerError) -> Kind:
    """What the nearest class of ``error`` says."""
    return next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)


def sentence(error: core.ProvisionerError) -> str:
    """What an error means, in the reader's language, for a note on a page; empty for a code without a text."""
    return _filled(REFUSALS.get(error.code) or FIELDS.get(error.code), error.data)


def field_text(code: str, data: Mapping[str, Any] | None = None) -> str:
    """What is wrong with a field."""
    text = FIELDS.get(code) or REFUSALS.get(code)
    return _filled(text, data or {}) or gettext("Isian ini tidak dapat diterima (%(code)s).", code=code)


def rule_text(code: str, data: Mapping[str, Any]) -> str:
    """A rule for new passwords."""
    return _filled(RULES.get(code), data)


def case_now(error: core.ProvisionerError) -> str:
    """What is the case now, where the error carries it."""
    state = REQUEST.get(str(error.data.get("state", "")))
    return str(state.text) if state else ""


def _filled(text: LazyString | None, data: Mapping[str, Any]) -> str:
    """``text`` with its places filled from ``data``. A place without data becomes a dash: no page fails over a word."""
    if text is None:
        return ""
    return str(text) % _Dashes({name: _plain(name, value) for name, value in data.items()})


def _plain(name: str, value: Any) -> Any:
    """A value as a reader sees it: moments written out, posts by their names."""
    if name == "posts":
        known, language = office().posts, current_language()
        labels = [post.label.text(language) for key, post in known.items() if key in str(value).split(",")]
        return gettext(" atau ").join(labels)
    return current_app.extensions["formats"].plain(value)


class _Dashes(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "—"
