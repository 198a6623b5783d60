"""Kesesuaian: whether every system holds what the office has decided, and repair."""

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput
from provisioner.provisioning.reconciliation_views import READERS, TargetSummary
from provisioner.provisioning.reconciliations import ORDERERS
from provisioner.reconciliation.finding import Kind
from provisioner.user_list import ListRefused
from web.account_words import REASONS
from web.area import Area, Subject
from web.catalog import gettext, ngettext
from web.current import core
from web.errors import field_text
from web.forms import Form
from web.identity import actor, signed_in
from web.labels import words
from web.list_words import and_more, problem_lines
from web.pact_words import FAULTS
from web.paging import Page, asked_page
from web.reconciliation_words import KINDS, MEANINGS, RUN, WHY_FULL, finding_line, kind_tabs, verdict
from web.security import takes_files

subject = Subject("reconciliation", __name__, Area.IT, "/kesesuaian")
subject.context_processor(words)

PAGE = 25
PACE = 2
"""Seconds between two looks at a run that is under way."""


@subject.get("")
@signed_in(*READERS)
def index() -> str:
    """Every system with its last run."""
    systems = core().reconciliations.systems(actor())
    return render_template(
        "reconciliation/index.html",
        systems=[(each, verdict(each)) for each in systems],
        pacts=core().pact_checks.summary(actor()),
        faults=[(each, str(FAULTS[each.reason])) for each in core().pact_checks.findings(actor())],
        may_order=actor().holds(*ORDERERS),
    )


@subject.post("/pakta/periksa")
@signed_in(*ORDERERS)
def check_pacts() -> Response:
    """Compare every account with its pact now."""
    core().pact_checks.ask(actor())
    flash(gettext("Pemeriksaan pakta dimulai. Tidak ada yang diubah."), "ok")
    return redirect(url_for("reconciliation.index", _anchor="pakta"))


@subject.get("/<target>")
@signed_in(*READERS)
def show(target: str) -> str:
    """One system: the run that is under way, and what the last finished one found."""
    return _page(target)


@subject.get("/<target>/jalannya")
@signed_in(*READERS)
def progress(target: str) -> FlaskResponse:
    """How far the run is, for a page that renews itself."""
    system = core().reconciliations.system(actor(), target)
    response = make_response(render_template("reconciliation/status.html", **_status(system)))
    if system.newest is None or not system.newest.live:
        response.headers["X-Live"] = "done"
        response.headers["X-Live-Next"] = url_for("reconciliation.show", target=target)
    return response


@subject.post("/<target>/periksa")
@signed_in(*ORDERERS)
def run(target: str) -> Response:
    """Read that system now, or what changed there."""
    core().reconciliations.ask(actor(), target, only_changes=Form.sent().value("only") == "changes")
    return _back(target, gettext("Pemeriksaan dimulai. Sistem itu hanya dibaca."))


@subject.post("/<target>/daftar")
@takes_files
@signed_in(*ORDERERS)
def compare(target: str) -> Response | tuple[str, int]:
    """Compare the list of users that was brought from that system."""
    form, upload = Form.sent(), request.files.get("file")
    sent = upload.read() if upload is not None and upload.filename else b""
    try:
        core().reconciliations.compare(
            actor(), target, sent or form.value("list"), only_enabled=bool(form.value("only_enabled"))
        )
    except ListRefused as refused:
        return _page(target, form, refused), 422
    except InvalidInput as error:
        form.errors["file" if sent else "list"] = [field_text(error.code, error.data)]
        return _page(target, form), 422
    return _back(target, gettext("Daftar itu sudah dibandingkan dengan ketetapan."))


@subject.post("/<target>/perbaiki")
@signed_in(*ORDERERS)
def repair(target: str) -> Response:
    """Repair one finding."""
    core().reconciliations.repair(actor(), Form.sent().value("finding"))
    return _back(target, gettext("Perbaikan dikerjakan sekarang juga."))


@subject.post("/<target>/perbaiki-semua")
@signed_in(*ORDERERS)
def repair_all(target: str) -> Response:
    """Repair everything of a kind."""
    form = Form.sent()
    kind = Kind.MISSING if form.value("kind") == "missing" else Kind.DRIFT
    count = core().reconciliations.repair_all(actor(), form.value("run"), kind)
    return _back(target, ngettext("%(num)s akun sedang diperbaiki.", "%(num)s akun sedang diperbaiki.", count))


@subject.post("/<target>/tutup")
@signed_in(*ORDERERS)
def close(target: str) -> Response:
    """Close one orphan."""
    core().reconciliations.close(actor(), Form.sent().value("finding"))
    return _back(target, gettext("Akun itu sedang dinonaktifkan di sana; tidak dihapus."))


@subject.post("/<target>/tutup-semua")
@signed_in(*ORDERERS)
def close_all(target: str) -> Response:
    """Close every orphan of the list."""
    count = core().reconciliations.close_all(actor(), Form.sent().value("run"))
    said = ngettext("%(num)s akun sedang dinonaktifkan.", "%(num)s akun sedang dinonaktifkan.", count)
    return _back(target, said)


# -- the pieces --------------------------------------------------------------------------------------------------------


def _page(target: str, list_form: Form | None = None, refused: ListRefused | None = None) -> str:
    system = core().reconciliations.system(actor(), target)
    return render_template(
        "reconciliation/show.html",
        may_order=actor().holds(*ORDERERS),
        pace=PACE,
        list_form=list_form or Form.empty(),
        problems=problem_lines(refused) if refused else [],
        more=and_more(refused) if refused else 0,
        **_status(system),
        **_lists(system),
    )


def _status(system: TargetSummary) -> dict[str, object]:
    newest = system.newest
    return {
        "system": system,
        "verdict": verdict(system),
        "newest": newest,
        "why_full": str(WHY_FULL[newest.why_full]) if newest is not None and newest.why_full in WHY_FULL else "",
        "newest_state": RUN[newest.state] if newest is not None else None,
        "why_failed": str(REASONS.get(newest.error, REASONS["ProtocolError"])) if newest and newest.error else "",
    }


def _lists(system: TargetSummary) -> dict[str, object]:
    finished = system.finished
    if finished is None:
        return {"finished": None}
    gone = core().reconciliations.gone(actor(), finished.id)
    tabs = kind_tabs(finished, gone)
    first = next((kind for kind, _, count in tabs if count), "drift")
    kind = request.args.get("jenis", "")
    kind = kind if kind in KINDS else first
    text = request.args.get("cari", "").strip()[:100]
    found = core().reconciliations.findings(actor(), finished.id, kind, text, asked_page(), PAGE)
    lines = [finding_line(each) for each in found.rows]
    return {
        "finished": finished,
        "kind": kind,
        "kind_words": KINDS[kind],
        "meaning": MEANINGS[kind],
        "form": Form.empty(cari=text),
        "tabs": [
            (words, url_for("reconciliation.show", target=system.target, jenis=name), name == kind, count)
            for name, words, count in tabs
        ],
        "page": Page(lines, found.page, found.per_page, found.total),
        "counted": {name: count for name, _, count in tabs}[kind],
        "can_repair": any(line.finding.repairable for line in lines) and kind in ("drift", "missing"),
        "can_close": any(line.finding.closable for line in lines) and kind == "orphan",
    }


def _back(target: str, said: str) -> Response:
    flash(said, "ok")
    kind = Form.sent().value("kind")
    return redirect(url_for("reconciliation.show", target=target, jenis=kind or None))
