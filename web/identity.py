"""Who is asking. Sessions are rows in the core; a cookie holds an opaque token and nothing else.

Officials, operators and applicants have a cookie each, so that one browser may hold several: an official who is an
operator too, or a newcomer who tries every role.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import Flask, Response, abort, current_app, flash, g, make_response, redirect, request, url_for
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response as BaseResponse

from provisioner.provisioning.official_sign_in import OfficialSession
from provisioner.provisioning.operators import OperatorSession
from provisioner.provisioning.sessions import SessionInfo
from web.area import Area, current_area
from web.catalog import gettext
from web.current import core
from web.labels import kept_post

P = ParamSpec("P")
R = TypeVar("R")

COOKIES = {Area.OFFICE: "pejabat", Area.IT: "pejabat", Area.OPERATOR: "operator", Area.PUBLIC: "pemohon"}
SIGN_IN = {Area.OFFICE: "sign_in.form", Area.IT: "sign_in.form", Area.OPERATOR: "my_account.sign_in"}
STAGES = {
    (Area.OFFICE, "totp"): "sign_in.second_factor",
    (Area.OFFICE, "enrol-totp"): "sign_in.enrol",
    (Area.OFFICE, "change"): "sign_in.change_password",
    (Area.OPERATOR, "change"): "my_account.change_password",
    (Area.OPERATOR, "pact"): "renewal.show",
}
"""Where a session that is not full yet must go first."""


@dataclass(frozen=True)
class SignedIn:
    """The person of this request, as Flask-Login wants it."""

    session: OfficialSession | OperatorSession
    """The core's session: ``actor``, ``stage`` and ``info``."""
    token: str = field(repr=False)

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.token

    @property
    def actor(self) -> Any:
        """What the core's use cases take as the acting person: an ``Actor`` for officials."""
        return self.session.actor

    @property
    def name(self) -> str:
        return str(self.actor.name)

    @property
    def posts(self) -> frozenset[str]:
        return frozenset(getattr(self.actor, "posts", ()))

    @property
    def post_text(self) -> str:
        return ", ".join(kept_post(capacity.label) for capacity in getattr(self.actor, "capacities", ()))

    @property
    def stage(self) -> str:
        return self.session.stage


def setup_identity(app: Flask) -> None:
    """Let Flask-Login find the person by the cookie of the area that is asked for."""
    manager = LoginManager()
    manager.session_protection = None  # The core's sessions look after themselves.
    manager.request_loader(_from_cookie)
    manager.init_app(app, add_context_processor=True)


def person_here() -> SignedIn | None:
    """Who is signed in to this area with a full session; None for nobody."""
    person = somebody_here()
    return person if person is not None and person.stage == "full" else None


def somebody_here() -> SignedIn | None:
    """Who is signed in to this area, even if a step of signing in is still missing."""
    return cast(SignedIn, current_user._get_current_object()) if current_user.is_authenticated else None


def actor() -> Any:
    """The core's actor of this request. Only for views behind :func:`signed_in`."""
    person = person_here()
    if person is None:
        abort(403)
    return person.actor


def signed_in(
    *posts: str, stage: str | tuple[str, ...] = "full"
) -> Callable[[Callable[P, R]], Callable[P, R | BaseResponse]]:
    """Let only a signed-in person in; with ``posts``, only their holders. Others are shown the way.

    The core refuses what a person may not do in any case; this saves them from a page they cannot use.
    """

    def around(view: Callable[P, R]) -> Callable[P, R | BaseResponse]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | BaseResponse:
            person = somebody_here()
            if person is None:
                return _to_sign_in()
            if person.stage not in ((stage,) if isinstance(stage, str) else stage):
                return _to_stage(person)
            if posts and not person.posts & set(posts):
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return around


def remember(response: BaseResponse, area: Area, token: str) -> BaseResponse:
    """Give the browser its session. The cookie ends with the browser; the core ends the session earlier."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(cookie_name(area), token, secure=secure, httponly=True, samesite="Lax", path="/")
    return response


def forget(response: BaseResponse, area: Area) -> BaseResponse:
    """Take the browser's session back."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.delete_cookie(cookie_name(area), secure=secure, httponly=True, samesite="Lax", path="/")
    return response


def cookie_name(area: Area) -> str:
    """With HTTPS the name itself makes browsers refuse a cookie set by another host or without HTTPS."""
    return f"__Host-{COOKIES[area]}" if current_app.config["SESSION_COOKIE_SECURE"] else COOKIES[area]


def token_here(area: Area | None = None) -> str:
    """The token the browser sent for ``area`` (this one unless given); empty if none."""
    where = area or current_area()
    return request.cookies.get(cookie_name(where), "") if where in COOKIES else ""


def _from_cookie(_request: object) -> SignedIn | None:
    """Found once a request: the core counts the session as seen."""
    area = current_area()
    token = token_here(area)
    if not token or area not in SIGN_IN:
        return None
    if "signed_in" not in g:
        g.signed_in = _find(area, token)
    found: SignedIn | None = g.signed_in
    return found


def _find(area: Area, token: str) -> SignedIn | None:
    found: OperatorSession | OfficialSession | None
    used = "X-Live" not in request.headers  # What a page asks by itself is no sign of a person.
    if area is Area.OPERATOR:
        found = core().operators.session(token, used=used)
    else:
        found = core().sign_in.session(token, address=request.remote_addr or "", used=used)
    return SignedIn(found, token) if found is not None else None


def applicant_here() -> SessionInfo | None:
    """The session of the applicant whose browser began a draft or typed a collection code; None for nobody."""
    token = token_here(Area.PUBLIC)
    return core().applicant_session(token)


def caller() -> dict[str, str]:
    """Where a request comes from, as the core's use cases take it: ``sign_in(name, password, **caller())``."""
    return {"address": request.remote_addr or "", "agent": request.user_agent.string[:200]}


def _to_sign_in() -> BaseResponse:
    """To the sign-in page, and back here afterwards when the page can be asked for again."""
    if "X-Live" in request.headers:
        return Response(status=401)
    there = request.full_path.rstrip("?") if request.method == "GET" else None
    if there is None:
        flash(gettext("Sesi Anda sudah berakhir. Yang baru saja Anda kirim belum diterima."), "late")
    return redirect(url_for(SIGN_IN[current_area()], lanjut=there))


def _to_stage(person: SignedIn) -> BaseResponse:
    area = Area.OFFICE if current_area() is Area.IT else current_area()
    if person.stage == "full":
        return redirect(url_for("inbox.index" if area is Area.OFFICE else "my_account.home"))
    endpoint = STAGES.get((area, person.stage))
    return redirect(url_for(endpoint)) if endpoint else make_response(redirect("/"))


def safe_return(address: str, otherwise: str) -> str:
    """``address`` if it is a page of ours (a path, nothing that a browser would read as another host)."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and "\\" not in address
    return address if ours and all(sign > " " for sign in address) else otherwise
