"""How officials sign in, and their own account: second factor, password, sessions, Plt. and Plh."""

from collections.abc import Sequence
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.documents.qr import qr_svg
from provisioner.errors import AuthenticationFailed, InvalidInput, LockedOut, NotFound, TooMany
from provisioner.provisioning.official_stages import SignedIn
from provisioner.provisioning.sessions import SessionInfo
from web.area import Area, Subject
from web.catalog import gettext
from web.current import core, office
from web.devices import device_text
from web.errors import sentence
from web.forms import Form
from web.identity import (
    STAGES,
    actor,
    caller,
    forget,
    person_here,
    remember,
    safe_return,
    signed_in,
    somebody_here,
    token_here,
)
from web.labels import post_text, words
from web.password_rules import rules_shown
from web.security import secret_page

subject = Subject("sign_in", __name__, Area.OFFICE)
subject.context_processor(words)

Answer = str | Response | tuple[str, int]


@subject.get("/masuk")
def form() -> Answer:
    """Name and password."""
    if person_here() is not None:
        return redirect(_home())
    return render_template("sign_in/form.html", form=Form.empty(), refusal=None)


@subject.post("/masuk")
def enter() -> Answer:
    """Check name and password; what is still missing is asked next."""
    sent = Form.sent()
    try:
        signed = core().sign_in.sign_in(sent.value("username"), sent.value("password"), **caller())
    except (AuthenticationFailed, LockedOut, TooMany) as error:
        status = 429 if isinstance(error, LockedOut | TooMany) else 422
        return render_template("sign_in/form.html", form=sent, refusal=sentence(error)), status
    return _go_on(signed)


@subject.get("/masuk/kode-verifikasi")
@signed_in(stage="totp")
def second_factor() -> Answer:
    """Six digits from the authenticator application."""
    return render_template("sign_in/second_factor.html", form=Form.empty(), refusal=None)


@subject.post("/masuk/kode-verifikasi")
@signed_in(stage="totp")
def check_second_factor() -> Answer:
    """Check them."""
    sent = Form.sent()
    try:
        signed = core().sign_in.second_factor(_session(), sent.value("code"), address=caller()["address"])
    except (AuthenticationFailed, LockedOut, TooMany) as error:
        text = gettext("Kode verifikasi salah atau sudah dipakai. Tunggu kode yang berikutnya.")
        locked = isinstance(error, LockedOut | TooMany)
        refusal = sentence(error) if locked else text
        return render_template("sign_in/second_factor.html", form=sent, refusal=refusal), 429 if locked else 422
    return _go_on(signed)


@subject.get("/masuk/pasang-verifikasi")
@signed_in(stage="enrol-totp")
def enrol() -> Answer:
    """A post that must have a second factor sets it up before anything else."""
    return _new_secret("sign_in.confirm_enrolment", forced=True)


@subject.post("/masuk/pasang-verifikasi")
@signed_in(stage="enrol-totp")
def confirm_enrolment() -> Answer:
    """The first code made with the new secret."""
    return _confirm("sign_in.confirm_enrolment", "sign_in.enrol", forced=True)


@subject.get("/pejabat-saya/verifikasi")
@signed_in()
def add_second_factor() -> Answer:
    """Set the second factor up by one's own wish."""
    return _new_secret("sign_in.confirm_second_factor", forced=False)


@subject.post("/pejabat-saya/verifikasi")
@signed_in()
def confirm_second_factor() -> Answer:
    """The first code made with the new secret."""
    return _confirm("sign_in.confirm_second_factor", "sign_in.add_second_factor", forced=False)


@subject.get("/masuk/kata-sandi-baru")
@signed_in(stage="change")
def change_password() -> Answer:
    """The first password came from somebody else, so it is changed first."""
    return _password_form(Form.empty(), forced=True)


@subject.post("/masuk/kata-sandi-baru")
@signed_in(stage="change")
def save_first_password() -> Answer:
    """Keep the new password."""
    return _change(forced=True)


@subject.get("/pejabat-saya/kata-sandi")
@signed_in()
def new_password() -> Answer:
    """Change the password by one's own wish."""
    return _password_form(Form.empty(), forced=False)


@subject.post("/pejabat-saya/kata-sandi")
@signed_in()
def save_password() -> Answer:
    """Keep the new password."""
    return _change(forced=False)


@subject.get("/pejabat-saya")
@signed_in()
def account() -> str:
    """Who one is here, the second factor, and where one is signed in."""
    info = _session()
    return render_template(
        "sign_in/account.html",
        me=actor(),
        has_second_factor=core().second_factors.is_set_up(info),
        sessions=core().official_sessions.live(info),
        here=info,
        device=device_text,
    )


@subject.post("/pejabat-saya/sesi/<session_id>/akhiri")
@signed_in()
def end_session(session_id: str) -> Response:
    """End one of one's own sessions."""
    if session_id == _session().id:
        return leave()
    core().official_sessions.end(_session(), session_id)
    flash(gettext("Sesi itu diakhiri."), "ok")
    return redirect(url_for("sign_in.account"))


@subject.post("/pejabat-saya/sesi/akhiri-lainnya")
@signed_in()
def end_other_sessions() -> Response:
    """End every own session but this one."""
    core().official_sessions.end_others(_session())
    flash(gettext("Semua sesi lain diakhiri."), "ok")
    return redirect(url_for("sign_in.account"))


