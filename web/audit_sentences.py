"""The audit trail as sentences: one for every kind of event of :mod:`provisioner.audit.catalogue`.

Places are fields of that kind, and ``actor``. Sentences are Indonesian; ``translations/en/audit_sentences.po`` has the
English ones.
"""

from collections.abc import Callable

from flask_babel import LazyString

from provisioner.audit import AuditEntry
from provisioner.audit.events import Value
from web.catalog import gettext, later

Words = Callable[[str, str], str]
"""Says a code in the reader's language: given a field's name and one of its values. It returns what it does not know
as it is."""

SENTENCES: dict[str, LazyString] = {
    # Surat
    "draft-begun": later("%(actor)s memulai konsep permohonan."),
    "draft-discarded": later("Konsep permohonan dibuang."),
    # Hari pertama
    "accounts-recorded": later("%(actor)s mencatat %(count)s akun yang sudah ada di sistem %(target)s."),
    "recorded-list-taken-back": later("%(actor)s menarik daftar %(count)s akun dari sistem %(target)s."),
    "recorded-list-submitted": later(
        "%(actor)s meminta keputusan atas %(count)s akun di sistem %(target)s dengan surat %(letter_number)s."
    ),
    "recorded-account-reminded": later("%(actor)s mengingatkan %(applicant_name)s tentang pakta akun %(username)s."),
    "recorded-account-extended": later("%(actor)s memberi %(applicant_name)s waktu sampai %(pact_by)s."),
    "recorded-account-removed": later("%(actor)s mengeluarkan akun %(username)s dari daftar."),
    "account-adopted-in-target": later("Akun %(username)s di sistem %(target)s menjadi milik kantor."),
    "letter-registered": later("%(actor)s mencatat surat %(letter_number)s di buku agenda."),
    "letter-opened": later("%(actor)s membuka surat %(letter_number)s di meja %(desk)s."),
    "letter-forwarded": later("%(actor)s meneruskan surat %(letter_number)s kepada %(to)s."),
    "letter-returned": later("%(actor)s mengembalikan surat %(letter_number)s kepada %(to)s untuk perbaikan."),
    "letter-rejected": later("%(actor)s menolak surat %(letter_number)s."),
    "register-entry-corrected": later("%(actor)s membetulkan catatan nomor agenda %(register_number)s: %(changed)s."),
    "register-entry-voided": later("%(actor)s mencoret catatan nomor agenda %(register_number)s."),
    "register-exported": later("%(actor)s mengunduh Buku Agenda tahun %(year)s (%(direction)s, %(form)s)."),
    "outgoing-number-given": later("%(actor)s memberi nomor surat keluar %(register_number)s: %(document)s."),
    "disposition-recorded": later(
        "%(actor)s mencatat disposisi surat %(letter_number)s menurut lembar berparaf: %(act)s."
    ),
    "paper-printed": later("%(actor)s mencetak %(document)s."),
    "paper-made": later("%(document)s dibuat dan disimpan."),
    "paper-not-made": later("%(document)s tidak dapat dibuat: %(code)s."),
    "paper-read": later("%(actor)s membuka %(document)s."),
    "paper-checked": later("%(actor)s memeriksa keaslian %(document)s: %(result)s."),
    # Permohonan
    "request-submitted": later(
        "%(actor)s mengajukan permohonan dengan surat %(letter_number)s atas nama %(applicant_name)s."
    ),
    "request-resubmitted": later(
        "%(actor)s mengajukan ulang permohonan %(applicant_name)s (surat %(letter_number)s) kepada %(to)s."
    ),
    "request-withdrawn": later("%(actor)s menarik permohonan %(applicant_name)s (surat %(letter_number)s)."),
    "request-opened": later(
        "%(actor)s membuka permohonan %(applicant_name)s (surat %(letter_number)s) di meja %(desk)s."
    ),
    "request-returned": later(
        "%(actor)s mengembalikan permohonan %(applicant_name)s (surat %(letter_number)s) kepada %(to)s untuk perbaikan."
    ),
    "request-rejected": later("%(actor)s menolak permohonan %(applicant_name)s (surat %(letter_number)s)."),
    "request-approved": later("%(actor)s menyetujui permohonan %(applicant_name)s (surat %(letter_number)s)."),
    "request-completed": later("Permohonan %(applicant_name)s (surat %(letter_number)s) selesai."),
    "act-undone": later("%(actor)s membatalkan tindakannya: %(act)s."),
    "bio-form-completed": later(
        "%(actor)s melengkapi Form Isian Bio Data Operator %(applicant_name)s (surat %(letter_number)s)."
    ),
    "replacement-proposed": later(
        "%(actor)s mengusulkan %(applicant_name)s sebagai pengganti operator %(replaced_username)s."
    ),
    "identity-confirmed": later("%(actor)s memastikan diri %(applicant_name)s dengan kode cocok %(check_code)s."),
    "check-code-refused": later("Kode cocok yang dimasukkan %(actor)s untuk %(applicant_name)s tidak cocok."),
    "username-chosen": later("%(actor)s memilih nama pengguna %(username)s untuk %(applicant_name)s."),
    "target-left-out": later("%(actor)s memutuskan %(applicant_name)s tidak diberi akun di sistem %(target)s."),
    # Pakta integritas
    "pact-made": later("%(actor)s membuat Pakta Integritas %(pact_number)s untuk %(applicant_name)s."),
    "pact-signed-by-applicant": later(
        "%(actor)s menandatangani Pakta Integritas %(pact_number)s atas nama %(applicant_name)s."
    ),
    "pact-signed": later("%(actor)s menandatangani Pakta Integritas %(pact_number)s milik %(applicant_name)s."),
    "pact-voided": later("Pakta Integritas %(pact_number)s dinyatakan tidak berlaku: %(reason_code)s."),
    "pact-checked": later("%(actor)s memeriksa keaslian Pakta Integritas %(pact_number)s: %(result)s."),
    "pact-downloaded": later("%(actor)s mengunduh Pakta Integritas %(pact_number)s."),
    "pact-scan-brought": later("%(actor)s mengunggah pindaian Pakta Integritas %(pact_number)s."),
    "pact-scan-read": later("%(actor)s membuka pindaian Pakta Integritas %(pact_number)s."),
    "pact-scan-confirmed": later(
        "%(actor)s memastikan Pakta Integritas %(pact_number)s ditandatangani di atas kertas."
    ),
    "pact-text-kept": later("Naskah pakta revisi %(text_revision)s disimpan utuh."),
    "pact-reminded": later(
        "Operator %(username)s diingatkan menandatangani pakta revisi %(text_revision)s paling lambat %(until)s."
    ),
    "pact-renewed": later(
        "%(actor)s menandatangani pembaruan Pakta Integritas %(pact_number)s, naskah revisi %(text_revision)s."
    ),
    "pact-list-exported": later("%(actor)s mengunduh daftar pakta %(count)s operator."),
    "pact-check-asked": later("%(actor)s meminta pakta setiap akun diperiksa."),
    "pact-fault-found": later("Pakta akun %(username)s tidak ada atau rusak: %(reason_code)s."),
    "pact-time-given": later("%(actor)s memberi operator %(username)s waktu menandatangani pakta sampai %(until)s."),
    # Akun
    "account-approved": later("%(actor)s menetapkan akun %(username)s berdasarkan Pakta Integritas %(pact_number)s."),
    "account-changed": later("%(actor)s mengubah akun %(username)s: %(changed)s."),
    "account-extended": later("%(actor)s memperpanjang masa berlaku akun %(username)s sampai %(valid_until)s."),
    "account-suspended": later("%(actor)s membekukan akun %(username)s."),
    "account-reactivated": later("%(actor)s mengaktifkan kembali akun %(username)s."),
    "account-revoked": later("%(actor)s mencabut akun %(username)s: %(reason_code)s."),
    "account-expired": later("Masa berlaku akun %(username)s habis."),
    "account-locked": later("Akun %(username)s terkunci: %(reason_code)s."),
    "account-reason-added": later("%(actor)s melengkapi alasan untuk akun %(username)s: %(reason_code)s."),
    # Sistem tempat akun bekerja
    "account-created-in-target": later("%(actor)s membuat akun %(username)s di sistem %(target)s."),
    "account-changed-in-target": later("Akun %(username)s diubah di sistem %(target)s."),
    "account-reactivated-in-target": later("Akun %(username)s diaktifkan kembali di sistem %(target)s."),
    "account-disabled-in-target": later("Akun %(username)s dinonaktifkan di sistem %(target)s."),
    "account-deleted-in-target": later("Akun %(username)s dihapus dari sistem %(target)s."),
    "account-restored-in-target": later(
        "Akun %(username)s yang hilang dari sistem %(target)s dibuat lagi dalam keadaan nonaktif."
    ),
    "entitlements-granted": later("Akun %(username)s diberi hak akses %(entitlements)s di sistem %(target)s."),
    "entitlements-revoked": later("Hak akses %(entitlements)s akun %(username)s dicabut di sistem %(target)s."),
    "sessions-ended-in-target": later("Sesi akun %(username)s di sistem %(target)s diakhiri."),
    "target-failed": later("Pekerjaan untuk akun %(username)s di sistem %(target)s gagal: %(code)s."),
    "target-recovered": later("Sistem %(target)s dapat dihubungi kembali."),
    "retry-asked": later("%(actor)s meminta sistem %(target)s dicoba lagi untuk akun %(username)s."),
    "target-retry-asked": later("%(actor)s meminta sistem %(target)s dicoba lagi: %(count)s akun."),
    "target-paused": later("%(actor)s menghentikan sementara pengiriman ke sistem %(target)s."),
    "target-resumed": later("%(actor)s melanjutkan pengiriman ke sistem %(target)s."),
    "difference-found": later("Akun %(username)s di sistem %(target)s berbeda dari ketetapan."),
    "reconciliation-asked": later("%(actor)s meminta sistem %(target)s dibandingkan dengan ketetapan."),
    "reconciliation-finished": later("Sistem %(target)s selesai dibandingkan dengan ketetapan."),
    "reconciliation-failed": later("Sistem %(target)s tidak dapat dibaca sampai akhir: %(code)s."),
    "repair-ordered": later("%(actor)s memerintahkan perbaikan di sistem %(target)s: %(count)s akun."),
    "closing-ordered": later(
        "%(actor)s memerintahkan penutupan akun tanpa permohonan di sistem %(target)s: %(count)s akun."
    ),
    "orphan-closed": later("Akun tanpa permohonan %(username)s di sistem %(target)s dinonaktifkan."),
    "card-made": later("Kartu tugas %(task)s untuk akun %(username)s di sistem %(target)s dibuat."),
    "card-evidence-read": later("%(actor)s membuka bukti kartu tugas %(task)s di sistem %(target)s."),
    "card-done": later("%(actor)s menyelesaikan kartu tugas %(task)s untuk akun %(username)s di sistem %(target)s."),
    # Kata sandi, amplop, dan kode pengambilan
    "password-issued": later(
        "%(actor)s menerbitkan kata sandi awal ke-%(generation)s (%(credential)s) untuk akun %(username)s."
    ),
    "envelope-sealed": later("Amplop untuk akun %(username)s disegel."),
    "envelope-opened": later("%(actor)s membuka amplop akun %(username)s."),
    "envelope-shown-again": later("%(actor)s melihat lagi isi amplop akun %(username)s di peramban yang sama."),
    "envelope-lapsed": later("Amplop akun %(username)s tidak dibuka sampai batas waktunya."),
    "envelope-destroyed": later("Isi amplop akun %(username)s dimusnahkan."),
    "envelope-foreign-attempt": later(
        "Peringatan: %(actor)s mencoba membuka lagi amplop akun %(username)s dari tempat lain."
    ),
    "envelope-alarm-examined": later("%(actor)s memeriksa peringatan tentang amplop akun %(username)s."),
    "password-changed": later("%(actor)s mengganti kata sandi akun %(username)s."),
    "password-changed-elsewhere": later("Kata sandi akun %(username)s diganti langsung di sistem %(target)s."),
    "password-reset-asked": later("%(actor)s meminta reset kata sandi akun %(username)s."),
    "ticket-reported-lost": later("%(actor)s mencatat kode pengambilan %(applicant_name)s hilang."),
    "ticket-refused": later("Sebuah kode pengambilan tidak diterima: %(code)s."),
    "enrolment-code-issued": later("%(actor)s menerbitkan kode pengganti untuk %(applicant_name)s."),
    "enrolment-code-confirmed": later(
        "%(actor)s, sebagai pejabat kedua, mengesahkan kode pengganti untuk %(applicant_name)s."
    ),
    "enrolment-code-refused": later("Kode pengganti tidak diterima: %(code)s."),
    "enrolment-code-voided": later(
        "Kode pengganti untuk %(applicant_name)s tidak berlaku lagi, karena permohonannya berakhir."
    ),
    "ticket-exchanged": later("%(applicant_name)s membuat kode pengambilan baru dengan kode cocok %(check_code)s."),
    # Operator
    "operator-signed-in": later("Operator %(username)s masuk."),
    "operator-sign-in-failed": later("Percobaan masuk sebagai operator %(username)s gagal: %(code)s."),
    "operator-locked-out": later("Operator %(username)s terkunci setelah beberapa kali gagal masuk."),
    "operator-signed-out": later("Operator %(username)s keluar."),
    "help-asked": later("Bantuan diminta untuk akun %(username)s: %(topic)s."),
    "help-answered": later(
        "%(actor)s menyelesaikan permintaan bantuan akun %(username)s: %(topic)s (pemeriksaan: %(method)s)."
    ),
    "help-overtaken": later("Permintaan bantuan akun %(username)s (%(topic)s) ditutup: %(reason_code)s."),
    # Pejabat
    "official-signed-in": later("%(actor)s masuk."),
    "official-sign-in-failed": later("Percobaan masuk sebagai pejabat %(official)s gagal: %(code)s."),
    "official-locked-out": later("Pejabat %(official)s terkunci setelah beberapa kali gagal masuk."),
    "official-signed-out": later("%(actor)s keluar."),
    "official-reauthenticated": later("%(actor)s membuktikan diri lagi untuk %(purpose)s."),
    "official-reauthentication-failed": later("%(actor)s gagal membuktikan diri lagi untuk %(purpose)s: %(code)s."),
    "official-added": later("%(actor)s menambahkan pejabat %(official)s dengan peran %(roles)s."),
    "official-suspended": later("%(actor)s membekukan pejabat %(official)s."),
    "official-reactivated": later("%(actor)s mengaktifkan kembali pejabat %(official)s."),
    "official-extended": later("%(actor)s mengubah hari terakhir akun pejabat %(official)s."),
    "official-reset": later("%(actor)s mereset cara masuk pejabat %(official)s."),
    "official-first-password-made": later(
        "%(actor)s membuat kata sandi pertama untuk pejabat %(official)s, berlaku sampai %(until)s: %(method)s."
    ),
    "official-password-changed": later("%(actor)s mengganti kata sandinya sendiri."),
    "second-factor-enrolled": later("%(actor)s memasang faktor kedua."),
    "second-factor-removed": later("%(actor)s melepas faktor kedua pejabat %(official)s."),
    "mandate-added": later("%(actor)s mencatat %(official)s sebagai %(mandate_kind)s %(post)s."),
    "mandate-ended": later("%(mandate_kind)s %(post)s oleh %(official)s berakhir."),
    "decisions-listed": later("%(actor)s melihat daftar keputusan pejabat %(official)s."),
    "session-ended": later("%(actor)s mengakhiri sesi %(whose)s %(username)s."),
    "too-many-tries": later("Terlalu banyak percobaan dari satu alamat: %(area)s. Sementara ditolak."),
    # Berkas, data pribadi, dan jejak audit sendiri
    "attachment-added": later("%(actor)s menambahkan lampiran %(document)s."),
    "attachment-read": later("%(actor)s membuka lampiran %(document)s."),
    "original-seen": later("%(actor)s melihat dokumen asli: %(document)s."),
    "attachment-removed": later("%(actor)s menghapus lampiran %(document)s."),
    "nik-shown": later("%(actor)s melihat NIK lengkap %(applicant_name)s."),
    "personal-data-erased": later("%(actor)s menghapus data pribadi dari jejak audit: %(count)s isian."),
    "case-file-read": later("%(actor)s mengambil berkas permohonan surat %(letter_number)s."),
    "case-filed": later("%(actor)s mencatat boks naskah permohonan %(applicant_name)s (surat %(letter_number)s)."),
    "box-moved": later("%(actor)s mencatat boks %(box)s pindah ke %(place)s."),
    "case-files-exported": later("%(actor)s mengambil arsip berisi %(count)s berkas permohonan."),
    "destruction-proposed": later("%(actor)s mengusulkan pemusnahan %(count)s berkas permohonan. Dasar: %(basis)s."),
    "destruction-withdrawn": later("%(actor)s menarik usulan pemusnahan %(count)s berkas permohonan."),
    "destruction-approved": later(
        "%(actor)s menyetujui pemusnahan %(count)s berkas permohonan, berita acara %(paper_number)s."
    ),
    "case-destroyed": later(
        "Berkas permohonan surat %(letter_number)s dimusnahkan: %(count)s naskah (berita acara %(paper_number)s)."
    ),
    "destruction-finished": later(
        "Pemusnahan menurut berita acara %(paper_number)s selesai: %(count)s berkas; tidak jadi %(left_out)s."
    ),
    "audit-exported": later("%(actor)s mengunduh jejak audit sampai nomor %(last_seq)s."),
    # Pemeriksaan
    "accounts-on-day-exported": later("%(actor)s mengunduh daftar %(count)s akun menurut keadaan %(day)s."),
    "staff-list-compared": later("%(actor)s mencocokkan akun menurut keadaan %(day)s dengan daftar %(count)s pegawai."),
    "sample-drawn": later(
        "%(actor)s menarik sampel %(count)s permohonan yang berakhir %(since)s sampai %(until)s, benih %(seed)s."
    ),
    "sample-taken-out": later(
        "%(actor)s mengunduh berkas sampel %(count)s permohonan yang berakhir %(since)s sampai %(until)s, "
        "benih %(seed)s."
    ),
    "exceptions-exported": later("%(actor)s mengunduh %(count)s pengecualian dari %(since)s sampai %(until)s."),
    # Aplikasi
    "office-prepared": later("%(actor)s menyiapkan aplikasi untuk kantor ini."),
    "service-started": later("Aplikasi versi %(release)s dinyalakan."),
    "service-stopped": later("Aplikasi versi %(release)s dimatikan."),
    "settings-loaded": later("Pengaturan yang baru atau berubah mulai dipakai."),
    "schema-migrated": later("Susunan basis data diperbarui ke %(revision)s."),
    "keys-made": later("%(actor)s membuat kunci %(key_id)s."),
    "keys-rotated": later("%(actor)s mengganti kunci; kunci baru %(key_id)s."),
    "keys-resealed": later("%(actor)s menyegel ulang %(count)s isian dengan kunci %(key_id)s."),
    "keys-retired": later("%(actor)s menghapus kunci lama %(key_id)s."),
    "key-copy-confirmed": later("%(actor)s menyatakan salinan kedua kunci sudah disimpan."),
    "backup-made": later("%(actor)s membuat cadangan (%(size)s bita, sidik %(sha256)s)."),
    "epoch-opened": later(
        "%(actor)s memulihkan aplikasi dari cadangan %(backup_made_at)s, yang berakhir dengan kejadian nomor "
        "%(backup_seq)s. Jejak dilanjutkan dari sana; yang terjadi sesudahnya hilang."
    ),
    "restore-confirmed": later(
        "%(actor)s memastikan perbandingan sesudah pemulihan; pekerjaan pada sistem dilanjutkan."
    ),
    "next-number-set": later("%(actor)s mengatur nomor berikutnya deret %(series)s tahun %(year)s menjadi %(number)s."),
    "keys-printed": later("%(actor)s mencetak salinan kertas kunci %(key_id)s."),
    "keys-restored": later("%(actor)s membuat kembali berkas kunci dari salinan kertas (kunci %(key_id)s)."),
    "certificate-issued": later("%(actor)s menerbitkan sertifikat untuk %(purpose)s."),
    "walk-begun": later("%(actor)s memulai uji alur penuh pada %(targets)s."),
    "walk-finished": later("Uji alur penuh selesai: %(result)s."),
}

