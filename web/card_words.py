"""Cards of systems that only people operate, in the office's words."""

from collections.abc import Sequence
from urllib.parse import quote

from flask import current_app
from flask_babel import LazyString

from provisioner.provisioning.card_views import Card, Duty
from web.account_words import TASK
from web.catalog import current_language, gettext, later
from web.current import core, office, settings
from web.states import State

CAUSE: dict[str, LazyString] = {
    "suspended": later("Akun ini dibekukan. Siapa pun yang memegangnya tidak boleh dapat masuk."),
    "revoked": later("Akun ini dicabut untuk seterusnya. Nonaktifkan; dihapus sesudah masa karantina."),
    "expired": later("Masa berlaku akun ini sudah habis."),
    "locked": later("Amplopnya tidak dibuka sampai batas waktu; kata sandi awalnya tidak berlaku lagi."),
    "reset": later("Kata sandinya sedang diganti. Tutup dahulu sampai kata sandi yang baru dapat diserahkan."),
}
"""Why an account is to be shut."""


def task_text(card: Card) -> str:
    """What the card asks."""
    return str(TASK.get(card.action, card.action))


def due_state(card: Card) -> State:
    """How pressing it is."""
    if card.overdue:
        return State(later("lewat tenggat"), "bad")
    if card.urgent:
        return State(later("mendesak"), "bad")
    if card.needs_password and not card.ticket_ready:
        return State(later("menunggu kode pengambilan"), "late")
    return State(later("menunggu petugas"), "now")


def reason_text(card: Card) -> str:
    """The office's reason for a revocation; empty if there is none."""
    reason = next((each for each in office().revocation_reasons if each.code == card.reason_code), None)
    return reason.label.text(current_language()) if reason is not None else ""


def call_message(duty: Duty | None, label: str, due: object = None) -> str:
    """An address that opens WhatsApp with a text without names and codes; empty where that cannot be."""
    if duty is None or not duty.whatsapp:
        return ""
    text = gettext(
        "Dari %(office)s: ada pekerjaan mendesak di %(system)s yang harus selesai sebelum %(at)s. Rinciannya ada di "
        "%(address)s/antrean sesudah masuk. Pesan ini sengaja tanpa nama dan tanpa kode.",
        office=office().short_name,
        system=label,
        at=str(current_app.extensions["formats"].plain(due or core().context.clock())),
        address=settings().web.address,
    )
    return f"https://wa.me/{duty.whatsapp}?text={quote(text)}"


def first_due(cards: Sequence[Card]) -> Card | None:
    """The urgent card that is due first."""
    return next((card for card in cards if card.urgent), None)
