"""Pemeriksaan: the accounts that existed on a day, as an inspector asks for them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput
from provisioner.provisioning.accounts_on_day import EXPORTERS, READERS, WORDS
from web.area import Area, Subject
from web.catalog import gettext
from web.current import core
from web.forms import Form
from web.identity import actor, signed_in
from web.inspection_sheets import accounts_sheets, answer
from web.inspection_words import STATES, approver_text, own_end, reason_text, systems_text, tabs
from web.labels import words
from web.paging import Page, asked_page

subject = Subject("inspection", __name__, Area.OFFICE, "/pemeriksaan")
subject.context_processor(words)

PAGE = 25
Answer = str | Response | tuple[str, int]


@subject.get("")
@signed_in(*READERS)
def index() -> Answer:
    """A day, and who had an account at its end."""
    text, word = request.args.get("cari", "").strip()[:100], request.args.get("status", "")
    word = word if word in WORDS else ""
    form = Form.empty(day=request.args.get("tanggal", "") or core().context.today().isoformat(), cari=text)
    try:
        day = date_of(form.value("day"))
        found = core().accounts_on_day.page(actor(), day, text, word, asked_page(), PAGE)
    except InvalidInput as error:
        return render_template("inspection/index.html", **_frame(form.refuse(error)), page=None), 422
    return render_template(
        "inspection/index.html",
        **_frame(form),
        page=Page(found.rows, found.page, found.per_page, found.total),
        day=found.day,
        word=word,
        rebuilt=found.rebuilt,
        total=sum(found.counts.values()),
        pills=_pills(found.counts, day, text, word),
    )


@subject.post("/unduh")
@signed_in(*EXPORTERS)
def export() -> Answer:
    """The whole day as a spreadsheet. That it was taken out is an event."""
    form = Form.sent()
    try:
        day = date_of(form.value("day"))
        taken = core().accounts_on_day.take_out(actor(), day)
    except InvalidInput as error:
        return render_template("inspection/index.html", **_frame(form.refuse(error)), page=None), 422
    return answer(f"akun-{day.isoformat()}", accounts_sheets(taken))


def date_of(text: str, field: str = "day") -> date:
    """The day that a calendar sends. :raises InvalidInput: it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(fields={field: ["date-malformed"]}) from None


# -- the pieces --------------------------------------------------------------------------------------------------------


def _frame(form: Form) -> dict[str, object]:
    return {
        "form": form,
        "tabs": tabs("inspection.index"),
        "today": core().context.today(),
        "own_end": own_end(),
        "may_export": actor().holds(*EXPORTERS),
        "states": STATES,
        "approver_text": approver_text,
        "reason_text": reason_text,
        "systems_text": systems_text,
    }


def _pills(counted: Mapping[str, int], day: date, text: str, word: str) -> list[tuple[str, str, bool, int]]:
    asked: dict[str, Any] = {"tanggal": day.isoformat(), "cari": text or None}
    every = (gettext("semua"), url_for("inspection.index", **asked), not word, sum(counted.values()))
    return [every] + [
        (str(STATES[each].text), url_for("inspection.index", status=each, **asked), each == word, count)
        for each, count in counted.items()
        if count or each == word
    ]
