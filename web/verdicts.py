"""What became of a signed pact, in words: what was found, what was changed, what is safe to do."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString

from provisioner.signing.signer import SignatureField
from provisioner.signing.verdict import Verdict, VerdictCode
from web.catalog import gettext, later


@dataclass(frozen=True)
class Words:
    """``kind`` is that of a note: ``ok``, ``late`` or ``bad``. Places are filled from the verdict's data."""

    kind: str
    title: LazyString | str
    found: LazyString | str
    safe: LazyString | str


_ASK_OFFICE = later("Jangan dipakai. Minta berkas aslinya, atau tanyakan kepada kantor dengan menyebut nomor pakta.")

VERDICTS: dict[VerdictCode, Words] = {
    VerdictCode.GENUINE: Words(
        "ok",
        later("Asli dan utuh"),
        later("Berkas ini sama persis dengan yang ditandatangani, dan kedua tanda tangannya benar."),
        later(
            "Berkas ini dapat dipakai. Lihat juga status akunnya di bawah: pakta yang asli tidak berarti akunnya aktif."
        ),
    ),
    VerdictCode.GENUINE_UNPROVEN: Words(
        "late",
        later("Sama dengan arsip kantor, tetapi tanda tangannya tidak dapat dibuktikan lagi"),
        later("Isinya sama persis dengan arsip kantor. Sertifikat penandatangannya kini tidak dikenal lagi."),
        later("Isinya dapat dipercaya karena sama dengan arsip. Untuk bukti tanda tangan, tanyakan kepada kantor."),
    ),
    VerdictCode.NO_RECORD: Words(
        "late",
        later("Tanda tangannya benar, tetapi tidak ada di arsip"),
        later(
            "Kedua tanda tangan berasal dari kantor ini, tetapi nomor %(number)s tidak ada di arsip untuk dibandingkan."
        ),
        later("Jangan dipakai dulu. Tanyakan kepada kantor dengan menyebut nomor itu."),
    ),
    VerdictCode.APPENDED: Words(
        "bad",
        later("Ada data asing yang ditambahkan"),
        later("Bagian yang ditandatangani utuh, tetapi %(bytes)s bita asing ditempelkan %(where)s berkas."),
        later("Jangan pakai berkas ini. Minta berkas aslinya; isi yang ditandatangani tidak berubah."),
    ),
    VerdictCode.UPDATED: Words(
        "bad",
        later("Diubah sesudah ditandatangani"),
        later(
            "Berkas aslinya masih ada di dalamnya, tetapi sesudah ditandatangani ada perubahan sebesar %(bytes)s bita. "
            "Yang tampak di layar bisa berbeda dari yang ditandatangani."
        ),
        _ASK_OFFICE,
    ),
    VerdictCode.CHANGED: Words(
        "bad",
        later("Isinya diubah"),
        later("Bagian yang ditandatangani telah diubah. Tanda tangan yang rusak karenanya: %(fields)s."),
        _ASK_OFFICE,
    ),
    VerdictCode.TRUNCATED: Words(
        "bad",
        later("Berkas terpotong"),
        later("Bagian akhirnya hilang, sedikitnya %(bytes)s bita. Sering terjadi bila unduhan atau kiriman terputus."),
        later("Unduh atau minta kirim ulang berkasnya, lalu periksa sekali lagi."),
    ),
    VerdictCode.INCOMPLETE: Words(
        "late",
        later("Belum lengkap ditandatangani"),
        later("Tanda tangan yang ada benar, tetapi yang ini belum ada: %(fields)s."),
        later("Pakta ini belum berlaku. Tunggu sampai kedua pihak menandatangani."),
    ),
    VerdictCode.UNSIGNED: Words(
        "bad",
        later("Tidak ditandatangani"),
        later("Bentuknya seperti pakta integritas, tetapi tidak ada tanda tangan elektronik di dalamnya."),
        later("Jangan dipakai. Untuk cetakan, periksa lewat kode QR atau nomornya."),
    ),
    VerdictCode.FOREIGN_CERTIFICATE: Words(
        "bad",
        later("Ditandatangani dengan sertifikat yang bukan dari kantor ini"),
        later("Sertifikatnya atas nama %(holder)s (%(organisation)s), diterbitkan oleh %(issuer)s.%(imitates)s"),
        later(
            "Jangan dipakai sebagai pakta kantor ini. Bila pakta itu dari kantor lain, periksa di halaman verifikasi "
            "kantor itu."
        ),
    ),
    VerdictCode.CERTIFICATE_TIME: Words(
        "bad",
        later("Sertifikatnya tidak berlaku pada waktu itu"),
        later("Sertifikat %(holder)s dari kantor ini, tetapi pada waktu yang disebut tanda tangannya %(outside)s."),
        _ASK_OFFICE,
    ),
    VerdictCode.WRONG_SIGNER: Words(
        "bad",
        later("Ditandatangani oleh orang yang tidak berhak"),
        later("Tempat tanda tangan %(field)s diisi dengan sertifikat %(holder)s, yang bukan miliknya."),
        _ASK_OFFICE,
    ),
    VerdictCode.OTHER_PACT: Words(
        "late",
        later("Pakta asli, tetapi pakta yang lain"),
        later("Tanda tangannya benar, tetapi berkas ini adalah pakta nomor %(number)s."),
        later("Pastikan nomor ini memang yang Anda cari, lalu periksa lewat nomornya."),
    ),
    VerdictCode.OTHER_VERSION: Words(
        "bad",
        later("Bukan versi yang ada di arsip"),
        later(
            "Tanda tangannya benar, tetapi untuk nomor %(number)s kantor menyimpan berkas yang lain: ini sudah diganti."
        ),
        _ASK_OFFICE,
    ),
    VerdictCode.INK_SCAN: Words(
        "ok",
        later("Sama persis dengan pindaian yang disimpan dinas"),
        later("Pakta ini ditandatangani basah di atas kertas; pindaiannya disimpan dinas, dan berkas ini sama persis."),
        later(
            "Berkas ini dapat dipakai. Lihat juga status akunnya di bawah: pakta yang asli tidak berarti akunnya aktif."
        ),
    ),
    VerdictCode.INK_PRINT: Words(
        "late",
        later("Naskah cetak, bukan pakta yang ditandatangani"),
        later(
            "Ini naskah pakta %(number)s sebagaimana dicetak. Tanda tangannya ada di atas kertas, bukan di berkas ini."
        ),
        later("Minta pindaian yang disimpan dinas, atau lihat kertas aslinya."),
    ),
    VerdictCode.INK_OTHER: Words(
        "bad",
        later("Bukan pindaian yang disimpan dinas"),
        later("Pakta %(number)s ditandatangani basah; berkas ini bukan pindaiannya dan bukan naskah yang dicetak."),
        _ASK_OFFICE,
    ),
    VerdictCode.NOT_OURS: Words(
        "bad",
        later("Bukan naskah dari kantor ini"),
        later(
            "Ini PDF, tetapi bukan naskah yang dibuat kantor ini, dan tidak ada kode QR kami yang terbaca di dalamnya."
        ),
        later("Jangan dipakai sebagai naskah kantor ini. Periksa apakah Anda memilih berkas yang benar."),
    ),
    VerdictCode.NOT_PDF: Words(
        "bad",
        later("Bukan berkas PDF"),
        later("%(looks)s Naskah kantor ini selalu berupa PDF."),
        later("Pilih berkas PDF-nya, foto kertasnya bersama kode QR-nya, atau buka alamat yang tercetak di kertas."),
    ),
}
"""One for every verdict."""

