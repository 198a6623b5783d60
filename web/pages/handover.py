"""Ambil akun: the ticket shows the state of the envelope, and opens it. Codes travel in forms, never in addresses."""

from datetime import datetime, timedelta

from flask import make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput, NotFound, SealBroken, WrongState
from provisioner.provisioning.envelope_alarms import EnvelopeAlarm
from provisioner.provisioning.envelope_status import EnvelopeStatus
from web.applicant import not_stored, recognised, ticket_page
from web.area import Area, Subject
from web.current import core, settings
from web.errors import sentence
from web.forms import Form
from web.identity import applicant_here, caller, token_here
from web.security import secret_page

subject = Subject("handover", __name__, Area.PUBLIC, "/ambil-akun")
subject.after_request(not_stored)

STATES = {
    "envelope-not-ready": "waiting",
    "envelope-closed": "closed-yet",
    "envelope-opened-before": "opened",
    "envelope-lapsed": "lapsed",
    "envelope-used": "used",
    "account-not-open": "closed",
}
"""What the core refuses an opening with, and how the page tells it."""


@subject.get("")
def form() -> str:
    """Ask for the ticket."""
    return render_template("handover/form.html", form=Form.empty(), here=applicant_here())


@subject.post("")
def check() -> Response | tuple[str, int]:
    """The ticket was typed: say how the envelope is, and ask before it is opened, because that happens once."""
    secret_page()
    return _asked(Form.sent())


@subject.post("/buka")
def open_envelope() -> Response | tuple[str, int]:
    """Open it, and lead to the page that shows what is inside. A browser that could not be shown it again, because it
    is not known as the applicant's yet, is asked first once more.
    """
    secret_page()
    sent, here = Form.sent(), applicant_here()
    if here is None:
        return _asked(sent)
    try:
        core().handover.open(sent.value("kode"), here.id, caller()["address"], token_here(Area.PUBLIC))
    except (InvalidInput, NotFound, SealBroken) as error:
        return _again(sent, error)
    except WrongState as error:
        return _asked(sent) if error.code == "session-of-another" else _closed(error, 409)
    return redirect(url_for("handover.contents"))


@subject.get("/isi")
def contents() -> Response | tuple[str, int]:
    """What is inside, for the browser that opened it and for some minutes: it may be loaded again, and gone back to."""
    secret_page()
    here = applicant_here()
    if here is None:
        return redirect(url_for("handover.form"))
    try:
        opening = core().handover.show(here, token_here(Area.PUBLIC), caller()["address"])
    except WrongState as error:
        return _closed(error, 410 if error.data.get("here") else 409)
    return make_response(render_template("handover/opened.html", opening=opening))


@subject.get("/kode-pengganti")
def exchange_form() -> str:
    """Ask for an enrolment code."""
    return render_template("handover/exchange.html", form=Form.empty())


@subject.post("/kode-pengganti")
def exchange() -> Response | tuple[str, int]:
    """Give a new ticket for an enrolment code. The answer is the only page that ever shows it."""
    secret_page()
    sent = Form.sent()
    try:
        new = core().enrolment.exchange(sent.value("kode"), **caller())
    except (InvalidInput, NotFound) as error:
        sent.errors["kode"] = [sentence(error)]
        return render_template("handover/exchange.html", form=sent), 422
    return ticket_page("exchanged", new.ticket, new.tracking_code, token=new.session_token, check_code=new.check_code)


def state_of(envelope: EnvelopeStatus) -> str:
    """One word for the whole envelope: what can be opened now counts first."""
    states = [slip.state for slip in envelope.slips]
    if envelope.can_open:
        return "ready"
    for word in ("waiting", "ready", "lapsed", "opened"):
        if word in states:
            return "closed" if word == "ready" else word
    return "used" if states else "waiting"


def opened_at(envelope: EnvelopeStatus) -> datetime | None:
    """When it was last opened."""
    return max((slip.opened_at for slip in envelope.slips if slip.opened_at), default=None)


def _asked(sent: Form) -> Response | tuple[str, int]:
    try:
        request_id, token = core().drafting.with_ticket(sent.value("kode"), **caller())
    except (InvalidInput, NotFound) as error:
        return _again(sent, error)
    own = core().tracking.own(request_id)
    if own.account_id is None:
        return recognised(request_id, token, redirect(url_for("own.show")))
    here = applicant_here()
    session_id = here.id if here is not None and here.subject_id == request_id else ""
    envelope = core().handover.look(own.account_id, session_id, caller()["address"])
    state = state_of(envelope)
    page = render_template(
        "handover/envelope.html",
        state=state,
        envelope=envelope,
        ticket=sent.value("kode"),
        at=opened_at(envelope),
        here=False,
        again=core().handover.shown_until(here) if here is not None and session_id else None,
        alarm=_standing(own.account_id) if state == "opened" else None,
    )
    return recognised(request_id, token, make_response(page))


def _closed(error: WrongState, status: int) -> tuple[str, int]:
    """Why there is nothing to see; what is not about the envelope is not answered here."""
    state = STATES.get(error.code)
    if state is None:
        raise error
    at, here = error.data.get("at"), error.data.get("here", False)
    page = render_template("handover/envelope.html", state=state, envelope=None, at=at, here=here, grace=_grace())
    return page, status


def _standing(account_id: str) -> EnvelopeAlarm | None:
    alarm = core().envelope_alarms.of_account(account_id)
    return alarm if alarm is not None and alarm.examined_at is None else None


def _grace() -> timedelta:
    return timedelta(minutes=settings().envelope.grace_minutes)


def _again(sent: Form, error: InvalidInput | NotFound | SealBroken) -> tuple[str, int]:
    sent.values.poplist("kode")  # A code that may be nearly right does not stand in a page.
    sent.errors["kode"] = [sentence(error)]
    return render_template("handover/form.html", form=sent, here=applicant_here()), 422
