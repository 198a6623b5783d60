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
        later("Jangan dipakai. Cetakan atau pindaian tidak dapat diperiksa di sini: periksa lewat nomornya."),
    ),
    VerdictCode.FOREIGN_CERTIFICATE: Words(
        "bad",
        later("Ditandatangani dengan sertifikat yang bukan dari kantor ini"),
        later("Sertifikatnya atas nama %(holder)s (%(organisation)s), diterbitkan oleh %(issuer)s."),
        _ASK_OFFICE,
    ),
    VerdictCode.CERTIFICATE_OUT_OF_TIME: Words(
        "bad",
        later("Sertifikatnya tidak berlaku pada waktu tanda tangan"),
        later("Pada waktu yang disebut tanda tangan itu, sertifikat %(holder)s belum berlaku atau sudah kedaluwarsa."),
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
    VerdictCode.NOT_OURS: Words(
        "bad",
        later("Bukan pakta dari kantor ini"),
        later("Ini PDF, tetapi bukan pakta integritas yang dibuat kantor ini."),
        later("Periksa apakah Anda memilih berkas yang benar."),
    ),
    VerdictCode.NOT_PDF: Words(
        "bad",
        later("Bukan berkas PDF"),
        later("Pakta integritas selalu berupa PDF. Foto dan pindaian tidak memuat tanda tangan elektronik."),
        later("Pilih berkas PDF-nya, atau periksa lewat nomor yang tercetak di pakta."),
    ),
}
"""One for every verdict."""

FIELDS: dict[str, LazyString] = {
    SignatureField.APPLICANT.value: later("pemohon"),
    SignatureField.OFFICIAL.value: later("pejabat"),
}
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
        "where": WHERE.get(str(data.get("where")), ""),
    }
    return _Dashes({name: value for name, value in found.items() if value not in (None, "")})


class _Dashes(dict[str, object]):
    """What a verdict does not know becomes a dash."""

    def __missing__(self, key: str) -> str:
        return "—"
