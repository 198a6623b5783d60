"""Akun operator: the list, one account with every system, and what officials decide about it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.account import TRANSITIONS, AccountAct, AccountState
from provisioner.actor import Actor
from provisioner.errors import InvalidInput
from provisioner.paper import PaperKind
from provisioner.provisioning import access, queue
from provisioner.provisioning.account_views import READERS, AccountDetail
from provisioner.provisioning.accounts import OPERATIVE
from provisioner.provisioning.envelope_alarms import EXAMINERS
from provisioner.provisioning.pact_deadlines import GIVERS
from provisioner.provisioning.trail_reading import READERS as TRAIL_READERS
from provisioner.signing.way import SigningWay
from provisioner.store.long_lists import COUNTED
from web.account_words import closed_note, envelope_text, settled, system_lines, waits_for_closing
from web.area import Area, Subject
from web.audit_words import trail_line
from web.catalog import current_language, gettext
from web.current import core, office, settings
from web.forms import Form
from web.identity import actor, signed_in
from web.labels import choice_text, options, words
from web.pact_words import DUE
from web.paging import Page, asked_page
from web.paper_lines import PaperLine, paper_lines
from web.states import ACCOUNT, state_of

subject = Subject("accounts", __name__, Area.IT, "/akun")
subject.context_processor(words)

Answer = str | Response | tuple[str, int]
PAGE = 25
HISTORY = 30
QUICKLY, SLOWLY = 2, 10
"""Seconds between two looks at the systems: while they work, and while only a person is waited for."""


@dataclass(frozen=True)
class Possible:
    """What the person who looks may do with this account now. The core decides again."""

    suspend: bool
    reactivate: bool
    needs_date: bool
    revoke: bool
    reset: bool
    extend: bool
    annotate: bool
    retry: bool
    decide_name: bool

    @property
    def anything(self) -> bool:
        return any(vars(self).values())


@subject.get("")
@signed_in(*READERS)
def index() -> str:
    """Every account, by name; search and filters stand in the address."""
    asked = {name: request.args.get(name, "").strip() for name in ("cari", "status", "peran", "wilayah")}
    found = core().accounts.search(
        actor(),
        text=asked["cari"],
        state=asked["status"] or None,
        role=asked["peran"] or None,
        region=asked["wilayah"] or None,
        page=asked_page(),
        per_page=PAGE,
    )
    return render_template(
        "accounts/index.html",
        page=Page(found.rows, found.page, found.per_page, found.total, COUNTED),
        form=Form.empty(**asked),
        filtered=any(asked.values()),
        waiting=len(core().queue.waiting(actor())) if actor().holds(*queue.READERS) else 0,
        state_of=lambda name: state_of(ACCOUNT, name),
        states=[(name, state.text) for name, state in ACCOUNT.items()],
        roles=_roles(),
        regions=_regions(),
    )


@subject.get("/<account_id>")
@signed_in(*READERS)
def show(account_id: str) -> str:
    """One account."""
    return _page(account_id, Form.empty())


@subject.get("/<account_id>/sistem")
@signed_in(*READERS)
def systems(account_id: str) -> FlaskResponse:
    """The systems alone, for a page that renews them."""
    found = core().accounts.detail(actor(), account_id)
    response = make_response(render_template("accounts/systems.html", **_systems(found)))
    if settled(found.links) and not waits_for_closing(found):
        response.headers["X-Live"] = "done"
    return response


@subject.get("/<account_id>/pakta")
@signed_in(*access.BIO)
def pact(account_id: str) -> FlaskResponse:
    """The pact the account stands on, as PDF."""
    number, pdf = core().pacts.document(actor(), core().accounts.detail(actor(), account_id).pact_id)
    response = make_response(pdf)
    response.mimetype = "application/pdf"
    response.headers.set("Content-Disposition", "attachment", filename=f"pakta-{number.replace('/', '-')}.pdf")
    return response


@subject.post("/<account_id>/bekukan")
@signed_in(*OPERATIVE)
def suspend(account_id: str) -> Response:
    """Shut it everywhere, at once; why can be said later."""
    core().accounts.suspend_now(actor(), account_id)
    return _done(
        account_id,
        gettext("Dibekukan. Sistem-sistem menyusul sekarang juga; operator itu dikeluarkan dari halaman ini."),
    )


@subject.post("/<account_id>/alasan")
@signed_in(*OPERATIVE)
def annotate(account_id: str) -> Answer:
    """Say why afterwards."""

    def act(form: Form) -> None:
        with _named(reason_code="cause"):
            core().accounts.annotate(actor(), account_id, form.value("cause"), form.value("cause_note"))

    return _tried(account_id, act, "annotate", gettext("Alasan dicatat."))


@subject.post("/<account_id>/aktifkan")
@signed_in(*OPERATIVE)
def reactivate(account_id: str) -> Answer:
    """Open it again."""

    def act(form: Form) -> None:
        until = _day(form, "valid_until") if form.value("valid_until") else None
        core().accounts.reactivate(actor(), account_id, until, form.value("why"))

    return _tried(account_id, act, "reactivate", gettext("Diaktifkan kembali. Sistem-sistem menyusul."))


@subject.post("/<account_id>/cabut")
@signed_in(*OPERATIVE, "section_head")
def revoke(account_id: str) -> Answer:
    """Shut it for good."""

    def act(form: Form) -> None:
        core().accounts.revoke(actor(), account_id, form.value("reason_code"), form.value("note"))

    return _tried(account_id, act, "revoke", gettext("Dicabut. Sistem-sistem menyusul sekarang juga."))


@subject.post("/<account_id>/reset")
@signed_in(*OPERATIVE)
def reset(account_id: str) -> Answer:
    """A new initial password; where the person has no usable code any more, one is asked for in the same breath."""
    form, check = Form.sent(), Form.sent().value("person_check")
    if not check:
        return _page(account_id, form.refuse(InvalidInput(fields={"person_check": ["required"]})), "reset"), 422
    if core().accounts.reset(actor(), account_id, person_check=check):
        ask_for_code(core().accounts.detail(actor(), account_id).request_id, check)
        said = gettext("Direset. Pejabat kedua menyetujui kode pengganti di antrean; lalu pemohon menukarnya.")
    else:
        said = gettext("Direset. Amplop baru sedang disiapkan; dibuka dengan kode pengambilan yang sudah ada.")
    return _done(account_id, said)


@subject.post("/<account_id>/kode-pengganti")
@signed_in(*OPERATIVE, "section_head")
def ask_code(account_id: str) -> Answer:
    """Ask for a replacement of the collection code, where a password waits for one."""

    def act(form: Form) -> None:
        with _named(person_check="code_check"):
            ask_for_code(core().accounts.detail(actor(), account_id).request_id, form.value("code_check"))

    return _tried(account_id, act, "code", gettext("Kode pengganti diminta. Pejabat kedua menyetujuinya di antrean."))


@subject.post("/<account_id>/peringatan/<alarm_id>")
@signed_in(*EXAMINERS)
def examine_alarm(account_id: str, alarm_id: str) -> Answer:
    """Somebody looked into a try to open the envelope from elsewhere."""

    def act(form: Form) -> None:
        with _named(note="found"):
            core().envelope_alarms.examine(actor(), alarm_id, form.value("found"))

    return _tried(account_id, act, "alarm", gettext("Peringatan dicatat sudah diperiksa."))


@subject.post("/<account_id>/perpanjang")
@signed_in(*OPERATIVE)
def extend(account_id: str) -> Answer:
    """Another last day."""

    def act(form: Form) -> None:
        core().accounts.extend(actor(), account_id, _day(form, "valid_until"), form.value("why_extended"))

    return _tried(account_id, act, "extend", gettext("Masa berlaku diubah."))


@subject.post("/<account_id>/nama-pengguna")
@signed_in("section_head")
def rename(account_id: str) -> Answer:
    """Another user name everywhere, where a stranger has it in one system."""

    def act(form: Form) -> None:
        core().account_systems.rename(actor(), account_id, form.value("username"))

    return _tried(account_id, act, "rename", gettext("Nama pengguna diganti di semua sistem."))


@subject.post("/<account_id>/sistem/<link_id>/tanpa")
@signed_in("section_head")
def leave_out(account_id: str, link_id: str) -> Answer:
    """Do without that system."""

    def act(form: Form) -> None:
        core().account_systems.leave_out(actor(), link_id, form.value("note"))

    return _tried(account_id, act, "rename", gettext("Akun ini tidak diberikan di sistem itu."))


@subject.post("/<account_id>/waktu-pakta")
@signed_in(*GIVERS)
def give_time(account_id: str) -> Answer:
    """Let the operator sign the pact later."""

    def act(form: Form) -> None:
        with _named(until="pact_until"):
            until = _day(form, "pact_until") if form.value("pact_until") else None
            core().pact_deadlines.give_time(actor(), account_id, until, form.value("why_time"))

    return _tried(account_id, act, "pact", gettext("Operator mendapat waktu untuk menandatangani pakta."))


@subject.post("/<account_id>/sistem/<link_id>/coba-lagi")
@signed_in(*OPERATIVE, "section_head")
def retry(account_id: str, link_id: str) -> Response:
    """Try a system again now."""
    core().account_systems.retry_now(actor(), link_id)
    return _done(account_id, gettext("Dicoba lagi sekarang."))


# -- the pieces --------------------------------------------------------------------------------------------------------


def ask_for_code(request_id: str, person_check: str) -> None:
    """Start a replacement of the collection code. What already waits for a second official is simply renewed."""
    core().enrolment.ask(actor(), request_id, "reset", person_check)


@contextmanager
def _named(**names: str) -> Iterator[None]:
    """Several forms stand on one page, so a field may bear another name here than in the core."""
    try:
        yield
    except InvalidInput as error:
        fields = {names.get(name, name): codes for name, codes in error.fields.items()}
        raise InvalidInput(error.code, fields=fields) from error


def _done(account_id: str, said: str) -> Response:
    flash(said, "ok")
    return redirect(url_for("accounts.show", account_id=account_id))


def _tried(account_id: str, act: Callable[[Form], None], opened: str, said: str) -> Answer:
    """Do it; a form that is refused comes back, opened, with what is wrong."""
    form = Form.sent()
    try:
        act(form)
    except InvalidInput as error:
        return _page(account_id, form.refuse(error), opened), 422
    return _done(account_id, said)


def _documents(found: AccountDetail) -> list[PaperLine]:
    asked = [
        (PaperKind.HANDOVER_RECEIPT, found.request_id),
        (PaperKind.REVOCATION_REPORT, found.summary.id),
    ]
    return paper_lines(core().papers.offered(actor(), *asked), partial(url_for, "papers.show"))


def _page(account_id: str, form: Form, opened: str = "") -> str:
    found = core().accounts.detail(actor(), account_id)
    history = core().trail_reading.of_account(actor(), account_id, limit=HISTORY)
    state = found.summary.state
    return render_template(
        "accounts/show.html",
        account=found,
        can=_possible(found, actor()),
        alarm=core().envelope_alarms.of_account(account_id),
        may_examine=actor().holds(*EXAMINERS),
        form=form,
        nothing=Form.empty(),
        opened=opened,
        settled=settled(found.links) and not waits_for_closing(found),
        pace=SLOWLY if settled(found.links) else QUICKLY,
        slips=[(slip, *envelope_text(slip, revoked=state == AccountState.REVOKED)) for slip in found.envelope.slips],
        history=[trail_line(entry) for entry in history.entries],
        reads_pact=actor().holds(*access.BIO),
        documents=_documents(found),
        more_history=history.next_before is not None and actor().holds(*TRAIL_READERS),
        reasons=_reasons(),
        reason=_reason_text(found.state_reason),
        pact_due=core().pact_deadlines.of_account(actor(), account_id),
        gives_time=actor().holds(*GIVERS),
        prints_pact=actor().holds("section_head") and settings().signing.way is SigningWay.WET_INK,
        quarantine=timedelta(days=settings().runner.quarantine_days),
        **_systems(found),
    )


def _reason_text(code: str) -> str:
    """One of the office's reasons, or that the pact was not signed anew."""
    if code in DUE:
        return str(DUE[code])
    return choice_text(office().revocation_reasons, code) if code else ""


