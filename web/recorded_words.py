"""Words of accounts that a system had before: "tercatat, belum berpakta"."""

from flask_babel import LazyString

from provisioner.provisioning.recording import PreviewLine
from web.catalog import later
from web.errors import field_text
from web.states import State

STATES: dict[str, State] = {
    "recorded": State(later("tercatat, belum berpakta"), "idle"),
    "asked": State(later("permohonan berjalan"), "now"),
    "overdue": State(later("lewat batas"), "late"),
    "managed": State(later("dalam pengelolaan"), "ok"),
    "removed": State(later("dikeluarkan"), "idle"),
}
"""Where a recorded account stands."""

VERDICTS: dict[str, State] = {
    "good": State(later("akan dicatat"), "ok"),
    "wrong": State(later("salah"), "bad"),
    "known": State(later("sudah dikenal"), "idle"),
    "absent": State(later("tidak ada di sistem"), "bad"),
}
"""What becomes of a row."""

KNOWN: dict[str, LazyString] = {
    "recorded": later("Sudah tercatat."),
    "account": later("Sudah menjadi akun kantor."),
    "given": later("Namanya sudah disediakan untuk sebuah permohonan."),
    "person": later("NIK ini sudah mempunyai akun atau sudah tercatat."),
}
ENTRIES: dict[str, LazyString] = {
    "found": later("Ditemukan di sistem."),
    "disabled": later("Ditemukan di sistem, nonaktif."),
    "absent": later("Tidak ditemukan di sistem."),
    "ours": later("Di sistem sudah bertanda milik kantor."),
    "unknown": later("Belum diperiksa di sistem."),
}
COLUMNS: dict[str, LazyString] = {
    "username": later("Nama pengguna"),
    "full_name": later("Nama"),
    "nik": later("NIK"),
    "org_unit": later("Unit kerja"),
    "role": later("Peran"),
    "region": later("Wilayah akses"),
    "phone": later("Nomor HP"),
}


def reason(line: PreviewLine) -> str:
    """Why a row is what it is."""
    if line.known_as:
        return str(KNOWN[line.known_as])
    wrong = [f"{COLUMNS[each.field]}: {field_text(each.code)}" for each in line.listed.mistakes]
    return " ".join(wrong) or str(ENTRIES[line.entry.value])
