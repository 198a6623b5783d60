"""The first page: what one can do here."""

from flask import render_template

from web.area import Area, Subject
from web.catalog import current_language
from web.current import office, procedure
from web.sop_line import blank_line

subject = Subject("home", __name__, Area.PUBLIC)


@subject.get("/")
def index() -> str:
    """Where an applicant begins."""
    steps = blank_line(procedure(), office(), current_language())
    return render_template("home/index.html", procedure=procedure(), steps=steps)
