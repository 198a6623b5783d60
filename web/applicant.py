"""The applicant at this browser: known by the collection code that began the session, never by a name."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from flask import Response as FlaskResponse
from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.documents.qr import qr_svg
from provisioner.procedure import Act
from web.area import Area
from web.catalog import current_language, gettext
from web.current import core, office, procedure, settings
from web.identity import applicant_here, remember
from web.security import secret_page
from web.sop_line import actor_label

P = ParamSpec("P")
R = TypeVar("R")


def own_request(view: Callable[Concatenate[str, P], R]) -> Callable[P, R | Response]:
    """Hand the view the id of the request this browser is the applicant of; ask others for their code first."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        here = applicant_here()
        if here is not None:
            return view(here.subject_id, *args, **kwargs)
        return FlaskResponse(status=401) if "X-Live" in request.headers else redirect(url_for("apply.resume_form"))

    return guarded


def desk_names() -> dict[str, dict[str, str]]:
    """For templates: what the office calls the desks a request goes over."""
    language = current_language()
    disposing = [actor_label(step, office(), language) for step in procedure().steps_of(Act.DISPOSE)]
    (review,) = (actor_label(step, office(), language) for step in procedure().steps_of(Act.REVIEW))
    return {"desks": {"first": disposing[0], "disposing": gettext(" dan ").join(disposing), "review": review}}


def not_stored(response: FlaskResponse) -> FlaskResponse:
    """For subjects whose pages show personal data: browsers keep no copy."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def ticket_page(why: str, ticket: str, tracking_code: str, *, token: str = "", check_code: str = "") -> Response:
    """The one page that ever shows a ticket. ``why``: ``begun``, ``added`` or ``exchanged``; ``token`` signs in.

    The drawing holds the ticket behind the ``#`` of an address: browsers do not send that part to anybody.
    """
    secret_page()
    address = settings().web.address
    page = render_template(
        "apply/ticket.html",
        why=why,
        ticket=ticket,
        tracking_code=tracking_code,
        check_code=check_code,
        drawing=qr_svg(f"{address}/ambil-akun#{ticket}"),
        address=address,
    )
    response: Response = make_response(page)
    return remember(response, Area.PUBLIC, token) if token else response


def recognised(request_id: str, token: str, response: Response) -> Response:
    """The ticket of ``request_id`` was typed here: from now on this browser is its applicant's.

    A browser that is so already keeps its session, because what it opened is shown again to that session only.
    """
    here, new = applicant_here(), core().applicant_session(token)
    if here is not None and here.subject_id == request_id and new is not None:
        core().sessions.leave(new.id)
        return response
    return remember(response, Area.PUBLIC, token)
