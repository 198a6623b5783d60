"""The areas of the site: who they are for. Settings say from which networks each may be reached."""

from enum import StrEnum

from flask import Blueprint, current_app, has_request_context, request


class Area(StrEnum):
    """A part of the site with its own people, its own session and its own head of page."""

    PUBLIC = "public"
    """Applicants and whoever verifies a document."""
    OPERATOR = "operators"
    """Operators: their own account."""
    OFFICE = "officials"
    """Officials at their desks."""
    IT = "it"
    """The office's IT: accounts, officials, settings. Signed in as officials are."""


class Subject(Blueprint):
    """A blueprint that knows its area. One subject, one file under ``web/pages``, one folder of templates."""

    def __init__(self, name: str, import_name: str, area: Area, url_prefix: str | None = None) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.area = area


def current_area() -> Area:
    """The area of the page that is asked for; public for pages nobody owns (not found, static)."""
    if has_request_context() and request.blueprint is not None:
        subject = current_app.blueprints.get(request.blueprint)
        if isinstance(subject, Subject):
            return subject.area
    return Area.PUBLIC