def _systems(found: AccountDetail) -> dict[str, object]:
    closed, kind = closed_note(found)
    return {
        "closed": closed,
        "closed_kind": kind,
        "state": state_of(ACCOUNT, found.summary.state),
        "lines": system_lines(found.links, found.summary.state),
        "account_id": found.summary.id,
        "may_retry": actor().holds(*OPERATIVE, "section_head"),
    }


def _possible(found: AccountDetail, person: Actor) -> Possible:
    state = AccountState(found.summary.state)
    may, decides = person.holds(*OPERATIVE), person.holds("section_head")

    def follows(act: AccountAct) -> bool:
        return (state, act) in TRANSITIONS

    alive = state is not AccountState.REVOKED
    return Possible(
        suspend=may and follows(AccountAct.SUSPEND),
        reactivate=may and follows(AccountAct.REACTIVATE) and found.state_reason not in DUE,
        needs_date=state is AccountState.EXPIRED,
        revoke=(may or decides) and follows(AccountAct.REVOKE),
        reset=may and follows(AccountAct.RESET),
        extend=may and alive and state is not AccountState.EXPIRED,
        annotate=may and state in (AccountState.SUSPENDED, AccountState.REVOKED),
        retry=may or decides,
        decide_name=decides and alive and any(each.reason == "AccountExists" for each in found.links),
    )


def _reasons() -> list[tuple[str, list[tuple[str, str]]]]:
    """The office's reasons; those that regulation names stand first."""
    reasons = office().revocation_reasons
    return [
        (gettext("Menurut PP 37/2007"), options(each for each in reasons if each.legal)),
        (gettext("Alasan lain"), options(each for each in reasons if not each.legal)),
    ]


def _roles() -> list[tuple[str, str]]:
    return [(role.code, role.label.text(current_language())) for role in office().roles]


def _regions() -> list[tuple[str, str]]:
    return [(region.code, region.title) for region in office().regions]


def _day(form: Form, name: str) -> date:
    """:raises InvalidInput: not a day."""
    text = form.value(name)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(fields={name: ["date-malformed" if text else "required"]}) from None
