"""No pact, no account: whether the pact that an account stands on is there, and still what both signed.

Only looks and tells. Nothing is repaired: a pact that is broken needs people.
"""

from enum import StrEnum
from hashlib import sha256

from provisioner.documents.pact import PactDocuments
from provisioner.errors import ProvisionerError
from provisioner.keyring import Keyring
from provisioner.signing.verdict import VerdictCode
from provisioner.signing.way import SigningWay
from provisioner.store.tables import PactRow

DOCUMENT_PURPOSE, FACTS_PURPOSE, SCAN_PURPOSE = "pact-document", "pact-facts", "pact-scan"
_WHOLE = (VerdictCode.NO_RECORD, VerdictCode.GENUINE, VerdictCode.GENUINE_UNPROVEN)


class PactFault(StrEnum):
    """What is wrong with an account's pact."""

    NO_PACT = "no-pact"
    """There is none, or it is another account's."""
    NOT_SIGNED = "not-signed"
    """It was never signed by both, or became void."""
    CHANGED = "changed"
    """The file (or the scan) is not the one whose digest was kept."""
    UNREADABLE = "unreadable"
    """The file, the scan or the frozen facts cannot be opened: the sealed bytes were changed, or their key is gone."""
    SIGNATURE_BROKEN = "signature-broken"
    """The file is the one that was kept, but its signatures do not hold."""


def fault_of(pact: PactRow | None, account_id: str, keyring: Keyring, documents: PactDocuments) -> PactFault | None:
    """What is wrong with the pact of an account; None: nothing. Reads the whole file; never raises for its content."""
    if pact is None or pact.account_id not in (account_id, None):
        return PactFault.NO_PACT
    if pact.state != "signed":
        return PactFault.NOT_SIGNED
    try:
        keyring.open(FACTS_PURPOSE, pact.facts)
        document = keyring.open(DOCUMENT_PURPOSE, pact.document)
        scan = keyring.open(SCAN_PURPOSE, pact.scan) if pact.scan is not None else None
    except ProvisionerError:
        return PactFault.UNREADABLE
    if sha256(document).hexdigest() != pact.sha256 or len(document) != pact.length:
        return PactFault.CHANGED
    if pact.way == SigningWay.WET_INK:
        kept = scan is not None and sha256(scan).hexdigest() == pact.scan_sha256
        return None if kept else PactFault.CHANGED
    # Certificates of BSrE are not ours to judge here; the digest has said that the file is the one that was kept.
    if pact.way == SigningWay.BUILT_IN and documents.verify(document).code not in _WHOLE:
        return PactFault.SIGNATURE_BROKEN
    return None
