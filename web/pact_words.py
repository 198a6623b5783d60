"""What is said of pacts: why one is to be signed anew, and how it was signed."""

from flask_babel import LazyString

from provisioner.pact_due import DueReason
from provisioner.provisioning.pact_overview import PactGroup
from web.catalog import later

DUE: dict[str, LazyString] = {
    DueReason.NOT_RENEWED.value: later("Pakta revisi baru belum ditandatangani"),
    DueReason.LAPSED.value: later("Masa berlaku pakta habis"),
}
"""Why a pact is to be signed anew, or why an account was suspended for it."""

SEEN_WORDS: dict[str, LazyString] = {
    "applicant_signature": later("Tanda tangan pemohon ada di atas kertas."),
    "official_signature": later("Tanda tangan saya sendiri ada di atas kertas."),
    "number": later("Nomor pada kertas sama dengan nomor pakta ini."),
    "person": later("Orang yang menandatangani saya lihat sendiri dan cocok dengan KTP-nya."),
}
"""What the section head says they saw on a scan, by the core's names."""

FAULTS: dict[str, LazyString] = {
    "no-pact": later("Tidak ada pakta untuk akun ini."),
    "not-signed": later("Paktanya tidak ditandatangani lengkap, atau sudah batal."),
    "changed": later("Berkas pakta yang tersimpan bukan lagi yang dicatat ketika ditandatangani."),
    "unreadable": later("Berkas pakta yang tersimpan tidak dapat dibuka: isinya berubah, atau kuncinya tidak ada."),
    "signature-broken": later("Tanda tangan di dalam berkas pakta tidak benar."),
}
"""What is wrong with an account's pact."""

GROUPS: dict[PactGroup, LazyString] = {
    PactGroup.ALL: later("Semua"),
    PactGroup.CURRENT: later("Sudah revisi sekarang"),
    PactGroup.OLDER: later("Masih revisi lama"),
    PactGroup.LATE: later("Terlambat"),
    PactGroup.SUSPENDED: later("Dibekukan karenanya"),
    PactGroup.ENDING: later("Segera berakhir"),
    PactGroup.OFFICIAL: later("Menunggu pejabat"),
}
"""The lists of who signed what."""
