"""The spreadsheets that an inspector takes along. The NIK is in none of them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from io import BytesIO

from flask import Response, request

from provisioner.audit import Head
from provisioner.provisioning.accounts_on_day import RECORDED, AccountThen, DayList
from provisioner.provisioning.case_samples import Sample, SampledRequest
from provisioner.provisioning.deviations import TakenOut
from provisioner.provisioning.staff_match import StaffMatch
from provisioner.workbook import MIME_TYPE, Sheet, Value, write_workbook
from web.catalog import gettext
from web.current import core, office
from web.identity import actor
from web.inspection_words import (
    KINDS,
    STATES,
    approver_text,
    deviation_text,
    local,
    reason_text,
    systems_text,
)
from web.labels import region_text, role_text, state_word


def answer(name: str, sheets: Iterable[Sheet]) -> Response:
    """The workbook as a download."""
    out = BytesIO()
    write_workbook(sheets, out)
    response = Response(out.getvalue(), mimetype=MIME_TYPE)
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.xlsx")
    return response


def accounts_sheets(taken: DayList) -> Iterator[Sheet]:
    """The accounts of a day, and where the list comes from."""
    about: list[Sequence[Value]] = [
        (gettext("Keadaan pada akhir hari"), taken.day),
        *((str(STATES[word].text), count) for word, count in taken.counts.items()),
    ]
    yield about_sheet(gettext("Akun pada suatu tanggal"), about, taken.made_at, taken.made_by, taken.head)
    yield Sheet(gettext("Akun"), account_header(), map(account_row, taken.rows), _ACCOUNT_WIDTHS)


def about_sheet(title: str, facts: Iterable[Sequence[Value]], at: datetime, by: str, head: Head | None = None) -> Sheet:
    """What a list is, who took it out and when, and where the audit trail ended then."""
    rows: list[Sequence[Value]] = [
        (gettext("Daftar"), title),
        (gettext("Kantor"), office().name),
        *facts,
        (gettext("Diambil oleh"), by),
        (gettext("Diambil pada"), local(at)),
        (gettext("Zona waktu"), str(office().zone)),
    ]
    if head is not None:
        rows += [
            (gettext("Ujung jejak audit"), head.short),
            (gettext("Nomor terakhir jejak audit"), head.seq),
            (gettext("Sidik rantai jejak audit"), head.hash),
        ]
    return Sheet(gettext("Keterangan"), (gettext("Keterangan tentang"), gettext("Isi")), rows, (34, 72))


def account_header() -> tuple[str, ...]:
    """Titles of the columns of an account."""
    return (
        gettext("Nama pengguna"),
        gettext("Nama"),
        gettext("NIP/NI PPPK"),
        gettext("Unit kerja"),
        gettext("Peran"),
        gettext("Wilayah akses"),
        gettext("Status"),
        gettext("Sejak"),
        gettext("Alasan"),
        gettext("Berlaku s.d."),
        gettext("Nomor pakta"),
        gettext("Tanggal pakta"),
        gettext("Nomor surat"),
        gettext("Tanggal surat"),
        gettext("Nomor permohonan"),
        gettext("Disetujui oleh"),
        gettext("Disetujui pada"),
        gettext("Sistem"),
        gettext("Nomor jejak audit"),
        gettext("Sesuai jejak audit"),
        gettext("Disusun kembali"),
    )


_ACCOUNT_WIDTHS = (22, 34, 21, 28, 24, 26, 20, 17, 22, 12, 22, 12, 18, 12, 20, 44, 17, 30, 12, 12, 12)


def account_row(then: AccountThen) -> tuple[Value, ...]:
    """One account in those columns."""
    recorded = then.word == RECORDED
    return (
        then.username,
        then.display_name,
        then.staff_number,
        then.org_unit,
        role_text(then.role),
        region_text(then.region, full=True),
        str(STATES[then.word].text),
        local(then.since),
        reason_text(then),
        then.valid_until,
        then.pact_number,
        _day(then.pact_signed_at),
        then.letter_number,
        then.letter_date,
        then.request_number,
        approver_text(then),
        local(then.approved_at),
        systems_text(then),
        None if recorded else then.seq,
        "" if recorded else _yes(then.agrees),
        _yes(then.rebuilt),
    )


def match_sheets(found: StaffMatch) -> Iterator[Sheet]:
    """What came out of comparing with a list of staff numbers."""
    facts: list[Sequence[Value]] = [
        (gettext("Keadaan pada akhir hari"), found.day),
        (gettext("Baris dalam daftar"), found.listed),
        (gettext("Akun yang pemegangnya ada di daftar"), found.matched),
    ]
    yield about_sheet(gettext("Pencocokan NIP"), facts, core().context.clock(), actor().name)
    yield Sheet(gettext("Tidak ada di daftar"), account_header(), map(account_row, found.not_listed), _ACCOUNT_WIDTHS)
    several = (account_row(each) for group in found.several for each in group)
    yield Sheet(gettext("NIP lebih dari satu akun"), account_header(), several, _ACCOUNT_WIDTHS)
    unknown = map(account_row, found.without_number)
    yield Sheet(gettext("Akun tanpa NIP"), account_header(), unknown, _ACCOUNT_WIDTHS)
    header = (gettext("Baris"), gettext("NIP/NI PPPK"), gettext("Nama"), gettext("Unit kerja"))
    for title, lines in (
        (gettext("Tanpa akun"), found.without_account),
        (gettext("NIP salah bentuk"), found.malformed),
    ):
        rows = [(line.line, line.staff_number, line.full_name, line.org_unit) for line in lines]
        yield Sheet(title, header, rows, (8, 24, 36, 32))


def sample_sheets(sample: Sample) -> Iterator[Sheet]:
    """What was drawn, and from what, so that it can be drawn again."""
    draw = sample.draw
    facts: list[Sequence[Value]] = [
        (gettext("Permohonan yang berakhir sejak"), draw.since),
        (gettext("sampai dengan"), draw.until),
        (gettext("Jumlah yang diminta"), draw.count),
        (gettext("Benih"), draw.seed),
        (gettext("Populasi"), len(sample.population)),
        (gettext("Sidik SHA-256 populasi"), sample.fingerprint),
        (gettext("Cara menarik"), "SHA-256(benih + LF + nomor permohonan), terkecil dahulu"),
    ]
    yield about_sheet(gettext("Sampel berkas"), facts, core().context.clock(), actor().name)
    header = (
        gettext("Nomor permohonan"),
        gettext("Nama pemohon"),
        gettext("Status"),
        gettext("Berakhir pada"),
        gettext("Nomor surat"),
        gettext("Sidik untuk urutan"),
    )
    for title, rows in ((gettext("Sampel"), sample.drawn), (gettext("Populasi"), sample.population)):
        yield Sheet(title, header, map(_sampled, rows), (22, 36, 16, 17, 20, 68))


def exception_sheets(taken: TakenOut) -> Iterator[Sheet]:
    """The exceptions of a period."""
    found = taken.list
    facts: list[Sequence[Value]] = [
        (gettext("Sejak"), found.since),
        (gettext("Sampai dengan"), found.until),
        (gettext("Lama dibekukan: lebih dari (hari)"), found.suspended_days),
        *((str(KINDS[kind][0]), count) for kind, count in found.counts.items()),
    ]
    yield about_sheet(gettext("Pengecualian"), facts, taken.made_at, taken.made_by, taken.head)
    header = (
        gettext("Jenis"),
        gettext("Waktu"),
        gettext("Siapa"),
        gettext("Keterangan"),
        gettext("Nomor surat"),
        gettext("Nomor permohonan"),
        gettext("Nama pengguna"),
    )
    rows = (
        (
            str(KINDS[each.kind][0]),
            local(each.at),
            each.who,
            deviation_text(each),
            each.letter_number,
            each.request_number,
            each.username,
        )
        for each in found.found
    )
    yield Sheet(gettext("Pengecualian"), header, rows, (34, 17, 36, 70, 20, 22, 22))


def wants_file() -> bool:
    """Whether the button for the file was pressed, not that for the page."""
    return request.form.get("bentuk") == "xlsx"


def _sampled(each: SampledRequest) -> tuple[Value, ...]:
    state = str(state_word(each.state).text)
    return (each.number, each.display_name, state, local(each.finished_at), each.letter_number, each.rank)


def _day(at: datetime | None) -> date | None:
    return core().context.today(at) if at is not None else None


def _yes(value: bool) -> str:
    return gettext("ya") if value else gettext("tidak")
