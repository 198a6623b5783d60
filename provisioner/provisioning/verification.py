"""Anybody may ask whether a pact is genuine: by the number in its QR code, or by uploading the file."""

import hmac
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.documents.pact import PactDocuments
from provisioner.errors import InvalidInput
from provisioner.pact import PactFacts, PactRecord
from provisioner.provisioning.context import Context
from provisioner.provisioning.pact_facts import pact_mark
from provisioner.provisioning.pacts import FACTS_PURPOSE, PACT_PURPOSE
from provisioner.provisioning.throttle import Throttle
from provisioner.signing.verdict import Verdict
from provisioner.signing.way import SigningWay
from provisioner.store.tables import AccountRow, PactRow

MAX_UPLOAD = 10 * 1024 * 1024


@dataclass(frozen=True)
class OfficeSays:
    """What the office says about a pact, without personal data beyond what the paper shows.

    ``applicant``, ``role``, ``region``, ``official`` and the digest are empty for somebody who only knows the number.
    """

    number: str
    state: str
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
    certified: bool
    """The official's signature is BSrE's ("tersertifikasi")."""


@dataclass(frozen=True)
class Verified:
    """The verdict about an uploaded file, and what the office says about the pact it claims to be."""

    verdict: Verdict
    office: OfficeSays | None


class Verification:
    """The public verification of pacts."""

    def __init__(self, context: Context, documents: PactDocuments, throttle: Throttle) -> None:
        self._context = context
        self._documents = documents
        self._throttle = throttle

    def by_number(self, number: str, mark: str = "", *, address: str = "") -> OfficeSays | None:
        """What the office says about the pact with this number; None when it knows no such signed pact.

        Names, role and region are said only with the ``mark`` from the paper's QR code.

        :raises TooMany: too many tries.
        """
        self._take_try(address)
        number = number.strip()[:60]
        with self._context.store.read() as session:
            pact = _signed(session, number)
            says = self._say(session, pact) if pact else None
        has_paper = hmac.compare_digest(mark.encode(), pact_mark(self._context.keyring, number).encode())
        if says is None or has_paper:
            return says
        return replace(says, applicant="", role="", region="", official="", sha256="", length=0)

    def by_upload(self, document: bytes, *, address: str = "") -> Verified:
        """What the uploaded file is worth. Nothing of it is kept.

        :raises InvalidInput: empty or too large. :raises TooMany: too many tries.
        """
        self._take_try(address)
        if not document or len(document) > MAX_UPLOAD:
            raise InvalidInput("upload-size", fields={"file": ["size"]}, limit=MAX_UPLOAD)
        claimed = self._documents.number_of(document)
        with self._context.store.read() as session:
            pact = _signed(session, claimed) if claimed else None
            record = self._record(pact) if pact else None
            says = self._say(session, pact) if pact else None
        verdict = self._documents.verify(document, record)
        with self._context.store.begin() as session:
            self._context.trail.record(
                session,
                "pact-checked",
                actor=audit.Actor.visitor(),
                subjects=audit.Subjects(request=pact.request_id if pact else None),
                pact_number=pact.number if pact else "-",
                result=str(verdict.code),
                method="upload",
            )
        return Verified(verdict, says)

    def _take_try(self, address: str) -> None:
        limit = self._context.settings.limits.verifications_per_minute
        self._throttle.take("verification", address, limit, timedelta(minutes=1))

    def _record(self, pact: PactRow) -> PactRecord:
        """What was kept when both had signed; of an older pact read from the office's own copy."""
        if pact.applicant_certificate and pact.official_certificate:
            certificates = pact.applicant_certificate, pact.official_certificate
        else:
            kept = self._documents.record(self._context.keyring.open(PACT_PURPOSE, pact.document), self._facts(pact))
            certificates = kept.applicant_certificate, kept.official_certificate
        return PactRecord(pact.number, pact.sha256, pact.length, *certificates)

    def _facts(self, pact: PactRow) -> PactFacts:
        return PactFacts.from_json(self._context.keyring.open(FACTS_PURPOSE, pact.facts).decode())

    def _say(self, session: Session, pact: PactRow) -> OfficeSays:
        facts = self._facts(pact)
        account = session.get(AccountRow, pact.account_id) if pact.account_id else None
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
            pact.sha256,
            pact.length,
            facts.way is SigningWay.BSRE,
        )


def _signed(session: Session, number: str) -> PactRow | None:
    return session.scalars(select(PactRow).where(PactRow.number == number, PactRow.state == "signed")).one_or_none()
