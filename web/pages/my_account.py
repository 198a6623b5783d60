"""Akun saya: an operator signs in, changes the password, and looks after the own account."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import AuthenticationFailed, InvalidInput, LockedOut, ProvisionerError, TooMany, WrongState
from provisioner.provisioning.operators import OperatorSession
from provisioner.provisioning.passwords import Changed
from provisioner.provisioning.places import Place
from web.account_words import HELP, PLACE
from web.area import Area, Subject
from web.catalog import gettext
from web.current import core, settings
from web.devices import device_text
from web.errors import kind_of, sentence
from web.forms import Form
from web.identity import caller, forget, person_here, remember, safe_return, signed_in, somebody_here, token_here
from web.labels import words
from web.password_rules import rules_shown
from web.states import ACCOUNT, state_of

subject = Subject("my_account", __name__, Area.OPERATOR, "/akun-saya")
subject.context_processor(words)

Answer = str | Response | tuple[str, int]
SOON = timedelta(days=30)
"""How long before its end a page speaks of the period of validity."""


@subject.get("/masuk")
def sign_in() -> Answer:
    """Name and password."""
    if person_here() is not None:
        return redirect(url_for("my_account.home"))
    over = bool(token_here()) and somebody_here() is None
    return _sign_in_form(Form.empty(username=request.args.get("nama")), over=over)


@subject.post("/masuk")
def enter() -> Answer:
    """Check them. An initial password leads to changing it and nowhere else."""
    sent = Form.sent()
    try:
        token, stage = core().operators.sign_in(sent.value("username"), sent.value("password"), **caller())
    except (AuthenticationFailed, LockedOut, TooMany, WrongState) as error:
        return _sign_in_form(sent, refusal=error), _status(error)
    there = safe_return(request.args.get("lanjut", ""), url_for("my_account.home"))
    if stage == "pact":
        there = url_for("renewal.show", lanjut=there)
    return remember(redirect(there), Area.OPERATOR, token)


@subject.post("/keluar")
def leave() -> Response:
    """Sign out, at whatever stage."""
    person = somebody_here()
    if person is not None:
        core().operators.sign_out(_here())
        flash(gettext("Anda sudah keluar."), "ok")
    return forget(redirect(url_for("my_account.sign_in")), Area.OPERATOR)


@subject.get("/kata-sandi-awal")
@signed_in(stage="change")
def change_password() -> str:
    """The initial password is changed before anything else."""
    return _password_form(Form.empty(), forced=True)


@subject.post("/kata-sandi-awal")
@signed_in(stage="change")
def save_first_password() -> Answer:
    """Change it in every system."""
    return _change(forced=True)


@subject.get("/kata-sandi")
@signed_in()
def new_password() -> str:
    """Change the password by one's own wish."""
    return _password_form(Form.empty(), forced=False)


@subject.post("/kata-sandi")
@signed_in()
def save_password() -> Answer:
    """Change it in every system."""
    return _change(forced=False)


@subject.get("")
@signed_in()
def home() -> str:
    """Where the access works, the pact, sign-ins and sessions."""
    own = core().operators.home(_here())
    today = core().context.today()
    return render_template(
        "my_account/home.html",
        own=own,
        alarm=core().envelope_alarms.of_account(_here().actor.account_id),
        state=state_of(ACCOUNT, own.state),
        places=_places(own.places),
        settled=_settled(own.places),
        ends_soon=own.valid_until is not None and own.valid_until - today <= SOON,
        sessions=[(each, device_text(each.agent)) for each in own.sessions],
        here=_here().info.id,
    )


@subject.get("/tempat")
@signed_in()
def places() -> FlaskResponse:
    """The systems alone, for a page that renews them."""
    found = core().operators.places(_here())
    response = make_response(render_template("my_account/places.html", places=_places(found)))
    if _settled(found):
        response.headers["X-Live"] = "done"
    return response


@subject.get("/pakta")
@signed_in()
def pact() -> FlaskResponse:
    """One's own pact as PDF."""
    number, pdf = core().pacts.own_document(core().operators.request_of(_here()))
    response = make_response(pdf)
    response.mimetype = "application/pdf"
    response.headers.set("Content-Disposition", "attachment", filename=f"pakta-{number.replace('/', '-')}.pdf")
    return response


@subject.post("/sesi/<session_id>/akhiri")
@signed_in()
def end_session(session_id: str) -> Response:
    """End one of one's own sessions."""
    core().operators.end_session(_here(), session_id)
    flash(gettext("Sesi itu sudah diakhiri."), "ok")
    return redirect(url_for("my_account.home", _anchor="sesi"))


@subject.post("/sesi/akhiri-lainnya")
@signed_in()
def end_other_sessions() -> Response:
    """End every own session but this one."""
    core().operators.end_other_sessions(_here())
    flash(gettext("Semua sesi lain sudah diakhiri."), "ok")
    return redirect(url_for("my_account.home", _anchor="sesi"))


@subject.get("/bantuan")
def help_form() -> str:
    """Forgotten, or locked: ask the office."""
    kind = request.args.get("perihal", "")
    return _help_form(Form.empty(kind=kind if kind in HELP else "forgotten"))


@subject.post("/bantuan")
def ask_for_help() -> Answer:
    """The answer is the same whether or not there is such an account."""
    sent = Form.sent()
    if not sent.value("username"):
        return _help_form(sent.refuse(InvalidInput(fields={"username": ["required"]}))), 422
    try:
        core().help_cards.ask(sent.value("username"), sent.value("kind"), sent.value("note"), caller()["address"])
    except InvalidInput:
        return _help_form(sent.refuse(InvalidInput(fields={"kind": ["kind-unknown"]}))), 422
    except TooMany as refusal:
        return _help_form(sent, until=refusal.data["until"]), _status(refusal)
    return redirect(url_for("my_account.help_asked"))


