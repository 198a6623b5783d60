"""The points of the month in the office's words: what happened, how long there is, what to do, and where."""

from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import LazyString

from provisioner.month.point import NEAR_DAYS, Point, Subject, Urgency
from web.catalog import gettext, later, ngettext
from web.finding_words import ADVICE, SUBJECTS
from web.states import State

URGENCIES: dict[Urgency, State] = {
    Urgency.NOW: State(later("mendesak"), "bad"),
    Urgency.MONTH: State(later("bulan ini"), "late"),
    Urgency.UNKNOWN: State(later("tidak diketahui"), "idle"),
    Urgency.GOOD: State(later("baik"), "ok"),
}


@dataclass(frozen=True)
class Words:
    """``empty``: where the figure is not there (no backup, no check yet); ``unknown``: where nothing is known."""

    title: LazyString | None
    """None: what it is about says enough."""
    found: LazyString | None
    do: LazyString
    empty: LazyString | None = None
    unknown: LazyString | None = None
    page: str = ""
    """Endpoint of the page where it is done."""
    command: str = ""
    """What is typed on the server."""


_EXTEND = "provisioner official extend NAME --expires DAY"
_COPY = "provisioner keys paper --check"

WORDS: dict[Subject, Words] = {
    Subject.SITE_CERTIFICATE: Words(
        later("Sertifikat halaman ini"),
        later("Sesudah itu peramban menolak membuka halaman."),
        later("Perbarui sertifikatnya di proxy, lalu muat ulang proxy."),
        unknown=later("Berkas sertifikatnya belum disebut di upkeep.certificate, atau tidak terbaca."),
    ),
    Subject.AUTHORITY: Words(
        later("Penerbit tanda tangan pakta"),
        later("Sesudah itu tidak ada pakta yang dapat ditandatangani."),
        later("Siapkan penerbit yang baru sebelum hari itu."),
    ),
    Subject.TARGET_CERTIFICATE: Words(
        later("Sertifikat %(about)s"),
        later("Sesudah itu akun tidak dapat dikirim ke sana."),
        later("Mintalah pengelola sistem itu memperbaruinya."),
        page="targets.index",
    ),
    Subject.TIMESTAMP_ROOTS: Words(
        later("Sertifikat akar stempel waktu"),
        later("Sesudah itu stempel waktu tidak dapat dipercaya."),
        later("Tambahkan akar yang baru ke berkas signing.timestamp_roots; yang lama tetap di sana."),
        unknown=later("Berkas %(file)s tidak terbaca."),
    ),
    Subject.BSRE_ROOTS: Words(
        later("Sertifikat akar BSrE"),
        later("Sesudah itu tanda tangan BSrE tidak dapat diperiksa."),
        later("Mintalah akar yang baru kepada BSrE."),
    ),
    Subject.BACKUP: Words(
        later("Cadangan data"),
        later("Cadangan yang terakhir berumur %(days)s hari."),
        later("Pastikan cadangan dibuat, dan sekali-sekali cobalah memulihkannya."),
        empty=later("Belum pernah ada cadangan."),
        unknown=later("Aplikasi tidak mencatat cadangan apa pun."),
    ),
    Subject.DISK: Words(
        later("Ruang simpan"),
        later("Tersisa %(percent)s%% (%(gib)s GiB) untuk %(folder)s."),
        later("Kosongkan ruang, atau perbesar. Bila penuh, tidak ada yang dapat disimpan lagi."),
        unknown=later("Ruang untuk %(folder)s tidak terbaca."),
    ),
    Subject.DATABASE_DISK: Words(
        later("Ruang simpan basis data"),
        None,
        later("Periksa di mesin itu."),
        unknown=later("Basis data ada di mesin lain; ruangnya tidak terlihat dari sini."),
    ),
    Subject.MEMORY: Words(
        later("Memori mesin"),
        later("Tinggal %(percent)s%% yang dapat dipakai."),
        later("Lihat apa yang memakainya, atau tambah."),
    ),
    Subject.UPDATES: Words(
        later("Pembaruan sistem operasi"),
        later("%(count)s paket menunggu, %(security)s di antaranya menutup celah keamanan."),
        later("Pasang di luar jam kerja."),
        unknown=later("Mesin ini tidak dapat ditanya lewat apt."),
        command="apt-get upgrade",
    ),
    Subject.UPDATE_LISTS: Words(
        later("Daftar pembaruan"),
        later("Terakhir diambil %(days)s hari yang lalu, sehingga pembaruan yang baru tidak terlihat."),
        later("Ambil daftarnya lagi."),
        empty=later("Belum pernah diambil."),
        command="apt-get update",
    ),
    Subject.RESTART: Words(
        later("Mesin perlu dinyalakan ulang"),
        later("Ada pembaruan yang baru berlaku sesudah mesin dinyalakan ulang."),
        later("Nyalakan ulang di luar jam kerja."),
    ),
    Subject.PROGRAM: Words(
        later("Versi aplikasi"),
        later("Terpasang sejak %(days)s hari yang lalu."),
        later("Tanyakan apakah ada rilis yang lebih baru; aplikasi tidak menanyakannya sendiri ke internet."),
        unknown=later("Aplikasi berjalan tanpa dipasang, sehingga umurnya tidak diketahui."),
    ),
    Subject.SECOND_COPY: Words(
        later("Salinan kedua kunci"),
        later("Terakhir dicocokkan pada %(day)s. Sesudah kunci diganti, dan setahun sekali, dicocokkan lagi."),
        later("Cetak salinan kertasnya, cocokkan, lalu simpan di brankas. Tanpa kunci, data hilang."),
        empty=later("Belum ada salinan kunci yang sudah dicocokkan."),
        command=_COPY,
    ),
    Subject.ANCHORS: Words(
        later("Jangkar jejak audit"),
        later("Yang terakhir di %(folder)s berumur %(days)s hari."),
        later("Pastikan aplikasi berjalan dan boleh menulis ke sana."),
        empty=later("Belum ada satu pun di %(folder)s."),
        unknown=later("%(folder)s tidak terbaca."),
    ),
    Subject.ANCHORS_HERE: Words(
        later("Tempat jangkar jejak audit"),
        later("%(folder)s berada di mesin yang sama dengan datanya, jadi hilang bersamanya."),
        later("Sebut tempat di mesin lain di audit.anchor_dir."),
    ),
    Subject.SECOND_FACTOR: Words(
        later("Verifikasi dua langkah pejabat"),
        later("%(count)s pejabat belum memasangnya: %(names)s."),
        later("Mintalah mereka masuk dan memasangnya."),
        page="officials.index",
    ),
    Subject.FIRST_PASSWORD: Words(
        later("Amplop kata sandi pejabat"),
        later("%(count)s pejabat tidak memakainya tepat waktu: %(names)s."),
        later("Tanyakan apakah amplopnya sampai, lalu buat yang baru."),
        page="officials.index",
    ),
    Subject.OFFICIAL_OVER: Words(
        later("Akun pejabat %(about)s"),
        later("Hari terakhirnya sudah lewat."),
        later("Bekukan, atau perpanjang bila masih diperlukan."),
        page="officials.show",
    ),
    Subject.OFFICIAL_ENDS: Words(
        later("Akun pejabat %(about)s"),
        later("Akun auditor ini tidak mempunyai hari terakhir."),
        later("Tetapkan hari terakhirnya, atau biarkan berakhir sendiri."),
        page="officials.show",
        command=_EXTEND,
    ),
    Subject.ACCOUNTS_END: Words(
        later("Akun operator yang berakhir"),
        later("%(count)s akun berakhir dalam sebulan."),
        later("Ingatkan Kepala Seksi: yang masih bertugas diperpanjang sebelum hari terakhirnya."),
        page="accounts.index",
    ),
    Subject.PACTS_LAPSE: Words(
        later("Pakta yang habis masa berlakunya"),
        later("%(count)s pakta habis dalam sebulan."),
        later("Ingatkan Kepala Seksi dan operatornya untuk menandatangani lagi."),
    ),
    Subject.RETENTION: Words(
        later("Berkas yang lewat masa simpan"),
        later("%(count)s berkas sudah boleh diusulkan musnah."),
        later("Beri tahu Kepala Seksi; daftarnya ada di halaman Arsip."),
    ),
    Subject.TARGET_FINDING: Words(
        None,
        later("Pemeriksaan terakhir menemukan sesuatu pada: %(what)s."),
        later("Rincian dan petunjuknya ada di halaman Sistem."),
        page="targets.index",
    ),
    Subject.TARGET_UNCHECKED: Words(
        None,
        None,
        later("Tekan Periksa di halaman Sistem."),
        empty=later("Belum pernah diperiksa."),
        unknown=later("Terakhir diperiksa pada %(day)s."),
        page="targets.index",
    ),
    Subject.CLOCK: Words(
        later("Jam %(about)s"),
        later("Berbeda %(seconds)s detik dari jam aplikasi."),
        later("Samakan jam kedua mesin dengan NTP."),
        page="targets.index",
    ),
    Subject.LINKS_FAILED: Words(
        None,
        later("%(count)s akun berhenti dicoba di sana dan menunggu keputusan."),
        later("Lihat sebabnya di halaman Sistem, lalu coba lagi."),
        page="targets.index",
    ),
    Subject.TARGET_PAUSED: Words(
        None,
        later("Pengiriman ke sana dihentikan seseorang; %(count)s akun menunggu, termasuk pembekuan dan pencabutan."),
        later("Lanjutkan begitu boleh."),
        page="targets.index",
    ),
    Subject.TARGET_DOWN: Words(
        None,
        later("Tidak menjawab sejak %(day)s; %(count)s akun menunggu."),
        later("Pastikan sistem itu menyala dan dapat dihubungi."),
        page="targets.index",
    ),
    Subject.ENVELOPES: Words(
        later("Amplop yang belum dibuka"),
        later("%(count)s amplop pemohon hangus dalam %(days)s hari bila tidak dibuka."),
        later("Ingatkan Kepala Seksi untuk menghubungi pemohonnya."),
        page="accounts.index",
    ),
    Subject.RELEASES: Words(
        later("Versi lain masih berjalan"),
        later("Yang masih berjalan: %(others)s."),
        later("Selesaikan pembaruannya: nyalakan ulang layanan itu."),
    ),
}
"""Every subject but the findings of a check, which have their words already."""


