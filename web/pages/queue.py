"""Antrean: what waits for a person. Cards of systems that people operate, trouble, help, replacements, codes."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput, NotFound
from provisioner.provisioning.card_views import POSTS, Card
from provisioner.provisioning.card_views import READERS as CARD_READERS
from provisioner.provisioning.enrolment import AGREERS
from provisioner.provisioning.help_answers import HelpCard
from provisioner.provisioning.queue import READERS, QueueItem
from web.account_words import HELP, OVERTAKEN, SYSTEM, what_happened, what_next
from web.area import Area, Subject
from web.card_words import CAUSE, call_message, due_state, reason_text, task_text
from web.catalog import gettext
from web.current import core, settings
from web.errors import field_text
from web.forms import Form
from web.identity import actor, signed_in
from web.security import secret_page, takes_files
from web.states import UNKNOWN

subject = Subject("queue", __name__, Area.OFFICE, "/antrean")

Answer = str | Response | tuple[str, int]


@subject.get("")
@signed_in(*READERS)
def index() -> str:
    """Everything that waits, the oldest first in each part."""
    items = core().queue.waiting(actor())
    cards, calls = _cards(), _help_cards()
    carded = {(card.account_id, card.target) for card in cards}
    return render_template(
        "queue/index.html",
        alarms=core().envelope_alarms.standing(actor()),
        cards=[(card, task_text(card), due_state(card)) for card in cards],
        troubles=[_trouble(item) for item in items if item.kind == "link" and not _has_card(item, carded)],
        calls=[(call, HELP.get(call.kind, call.kind)) for call in calls],
        replacements=[item for item in items if item.kind == "replacement"],
        codes=core().enrolment.waiting(actor()),
        may_agree=actor().holds(*AGREERS),
        may_see_cards=actor().holds(*CARD_READERS),
    )


@subject.post("/sistem/<link_id>/coba-lagi")
@signed_in(*READERS)
def retry(link_id: str) -> Response:
    """Try a system again now."""
    core().account_systems.retry_now(actor(), link_id)
    flash(gettext("Dicoba lagi sekarang."), "ok")
    return redirect(url_for("queue.index"))


@subject.get("/kartu/<card_id>")
@signed_in(*CARD_READERS)
def card(card_id: str) -> str:
    """What to type into that system's screen, and what to note here afterwards."""
    return _card_page(card_id)


@subject.post("/kartu/<card_id>/akun")
@takes_files
@signed_in(*POSTS)
def confirm_created(card_id: str) -> Answer:
    """The account is there: the password is sealed in this very request and kept nowhere."""
    form = Form.sent()
    try:
        core().cards.confirm_created(
            actor(), card_id, form.value("username"), form.value("password"), form.value("evidence"), _pictures()
        )
    except InvalidInput as error:
        return _card_page(card_id, _refused(form, error)), 422
    flash(gettext("Dicatat. Kata sandinya sudah disegel di amplop operator; hapus dari tempat Anda menyalinnya."), "ok")
    return redirect(url_for("queue.index"))


@subject.post("/kartu/<card_id>/selesai")
@takes_files
@signed_in(*POSTS)
def confirm_done(card_id: str) -> Answer:
    """What the card asks is done."""
    form = Form.sent()
    try:
        core().cards.confirm_done(actor(), card_id, form.value("evidence"), _pictures())
    except InvalidInput as error:
        return _card_page(card_id, _refused(form, error)), 422
    flash(gettext("Dicatat selesai."), "ok")
    return redirect(url_for("queue.index"))


@subject.get("/bantuan/<help_card_id>")
@signed_in(*POSTS)
def help_card(help_card_id: str) -> str:
    """An operator who asks for help, or what became of it."""
    state = core().help_cards.state_of(actor(), help_card_id)
    if state.state != "open":
        kind, why = HELP.get(state.kind, state.kind), OVERTAKEN.get(state.overtaken_by, "")
        return render_template("queue/help_closed.html", call=state, kind=kind, why=why)
    return _help_page(help_card_id)


@subject.post("/bantuan/<help_card_id>/reset")
@signed_in(*POSTS)
def answer_with_reset(help_card_id: str) -> Answer:
    """The person was checked and gets a new initial password."""
    call, form = _help_card(help_card_id), Form.sent()
    try:
        needs_code = core().help_answers.answer(actor(), help_card_id, form.value("person_check"))
    except InvalidInput as error:
        return _help_page(help_card_id, form.refuse(error)), 422
    if needs_code:
        request_id = core().accounts.detail(actor(), call.account_id).request_id
        core().enrolment.ask(actor(), request_id, "reset", form.value("person_check"))
        flash(gettext("Direset. Pejabat kedua menyetujui kode pengganti di antrean; lalu operator menukarnya."), "ok")
    else:
        flash(gettext("Direset. Amplop baru sedang disiapkan; dibuka dengan kode pengambilan yang sudah ada."), "ok")
    return redirect(url_for("queue.index", _anchor="kode"))


