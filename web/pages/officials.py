"""Pejabat: IT looks after officials' own accounts, and after what was decided with one that was misused."""

from datetime import date, datetime, time, timedelta

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import Conflict, InvalidInput, NotFound
from provisioner.provisioning.official_views import OfficialSummary
from provisioner.provisioning.officials import OfficialProfile
from web.area import Area, Subject
from web.audit_words import say
from web.catalog import gettext
from web.current import core, office, settings
from web.errors import sentence
from web.forms import Form
from web.identity import actor, signed_in
from web.labels import post_text, words
from web.security import secret_page

subject = Subject("officials", __name__, Area.IT, "/pejabat")
subject.context_processor(words)

Answer = str | Response | tuple[str, int]
RECENT = timedelta(days=7)
"""How far back decisions are listed unless somebody says otherwise."""


@subject.get("")
@signed_in("it")
def index() -> str:
    """Everybody, by name."""
    return render_template(
        "officials/index.html", people=core().official_views.everybody(), today=core().context.today()
    )


@subject.get("/tambah")
@signed_in("it")
def new() -> str:
    """Who is it, and which posts."""
    return _form(Form.empty())


@subject.post("/tambah")
@signed_in("it")
def add() -> Answer:
    """Nobody has a password for it yet: that comes with the envelope."""
    form = Form.sent()
    try:
        profile = _profile(form)
        core().officials.add(profile, by=actor())
    except InvalidInput as error:
        return _form(form.refuse(error)), 422
    except Conflict as error:
        form.errors["username"] = [sentence(error)]
        return _form(form), 422
    return _done(profile.username, gettext("Pejabat sudah ditambahkan. Buat amplop kata sandi pertamanya."))


@subject.get("/<username>")
@signed_in("it")
def show(username: str) -> str:
    """One official."""
    return render_template(
        "officials/show.html",
        person=_person(username),
        itself=actor().username == username,
        today=core().context.today(),
        since=core().context.today() - RECENT,
        now=core().context.clock(),
        **_terms(username, Form.empty()),
    )


@subject.post("/<username>/hari-terakhir")
@signed_in("it")
def extend(username: str) -> Answer:
    """Another last day."""
    form = Form.sent()
    try:
        core().official_terms.extend(username, _day(form.value("expires_on")), form.value("reason"), actor())
    except InvalidInput as error:
        page = render_template(
            "officials/show.html",
            person=_person(username),
            itself=actor().username == username,
            today=core().context.today(),
            since=core().context.today() - RECENT,
            now=core().context.clock(),
            **_terms(username, form.refuse(error)),
        )
        return page, 422
    return _done(username, gettext("Hari terakhirnya diubah."))


@subject.post("/<username>/reset")
@signed_in("it")
def reset(username: str) -> Response:
    """What was known before lets nobody in, the second factor goes, every session ends."""
    core().officials.reset(username, by=actor())
    return _done(username, gettext("Cara masuknya direset. Buat amplop kata sandi pertamanya."))


@subject.post("/<username>/amplop")
@signed_in("it")
def envelope(username: str) -> FlaskResponse:
    """A new first password as a letter to print and seal: in this answer, and never again."""
    response = FlaskResponse(core().first_passwords.envelope(username, by=actor()), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename="amplop-kata-sandi.pdf")
    secret_page()
    return response


@subject.post("/<username>/bekukan")
@signed_in("it")
def suspend(username: str) -> Response:
    """Nobody signs in with it any more, and every session of it ends."""
    core().officials.suspend(username, Form.sent().value("reason"), by=actor())
    return _done(username, gettext("Dibekukan. Semua sesinya sudah berakhir."))


@subject.post("/<username>/aktifkan")
@signed_in("it")
def reactivate(username: str) -> Response:
    """Let them sign in again."""
    core().officials.reactivate(username, by=actor())
    return _done(username, gettext("Diaktifkan kembali."))


@subject.post("/<username>/sesi/akhiri")
@signed_in("it")
def end_sessions(username: str) -> Response:
    """End every session."""
    count = core().officials.end_sessions(username, actor())
    return _done(username, gettext("%(count)s sesi diakhiri.", count=count))


@subject.get("/<username>/keputusan")
@signed_in("it", "auditor")
def decisions(username: str) -> str:
    """What they decided since a day. Looking is an event of the audit trail too."""
    since = _since()
    lines = core().official_views.decisions(actor(), username, datetime.combine(since, time.min, office().zone))
    return render_template(
        "officials/decisions.html",
        person=_person(username),
        since=since,
        lines=[(line, say("act", line.kind)) for line in lines],
        may_manage=actor().holds("it"),
    )


# -- the pieces --------------------------------------------------------------------------------------------------------


def _person(username: str) -> OfficialSummary:
    """:raises NotFound: no such official."""
    for each in core().official_views.everybody():
        if each.username.lower() == username.lower():
            return each
    raise NotFound("official-unknown")


def _terms(username: str, form: Form) -> dict[str, object]:
    person = _person(username)
    today, last = core().context.today(), person.expires_on
    near = last is not None and today <= last <= today + timedelta(days=settings().inspection.reminder_days)
    if not form.values and last is not None:
        form = Form.empty(expires_on=last.isoformat())
    auditor = "auditor" in person.posts
    return {
        "term": form,
        "near": near,
        "endless": auditor and last is None,
        "auditor_days": settings().inspection.auditor_days if auditor else None,
    }


def _done(username: str, said: str) -> Response:
    flash(said, "ok")
    return redirect(url_for("officials.show", username=username))


def _form(form: Form) -> str:
    posts = [(post.value, post_text(post.value)) for post in office().posts]
    return render_template(
        "officials/new.html", form=form, posts=posts, auditor_days=settings().inspection.auditor_days
    )


def _profile(form: Form) -> OfficialProfile:
    """:raises InvalidInput: the last day is not a day."""
    return OfficialProfile(
        username=form.value("username"),
        full_name=form.value("full_name"),
        posts=tuple(form.all("posts")),
        title_prefix=form.value("title_prefix"),
        title_suffix=form.value("title_suffix"),
        staff_number=form.value("staff_number").replace(" ", ""),
        nik=form.value("nik").replace(" ", ""),
        rank=form.value("rank"),
        position=form.value("position"),
        expires_on=_day(form.value("expires_on")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(fields={"expires_on": ["date-malformed"]}) from None


def _since() -> date:
    try:
        return date.fromisoformat(request.args.get("sejak", ""))
    except ValueError:
        return core().context.today() - RECENT
