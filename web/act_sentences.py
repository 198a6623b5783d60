"""The acts on a letter and a request as sentences, for the history on their pages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from flask_babel import LazyString
from markupsafe import Markup

from provisioner.procedure import Act
from provisioner.provisioning.desk_views import ActLine
from web.catalog import gettext, later
from web.current import procedure
from web.labels import kept_post, post_text, requested_action_text

SENTENCES: dict[str, LazyString] = {
    "submit": later("%(who)s mengajukan surat."),
    "forward": later("%(who)s meneruskan surat kepada %(to)s."),
    "assign": later("%(who)s mendisposisi surat kepada %(to)s."),
    "return": later("%(who)s mengembalikan untuk perbaikan."),
    "resubmit": later("%(who)s mengajukan ulang."),
    "restart": later("%(who)s mengajukan ulang dengan perubahan; dimulai lagi dari %(to)s."),
    "reject": later("%(who)s menolak."),
    "withdraw": later("%(who)s menarik permohonan."),
    "revoke": later("%(who)s mencabut akun sebelum diterima pemohon."),
    "fill": later("%(who)s melengkapi Form Isian Bio Data Operator."),
    "approve": later("%(who)s menyetujui dan membuat pakta integritas."),
    "sign-as-applicant": later("%(who)s menandatangani pakta."),
    "bring-scan": later("%(who)s mengunggah pindaian pakta yang ditandatangani di atas kertas."),
    "sign": later("%(who)s menandatangani pakta."),
    "create": later("%(who)s memerintahkan pembuatan akun."),
    "created": later("Akun selesai dibuat di semua sistem."),
    "receive": later("%(who)s membuka amplop dan menerima akun."),
}
"""A sentence for each kind of act."""

KINDS = {
    "return": "late",
    "reject": "bad",
    "revoke": "bad",
    "withdraw": "late",
    "created": "ok",
    "receive": "ok",
    "sign": "ok",
}


@dataclass(frozen=True)
class Past:
    """One line of a history, as the macro ``trail`` takes it."""

    what: Markup
    when: object
    quote: str
    kind: str


def history(acts: Iterable[ActLine]) -> list[Past]:
    """Every act, oldest first."""
    moment: Callable[[datetime], object] = current_app.extensions["formats"].moment
    return [Past(_what(act), moment(act.at), act.note, "" if act.undone else KINDS.get(act.kind, "")) for act in acts]


def sentence_of(act: ActLine) -> Markup:
    """What somebody did, in one sentence; the actor stands out."""
    text = SENTENCES.get(act.kind)
    who = Markup("<b>{}</b>").format(kept_post(act.actor) if act.actor else gettext("Pemohon"))
    if text is None:
        return Markup("{}: {}").format(who, act.kind)
    return Markup(str(text)) % {"who": who, "to": _next_desk(act)}  # noqa: S704  Our own sentence; its places are escaped.


def _what(act: ActLine) -> Markup:
    line = sentence_of(act)
    if act.requested_action:
        wanted = gettext("Dengan hormat harap: %(action)s.", action=requested_action_text(act.requested_action))
        line = Markup("{} {}").format(line, wanted)
    if act.acting_for:
        line = Markup('{} <span class="dim">{}</span>').format(
            line, gettext("Bertindak sebagai %(capacity)s.", capacity=kept_post(act.acting_for))
        )
    if act.earlier:
        line = Markup('{} <span class="dim">{}</span>').format(line, gettext("Putaran sebelumnya."))
    if act.undone:
        line = Markup("<s>{}</s> {}").format(line, gettext("Dibatalkan sebelum dibuka meja berikutnya."))
    return line


def _next_desk(act: ActLine) -> str:
    steps = procedure()
    if act.kind == "restart":
        return post_text(steps.steps_of(Act.DISPOSE)[0].actor)
    following = [step for step in steps.steps if step.number == act.step + 1]
    return post_text(following[0].actor) if following else ""