@subject.post("/bantuan/<help_card_id>/selesai")
@signed_in(*POSTS)
def answer_without_reset(help_card_id: str) -> Answer:
    """The person was checked and needs nothing more."""
    form = Form.sent()
    try:
        core().help_answers.answer(actor(), help_card_id, form.value("person_check"), reset=False)
    except InvalidInput as error:
        return _help_page(help_card_id, form.refuse(error)), 422
    flash(gettext("Permintaan bantuan diselesaikan tanpa reset."), "ok")
    return redirect(url_for("queue.index"))


@subject.post("/bantuan/<help_card_id>/tolak")
@signed_in(*POSTS)
def refuse_help(help_card_id: str) -> Response:
    """The person could not be made sure of."""
    core().help_answers.refuse(actor(), help_card_id, Form.sent().value("note"))
    flash(gettext("Permintaan bantuan ditolak. Kata sandi tidak berubah."), "ok")
    return redirect(url_for("queue.index"))


@subject.post("/kode/<enrolment_id>/setuju")
@signed_in(*AGREERS)
def agree(enrolment_id: str) -> str:
    """The second official agrees: the code is shown in this answer and never again."""
    line = next((each for each in core().enrolment.waiting(actor()) if each.id == enrolment_id), None)
    code = core().enrolment.agree(actor(), enrolment_id)
    secret_page()
    days = settings().envelope.enrolment_days
    return render_template("queue/code.html", code=code, line=line, days=days, address=settings().web.address)


@subject.post("/kode/<enrolment_id>/tolak")
@signed_in(*AGREERS)
def refuse(enrolment_id: str) -> Response:
    """The second official does not agree, or takes back a code that was not used yet."""
    core().enrolment.refuse(actor(), enrolment_id)
    flash(gettext("Kode pengganti tidak diberikan."), "ok")
    return redirect(url_for("queue.index", _anchor="kode"))


# -- the pieces --------------------------------------------------------------------------------------------------------


def _cards() -> list[Card]:
    return core().cards.open(actor()) if actor().holds(*POSTS) else []


def _pictures() -> list[tuple[str, bytes]]:
    return [(each.filename or "", each.read()) for each in request.files.getlist("files") if each.filename]


def _refused(form: Form, error: InvalidInput) -> Form:
    """What is wrong with a picture is said under it."""
    if not error.fields:
        form.errors["files"] = [field_text(error.code, error.data)]
        return form
    fields = {"password" if name == "initial_password" else name: codes for name, codes in error.fields.items()}
    return form.refuse(InvalidInput(fields=fields))


def _help_cards() -> list[HelpCard]:
    return core().help_answers.waiting(actor()) if actor().holds(*POSTS) else []


def _help_card(help_card_id: str) -> HelpCard:
    """:raises NotFound: nobody waits there any more."""
    for each in _help_cards():
        if each.id == help_card_id:
            return each
    raise NotFound("card-unknown")


def _has_card(item: QueueItem, carded: set[tuple[str, str]]) -> bool:
    return item.progress is not None and (item.account_id, item.progress.target) in carded


def _trouble(item: QueueItem) -> dict[str, object]:
    progress = item.progress
    shown = SYSTEM.get(progress.word, UNKNOWN) if progress else UNKNOWN
    return {
        "item": item,
        "progress": progress,
        "state": shown.text if progress and progress.word != "waiting" else gettext("dicoba lagi"),
        "kind": shown.kind if progress and progress.word != "waiting" else "late",
        "happened": what_happened(progress) if progress else "",
        "next": what_next(progress) if progress else "",
    }


def _card_page(card_id: str, form: Form | None = None) -> str:
    found = core().cards.get(actor(), card_id)
    return render_template(
        "queue/card.html",
        card=found,
        task=task_text(found),
        due=due_state(found),
        cause=CAUSE.get(found.cause, ""),
        reason=reason_text(found),
        whatsapp=call_message(found.duty, found.label, found.due_at),
        may_do=actor().holds(*POSTS),
        form=form or Form.empty(username=found.username_there or found.username),
    )


def _help_page(help_card_id: str, form: Form | None = None) -> str:
    call = _help_card(help_card_id)
    account = core().accounts.detail(actor(), call.account_id)
    return render_template(
        "queue/help.html", call=call, kind=HELP.get(call.kind, call.kind), account=account, form=form or Form.empty()
    )
