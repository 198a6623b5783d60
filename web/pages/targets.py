"""Sistem tujuan: whether each system answers, what waits for it, what its check found, and its password rules."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from provisioner.provisioning.system_views import READERS, SystemView
from provisioner.provisioning.systems import CHECKERS, PAUSERS, RETRIERS
from web.account_words import REASONS
from web.area import Area, Subject
from web.catalog import gettext, ngettext
from web.current import core
from web.forms import Form
from web.identity import actor, signed_in
from web.system_words import MEANINGS, STATES, broken_text, check_lines, issued_verdict, rule_texts

subject = Subject("targets", __name__, Area.IT, "/sistem")

_PATIENCE = 5.0
"""Seconds for which the page waits for a check; it goes on by itself."""


@subject.get("")
@signed_in(*READERS)
def index() -> str:
    """Every system. None is asked."""
    systems = [_shown(view) for view in core().systems.all(actor())]
    return render_template(
        "targets/index.html",
        systems=systems,
        may_check=actor().holds(*CHECKERS),
        may_retry=actor().holds(*RETRIERS),
        may_pause=actor().holds(*PAUSERS),
    )


@subject.post("/<target>/periksa")
@signed_in(*CHECKERS)
def check(target: str) -> Response:
    """Ask one system everything now."""
    if core().systems.check(actor(), target, min(_PATIENCE, core().settings.runner.call_timeout_seconds)):
        return _back(target, gettext("Sistem itu sudah diperiksa. Tidak ada yang diubah."))
    return _back(target, gettext("Pemeriksaan masih berjalan. Muat ulang halaman ini sebentar lagi."))


@subject.post("/<target>/coba-lagi")
@signed_in(*RETRIERS)
def retry(target: str) -> Response:
    """End its rest."""
    count = core().systems.retry(actor(), target)
    said = ngettext("Dicoba lagi sekarang, untuk %(num)s akun.", "Dicoba lagi sekarang, untuk %(num)s akun.", count)
    return _back(target, said)


@subject.post("/<target>/hentikan")
@signed_in(*PAUSERS)
def pause(target: str) -> Response:
    """Send nothing there for a while."""
    core().systems.pause(actor(), target, Form.sent().value("reason"))
    return _back(target, gettext("Pengiriman ke sistem itu dihentikan sementara."))


@subject.post("/<target>/lanjutkan")
@signed_in(*PAUSERS)
def resume(target: str) -> Response:
    """Send again."""
    core().systems.resume(actor(), target)
    return _back(target, gettext("Pengiriman ke sistem itu dilanjutkan."))


# -- the pieces --------------------------------------------------------------------------------------------------------


def _shown(view: SystemView) -> dict[str, object]:
    return {
        "view": view,
        "state": STATES[view.state],
        "meaning": MEANINGS.get(view.state, ""),
        "troubles": [(str(REASONS.get(error, REASONS["ProtocolError"])), count) for error, count in view.troubles],
        "findings": check_lines(view.check.findings),
        "rules": [(rules.source, rule_texts(rules)) for rules in view.rules],
        "issued": issued_verdict(view),
        "broken": [broken_text(each) for each in view.issued_broken],
    }


def _back(target: str, said: str) -> Response:
    flash(said, "ok")
    return redirect(url_for("targets.index", _anchor=target))
