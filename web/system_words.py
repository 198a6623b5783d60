"""How a system stands, what its check found and what it demands of passwords, in the office's words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import LazyString

from provisioner.connector import Finding, PasswordRules, Severity
from provisioner.preflight import Broken
from provisioner.provisioning.system_views import SystemState, SystemView
from web.catalog import gettext, later, ngettext
from web.finding_words import SEVERITY, SUBJECTS, UNKNOWN
from web.states import State

STATES: dict[SystemState, State] = {
    SystemState.ANSWERS: State(later("menjawab"), "ok"),
    SystemState.FAILING: State(later("beberapa kali tidak menjawab"), "late"),
    SystemState.RESTS: State(later("tidak dapat dihubungi"), "bad"),
    SystemState.TRIED: State(later("sedang dicoba lagi"), "late"),
    SystemState.PAUSED: State(later("dihentikan sementara"), "late"),
}
"""One word on a system."""

MEANINGS: dict[SystemState, LazyString] = {
    SystemState.FAILING: later("Dicoba terus; sistem lain tidak ikut menunggu."),
    SystemState.RESTS: later("Sesudah beberapa kali gagal, sistem ini dibiarkan sebentar. Sistem lain tetap berjalan."),
    SystemState.TRIED: later("Satu akun dicoba dahulu; bila dijawab, yang lain menyusul sendiri."),
    SystemState.PAUSED: later(
        "Tidak ada yang dikirim ke sini, termasuk pembekuan dan pencabutan, sampai TI melanjutkannya."
    ),
}
"""What it means."""

ADVICE: dict[str, tuple[LazyString, LazyString]] = {
    "reachable": (
        later("Sistem ini tidak menjawab, atau menolak aplikasi."),
        later("Pastikan servernya menyala dan alamat serta kata sandi akun layanannya benar, lalu periksa lagi."),
    ),
    "certificate": (
        later("Sertifikat server ini hampir habis."),
        later("Perbarui sertifikat server itu sebelum habis."),
    ),
    "unverified": (
        later("Sertifikat server ini tidak diperiksa, sehingga server palsu tidak ketahuan."),
        later("Isi berkas penerbit sertifikatnya di pengaturan sistem ini."),
    ),
    "rights": (
        later("Aplikasi belum mempunyai semua hak yang diperlukan di sini."),
        later("Pengelola sistem itu memberi haknya menurut rincian di bawah."),
    ),
    "clock": (
        later("Jam server ini berbeda dengan jam aplikasi."),
        later("Samakan jam kedua mesin dengan NTP."),
    ),
    "policy": (
        later("Ada aturan atau pengaturan kata sandi di sini yang perlu dibetulkan."),
        later("Pengelola sistem itu membetulkannya menurut rincian di bawah."),
    ),
    "weak": (
        later("Sistem ini menerima kata sandi yang lemah."),
        later("Wajibkan sedikitnya 10 tanda di sana."),
    ),
    "guessing": (
        later("Kata sandi dapat ditebak tanpa batas."),
        later("Kuncilah akun sesudah beberapa kali salah."),
    ),
    "first-change": (
        later("Ganti kata sandi pertama tidak diwajibkan oleh sistem ini."),
        later("Nyalakan kewajiban itu di sana. Sampai saat itu akun baru dibiarkan nonaktif."),
    ),
    "no-change": (
        later("Operator tidak boleh mengganti kata sandinya di sini."),
        later("Izinkan pemilik akun mengganti kata sandinya sendiri."),
    ),
    "hidden": (
        later("Aturan kata sandinya tidak diperlihatkan kepada aplikasi."),
        later("Beri akun layanan hak membaca aturan itu."),
    ),
    "withheld": (
        later("Kata sandi awal ditahan: akun di sini baru terbuka sesudah operator menggantinya di halaman kami."),
        later("Tidak perlu berbuat apa-apa, kecuali sistem ini ternyata dapat mewajibkannya sendiri."),
    ),
    "logs": (
        later("Server ini mencatat perintah, termasuk bentuk kata sandi di dalamnya."),
        later("Matikan catatan itu untuk akun layanan."),
    ),
    "refuses-forms": (
        later("Server ini menolak kata sandi yang tidak dikirim sebagai teks, sehingga akun tidak dapat dibuat."),
        later("Matikan penolakan itu di sana menurut rincian di bawah."),
    ),
    "issued-refused": (
        later("Kata sandi awal buatan aplikasi tidak memenuhi aturan sistem ini."),
        later("Longgarkan aturannya untuk akun operator menurut rincian di bawah."),
    ),
    "chosen-short": (
        later("Sistem ini meminta kata sandi yang lebih panjang daripada yang kami katakan kepada operator."),
        later("Naikkan passwords.min_length di berkas pengaturan."),
    ),
    "chosen-long": (
        later("Sistem ini tidak menerima kata sandi sepanjang yang kami wajibkan."),
        later("Izinkan kata sandi yang lebih panjang di sana."),
    ),
    "unknown": (
        later("Sistem ini juga memeriksa kata sandi dengan cara yang tidak diperlihatkannya."),
        later("Cobalah dengan satu akun lebih dahulu."),
    ),
}
"""What a finding that is not good means, and what to do; by its code, else by its subject."""

BROKEN: dict[str, LazyString] = {
    "min_length": later("sedikitnya %(wanted)s tanda, kata sandi awal %(has)s"),
    "max_length": later("paling banyak %(wanted)s tanda, kata sandi awal %(has)s"),
    "capitals": later("sedikitnya %(wanted)s huruf besar, kata sandi awal bisa hanya %(has)s"),
    "small": later("sedikitnya %(wanted)s huruf kecil, kata sandi awal bisa hanya %(has)s"),
    "digits": later("sedikitnya %(wanted)s angka, kata sandi awal bisa hanya %(has)s"),
    "others": later("sedikitnya %(wanted)s tanda baca, kata sandi awal %(has)s"),
    "beyond_ascii": later("huruf beraksen atau aksara lain, kata sandi awal tidak memuatnya"),
    "kinds": later("%(wanted)s jenis tanda, kata sandi awal %(has)s"),
    "repeats": later("tanda yang sama paling banyak %(wanted)s kali berturut-turut, kata sandi awal bisa %(has)s"),
}
"""A rule that an initial password breaks."""


@dataclass(frozen=True)
class CheckLine:
    """One finding of a check."""

    subject: str
    state: State
    meaning: str = ""
    remedy: str = ""
    original: str = ""
    """The finding's own sentence, in English, with what to type."""


