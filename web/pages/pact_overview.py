"""Pakta operator: who has signed which revision, who is late; as a list and as a file."""

import io
from collections.abc import Sequence
from datetime import date, datetime

from flask import Response as FlaskResponse
from flask import make_response, render_template, request, url_for

from provisioner import csv_text, workbook
from provisioner.provisioning.pact_overview import READERS, PactGroup, PactLine
from provisioner.store.long_lists import COUNTED
from provisioner.workbook import Sheet, Value, write_workbook
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
_WIDTHS = (22, 36, 30, 16, 12, 24, 22, 22, 20, 14)


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
            (str(word), url_for("pact_overview.index", daftar=each.value), each is group, _number(counts[each]))
            for each, word in GROUPS.items()
        ],
        group=group.value,
        form=Form.empty(cari=text),
        page=Page(
            [(each, state_of(ACCOUNT, each.state)) for each in found.rows], found.page, PAGE, found.total, COUNTED
        ),
        due_words={code: str(text) for code, text in DUE.items()},
    )


@subject.get("/berkas.<ending>")
@signed_in(*READERS)
def file(ending: str) -> FlaskResponse | tuple[str, int]:
    """The list as CSV or XLSX."""
    rows, as_workbook = map(_row, core().pact_overview.everybody(actor(), _group())), ending == "xlsx"
    if as_workbook:
        out = io.BytesIO()
        write_workbook([Sheet(gettext("Pakta operator"), _header(), rows, _WIDTHS)], out)
        response = make_response(out.getvalue())
    else:
        response = make_response("".join(csv_text.csv_text(_header(), rows)))
    response.headers["Content-Type"] = workbook.MIME_TYPE if as_workbook else csv_text.MIME_TYPE
    name = f"pakta-operator.{'xlsx' if as_workbook else 'csv'}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


# -- the pieces --------------------------------------------------------------------------------------------------------


def _number(count: int) -> int | str:
    return f"{COUNTED}+" if count > COUNTED else count


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


def _row(line: PactLine) -> Sequence[Value]:
    return [
        line.username,
        line.display_name,
        line.org_unit,
        str(state_of(ACCOUNT, line.state).text),
        line.revision,
        line.number,
        _day(line.signed_at),
        gettext("sudah") if line.countersigned else gettext("belum"),
        line.lapses_on,
        line.due.by if line.due else None,
    ]


def _day(at: datetime | None) -> date | None:
    return core().context.today(at) if at else None
