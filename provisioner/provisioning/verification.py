"""Anybody may ask what the office says about a paper: by its number or QR code, or by uploading the file."""

import hmac
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.documents.comparison import compare
from provisioner.documents.pact import PactDocuments
from provisioner.documents.qr_reading import is_picture
from provisioner.errors import InvalidInput
from provisioner.pact import PactFacts, PactRecord
from provisioner.provisioning import destroyed
from provisioner.provisioning.context import Context
from provisioner.provisioning.kept_pacts import FACTS_PURPOSE, PACT_PURPOSE
from provisioner.provisioning.pact_facts import pact_mark
from provisioner.provisioning.paper_says import PaperSays, say
from provisioner.provisioning.qr_claims import qr_claim
from provisioner.provisioning.recognition import (
    Recognised,
    calls_itself_receipt,
    claims,
    finished,
    recognise,
    same_pact,
    same_paper,
)
from provisioner.provisioning.throttle import Throttle
from provisioner.provisioning.verification_answer import STANDINGS, OfficeSays, Standing, Verified
from provisioner.signing.signer import SignatureRefused
from provisioner.signing.verdict import Verdict, VerdictCode
from provisioner.signing.way import SigningWay
from provisioner.store.tables import AccountRow, PactRow, PaperRow

MAX_UPLOAD = 10 * 1024 * 1024
_SEEN = frozenset(
    {VerdictCode.GENUINE, VerdictCode.GENUINE_UNPROVEN, VerdictCode.OTHER_VERSION, VerdictCode.INCOMPLETE}
)
"""Who sends such a file has had a pact with this number before them: it holds our good signatures."""
_BEGINNINGS = {b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"\xd0\xcf\x11\xe0": "office", b"{\\rtf": "office"}
"""Of files that are often taken for a PDF."""