def check_lines(findings: tuple[Finding, ...]) -> list[CheckLine]:
    """Every finding; what is good in as few words as can be, and once."""
    return list(dict.fromkeys(map(_line, findings)))


def _line(finding: Finding) -> CheckLine:
    subject = str(SUBJECTS.get(finding.subject, finding.subject))
    if finding.code == "cannot-tell":
        return CheckLine(subject, UNKNOWN)
    state, figure = SEVERITY[finding.severity], _figure(finding)
    if finding.severity is Severity.OK:
        return CheckLine(subject, state, figure)
    meaning, remedy = ADVICE.get(finding.code) or ADVICE.get(finding.subject) or ADVICE["policy"]
    original = f"{finding.message} → {finding.remedy}" if finding.remedy else finding.message
    return CheckLine(subject, state, " ".join(part for part in (str(meaning), figure) if part), str(remedy), original)


def _figure(finding: Finding) -> str:
    if finding.figure is None:
        return ""
    if finding.subject == "certificate":
        return ngettext("Berlaku %(num)s hari lagi.", "Berlaku %(num)s hari lagi.", finding.figure)
    if finding.subject == "clock":
        return ngettext("Berbeda %(num)s detik.", "Berbeda %(num)s detik.", finding.figure)
    return ""


def broken_text(broken: Broken) -> str:
    """A rule that an initial password breaks."""
    return str(BROKEN[broken.rule]) % {"wanted": broken.wanted, "has": broken.has}


def issued_verdict(view: SystemView) -> State:
    """Whether initial passwords please this system."""
    if view.check.rules_at is None:
        return State(later("belum diketahui"), "idle")
    if view.issued_broken:
        return State(later("tidak"), "bad")
    return State(later("ya"), "ok")


def rule_texts(rules: PasswordRules) -> list[str]:
    """What a system demands of passwords, sentence by sentence."""
    found = [text for text in _demands(rules) if text]
    return found or [gettext("Tidak ada aturan sendiri; yang berlaku aturan halaman kami.")]


def _demands(rules: PasswordRules) -> Iterator[str]:
    if rules.min_length:
        yield gettext("Sedikitnya %(count)s tanda.", count=rules.min_length)
    if rules.max_length:
        yield gettext("Paling banyak %(count)s tanda.", count=rules.max_length)
    if rules.kinds:
        yield gettext(
            "Sedikitnya %(count)s jenis tanda: huruf besar, huruf kecil, angka, tanda baca.", count=rules.kinds
        )
    counts = [
        gettext("%(count)s huruf besar", count=rules.capitals) if rules.capitals else "",
        gettext("%(count)s huruf kecil", count=rules.small) if rules.small else "",
        gettext("%(count)s angka", count=rules.digits) if rules.digits else "",
        gettext("%(count)s tanda baca", count=rules.others) if rules.others else "",
    ]
    if any(counts):
        yield gettext("Sedikitnya %(counts)s.", counts=", ".join(each for each in counts if each))
    if rules.repeats:
        yield gettext("Tanda yang sama paling banyak %(count)s kali berturut-turut.", count=rules.repeats)
    if rules.history:
        yield gettext("Bukan salah satu dari %(count)s kata sandi terakhir.", count=rules.history)
    if rules.max_age is not None:
        yield gettext("Harus diganti setiap %(days)s hari.", days=max(1, rules.max_age.days))
    if rules.lockout_after:
        yield _lockout(rules.lockout_after, rules.lockout_for)
    if rules.examined:
        yield gettext("Juga diperiksa dengan daftar kata atau cara lain yang tidak diperlihatkan.")


def _lockout(after: int, lasts: timedelta | None) -> str:
    if lasts is None:
        return gettext("Terkunci sesudah %(count)s kali salah, sampai dibuka petugas.", count=after)
    minutes = max(1, round(lasts.total_seconds() / 60))
    return gettext("Terkunci %(minutes)s menit sesudah %(count)s kali salah.", minutes=minutes, count=after)
