"""What a comparison of systems found, in the office's words."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import LazyString

from provisioner.provisioning.previews import Call, TargetPreview
from provisioner.provisioning.reconciliation_views import FindingLine, RunSummary, TargetSummary
from provisioner.reconciliation.finding import Difference
from web.account_words import REASONS
from web.catalog import gettext, later
from web.labels import region_text, role_text
from web.states import State

RUN: dict[str, State] = {
    "asked": State(later("menunggu giliran"), "now"),
    "running": State(later("sedang dibaca"), "now"),
    "finished": State(later("selesai"), "ok"),
    "failed": State(later("tidak terbaca sampai akhir"), "bad"),
    "interrupted": State(later("terputus"), "late"),
}
"""How a run stands."""

KINDS: dict[str, State] = {
    "drift": State(later("Berbeda dari ketetapan"), "late"),
    "missing": State(later("Hilang dari sistem"), "bad"),
    "orphan": State(later("Akun tanpa permohonan"), "bad"),
    "unmanaged": State(later("Di luar pengelolaan"), "idle"),
    "recorded": State(later("Tercatat, belum berpakta"), "idle"),
    "gone": State(later("Tidak ditemukan lagi"), "ok"),
}
"""Kinds of findings, and what the last run had and this one has not."""

MEANINGS: dict[str, LazyString] = {
    "drift": later("Akunnya ada, tetapi isinya, haknya, atau keadaannya tidak seperti yang ditetapkan kantor."),
    "missing": later(
        "Seharusnya ada di sana. Bila diperbaiki, dibuat lagi dalam keadaan nonaktif dan menunggu kata sandi baru."
    ),
    "orphan": later("Bertanda milik aplikasi ini, tetapi tidak ada akun kantor di baliknya."),
    "unmanaged": later("Bukan buatan aplikasi ini. Hanya dihitung dan disebut; tidak pernah disentuh."),
    "recorded": later("Sudah dicatat dari daftar dan menunggu paktanya. Tidak disentuh di sistem itu."),
    "gone": later("Ada dalam daftar pemeriksaan sebelumnya, dan sekarang tidak lagi."),
}
"""What each kind means."""

WHY: dict[str, LazyString] = {
    "older": later("Kembali seperti keadaan lama. Bila diperbaiki, dinonaktifkan dan menunggu kata sandi baru."),
    "newer": later("Memuat keadaan yang lebih baru daripada catatan kantor; petugas TI memeriksanya."),
    "no-account": later("Tidak ada akun kantor dengan tanda itu."),
    "at-rest": later("Akunnya sudah tidak seharusnya ada di sistem ini."),
    "marker-twice": later("Akun lain di sana bertanda sama. Periksa mana yang benar, lalu hapus yang lain di sana."),
    "other-entry": later(
        "Tanda itu berada pada akun lain daripada yang dibuat aplikasi ini. Periksa siapa pembuatnya."
    ),
}
"""What is peculiar about a finding."""

WHY_FULL: dict[str, LazyString] = {
    "no-cursor": later("Belum ada pemeriksaan penuh sebelumnya, atau sistem ini tidak dapat menyebut yang berubah."),
    "cursor": later("Sistem itu tidak dapat lagi menyebut apa yang berubah sejak pemeriksaan sebelumnya."),
    "memberships": later("Ada pihak lain yang mengubah grup, dan sistem itu tidak menyebut hak siapa yang berubah."),
    "unsupported": later("Sistem ini tidak dapat menyebut apa yang berubah."),
}
"""Why everything was read although only what changed was asked for."""

NAMES: dict[str, LazyString] = {
    "username": later("Nama pengguna"),
    "enabled": later("Dapat dipakai"),
    "entitlement": later("Hak akses"),
    "marker": later("Tanda (ketetapan/kata sandi)"),
    "presence": later("Keberadaan"),
    "full_name": later("Nama lengkap"),
    "display_name": later("Nama dengan gelar"),
    "role": later("Peran"),
    "region": later("Wilayah akses"),
    "org_unit": later("Unit kerja"),
    "position": later("Jabatan"),
    "mail": later("Surel"),
    "phone": later("Nomor HP"),
    "staff_number": later("NIP"),
    "valid_until": later("Berlaku sampai"),
    "role_name": later("Nama peran"),
    "region_name": later("Nama wilayah"),
}
"""Fields of an entry."""

VALUES: dict[str, LazyString] = {
    "yes": later("ya"),
    "no": later("tidak"),
    "absent": later("tidak ada"),
    "present": later("ada"),
}
"""Codes that stand as values of ``enabled`` and ``presence``."""

CALLS: dict[str, LazyString] = {
    "create": later("Buat akun"),
    "adopt": later("Beri akun yang sudah ada tanda milik kantor; yang lain tetap"),
    "update": later("Ubah akun"),
    "set-password": later("Pasang kata sandi awal yang baru dibuat"),
    "grant": later("Beri hak akses %(entitlement)s"),
    "revoke": later("Cabut hak akses %(entitlement)s"),
    "end-sessions": later("Akhiri sesi yang terbuka"),
    "delete": later("Hapus akun"),
}
"""Calls to a system."""

CHANGES: dict[str, LazyString] = {
    "": later("Keadaan sekarang"),
    "suspend": later("Bila dibekukan"),
    "reactivate": later("Bila diaktifkan kembali"),
    "reset": later("Bila direset"),
    "extend": later("Bila masa berlaku diubah"),
    "rename": later("Bila nama pengguna diganti"),
    "role": later("Bila peran atau wilayah diganti"),
    "activate": later("Bila kata sandi awal diganti"),
    "expire": later("Bila masa berlaku habis"),
    "revoke": later("Bila dicabut"),
    "delete": later("Bila masa tunggu penghapusan habis"),
}
"""What can be looked at beforehand."""


@dataclass(frozen=True)
class Side:
    """One field of an entry, side by side."""

    name: str
    should: str
    found: str


@dataclass(frozen=True)
class Line:
    """A finding as a page shows it."""

    finding: FindingLine
    why: str
    sides: tuple[Side, ...]
    mark: State | None
    trouble: str


@dataclass(frozen=True)
class Act:
    """A call as a page shows it."""

    text: str
    notes: tuple[str, ...]
    sides: tuple[Side, ...]


def kind_tabs(run: RunSummary, gone: int) -> list[tuple[str, str, int]]:
    """(kind, words, count) of every list of a run."""
    counts = {
        "drift": run.drift,
        "missing": run.missing,
        "orphan": run.orphan,
        "unmanaged": run.unmanaged,
        "recorded": run.recorded,
        "gone": gone,
    }
    return [(kind, str(KINDS[kind].text), count) for kind, count in counts.items()]


def verdict(system: TargetSummary) -> State:
    """One word on a system."""
    if not system.readable and system.finished is None:
        if system.takes_list:
            return State(later("belum ada daftarnya"), "idle")
        return State(later("tidak dapat dibaca"), "idle")
    if system.newest is not None and system.newest.live:
        return RUN[system.newest.state]
    if system.newest is not None and system.newest.state == "failed":
        return RUN["failed"]
    if system.finished is None:
        return State(later("belum pernah diperiksa"), "idle")
    if system.finished.found_anything:
        return State(later("ada yang berbeda"), "late")
    return State(later("sesuai"), "ok")


def finding_line(finding: FindingLine) -> Line:
    """A finding in words."""
    return Line(
        finding=finding,
        why=str(WHY.get(finding.reason, "")),
        sides=sides(finding.differences),
        mark=_mark(finding),
        trouble=str(REASONS.get(finding.error, gettext("Tidak dapat dikerjakan."))) if finding.error else "",
    )


def sides(differences: Iterable[Difference]) -> tuple[Side, ...]:
    """Differences in words."""
    return tuple(
        Side(str(NAMES.get(each.name, each.name)), _value(each.name, each.should), _value(each.name, each.found))
        for each in differences
    )


def acts(preview: TargetPreview) -> list[Act]:
    """The calls of a preview in words."""
    return [_act(call) for call in preview.calls]


def later_acts(preview: TargetPreview) -> list[Act]:
    """What follows when the operator has changed the initial password."""
    return [_act(call) for call in preview.later]


def _act(call: Call) -> Act:
    notes = []
    if call.password and call.word != "set-password":
        notes.append(gettext("Dengan bentuk kata sandi yang tidak dapat dibaca balik."))
    if call.must_change:
        notes.append(gettext("Wajib ganti kata sandi ketika pertama masuk."))
    return Act(str(CALLS[call.word]) % {"entitlement": call.entitlement}, tuple(notes), sides(call.fields))


def _mark(finding: FindingLine) -> State | None:
    if finding.error and finding.ordered:
        return State(later("terkendala"), "bad")
    if finding.ordered == "close":
        return State(later("sudah ditutup"), "ok") if finding.done else State(later("sedang ditutup"), "now")
    if finding.ordered:
        return State(later("sudah diperbaiki"), "ok") if finding.done else State(later("sedang diperbaiki"), "now")
    if finding.kind == "orphan" and finding.enabled is False:
        return State(later("nonaktif"), "idle")
    return State(later("baru"), "late") if finding.is_new else None


def _value(name: str, value: str) -> str:
    if not value:
        return gettext("tidak ada") if name == "entitlement" else "—"
    if name in ("enabled", "presence"):
        return str(VALUES.get(value, value))
    if name == "role":
        return role_text(value)
    return region_text(value) if name == "region" else value
