"""What inspectors look at, in the office's words."""

from datetime import date, datetime

from flask import url_for
from flask_babel import LazyString

from provisioner.deviation import Deviation, DeviationKind
from provisioner.provisioning.accounts_on_day import EXPORTERS, RECORDED, AccountThen
from web.audit_words import say
from web.catalog import gettext, later
from web.current import core, office, settings
from web.identity import actor
from web.labels import choice_text, kept_post
from web.states import ACCOUNT, State

STATES: dict[str, State] = {**ACCOUNT, RECORDED: State(later("tercatat, belum berpakta"), "late")}
"""What an account was on a day."""

SYSTEM: dict[str, LazyString] = {"closed": later("nonaktif"), "deleted": later("dihapus")}
"""How an account stood in a system, where it was not simply there."""

KINDS: dict[DeviationKind, tuple[LazyString, LazyString]] = {
    DeviationKind.ACTING: (
        later("Plt. dan Plh."),
        later("Tindakan yang diambil pejabat yang mewakili, dengan surat perintahnya."),
    ),
    DeviationKind.PACT_BY_ACTING: (
        later("Pakta ditandatangani yang mewakili"),
        later("Pakta yang ditandatangani Plt. atau Plh., bukan pemegang jabatannya."),
    ),
    DeviationKind.ON_PAPER: (
        later("Disposisi di kertas"),
        later("Disposisi yang diparaf di kertas lalu dicatat orang lain menurut lembarnya."),
    ),
    DeviationKind.TWO_STEPS: (
        later("Dua langkah oleh satu orang"),
        later("Hanya mungkin bila pengaturan kantor mengizinkannya."),
    ),
    DeviationKind.LATE_STEP: (
        later("Langkah terlambat"),
        later("Lebih lama dari waktu baku SOP, dihitung dalam jam kerja sejak pertama kali dibuka."),
    ),
    DeviationKind.LATE_CARD: (
        later("Kartu tugas terlambat"),
        later("Pekerjaan di sistem yang dikerjakan orang, selesai sesudah tenggatnya."),
    ),
    DeviationKind.PASSWORD_SEEN: (
        later("Kata sandi awal yang dilihat petugas"),
        later("Di sistem yang dikerjakan orang, petugas mengetik kata sandi awal yang diberikan sistem itu."),
    ),
    DeviationKind.REPLACEMENT_CODE: (
        later("Kode pengganti dipakai"),
        later("Kode pengambilan diganti kantor; yang meminta dan yang menyetujui berbeda orang."),
    ),
    DeviationKind.ENVELOPE_ALARM: (
        later("Amplop dicoba dari peramban lain"),
        later("Setiap kejadian juga menjadi peringatan bagi ADB dan TI."),
    ),
    DeviationKind.ENVELOPE_AGAIN: (
        later("Amplop dilihat lagi"),
        later("Oleh peramban yang sama, dalam beberapa menit yang diperbolehkan."),
    ),
    DeviationKind.WITHOUT_PACT: (
        later("Akun tanpa pakta"),
        later("Pada akhir masa ini: akun yang sudah ada sebelum layanan ini, dan akun yang paktanya batal."),
    ),
    DeviationKind.LONG_SUSPENDED: (
        later("Lama dibekukan"),
        later("Pada akhir masa ini masih dibekukan, lebih lama dari jumlah hari yang diminta."),
    ),
}
"""Exceptions: what a kind is called, and what it means."""

SAID: dict[DeviationKind, LazyString] = {
    DeviationKind.ACTING: later("Langkah %(step)s: %(act)s sebagai %(order)s."),
    DeviationKind.PACT_BY_ACTING: later("Menandatangani pakta sebagai %(order)s."),
    DeviationKind.ON_PAPER: later("Disposisi dicatat menurut lembar berparaf."),
    DeviationKind.TWO_STEPS: later("Mengambil langkah %(steps)s."),
    DeviationKind.LATE_STEP: later(
        "Langkah %(step)s di meja %(desk)s: %(minutes)s menit kerja, waktu baku %(standard)s."
    ),
    DeviationKind.LATE_CARD: later("%(task)s di %(target)s."),
    DeviationKind.PASSWORD_SEEN: later("%(task)s di %(target)s."),
    DeviationKind.REPLACEMENT_CODE: later("Sebab: %(reason)s; diminta %(asked_by)s, disetujui %(agreed_by)s."),
    DeviationKind.ENVELOPE_ALARM: later("Ada yang mencoba membuka lagi amplop yang sudah dibuka."),
    DeviationKind.ENVELOPE_AGAIN: later("Isi amplop ditampilkan lagi."),
    DeviationKind.WITHOUT_PACT: later("Sudah ada di %(target)s sebelum layanan ini."),
    DeviationKind.LONG_SUSPENDED: later("Dibekukan %(days)s hari."),
}
"""What one exception was; facts of :class:`provisioner.deviation.Deviation` stand in it."""


def tabs(current: str) -> list[tuple[str, str, bool, None]]:
    """The pages of an inspection that this person may open, for the macro ``filters``."""
    pages = [
        ("inspection.index", gettext("Akun pada suatu tanggal"), True),
        ("inspection_exceptions.index", gettext("Pengecualian"), True),
        ("inspection_staff.form", gettext("Cocokkan NIP"), actor().holds(*EXPORTERS)),
        ("inspection_sample.form", gettext("Sampel berkas"), actor().holds(*EXPORTERS)),
    ]
    return [(text, url_for(page), page == current, None) for page, text, allowed in pages if allowed]


def own_end() -> date | None:
    """The last day of the reader's own account, once it is near."""
    return core().official_terms.own_end(actor())


def systems_text(then: AccountThen) -> str:
    """The systems in which an account was, with what was closed or deleted there."""
    said = []
    for name, state in then.systems.items():
        label = settings().targets[name].label if name in settings().targets else name
        said.append(f"{label} ({SYSTEM[state]})" if state in SYSTEM else label)
    return ", ".join(said)


def reason_text(then: AccountThen) -> str:
    """Why an account was in its state, where the office's list has a word for it."""
    if not then.reason:
        return ""
    known = choice_text(office().revocation_reasons, then.reason)
    return known if known != then.reason else say("reason_code", then.reason)


def approver_text(then: AccountThen) -> str:
    """Who approved: post, name and, where they acted for another, by which order."""
    if not then.approver:
        return ""
    return f"{kept_post(then.approver)}; {then.acting_for}" if then.acting_for else kept_post(then.approver)


def deviation_text(found: Deviation) -> str:
    """What happened, in one sentence without its subject."""
    if found.kind is DeviationKind.WITHOUT_PACT and "target" not in found.facts:
        return gettext("Paktanya batal.")
    return str(SAID[found.kind]) % {name: _fact(name, str(value)) for name, value in found.facts.items()}


def _fact(name: str, value: str) -> str:
    if name == "desk":
        return kept_post(value)
    if name == "reason":
        return say("reason_code", value)
    return say(name, value) if name in ("act", "task", "target") else value or "—"


def local(at: datetime | None) -> datetime | None:
    """A moment by the office's clock, for a sheet that knows no zones."""
    return at.astimezone(office().zone) if at is not None else None
