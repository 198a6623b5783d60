"""The papers of the SOP as PDF: shown in the browser, where they are printed, or kept as a file."""

from werkzeug.wrappers import Response

from provisioner.provisioning import access
from web.area import Area, Subject
from web.current import core
from web.identity import actor, signed_in
from web.paper_lines import kind_of, pdf_answer

subject = Subject("papers", __name__, Area.OFFICE, "/dokumen")


@subject.get("/<kind>/<about>")
@signed_in(*access.REQUESTS)
def show(kind: str, about: str) -> Response:
    """The paper as things stand now. ``about``: the letter, request or account. Reading it is in the trail."""
    return pdf_answer(*core().papers.show(actor(), kind_of(kind), about))
