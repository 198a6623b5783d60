"""What a check found, in words. The finding's own sentence is English; it stands below where something is to do."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import LazyString

from provisioner.checking import Checked
from provisioner.connector import Severity
from web.catalog import gettext, later
from web.current import settings
from web.states import State

SEVERITY: dict[Severity, State] = {
    Severity.OK: State(later("baik"), "ok"),
    Severity.WARNING: State(later("perlu perhatian"), "late"),
    Severity.ERROR: State(later("salah"), "bad"),
}

UNKNOWN = State(later("tidak diketahui"), "idle")
"""What this kind of system does not show."""

PLACES: dict[str, LazyString] = {
    "office": later("Kantor"),
    "keys": later("Kunci"),
    "store": later("Basis data aplikasi"),
    "dispatch": later("Pelaksana keputusan"),
    "letters": later("Naskah surat"),
    "signing": later("Tanda tangan elektronik"),
    "targets": later("Sistem tempat akun dibuat"),
}

SUBJECTS: dict[str, LazyString] = {
    "files": later("Berkas kantor"),
    "officials": later("Pejabat untuk setiap meja"),
    "end-of-account": later("Akun pejabat yang akan berakhir"),
    "readable": later("Kunci terbaca"),
    "in-use": later("Kunci yang dipakai"),
    "second-copy": later("Salinan kedua kunci"),
    "schema": later("Susunan basis data"),
    "engine": later("Tabel pelaksana keputusan"),
    "workers": later("Proses pelaksana yang bekerja"),
    "backup": later("Cadangan terakhir"),
    "restored": later("Pemulihan dari cadangan"),
    "pact": later("Teks pakta"),
    "templates": later("Naskah surat-surat"),
    "authority": later("Sertifikat penerbit"),
    "timestamp": later("Layanan stempel waktu"),
    "bsre": later("Layanan eSign BSrE"),
    "pacts-held": later("Pakta setiap akun"),
    "sign-in": later("Tempat operator masuk"),
    "configured": later("Sistem yang diatur"),
    "reachable": later("Dapat dihubungi"),
    "certificate": later("Sertifikat"),
    "rights": later("Hak aplikasi"),
    "clock": later("Jam"),
    "policy": later("Aturan kata sandi"),
}


ADVICE: dict[str, tuple[LazyString, LazyString]] = {
    "backup": (
        later("Cadangan terlalu lama, tidak ada, atau tidak terenkripsi."),
        later("Buat cadangan setiap hari dengan pewaktu, dan simpan di mesin lain; lihat panduan pengelola."),
    ),
    "restored": (
        later("Aplikasi dipulihkan dari cadangan; tidak ada yang dikirim ke sistem mana pun."),
        later("Selesaikan langkah-langkahnya di halaman Pemulihan."),
    ),
    "officials": (
        later("Ada meja SOP yang tidak dipegang siapa pun."),
        later("Tambahkan pejabatnya di halaman Pejabat."),
    ),
    "in-use": (
        later("Ada data yang disegel dengan kunci lama, atau dengan kunci yang tidak ada di sini."),
        later("Kunci lama: jalankan provisioner keys reseal. Kunci yang tidak ada: kembalikan dari salinan keduanya."),
    ),
    "second-copy": (
        later("Tidak ada salinan kedua yang dinyatakan memuat kunci yang sekarang. Tanpa kunci, data hilang."),
        later(
            "Cetak salinan kertasnya di mesin server: provisioner keys paper; cocokkan dengan provisioner keys paper"
            " --check; simpan di brankas, jangan bersama cadangan data."
        ),
    ),
    "schema": (
        later("Susunan basis data lebih tua daripada aplikasi."),
        later("Jalankan provisioner init di mesin server."),
    ),
    "engine": (
        later("Tabel pelaksana keputusan (Procrastinate) tidak sesuai dengan aplikasi."),
        later("Jalankan provisioner init di mesin server, sesudah semua proses versi lama berhenti."),
    ),
    "workers": (
        later("Tidak ada proses pelaksana yang memberi tanda hidup: keputusan tercatat, tetapi belum dilaksanakan."),
        later("Jalankan provisioner work, di mesin mana pun. Tidak ada yang hilang selama itu."),
    ),
    "pact": (
        later("Teks pakta belum dapat dipakai, atau masih konsep."),
        later("Bila masih konsep: mintalah pengesahan Kepala Dinas, lalu isi [approval] di pact.toml."),
    ),
    "templates": (
        later("Ada naskah surat yang rusak. Surat tetap terbit dengan naskah baik yang terakhir."),
        later("Betulkan berkas itu pada baris yang disebut, lalu periksa lagi."),
    ),
    "pacts-held": (
        later("Ada akun yang paktanya tidak ada atau rusak."),
        later("Lihat halaman Kesesuaian; pulihkan basis data dari cadangan, atau buat pakta baru bagi akun itu."),
    ),
    "authority": (
        later("Penanda tangan pakta belum ada, atau masa pakainya hampir habis."),
        later("Bila belum ada: jalankan provisioner init di mesin server."),
    ),
    "timestamp": (
        later("Layanan stempel waktu tidak memberi stempel waktu yang dapat dipakai."),
        later("Periksa alamat dan sertifikat akarnya: signing.timestamp_url dan signing.timestamp_roots."),
    ),
    "bsre": (
        later("Layanan eSign BSrE tidak dapat dipakai, atau sertifikat akarnya hampir habis masa berlakunya."),
        later("Periksa [signing.bsre] di berkas pengaturan dan catatan layanan itu sendiri."),
    ),
    "sign-in": (
        later("Tidak ada sistem yang menjadi tempat operator masuk."),
        later("Pilih satu sistem dengan sign_in = true di berkas pengaturan."),
    ),
    "configured": (
        later("Belum ada sistem yang diatur."),
        later("Tambahkan tabel [targets.NAMA] di berkas pengaturan."),
    ),
}
"""What the office's own findings mean where they are not good, and what to do. Systems have sentences of their own."""


_NOTHING_TO_ADD = frozenset({"second-copy", "sign-in", "configured"})
"""Whose own sentence says no more than these words."""


@dataclass(frozen=True)
class FoundLine:
    """One finding for a page."""

    subject: str
    state: State
    meaning: str = ""
    remedy: str = ""
    original: str = ""
    """The finding's own sentence, in English."""
    original_remedy: str = ""


def found_lines(found: Iterable[Checked]) -> list[FoundLine]:
    """Findings of one place. What is good is said once, without particulars."""
    return list(dict.fromkeys(_line(each) for each in found))


def _line(checked: Checked) -> FoundLine:
    finding, subject = checked.finding, subject_text(checked)
    if finding.code == "cannot-tell":
        return FoundLine(subject, UNKNOWN)
    state = SEVERITY[finding.severity]
    if finding.severity is Severity.OK:
        return FoundLine(subject, state)
    if checked.where in settings().targets or finding.subject not in ADVICE:
        return FoundLine(subject, state, original=finding.message, original_remedy=finding.remedy)
    meaning, remedy = ADVICE[finding.subject]
    original = "" if finding.subject in _NOTHING_TO_ADD else finding.message
    return FoundLine(subject, state, str(meaning), str(remedy), original)


def place_text(checked: Checked) -> str:
    """Where it was found: a part of the application, or a system by its label."""
    if checked.where in settings().targets:
        return settings().targets[checked.where].label
    return str(PLACES.get(checked.where, checked.where))


def subject_text(checked: Checked) -> str:
    """What was looked at."""
    return str(SUBJECTS.get(checked.finding.subject) or gettext("Lainnya (%(what)s)", what=checked.finding.subject))
