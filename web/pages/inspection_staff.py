"""Pemeriksaan: accounts held against a list of who works for the office."""

from flask import render_template, request
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput
from provisioner.provisioning.accounts_on_day import EXPORTERS
from provisioner.user_list import ListRefused
from web.area import Area, Subject
from web.current import core
from web.errors import field_text
from web.forms import Form
from web.identity import actor, signed_in
from web.inspection_sheets import answer, match_sheets, wants_file
from web.inspection_words import STATES, own_end, tabs
from web.labels import words
from web.list_words import and_more, problem_lines
from web.pages.inspection import date_of
from web.security import takes_files

subject = Subject("inspection_staff", __name__, Area.OFFICE, "/pemeriksaan/nip")
subject.context_processor(words)

SHOWN = 200
"""So many rows of each kind are shown; the spreadsheet has them all."""
Answer = str | Response | tuple[str, int]


@subject.get("")
@signed_in(*EXPORTERS)
def form() -> str:
    """Where the list is uploaded or pasted."""
    return _form(Form.empty(day=core().context.today().isoformat()))


@subject.post("")
@signed_in(*EXPORTERS)
@takes_files
def compare() -> Answer:
    """Compare, and forget the list."""
    sent, upload = Form.sent(), request.files.get("file")
    source = upload.read() if upload is not None and upload.filename else b""
    try:
        day = date_of(sent.value("day"))
        kind = "xlsx" if wants_file() else "page"
        found = core().staff_matching.compare(actor(), day, source or sent.value("list"), form=kind)
    except ListRefused as refused:
        return _form(sent, refused), 422
    except InvalidInput as error:
        if error.fields:
            return _form(sent.refuse(error)), 422
        sent.errors["file" if source else "list"] = [field_text(error.code, error.data)]
        return _form(sent), 422
    if wants_file():
        return answer(f"pencocokan-nip-{day.isoformat()}", match_sheets(found))
    return render_template(
        "inspection/match.html", found=found, shown=SHOWN, states=STATES, tabs=tabs("inspection_staff.form")
    )


def _form(form: Form, refused: ListRefused | None = None) -> str:
    return render_template(
        "inspection/staff.html",
        form=form,
        tabs=tabs("inspection_staff.form"),
        today=core().context.today(),
        own_end=own_end(),
        problems=problem_lines(refused) if refused else [],
        more=and_more(refused) if refused else 0,
    )