@dataclass(frozen=True)
class PointLine:
    """One point as a page shows it."""

    title: str
    state: State
    time_left: str
    due: date | None
    found: str
    do: str
    url: str = ""
    command: str = ""
    original: str = ""
    """A sentence in English that says more."""


def point_line(point: Point, today: date) -> PointLine:
    """The point in the reader's language."""
    state, left = URGENCIES[point.urgency], time_left(point, today)
    if point.subject is Subject.CHECK:
        return _of_check(point, state)
    words = WORDS[point.subject]
    what = words.found
    if words.empty is not None and "" in (point.facts.get("days"), point.facts.get("day")):
        what = words.empty
    elif point.urgency is Urgency.UNKNOWN:
        what = words.unknown
    elif point.subject is Subject.OFFICIAL_ENDS and point.due is not None:
        what = None
    return PointLine(
        title=_filled(words.title, point) or point.about,
        state=state,
        time_left=left,
        due=point.due,
        found=_filled(what, point),
        do=_filled(words.do, point),
        url=_url(words.page, point),
        command=words.command.replace("NAME", point.about),
        original=str(point.facts.get("message", "")),
    )


def time_left(point: Point, today: date) -> str:
    """How long there is; empty without a last day."""
    if point.due is None:
        return ""
    days = (point.due - today).days
    if days < 0:
        return ngettext("lewat %(num)s hari", "lewat %(num)s hari", -days)
    if days == 0:
        return gettext("hari ini yang terakhir")
    return ngettext("%(num)s hari lagi", "%(num)s hari lagi", days)


def is_near(point: Point, today: date) -> bool:
    """Whether the last day is so near that the time left is said in red."""
    return point.due is not None and (point.due - today).days < NEAR_DAYS


def _of_check(point: Point, state: State) -> PointLine:
    title = str(SUBJECTS.get(point.about) or gettext("Lainnya (%(what)s)", what=point.about))
    meaning, remedy = ADVICE.get(
        point.about, (later("Pemeriksaan ini tidak selesai."), later("Lihat catatan layanan."))
    )
    return PointLine(
        title, state, "", None, str(meaning), str(remedy), url_for("system.index"), original=str(point.facts["message"])
    )


def _filled(text: LazyString | None, point: Point) -> str:
    return str(text) % {"about": point.about, **point.facts} if text is not None else ""


def _url(page: str, point: Point) -> str:
    if not page:
        return ""
    return url_for(page, username=point.about) if page == "officials.show" else url_for(page)
