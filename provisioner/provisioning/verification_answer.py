"""What the public verification answers: what a file is, and what the office says about it."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from provisioner.documents.comparison import Comparison
from provisioner.provisioning.paper_says import ENDED, PaperSays
from provisioner.provisioning.qr_claims import QrClaim
from provisioner.retention import Destroyed
from provisioner.signing.verdict import Verdict, VerdictCode


class Over(StrEnum):
    """Why a pact that both signed does not hold any more."""

    VOID = "void"
    REPLACED = "replaced"
    ACCOUNT_ENDED = "account-ended"
    LAPSED = "lapsed"


class Standing(StrEnum):
    """What an uploaded file is, in one word."""

    VALID = "valid"
    """Byte for byte the office's own, and what it says still holds."""
    CHANGED = "changed"
    """It was made from the office's, and is not it any more."""
    REVOKED = "revoked"
    """The office's own, but replaced, void, or about an account that has ended."""
    UNKNOWN = "unknown"
    """Nothing that the office vouches for."""
    SCAN = "scan"
    """A scan, a photograph, or a copy printed to PDF: only its content can be compared, by whoever looks at it."""
    RECEIPT = "receipt"
    """It says that it is a receipt. Receipts are not kept, so that nobody can tell whether it is one."""
    DESTROYED = "destroyed"
    """It was the office's own, or names itself so; its archive was destroyed, and nothing is left to compare with."""


STANDINGS = {
    VerdictCode.GENUINE: Standing.VALID,
    VerdictCode.INK_SCAN: Standing.VALID,
    VerdictCode.APPENDED: Standing.CHANGED,
    VerdictCode.UPDATED: Standing.CHANGED,
    VerdictCode.CHANGED: Standing.CHANGED,
    VerdictCode.TRUNCATED: Standing.CHANGED,
    VerdictCode.OTHER_VERSION: Standing.REVOKED,
}
"""Of pacts; what is not here is unknown."""


@dataclass(frozen=True)
class OfficeSays:
    """What the office says about a pact, without personal data beyond what the paper shows.

    ``applicant``, ``role``, ``region``, ``official`` and the digest are empty for somebody who only knows the number.
    """

    number: str
    state: str
    """``signed``, or ``void`` where it was signed and is void now."""
    applicant: str
    role: str
    region: str
    official: str
    day: date
    valid_until: date | None
    account_state: str
    """The account's state, empty while there is none."""
    sha256: str
    length: int
    way: str = ""
    """See :class:`~provisioner.signing.way.SigningWay`."""
    lapses_on: date | None = None
    """The pact's own last day."""
    lapsed: bool = False
    """That day is over."""
    replaced_by: str = ""
    """Number of the pact that was signed in its place."""
    destroyed: Destroyed | None = None
    """The archive was destroyed: only number, day and digest are still known."""

    @property
    def over(self) -> "Over | None":
        """Why it does not hold any more; None while it does."""
        if self.state == "void":
            return Over.VOID
        if self.replaced_by:
            return Over.REPLACED
        if self.account_state in ENDED:
            return Over.ACCOUNT_ENDED
        return Over.LAPSED if self.lapsed else None

    def without_persons(self) -> "OfficeSays":
        """For somebody who only named its number."""
        return replace(self, applicant="", role="", region="", official="", sha256="", length=0)


@dataclass(frozen=True)
class Verified:
    """What an uploaded file is worth. ``verdict`` and ``office`` speak of pacts, ``paper`` of every other paper."""

    standing: Standing
    verdict: Verdict
    office: OfficeSays | None = None
    paper: PaperSays | None = None
    comparison: Comparison | None = None
    """How it differs from the office's own copy; None where it does not, or where there is nothing to compare with."""
    scan: QrClaim | None = None
    """The QR code that was read from a scan or photograph."""
    expected: bool = True
    """False: it was to be compared with one paper, and is another."""
    same_bytes: bool = False
    """Of one whose archive was destroyed: the file has the digest of the office's own."""