ACTORS: dict[str, LazyString] = {
    "official": later("Seorang pejabat"),
    "applicant": later("Pemohon"),
    "operator": later("Seorang operator"),
    "system": later("Aplikasi"),
    "command": later("Pengelola di mesin server"),
    "visitor": later("Seseorang"),
}
"""Who acted, where the event names no post."""


def sentence(entry: AuditEntry, words: Words | None = None) -> str:
    """The event in the reader's language, as plain text (escape it like any other).

    ``words`` turns posts and codes into words, field by field; the actor's post comes as field ``actor``. An event of
    a later release, which this one has no sentence for, is named by its kind.
    """
    said = words or _as_it_is
    pattern = SENTENCES.get(entry.kind)
    if pattern is None:
        return gettext("Kejadian %(kind)s.", kind=entry.kind)
    return str(pattern) % _Places(entry, said)


class _Places(dict[str, str]):
    """Fills a sentence's places; one whose value is gone or was never recorded says so."""

    def __init__(self, entry: AuditEntry, words: Words) -> None:
        super().__init__(actor=_actor(entry, words))
        self._entry, self._words = entry, words

    def __missing__(self, name: str) -> str:
        if name in self._entry.doubtful:
            return gettext("(diragukan)")
        if name in self._entry.hidden:
            return gettext("(dihapus)")
        value = self._entry.fields.get(name)
        if name == "applicant_name" and value == "":
            return gettext("pemohon yang belum mengisi nama")
        if value is None or value == "" or value == []:
            return gettext("(tidak dicatat)")
        return _text(name, value, self._words)


def _actor(entry: AuditEntry, words: Words) -> str:
    if entry.actor.label:
        return words("actor", entry.actor.label)
    return str(ACTORS.get(entry.actor.kind, entry.actor.kind))


def _text(name: str, value: Value, words: Words) -> str:
    if isinstance(value, bool):
        return gettext("ya") if value else gettext("tidak")
    if isinstance(value, list):
        return ", ".join(words(name, str(item)) for item in value)
    return words(name, str(value))


def _as_it_is(_field: str, value: str) -> str:
    return value
