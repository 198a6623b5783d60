"""How far each system is with an account, in words: what happened, what is safe, what happens next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import LazyString

from provisioner.account import OPEN, AccountState
from provisioner.provisioning.account_views import AccountDetail
from provisioner.provisioning.envelope_status import SlipStatus
from provisioner.provisioning.progress import Progress
from web.catalog import gettext, later
from web.current import core
from web.states import UNKNOWN, State, state_of

SYSTEM: dict[str, State] = {
    "done": State(later("selesai"), "ok"),
    "waiting": State(later("dikerjakan"), "now"),
    "asked": State(later("menunggu petugas"), "late"),
    "failed": State(later("terkendala"), "bad"),
    "in-doubt": State(later("belum pasti"), "late"),
    "behind": State(later("kata sandi menyusul"), "late"),
    "needs-password": State(later("perlu kata sandi baru"), "bad"),
    "gone": State(later("sudah dihapus"), "idle"),
    "left-out": State(later("tidak diberi akun"), "idle"),
}
"""What the core says of one system."""

ENVELOPE: dict[str, State] = {
    "waiting": State(later("sedang disiapkan"), "now"),
    "ready": State(later("siap diambil"), "now"),
    "opened": State(later("sudah dibuka"), "ok"),
    "lapsed": State(later("lewat batas waktu"), "bad"),
    "own": State(later("kata sandi sendiri"), "ok"),
}
"""What the core says of one password of the envelope."""

VOID = State(later("tidak berlaku lagi"), "idle")
"""Every password of the envelope once its account is revoked."""

PLACE: dict[str, State] = {
    "done": State(later("bisa masuk"), "ok"),
    "waiting": State(later("sedang disiapkan"), "now"),
    "there": State(later("ganti kata sandi di sana"), "late"),
    "behind": State(later("kata sandi menyusul"), "late"),
    "failed": State(later("terkendala"), "bad"),
}
"""What an operator is told of one system."""

TASK: dict[str, LazyString] = {
    "create": later("Buat akun"),
    "update": later("Ubah data akun"),
    "suspend": later("Nonaktifkan akun"),
    "resume": later("Aktifkan akun"),
    "reset": later("Reset kata sandi dan pastikan akunnya aktif"),
    "revoke": later("Cabut akses akun"),
    "delete": later("Hapus akun"),
}
"""What a card asks a person to do."""

HELP: dict[str, LazyString] = {"forgotten": later("Lupa kata sandi"), "locked": later("Terkunci")}
"""What operators ask for."""

OVERTAKEN: dict[str, LazyString] = {
    "password-reset": later("Kata sandi akun ini direset dari halaman akunnya."),
    "account-revoked": later("Akun ini dicabut."),
    "unlocked": later("Kunci akun ini dibuka ketika permintaan lain dijawab."),
    "signed-in": later("Operatornya sudah berhasil masuk."),
}
"""Why nobody has to answer a request for help any more."""

REASONS: dict[str, LazyString] = {
    "TargetUnavailable": later("Sistem ini tidak dapat dihubungi."),
    "InDoubt": later("Sistem ini tidak menjawab sesudah perintah dikirim."),
    "AccountExists": later("Nama pengguna ini di sana sudah dipakai akun lain."),
    "UnknownAccount": later("Akun ini tidak ada lagi di sana."),
    "StaleVersion": later("Akun ini di sana diubah pihak lain pada saat yang sama."),
    "PermissionDenied": later("Sistem ini tidak memberi aplikasi hak untuk mengerjakannya."),
    "PolicyViolation": later("Aturan kata sandi sistem ini menolak, atau tidak mewajibkan ganti kata sandi pertama."),
    "InvalidAttribute": later("Sistem ini menolak salah satu isian akun."),
    "ProtocolError": later("Jawaban sistem ini tidak dapat dimengerti."),
    "MarkerConflict": later("Di sana ada lebih dari satu akun yang bertanda milik akun ini."),
    "NothingToAdopt": later("Akun yang tercatat tidak ada lagi di sana. Tidak dibuat yang baru sebagai gantinya."),
    "Superseded": later("Sistem ini memuat keadaan yang lebih baru daripada catatan kantor."),
}
"""What went wrong, by the name of the connector's error."""

NEXT: dict[str, LazyString] = {
    "AccountExists": later("Kepala Seksi memutuskan: nama pengguna lain, atau tanpa sistem ini."),
    "NothingToAdopt": later("Kepala Seksi memutuskan: cabut akun ini, atau ajukan permohonan baru bagi orangnya."),
    "PermissionDenied": later("TI memberi hak itu di sana, lalu tekan Coba lagi sekarang."),
    "PolicyViolation": later(
        "Akun di sana dibiarkan nonaktif. TI membetulkan aturannya, lalu tekan Coba lagi sekarang."
    ),
    "InvalidAttribute": later("TI memeriksa data akun dan pengaturan sistem ini, lalu tekan Coba lagi sekarang."),
}
"""Who does what next where trying again by itself is of no use."""


@dataclass(frozen=True)
class SystemLine:
    """One system as a page shows it. See the macro ``targets``."""

    link_id: str
    name: str
    detail: str
    state: str
    kind: str
    working: bool
    why: str
    technical: str
    """The connector's own sentence (English), for IT."""
    may_retry: bool
    taken: bool
    """Somebody else has the user name there: the section head decides."""


