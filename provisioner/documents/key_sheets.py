"""The paper copy of the keys. Made once and handed over: nothing of it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from provisioner.documents.letterhead import letterhead
from provisioner.documents.qr import qr_svg
from provisioner.documents.renderer import Renderer
from provisioner.documents.words import long_date, long_moment, weekday
from provisioner.key_paper import LOOKUP, PaperSecret, qr_text
from provisioner.office import Office

TEMPLATE = "salinan-kunci"


@dataclass(frozen=True, repr=False)
class KeySheetFacts:
    """What the paper says. ``newest``: the label of the key that seals."""

    secrets: Sequence[PaperSecret]
    mark: str
    newest: str
    printed_at: datetime
    audit_head: str


class KeySheets:
    """Paper copies for one office. Pure; may be used by several threads."""

    def __init__(self, renderer: Renderer, office: Office) -> None:
        self._renderer = renderer
        self._office = office

    def render(self, facts: KeySheetFacts) -> bytes:
        """The copy as PDF/A-2b: what it is for, every key as rows and as QR code, and a record for two to sign.

        :raises ConfigurationError: the template is broken.
        """
        day = facts.printed_at.astimezone(self._office.zone).date()
        count = len(facts.secrets)
        keys = [
            {
                "label": each.label,
                "lookup": each.label == LOOKUP,
                "newest": each.label == facts.newest,
                "rows": list(each.rows),
                "position": position,
                "qr": qr_svg(qr_text(each, position, count, facts.mark)),
            }
            for position, each in enumerate(facts.secrets, start=1)
        ]
        paper = {
            "mark": facts.mark,
            "count": count,
            "keys": keys,
            "at": long_moment(facts.printed_at, self._office),
            "day": long_date(day),
            "weekday": weekday(day),
            "audit_head": facts.audit_head,
        }
        data = {"office": letterhead(self._office, self._renderer), "paper": paper}
        return self._renderer.render(TEMPLATE, data, facts.printed_at)