@subject.get("/bantuan/terkirim")
def help_asked() -> str:
    """What happens now."""
    return render_template("my_account/help_asked.html")


# -- the pieces --------------------------------------------------------------------------------------------------------


def _here() -> OperatorSession:
    person = somebody_here()
    assert person is not None and isinstance(person.session, OperatorSession)  # noqa: S101  Only signed in.
    return person.session


def _status(error: ProvisionerError) -> int:
    """A system that is away is nobody's fault at the desk."""
    return 503 if isinstance(error, WrongState) else kind_of(error).status


def _sign_in_form(form: Form, *, refusal: ProvisionerError | None = None, over: bool = False) -> str:
    return render_template(
        "my_account/sign_in.html",
        form=form,
        refusal=refusal,
        text=sentence(refusal) if refusal else "",
        away=isinstance(refusal, WrongState),
        wrong=isinstance(refusal, AuthenticationFailed),
        over=over,
        possible=settings().sign_in_target is not None,
        idle=timedelta(minutes=settings().web.session_idle_minutes),
    )


def _help_form(form: Form, *, until: datetime | None = None) -> str:
    """``until``: it was asked too often, and can be asked again then."""
    kinds = [(kind, str(text)) for kind, text in HELP.items()]
    return render_template("my_account/help.html", form=form, kinds=kinds, until=until)


def _password_form(
    form: Form, *, forced: bool, broken: Sequence[str] | None = None, refusal: ProvisionerError | None = None
) -> str:
    return render_template(
        "my_account/password.html",
        form=form,
        forced=forced,
        initial=_here().initial,
        rules=rules_shown(core().passwords.rules(), broken),
        refusal=refusal,
        text=sentence(refusal) if refusal else "",
    )


def _change(*, forced: bool) -> Answer:
    sent = Form.sent()
    try:
        if sent.value("new") != sent.value("again"):
            return _mistyped(sent, forced=forced), 422
        token, changed = core().operators.change_password(
            _here(), sent.value("old"), sent.value("new"), address=caller()["address"]
        )
    except InvalidInput as error:
        return _password_form(sent.refuse(error), forced=forced, broken=error.fields.get("new")), 422
    except AuthenticationFailed:
        sent.refuse(InvalidInput(fields={"old": ["old-password-wrong"]}))
        return _password_form(sent, forced=forced), 422
    except (WrongState, LockedOut) as error:
        return _password_form(sent, forced=forced, refusal=error), _status(error)
    flash(_changed_text(changed), "ok")
    if changed.unreached or changed.refused:
        flash(_behind_text(changed), "late")
    return remember(redirect(url_for("my_account.home")), Area.OPERATOR, token)


def _mistyped(sent: Form, *, forced: bool) -> str:
    """The two new passwords differ. What else is wrong is told in the same round."""
    sent.refuse(InvalidInput(fields={"again": ["not-the-same"]}))
    broken = core().passwords.violations(_here().actor.account_id, sent.value("new"), sent.value("old"))
    if broken:
        sent.refuse(InvalidInput(fields={"new": broken}))
    return _password_form(sent, forced=forced, broken=broken)


def _changed_text(changed: Changed) -> str:
    said = [gettext("Kata sandi awal sudah diganti. Anda sudah masuk.") if changed.first else ""]
    if not changed.first:
        said = [gettext("Kata sandi sudah diganti. Sesi lain sudah diakhiri.")]
    if changed.behind:
        said.append(gettext("Menyusul sendiri di: %(systems)s.", systems=", ".join(changed.behind)))
    return " ".join(said)


def _behind_text(changed: Changed) -> str:
    said = []
    if changed.unreached:
        named = ", ".join(changed.unreached)
        said.append(
            gettext(
                "%(systems)s belum terjangkau: kata sandi baru dipasang ketika Anda masuk lagi di sini.", systems=named
            )
        )
    if changed.refused:
        named = ", ".join(changed.refused)
        said.append(
            gettext("%(systems)s tidak menerima kata sandi ini: ganti lagi dengan yang lebih panjang.", systems=named)
        )
    return " ".join(said)


def _places(found: Sequence[Place]) -> list[dict[str, object]]:
    return [_place(each) for each in found]


def _place(place: Place) -> dict[str, object]:
    shown = state_of(PLACE, place.state)
    why = {
        "there": gettext("Kata sandi awal di sana Anda ganti sendiri: %(hint)s.", hint=place.hint),
        "waiting": gettext("Dikerjakan petugas di sistem itu; kata sandi awalnya datang di amplop.")
        if place.hint
        else gettext("Berjalan sendiri. Anda tidak perlu menunggu di halaman ini."),
        "behind": gettext("Kata sandi baru belum terpasang di sana. Dicoba lagi setiap kali Anda masuk di sini."),
        "failed": gettext("Petugas sudah melihatnya di antrean. Hubungi kantor bila Anda memerlukannya segera."),
    }.get(place.state, "")
    return {"name": place.label, "detail": "", "state": shown.text, "kind": shown.kind, "working": False, "why": why}


def _settled(found: Sequence[Place]) -> bool:
    """Nothing goes on by itself: a page need not ask again. What people do (it has a hint) takes its time."""
    return not any(each.state == "waiting" and not each.hint for each in found)