def system_lines(links: tuple[Progress, ...], account_state: str) -> list[SystemLine]:
    """Every system of an account, in the order of the settings."""
    return [system_line(each, account_state) for each in links]


def system_line(progress: Progress, account_state: str) -> SystemLine:
    """One system. What shuts an account out stays red at a system until it is really done there."""
    closing = AccountState(account_state) not in OPEN
    trying = progress.word == "waiting" and bool(progress.reason)
    shown = State(later("dicoba lagi"), "late") if trying else SYSTEM.get(progress.word, UNKNOWN)
    unfinished = trying or progress.word in ("asked", "in-doubt")
    return SystemLine(
        link_id=progress.link_id,
        name=progress.label,
        detail="",
        state=str(shown.text),
        kind="bad" if closing and unfinished else shown.kind,
        working=progress.word in ("waiting", "in-doubt"),
        why=" ".join(_why(progress, closing)),
        technical=progress.message if progress.reason else "",
        may_retry=bool(progress.reason) or progress.word in ("failed", "in-doubt"),
        taken=progress.word == "failed" and progress.reason == "AccountExists",
    )


def settled(links: tuple[Progress, ...]) -> bool:
    """Nothing goes on by itself at the moment: a page need not ask again."""
    return not any(each.word in ("waiting", "in-doubt") for each in links)


def what_happened(progress: Progress) -> str:
    """The reason why a system does not follow, in a sentence; empty if there is none."""
    if not progress.reason:
        return ""
    return str(REASONS.get(progress.reason) or gettext("Sistem ini menolak (%(reason)s).", reason=progress.reason))


def what_next(progress: Progress) -> str:
    """What happens next, and by whom."""
    if progress.word == "asked":
        return gettext("Petugas mengerjakan kartunya di sana, lalu menyatakan selesai di antrean.")
    if progress.word == "failed":
        return str(NEXT.get(progress.reason) or gettext("TI memeriksa sistem ini, lalu tekan Coba lagi sekarang."))
    if progress.word == "needs-password":
        return gettext("Reset kata sandi; akun di sana nonaktif sampai kata sandi yang baru diambil.")
    if progress.word == "in-doubt":
        return gettext("Keadaan di sana dibaca lagi dahulu sebelum dinyatakan selesai.")
    if progress.word == "behind":
        return gettext("Disusulkan sendiri ketika operator masuk berikutnya.")
    if progress.reason and progress.next_try_at is not None:
        return gettext("Dicoba lagi sendiri pada %(at)s.", at=_moment(progress.next_try_at))
    return gettext("Dicoba lagi sendiri sampai berhasil.") if progress.reason else ""


def envelope_text(slip: SlipStatus, *, revoked: bool = False) -> tuple[State, str]:
    """How a password of the envelope stands, and the date that goes with it. With a revoked account it is void."""
    if revoked:
        return VOID, ""
    state = state_of(ENVELOPE, slip.state)
    if slip.state == "ready" and slip.open_until is not None:
        return state, gettext("Dapat dibuka sampai %(at)s.", at=_moment(slip.open_until))
    if slip.state == "opened" and slip.opened_at is not None:
        return state, gettext("Dibuka pada %(at)s; kata sandi awal belum diganti.", at=_moment(slip.opened_at))
    return state, ""


def closed_note(found: AccountDetail) -> tuple[str, str]:
    """What a reader must know first of an account that is shut, and how to mark it: whether it is shut everywhere.
    Empty if it is open."""
    if AccountState(found.summary.state) in OPEN:
        return "", ""
    behind = [each.label for each in found.links if each.word not in ("done", "gone", "left-out")]
    if not behind:
        return gettext("Berlaku di semua sistem."), "ok"
    return gettext("Belum berlaku di %(systems)s.", systems=", ".join(behind)), "bad"


def waits_for_closing(found: AccountDetail) -> bool:
    """A shut account that a person must still shut somewhere: worth watching, if not every moment."""
    return AccountState(found.summary.state) not in OPEN and any(each.word == "asked" for each in found.links)


def _why(progress: Progress, closing: bool) -> list[str]:
    said = [what_happened(progress), what_next(progress)]
    if closing and progress.word == "asked":
        said.insert(0, gettext("Akses di sana mungkin masih terbuka sampai petugas menyatakannya selesai."))
    if closing and progress.word == "done":
        said.append(_open_connections(progress))
    return [text for text in said if text]


def _open_connections(progress: Progress) -> str:
    limit = progress.session_limit_seconds
    if limit is None:
        return gettext("Tidak diketahui berapa lama sambungan yang sudah terbuka di sana dapat bertahan.")
    if limit == 0 or progress.done_at is None:
        return gettext("Sambungan yang sudah terbuka ikut berakhir.")
    until = progress.done_at + timedelta(seconds=limit)
    if until <= core().context.clock():
        return gettext("Sambungan lama tidak mungkin lagi terbuka.")
    return gettext("Sambungan yang sudah terbuka dapat bertahan sampai %(at)s.", at=_moment(until))


def _moment(at: datetime) -> str:
    return str(current_app.extensions["formats"].plain(at))