class Verification:
    """The public verification of pacts and papers. ``address``: of this service, as its QR codes name it."""

    def __init__(self, context: Context, documents: PactDocuments, throttle: Throttle, address: str) -> None:
        self._context = context
        self._documents = documents
        self._throttle = throttle
        self._address = address

    def by_number(self, number: str, mark: str = "", *, address: str = "") -> OfficeSays | None:
        """What the office says about the pact with this number; None when it knows no such signed pact.

        Names, role and region are said only with the ``mark`` from the paper's QR code.

        :raises TooMany: too many tries.
        """
        self._take_try(address)
        with self._context.store.read() as session:
            return self._pact_says(session, number, mark)

    def by_code(self, code: str, *, address: str = "") -> PaperSays | None:
        """What the office says about the paper with this code in its QR drawing; None when there is none.

        :raises TooMany: too many tries.
        """
        self._take_try(address)
        with self._context.store.read() as session:
            paper = _paper(session, code)
            return say(self._context, session, paper) if paper else None

    def by_upload(self, document: bytes, *, expected: str = "", address: str = "") -> Verified:
        """What the uploaded file is worth. Nothing of it is kept. ``expected``: code of the paper it should be.

        :raises InvalidInput: empty or too large. :raises TooMany: too many tries.
        """
        self._take_try(address)
        if not document or len(document) > MAX_UPLOAD:
            raise InvalidInput("upload-size", fields={"file": ["size"]}, limit=MAX_UPLOAD)
        with self._context.store.read() as session:
            found = self._judge(session, document, expected[:20])
        self._record_check(found)
        return found

    # -- what it is --------------------------------------------------------------------------------------------------

    def _judge(self, session: Session, document: bytes, expected: str) -> Verified:
        paper = same_paper(session, document)
        if paper is not None:
            return self._of_paper(session, Recognised(paper, None, proven=True), expected, same_bytes=True)
        digest = sha256(document).hexdigest()
        pact = same_pact(session, document) or _ink_pact(session, digest)
        if pact is not None:
            return self._own_pact(session, pact, document, digest)
        if b"%PDF-" not in document[:1024]:
            return self._no_pdf(session, document)
        claimed = claims(document)
        pact = _finished_pact(session, claimed)
        if pact is not None:
            return self._claimed_pact(session, pact, document, digest)
        found = recognise(self._context, session, document, claimed)
        if found is not None:
            return self._of_paper(session, found, expected)
        verdict = self._documents.verify(document)
        if verdict.code is not VerdictCode.NOT_OURS:
            return Verified(_standing(verdict), verdict)
        if calls_itself_receipt(claimed):
            return Verified(Standing.RECEIPT, verdict)
        return self._scanned(session, document, verdict) or self._not_the_expected(session, document, verdict, expected)

    def _own_pact(self, session: Session, pact: PactRow, document: bytes, digest: str) -> Verified:
        if not pact.facts:
            return Verified(
                Standing.DESTROYED, Verdict(VerdictCode.NOT_OURS), self._say(session, pact), same_bytes=True
            )
        on_paper = pact.way == SigningWay.WET_INK
        verdict = _on_paper(pact, digest) if on_paper else self._documents.verify_own(document)
        says = self._say(session, pact)
        revoked = verdict.genuine and says.over is not None
        return Verified(Standing.REVOKED if revoked else _standing(verdict), verdict, says)

    def _claimed_pact(self, session: Session, pact: PactRow, document: bytes, digest: str) -> Verified:
        if not pact.facts:
            says = self._say(session, pact).without_persons()
            return Verified(Standing.DESTROYED, Verdict(VerdictCode.NOT_OURS), says)
        if pact.way == SigningWay.WET_INK:
            verdict = _on_paper(pact, digest)
            return Verified(_standing(verdict), verdict, self._say(session, pact).without_persons())
        copy = self._context.keyring.open(PACT_PURPOSE, pact.document)
        verdict = self._documents.verify(document, self._record(pact, copy))
        comparison, says = compare(copy, document), self._say(session, pact)
        seen = verdict.code in _SEEN or (comparison is not None and comparison.has_seen(pact.length))
        return Verified(
            _standing(verdict),
            verdict,
            says if seen else says.without_persons(),
            comparison=comparison if seen else None,
        )

    def _of_paper(
        self, session: Session, found: Recognised, expected: str = "", *, same_bytes: bool = False
    ) -> Verified:
        says, verdict = say(self._context, session, found.paper), Verdict(VerdictCode.NOT_OURS)
        standing = Standing.CHANGED
        if found.comparison is None:
            standing = Standing.REVOKED if says.replaced or says.over else Standing.VALID
        as_expected = not expected or found.paper.code == expected
        if says.destroyed:
            says = says if found.proven else says.without_persons()
            return Verified(Standing.DESTROYED, verdict, paper=says, expected=as_expected, same_bytes=same_bytes)
        if not found.proven:
            return Verified(Standing.CHANGED, verdict, paper=says.without_persons(), expected=as_expected)
        return Verified(standing, verdict, paper=says, comparison=found.comparison, expected=as_expected)

    def _no_pdf(self, session: Session, document: bytes) -> Verified:
        looks = next((kind for start, kind in _BEGINNINGS.items() if document.startswith(start)), "")
        if is_picture(document):
            looks = "picture"
        verdict = Verdict(VerdictCode.NOT_PDF, {"looks": looks} if looks else {})
        scanned = self._scanned(session, document, verdict) if looks == "picture" else None
        return scanned or Verified(Standing.UNKNOWN, verdict)

    def _scanned(self, session: Session, document: bytes, verdict: Verdict) -> Verified | None:
        """A scan, photograph or copy whose QR code names a paper of ours."""
        pixels = self._context.settings.attachments.max_image_megapixels * 1_000_000
        claim = qr_claim(document, pixels, self._address)
        if claim is None:
            return None
        if claim.receipt:
            return Verified(Standing.RECEIPT, verdict, scan=claim)
        paper = _paper(session, claim.code) if claim.code else None
        if paper is not None:
            return Verified(Standing.SCAN, verdict, paper=say(self._context, session, paper), scan=claim)
        office = self._pact_says(session, claim.pact_number, claim.mark) if claim.pact_number else None
        return Verified(Standing.SCAN if office else Standing.UNKNOWN, verdict, office, scan=claim)

    def _not_the_expected(self, session: Session, document: bytes, verdict: Verdict, expected: str) -> Verified:
        """Nothing in the file says which paper it is; perhaps it is the one whose page it was sent from."""
        found = recognise(self._context, session, document, (), expected) if expected else None
        if found is not None and found.comparison is not None and found.comparison.has_seen(found.paper.length):
            return self._of_paper(session, found)
        return Verified(_standing(verdict), verdict, expected=not expected)

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _take_try(self, address: str) -> None:
        limit = self._context.settings.limits.verifications_per_minute
        self._throttle.take("verification", address, limit, timedelta(minutes=1))

    def _record_check(self, found: Verified) -> None:
        with self._context.store.begin() as session:
            if found.paper is not None and found.office is None:
                self._context.trail.record(
                    session,
                    "paper-checked",
                    actor=audit.Actor.visitor(),
                    document=found.paper.kind.value,
                    paper_number=found.paper.number,
                    result=found.standing.value,
                    method="scan" if found.scan else "upload",
                )
                return
            pact = _finished_pact(session, (found.office.number,)) if found.office else None
            self._context.trail.record(
                session,
                "pact-checked",
                actor=audit.Actor.visitor(),
                subjects=audit.Subjects(request=pact.request_id if pact else None),
                pact_number=pact.number if pact else "-",
                result=str(found.verdict.code),
                method="scan" if found.scan else "upload",
            )

    def _record(self, pact: PactRow, copy: bytes) -> PactRecord:
        """What was kept when both had signed; of an older pact read from the office's own copy, which must match the
        digest kept beside it.
        """
        if pact.applicant_certificate and pact.official_certificate:
            certificates = pact.applicant_certificate, pact.official_certificate
            return PactRecord(pact.number, pact.sha256, pact.length, *certificates)
        try:
            known = sha256(copy).hexdigest() == pact.sha256
            kept = self._documents.record(copy, self._facts(pact), known=known)
        except SignatureRefused:  # Our copy does not validate any more (an authority that is gone): bytes alone count.
            return PactRecord(pact.number, pact.sha256, pact.length, "", "")
        return PactRecord(pact.number, pact.sha256, pact.length, kept.applicant_certificate, kept.official_certificate)

    def _facts(self, pact: PactRow) -> PactFacts:
        return PactFacts.from_json(self._context.keyring.open(FACTS_PURPOSE, pact.facts).decode())

    def _pact_says(self, session: Session, number: str, mark: str) -> OfficeSays | None:
        number = number.strip()[:60]
        pact = _finished_pact(session, (number,))
        if pact is None:
            return None
        says = self._say(session, pact)
        expected = pact_mark(self._context.keyring, number)
        return says if hmac.compare_digest(mark.encode(), expected.encode()) else says.without_persons()

    def _say(self, session: Session, pact: PactRow) -> OfficeSays:
        if not pact.facts:
            return self._of_destroyed(session, pact)
        facts = self._facts(pact)
        account = session.get(AccountRow, pact.account_id) if pact.account_id else None
        newer = select(PactRow.number).where(PactRow.renews_id == pact.id, PactRow.state == "signed")
        return OfficeSays(
            pact.number,
            pact.state,
            facts.applicant.name,
            facts.role,
            facts.region,
            f"{facts.official.name}, {facts.official.position_in_full()}",
            facts.day,
            facts.valid_until,
            account.state if account else "",
            pact.scan_sha256 or pact.sha256,
            pact.scan_length or pact.length,
            pact.way,
            pact.lapses_on,
            pact.lapses_on is not None and pact.lapses_on < self._context.today(),
            session.scalars(newer).first() or "",
        )

    def _of_destroyed(self, session: Session, pact: PactRow) -> OfficeSays:
        account = session.get(AccountRow, pact.account_id) if pact.account_id else None
        return OfficeSays(
            number=pact.number,
            state=pact.state,
            applicant="",
            role="",
            region="",
            official="",
            day=self._context.today(pact.signed_at or pact.prepared_at),
            valid_until=None,
            account_state=account.state if account else "",
            sha256=pact.scan_sha256 or pact.sha256,
            length=pact.scan_length or pact.length,
            way=pact.way,
            lapses_on=pact.lapses_on,
            destroyed=destroyed.of_pact(session, pact),
        )


def _standing(verdict: Verdict) -> Standing:
    return STANDINGS.get(verdict.code, Standing.UNKNOWN)


def _finished_pact(session: Session, numbers: tuple[str, ...]) -> PactRow | None:
    where = PactRow.number.in_([each[:60] for each in numbers])
    return session.scalars(select(PactRow).where(where, *finished()).limit(1)).first() if numbers else None


def _ink_pact(session: Session, digest: str) -> PactRow | None:
    """The pact of which this very file is the scan."""
    where = (PactRow.scan_sha256 == digest, *finished())
    return session.scalars(select(PactRow).where(*where).limit(1)).first()


def _paper(session: Session, code: str) -> PaperRow | None:
    return session.scalars(select(PaperRow).where(PaperRow.code == code[:20])).one_or_none()


def _on_paper(pact: PactRow, digest: str) -> Verdict:
    """Of a pact signed on paper only the digests tell anything."""
    if digest == pact.scan_sha256:
        return Verdict(VerdictCode.INK_SCAN)
    code = VerdictCode.INK_PRINT if digest == pact.sha256 else VerdictCode.INK_OTHER
    return Verdict(code, {"number": pact.number})
