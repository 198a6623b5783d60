"""The receipt of a submitted request. It has no place for the ticket, so it can never show one."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from provisioner.documents.letterhead import letterhead
from provisioner.documents.qr import qr_svg
from provisioner.documents.renderer import Renderer
from provisioner.documents.words import long_date, long_moment
from provisioner.office import Office

TEMPLATE = "tanda-terima"
KEYWORD = "tanda terima"
"""By which the file says what it is: receipts are not kept, and so not recognised by their bytes."""


@dataclass(frozen=True)
class ReceiptFacts:
    """What a receipt says. Empty texts are left out on the paper."""

    request_number: str
    letter_number: str
    letter_date: date
    applicant: str
    """With titles."""
    unit: str
    role: str
    region: str
    submitted_at: datetime
    """Aware."""
    tracking_code: str
    check_code: str
    tracking_url: str
    """Put into the QR code; the tracking code stands in its fragment, never in path or query."""
    audit_head: str
    """Where the audit trail ended when this paper was made, in the short form: an anchor that leaves the machine."""


class Receipts:
    """Receipts of one office. Pure; may be used by several threads."""

    def __init__(self, renderer: Renderer, office: Office) -> None:
        self._renderer = renderer
        self._office = office

    def render(self, facts: ReceiptFacts) -> bytes:
        """The receipt as PDF/A-2b, the same bytes for the same facts.

        :raises ConfigurationError: the template is broken.
        :raises InvalidInput: ``unprintable-text``.
        """
        page = urlsplit(facts.tracking_url)
        receipt = {
            "request_number": facts.request_number,
            "letter_number": facts.letter_number,
            "letter_date": long_date(facts.letter_date),
            "applicant": facts.applicant,
            "unit": facts.unit,
            "role": facts.role,
            "region": facts.region,
            "submitted_at": long_moment(facts.submitted_at, self._office),
            "tracking_code": facts.tracking_code,
            "check_code": facts.check_code,
            "tracking_page": f"{page.netloc}{page.path}",
            "audit_head": facts.audit_head,
            "keyword": KEYWORD,
        }
        data = {
            "office": letterhead(self._office, self._renderer),
            "receipt": receipt,
            "qr": qr_svg(facts.tracking_url),
        }
        return self._renderer.render(TEMPLATE, data, facts.submitted_at)
