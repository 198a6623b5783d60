"""Lembar Disposisi: half a folio a letter, to be initialled on paper. It grows with each disposition that was given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from provisioner.documents.letterhead import letterhead
from provisioner.documents.qr import qr_svg
from provisioner.documents.renderer import Renderer
from provisioner.documents.words import long_date
from provisioner.office import Office

TEMPLATE = "lembar-disposisi"


@dataclass(frozen=True)
class GivenDisposition:
    """A disposition that was given already."""

    by: str
    """Post and name, as they were then."""
    to: str
    requested_action: str
    note: str
    on: date


@dataclass(frozen=True)
class SheetFacts:
    """What the sheet of one letter says. Empty texts are left open on the paper."""

    sender: str
    letter_number: str
    letter_date: date | None
    received_on: date | None
    register_number: str
    urgency: str
    """Code of one of the office's urgencies."""
    subject: str
    desk: str
    """Title of the post on whose desk it lies."""
    forward_to: tuple[str, ...]
    """Posts it can be forwarded to."""
    given: tuple[GivenDisposition, ...]
    address: str
    """Put into the QR code; see :mod:`provisioner.sheet_code`."""


class DispositionSheets:
    """Disposition sheets of one office. Pure; may be used by several threads."""

    def __init__(self, renderer: Renderer, office: Office) -> None:
        self._renderer = renderer
        self._office = office

    def stack(self, sheets: Sequence[SheetFacts], at: datetime) -> bytes:
        """One PDF/A-2b with the sheet of every letter, each on a page of its own.

        :raises ConfigurationError: the template is broken. :raises InvalidInput: ``unprintable-text``.
        """
        data = {
            "office": letterhead(self._office, self._renderer),
            "urgencies": [{"code": each.code, "label": each.label.id} for each in self._office.urgencies],
            "actions": [each.label.id for each in self._office.requested_actions],
            "sheets": [self._sheet(each) for each in sheets],
        }
        return self._renderer.render(TEMPLATE, data, at)

    def _sheet(self, facts: SheetFacts) -> dict[str, object]:
        actions = {each.code: each.label.id for each in self._office.requested_actions}
        return {
            "sender": facts.sender,
            "letter_number": facts.letter_number,
            "letter_date": long_date(facts.letter_date) if facts.letter_date else "",
            "received_on": long_date(facts.received_on) if facts.received_on else "",
            "register_number": facts.register_number,
            "urgency": facts.urgency,
            "subject": facts.subject,
            "desk": facts.desk,
            "forward_to": list(facts.forward_to),
            "given": [
                {
                    "by": each.by,
                    "to": each.to,
                    "action": actions.get(each.requested_action, each.requested_action),
                    "note": each.note,
                    "on": long_date(each.on),
                }
                for each in facts.given
            ],
            "qr": qr_svg(facts.address),
        }