FIELDS: dict[str, LazyString] = {
    SignatureField.APPLICANT.value: later("pemohon"),
    SignatureField.OFFICIAL.value: later("pejabat"),
}
OUTSIDE: dict[str, LazyString] = {
    "not-yet": later("sertifikat itu belum berlaku"),
    "no-longer": later("sertifikat itu sudah tidak berlaku"),
}
LOOKS: dict[str, LazyString] = {
    "zip": later("Isinya arsip ZIP (atau dokumen Word/Excel), apa pun nama berkasnya."),
    "office": later("Isinya dokumen pengolah kata, apa pun nama berkasnya."),
    "picture": later("Isinya foto, dan tidak ada kode QR kami yang terbaca di dalamnya."),
}
"""What a file that is no PDF is instead."""
_UNKNOWN_LOOK = later("Isinya bukan PDF, apa pun nama berkasnya.")
_IMITATES = later("Sertifikat itu mengaku dari kantor ini, dan itu tidak benar.")
WHERE: dict[str, LazyString] = {"before": later("di depan"), "after": later("di belakang")}


def verdict_words(verdict: Verdict) -> Words:
    """The verdict in the reader's language, its places filled."""
    words, places = VERDICTS[verdict.code], _places(verdict.data)
    return Words(words.kind, str(words.title), str(words.found) % places, str(words.safe))


def field_name(name: str) -> str:
    """Whose signature a field is for."""
    return str(FIELDS.get(name, name))


def _places(data: Mapping[str, object]) -> dict[str, object]:
    fields = data.get("fields")
    broken = [field_name(str(name)) for name in fields] if isinstance(fields, (list, tuple)) else []
    found = {
        **data,
        "fields": gettext(" dan ").join(broken) or gettext("tidak terbaca lagi"),
        "field": field_name(str(data.get("field", ""))),
        "outside": OUTSIDE.get(str(data.get("outside")), ""),
        "looks": LOOKS.get(str(data.get("looks")), _UNKNOWN_LOOK),
        "where": WHERE.get(str(data.get("where")), ""),
    }
    known = {name: value for name, value in found.items() if value not in (None, "")}
    return _Dashes({**known, "imitates": f" {_IMITATES}" if data.get("imitates") else ""})


class _Dashes(dict[str, object]):
    """What a verdict does not know becomes a dash."""

    def __missing__(self, key: str) -> str:
        return "—"
