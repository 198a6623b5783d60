"""Ambil akun: the ticket shows the state of the envelope, and opens it. Codes travel in forms, never in addresses."""

from datetime import datetime, timedelta

from flask import make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput, NotFound, SealBroken, WrongState
from provisioner.provisioning.handover import EnvelopeStatus
from web.applicant import not_stored, recognised, ticket_page
from web.area import Area, Subject
from web.current import core, settings
from web.errors import sentence
from web.forms import Form
from web.identity import applicant_here, caller, remember
from web.security import secret_page

subject = Subject("handover", __name__, Area.PUBLIC, "/ambil-akun")
subject.after_request(not_stored)

STATES = {
    "envelope-not-ready": "waiting",
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
    sent = Form.sent()
    try:
        request_id, token = core().drafting.with_ticket(sent.value("kode"), **caller())
    except (InvalidInput, NotFound) as error:
        return _again(sent, error)
    own = core().tracking.own(request_id)
    if own.account_id is None:
        return recognised(request_id, token, redirect(url_for("own.show")))
    envelope: EnvelopeStatus = core().handover.status(own.account_id)
    page = render_template(
        "handover/envelope.html",
        state=state_of(envelope),
        envelope=envelope,
        ticket=sent.value("kode"),
        at=opened_at(envelope),
        again=_may_show_again(envelope, request_id),
    )
    return recognised(request_id, token, make_response(page))


@subject.post("/buka")
def open_envelope() -> Response | tuple[str, int]:
    """Open it. The answer shows the passwords; the same browser may see them again for some minutes."""
    secret_page()
    sent, token = Form.sent(), ""
    here = applicant_here()
    try:
        if here is None:
            _, token = core().drafting.with_ticket(sent.value("kode"), **caller())
            here = core().applicant_session(token)
        session_id = here.id if here else ""
        opening = core().handover.open(sent.value("kode"), session_id, caller()["address"])
    except (InvalidInput, NotFound, SealBroken) as error:
        return _again(sent, error)
    except WrongState as error:
        state = STATES.get(error.code)
        if state is None:
            raise
        at = error.data.get("at")
        return render_template("handover/envelope.html", state=state, envelope=None, at=at), 409
    minutes = settings().envelope.grace_minutes
    page = make_response(render_template("handover/opened.html", opening=opening, minutes=minutes))
    return remember(page, Area.PUBLIC, token) if token else page


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


def _may_show_again(envelope: EnvelopeStatus, request_id: str) -> bool:
    """Whether to offer it; the core knows exactly which browser opened it, and when."""
    here, at = applicant_here(), opened_at(envelope)
    clock = core().context.clock
    recent = at is not None and clock() < at + timedelta(minutes=settings().envelope.grace_minutes)
    return recent and here is not None and here.subject_id == request_id


def _again(sent: Form, error: InvalidInput | NotFound | SealBroken) -> tuple[str, int]:
    sent.values.poplist("kode")  # A code that may be nearly right does not stand in a page.
    sent.errors["kode"] = [sentence(error)]
    return render_template("handover/form.html", form=sent, here=applicant_here()), 422
