"""Pakta operator: who has signed which revision, who is late; as a list and as a file."""

import csv
import io
from datetime import date, datetime
from importlib import import_module

from flask import Response as FlaskResponse
from flask import make_response, render_template, request, url_for

from provisioner.provisioning.pact_overview import READERS, PactGroup, PactLine
from web.area import Area, Subject
from web.catalog import gettext
from web.current import core
from web.forms import Form
from web.identity import actor, signed_in
from web.labels import words
from web.pact_words import DUE, GROUPS
from web.paging import Page, asked_page
from web.states import ACCOUNT, state_of

subject = Subject("pact_overview", __name__, Area.OFFICE, "/pakta-operator")
subject.context_processor(words)

PAGE = 25
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@subject.get("/")
@signed_in(*READERS)
def index() -> str:
    """One list, with how many are on each."""
    group, text = _group(), request.args.get("cari", "").strip()[:100]
    overview = core().pact_overview
    counts, found = overview.counts(actor()), overview.page(actor(), group, text, asked_page(), PAGE)
    return render_template(
        "pact_overview/index.html",
        revision=overview.revision,
        sign_by=overview.sign_by,
        tabs=[
            (str(word), url_for("pact_overview.index", daftar=each.value), each is group, counts[each])
            for each, word in GROUPS.items()
        ],
        group=group.value,
        form=Form.empty(cari=text),
        page=Page([(each, state_of(ACCOUNT, each.state)) for each in found.rows], found.page, PAGE, found.total),
        due_words={code: str(text) for code, text in DUE.items()},
    )


@subject.get("/berkas.<ending>")
@signed_in(*READERS)
def file(ending: str) -> FlaskResponse | tuple[str, int]:
    """The list as CSV or XLSX."""
    rows = [_header(), *(_row(each) for each in core().pact_overview.everybody(actor(), _group()))]
    content, media_type = (_as_xlsx(rows), _XLSX) if ending == "xlsx" else (_as_csv(rows), "text/csv; charset=utf-8")
    response = make_response(content)
    response.headers["Content-Type"] = media_type
    name = f"pakta-operator.{'xlsx' if ending == 'xlsx' else 'csv'}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


# -- the pieces --------------------------------------------------------------------------------------------------------


def _group() -> PactGroup:
    asked = request.args.get("daftar", "")
    return PactGroup(asked) if asked in set(PactGroup) else PactGroup.ALL


def _header() -> list[str]:
    return [
        gettext("Nama pengguna"),
        gettext("Nama"),
        gettext("Unit kerja"),
        gettext("Status akun"),
        gettext("Revisi"),
        gettext("Nomor pakta"),
        gettext("Ditandatangani operator"),
        gettext("Ditandatangani pejabat"),
        gettext("Pakta berlaku sampai"),
        gettext("Tenggat"),
    ]


def _row(line: PactLine) -> list[str]:
    cells = [
        line.username,
        line.display_name,
        line.org_unit,
        str(state_of(ACCOUNT, line.state).text),
        line.revision,
        line.number,
        _day(line.signed_at),
        gettext("sudah") if line.countersigned else gettext("belum"),
        _day(line.lapses_on),
        _day(line.due.by) if line.due else "",
    ]
    return [_harmless(cell) for cell in cells]


def _day(at: datetime | date | None) -> str:
    if isinstance(at, datetime):
        return core().context.today(at).isoformat()
    return at.isoformat() if at else ""


def _harmless(cell: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _as_csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _as_xlsx(rows: list[list[str]]) -> bytes:
    book = import_module("openpyxl").Workbook(write_only=True)  # Large, and rarely needed.
    sheet = book.create_sheet("Pakta operator")
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
