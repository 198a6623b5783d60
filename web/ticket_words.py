"""What the holder of a collection code must hear, in case it was not they who asked for another one."""

from urllib.parse import quote

from flask import current_app

from provisioner.phone import Phone
from provisioner.provisioning.enrolment_codes import TicketNews
from web.catalog import gettext
from web.current import office


def ticket_notes(news: TicketNews) -> list[tuple[str, str, str]]:
    """(what happened, what to do, kind of the note), for the own page and the one behind the tracking code."""
    found = []
    if news.code_until is not None:
        said = gettext("Kantor memberikan kode pengganti, yang dapat ditukar sampai %(at)s.", at=_day(news.code_until))
        then = gettext("Begitu ditukar, kode pengambilan yang sekarang tidak berlaku lagi.")
        found.append((said, f"{then} {_if_not_you()}", "late"))
    if news.replaced_at is not None:
        said = gettext("Kode pengambilan diganti pada %(at)s.", at=_day(news.replaced_at))
        found.append((said, _if_not_you(), "now"))
    return found


def replaced_message(phone: str, news: TicketNews) -> str:
    """An address that opens WhatsApp with that news, without code or personal data; empty for a fixed line."""
    number = Phone(phone).whatsapp if phone else None
    if number is None or news.replaced_at is None:
        return ""
    text = gettext(
        "Dari %(office)s: kode pengambilan untuk permohonan akun operator SIAK Anda diganti pada %(at)s. Bila bukan "
        "Anda yang menukarnya, segera hubungi kantor. Petugas tidak pernah meminta kode pengambilan Anda.",
        office=office().short_name,
        at=_day(news.replaced_at),
    )
    return f"https://wa.me/{number}?text={quote(text)}"


def _if_not_you() -> str:
    name, phone = office().short_name, office().phone
    if phone:
        return gettext("Bila bukan Anda, segera hubungi %(office)s, telepon %(phone)s.", office=name, phone=phone)
    return gettext("Bila bukan Anda, segera hubungi %(office)s.", office=name)


def _day(at: object) -> str:
    return str(current_app.extensions["formats"].plain(at))