@subject.post("/keluar")
def leave() -> Response:
    """Sign out. Somebody whose session is over already is simply shown the way in."""
    person = somebody_here()
    if person is not None:
        core().official_sessions.sign_out(person.session.info)
    elif token_here():
        flash(gettext("Sesi Anda sudah berakhir."), "now")
    response = redirect(url_for("sign_in.form"))
    forget(response, Area.OFFICE)
    return response


@subject.get("/plt-plh")
@signed_in()
def mandates() -> str:
    """Who stands in for whom."""
    return _mandates(Form.empty(starts_on=core().context.today().isoformat()))


@subject.post("/plt-plh")
@signed_in("secretary", "it")
def add_mandate() -> Answer:
    """Let somebody act for a post."""
    sent = Form.sent()
    try:
        core().mandates.add(
            sent.value("username"),
            sent.value("post"),
            sent.value("kind"),
            (sent.value("order_number"), _day(sent, "order_date")),
            (_day(sent, "starts_on"), _day(sent, "ends_on")),
            actor(),
        )
    except InvalidInput as error:
        return _mandates(sent.refuse(error)), 422
    except NotFound:
        return _mandates(sent.refuse(InvalidInput(fields={"username": ["unknown"]}))), 422
    flash(gettext("Penugasan dicatat. Berlaku pada tanggal yang ditulis."), "ok")
    return redirect(url_for("sign_in.mandates"))


@subject.post("/plt-plh/<mandate_id>/akhiri")
@signed_in("secretary", "it")
def end_mandate(mandate_id: str) -> Response:
    """End a mandate before its day."""
    core().mandates.end(mandate_id, actor())
    flash(gettext("Penugasan diakhiri."), "ok")
    return redirect(url_for("sign_in.mandates"))


# -- the pieces --------------------------------------------------------------------------------------------------------


def _session() -> SessionInfo:
    person = somebody_here()
    assert person is not None  # noqa: S101  Only behind signed_in.
    return person.session.info


def _home() -> str:
    return safe_return(request.args.get("lanjut", ""), url_for("inbox.index"))


def _go_on(signed: SignedIn) -> Response:
    """With the new token to what is still missing, else to where the person wanted to go."""
    there = request.args.get("lanjut")
    missing = STAGES.get((Area.OFFICE, signed.stage))
    response = redirect(url_for(missing, lanjut=there) if missing else _home())
    return _remembered(response, signed)


def _remembered(response: Response, signed: SignedIn) -> Response:
    remember(response, Area.OFFICE, signed.token)
    return response


def _new_secret(save: str, *, forced: bool) -> str:
    secret_page()
    text, address = core().second_factors.begin(_session())
    return render_template(
        "sign_in/enrol.html",
        form=Form.empty(),
        secret=text,
        drawing=qr_svg(address),
        forced=forced,
        save=save,
        begin=request.endpoint,
    )


def _confirm(save: str, begin: str, *, forced: bool) -> Answer:
    sent = Form.sent()
    try:
        signed = core().second_factors.confirm(_session(), sent.value("code"))
    except AuthenticationFailed:
        sent.refuse(InvalidInput(fields={"code": ["wrong-second-factor"]}))
        page = render_template("sign_in/enrol.html", form=sent, secret="", forced=forced, save=save, begin=begin)
        return page, 422
    flash(gettext("Verifikasi dua langkah terpasang."), "ok")
    return _go_on(signed) if forced else _remembered(redirect(url_for("sign_in.account")), signed)


def _password_form(sent: Form, *, forced: bool, broken: Sequence[str] | None = None) -> str:
    rules = rules_shown(core().passwords.rules(), broken)
    return render_template("sign_in/password.html", form=sent, rules=rules, forced=forced)


def _change(*, forced: bool) -> Answer:
    sent = Form.sent()
    if sent.value("new") != sent.value("again"):
        sent.refuse(InvalidInput(fields={"again": ["not-the-same"]}))
        return _password_form(sent, forced=forced), 422
    try:
        signed = core().sign_in.change_password(_session(), sent.value("old"), sent.value("new"))
    except InvalidInput as error:
        return _password_form(sent.refuse(error), forced=forced, broken=error.fields.get("new")), 422
    except AuthenticationFailed:
        sent.refuse(InvalidInput(fields={"old": ["old-password-wrong"]}))
        return _password_form(sent, forced=forced), 422
    flash(gettext("Kata sandi Anda sudah diganti. Sesi lain diakhiri."), "ok")
    return _go_on(signed) if forced else _remembered(redirect(url_for("sign_in.account")), signed)


def _mandates(sent: Form) -> str:
    people = core().official_views.everybody()
    lines = [(person, each) for person in people for each in person.mandates]
    posts = [(post.value, post_text(post.value)) for post in office().posts]
    return render_template(
        "sign_in/mandates.html",
        form=sent,
        lines=lines,
        today=core().context.today(),
        people=[(each.username, each.name) for each in people if each.suspended_at is None],
        posts=posts,
        may_change=actor().holds("secretary", "it"),
    )


def _day(sent: Form, name: str) -> date:
    """:raises InvalidInput: not a day."""
    text = sent.value(name)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(fields={name: ["date-malformed" if text else "missing"]}) from None
