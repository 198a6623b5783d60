"""The short address in the QR code of a paper: what the office says about it now."""

from flask import render_template

from web.area import Area, Subject
from web.current import core
from web.forms import Form
from web.identity import caller
from web.paper_verdicts import KINDS, LABELS, on_paper_only, paper_name
from web.security import unlisted_page
from web.states import ACCOUNT, REQUEST, state_of

subject = Subject("paper_check", __name__, Area.PUBLIC, "/v")


@subject.get("/<code>")
def by_code(code: str) -> str | tuple[str, int]:
    """No more than the paper itself shows. An unknown code learns nothing but that it is unknown."""
    unlisted_page()
    says = core().verification.by_code(code, address=caller()["address"])
    if says is None:
        return render_template("verify/no_paper.html"), 404
    return render_template(
        "verify/paper.html",
        says=says,
        name=paper_name(says),
        kinds=KINDS,
        labels=LABELS,
        on_paper_only=on_paper_only(says),
        request_state=state_of(REQUEST, says.request_state),
        account=state_of(ACCOUNT, says.account_state),
        form=Form.empty(kode=says.code),
    )
