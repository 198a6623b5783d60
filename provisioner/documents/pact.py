"""Making a pact: rendered, given its fields, signed by the applicant and then by the official."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from provisioner import signing
from provisioner.documents.letterhead import letterhead
from provisioner.documents.qr import qr_svg
from provisioner.documents.renderer import Box, Paper, Renderer
from provisioner.documents.words import long_date, long_moment
from provisioner.office import Office
from provisioner.pact import Authentication, PactApplicant, PactFacts, PactOfficial, PactRecord, PactText
from provisioner.signing.authority import Authority, Holder
from provisioner.signing.bsre.service import BsreRefused, Order, Placement
from provisioner.signing.signer import APPLICANT_CAPACITY, OPERATOR_CAPACITY, SignatureField, SignatureRefused, Signer
from provisioner.signing.timestamp import TimeProof, TimestampService, TimestampUnavailable
from provisioner.signing.verdict import Verdict, verify, verify_own
from provisioner.signing.way import SigningWay

if TYPE_CHECKING:
    from provisioner.signing.inspection import Inspection, Trust

TEMPLATE = "pakta-integritas"
STAMP = "stempel"
BSRE_SENTENCE = (
    "Dokumen ini telah ditandatangani secara elektronik menggunakan sertifikat elektronik yang diterbitkan oleh Balai"
    " Besar Sertifikasi Elektronik (BSrE), Badan Siber dan Sandi Negara."
)

_MEANS = {
    Authentication.PASSWORD: "kata sandi",
    Authentication.PASSWORD_TOTP: "kata sandi dan kode verifikasi",
}


class PactDocuments:
    """Pacts of one office. Pure: nothing is stored, nothing is fetched; may be used by several threads."""

    def __init__(
        self,
        renderer: Renderer,
        authority: Authority,
        office: Office,
        text: PactText,
        trusted: Sequence[bytes] = (),
        *,
        timestamps: TimestampService | None = None,
        timestamp_roots: Sequence[bytes] = (),
        certified_roots: Sequence[bytes] = (),
    ) -> None:
        """``trusted``: certificates (PEM) of the office's former authorities, whose pacts stay good.

        ``timestamps``: who proves the time of signatures. ``timestamp_roots`` (DER): whose proofs count.
        ``certified_roots`` (DER): where the certificates of BSrE end.
        """
        self._renderer = renderer
        self._authority = authority
        self._office = office
        self.text = text
        self._trusted = (authority.certificate_pem(), *trusted)
        self._timestamps = timestamps
        self._timestamp_roots, self._certified_roots = timestamp_roots, certified_roots

    @cached_property
    def trust(self) -> "Trust":
        """The authorities whose signatures count."""
        return signing.inspection.Trust(self._trusted, self._timestamp_roots, self._certified_roots)

    @property
    def time_proof(self) -> TimeProof:
        """To be frozen in :attr:`PactFacts.time_proof`."""
        return self._timestamps.promise if self._timestamps else TimeProof.NONE

    @property
    def template_revision(self) -> str:
        """To be frozen in :attr:`PactFacts.template_revision`."""
        return self._renderer.revision(TEMPLATE)

    def prepare(self, facts: PactFacts) -> bytes:
        """The unsigned pact with all its signature fields. The same bytes for the same facts.

        :raises SignatureRefused: ``signature-wrong-document``: the facts name another revision of text or template.
        :raises ConfigurationError: the template is broken.
        :raises InvalidInput: ``unprintable-text``.
        """
        if (facts.text_revision, facts.template_revision) != (self.text.revision, self.template_revision):
            raise SignatureRefused("signature-wrong-document", number=facts.number)
        paper, elsewhere = self._paper(facts), facts.way is SigningWay.BSRE
        if facts.way is SigningWay.WET_INK:
            return paper.pdf  # Nothing is ever signed in it.
        boxes = [box for box in _in_signing_order(paper.boxes) if not elsewhere or box.name == SignatureField.APPLICANT]
        return signing.fields.prepare(paper.pdf, boxes, more_to_come=elsewhere)

    def sign_as_applicant(
        self, pdf: bytes, private_key: EllipticCurvePrivateKey, facts: PactFacts, at: datetime
    ) -> bytes:
        """``pdf`` signed with the ticket's signing key. The same bytes for the same input.

        That the key is the one registered for the request is for the caller to check.

        :raises SignatureRefused: the pact is signed already, changed, or not the one of ``facts``;
            ``timestamp-unavailable``.
        """
        state = self._inspect(pdf, facts)
        if state.signatures:
            raise SignatureRefused("signature-done", field=SignatureField.APPLICANT.value)
        holder = Holder(facts.applicant.name, APPLICANT_CAPACITY)
        signer = signing.pades.PadesSigner(self._authority, private_key, holder, at, self._service(facts))
        stamp = self._stamp(state, SignatureField.APPLICANT, signer, holder, "kode pengambilan", at)
        return self._sign(pdf, SignatureField.APPLICANT, signer, stamp, facts, at)

    def sign_as_operator(self, pdf: bytes, facts: PactFacts, at: datetime) -> bytes:
        """``pdf`` signed for an operator who has typed the account's password, with a key made for it alone: the
        certificate and the stamp say so. Raises like :meth:`sign_as_applicant`.
        """
        state = self._inspect(pdf, facts)
        if state.signatures:
            raise SignatureRefused("signature-done", field=SignatureField.APPLICANT.value)
        holder = Holder(facts.applicant.name, OPERATOR_CAPACITY)
        signer = signing.pades.PadesSigner.for_one_signature(self._authority, holder, at)
        stamp = self._stamp(state, SignatureField.APPLICANT, signer, holder, "kata sandi akun operator", at)
        return self._sign(pdf, SignatureField.APPLICANT, signer, stamp, facts, at)

    def sign_as_official(self, pdf: bytes, facts: PactFacts, at: datetime, signer: Signer | None = None) -> bytes:
        """``pdf``, which the applicant has signed, signed by the official: by default with a key made for it alone.

        :raises SignatureRefused: ``signature-applicant-first``, ``signature-done``, ``signature-document-changed``,
            ``signature-wrong-document``, ``timestamp-unavailable``.
        :raises ValueError: ``facts.authentication`` does not say how the official proved who they are.
        """
        if facts.authentication is None:
            raise ValueError("the facts do not say how the official proved who they are")
        state = self._inspect(pdf, facts)
        _check_applicant_signed(state)
        if facts.way is not SigningWay.BUILT_IN:
            raise SignatureRefused("signature-wrong-document", number=facts.number)
        holder = Holder(facts.official.name, facts.official.position_in_full())
        service = self._service(facts)
        signer = signer or signing.pades.PadesSigner.for_one_signature(self._authority, holder, at, service)
        stamp = self._stamp(
            state, SignatureField.OFFICIAL, signer, holder, _MEANS[facts.authentication], at, _staff(facts)
        )
        signed = self._sign(pdf, SignatureField.OFFICIAL, signer, stamp, facts, at)
        return self._with_validation_data(signed, service, at)

    def bsre_order(self, pdf: bytes, facts: PactFacts, at: datetime) -> Order:
        """What BSrE is asked to sign: ``pdf``, which the applicant has signed, with the official's stamp as a picture.

        :raises SignatureRefused: as :meth:`sign_as_official`; ``signature-wrong-document`` also where the office's
            template is another by now, so that nobody knows where the signature stands.
        """
        _check_applicant_signed(self._inspect(pdf, facts))
        if facts.way is not SigningWay.BSRE or facts.template_revision != self.template_revision:
            raise SignatureRefused("signature-wrong-document", number=facts.number)
        (box,) = [box for box in self._paper(facts).boxes if box.name == SignatureField.OFFICIAL]
        place = Placement(box.page, box.left, box.bottom, box.right, box.top, signing.fields.page_height(pdf, box.page))
        stamp = self._renderer.picture(STAMP, {"stamp": self._bsre_stamp(box, facts, at)})
        return Order(pdf, stamp, place, f"Pakta Integritas {facts.number}", facts.place)

    def accept_from_bsre(self, sent: bytes, came: bytes, facts: PactFacts) -> bytes:
        """``came`` if it is ``sent`` with exactly one more good signature that BSrE certified, in an update after it.

        :raises BsreRefused: ``bsre-answer-wrong``.
        """
        state = signing.inspection.inspect(came, self.trust) if came.startswith(sent) else None
        if state is None or not state.whole or state.number != facts.number or len(state.signatures) != 2:
            raise BsreRefused("bsre-answer-wrong")
        first, second = state.signatures
        mine = self._inspect(sent, facts).signatures
        if (first.certificate, first.end) != (mine[0].certificate, mine[0].end) or not second.certified:
            raise BsreRefused("bsre-answer-wrong")
        return came

    def record(self, pdf: bytes, facts: PactFacts, *, known: bool = False) -> PactRecord:
        """What to keep about a pact that both have signed. ``known``: these very bytes were found whole before, or
        our own signature was put onto such bytes just now: what its updates changed is not asked again.

        :raises SignatureRefused: ``signature-document-changed``: it does not validate whole, with both signatures.
        """
        state = self._inspect(pdf, facts, known=known)
        applicant, official = (state.signature(field) for field in SignatureField)
        if applicant is None or official is None or not state.whole:
            raise SignatureRefused("signature-document-changed", number=facts.number)
        return PactRecord.of(facts.number, pdf, applicant.certificate, official.certificate)

    def verify(self, document: bytes, record: PactRecord | None = None) -> Verdict:
        """What ``document`` is worth, compared with ``record`` where there is one. Never raises for a bad document."""
        return verify(document, record, self.trust)

    def verify_own(self, document: bytes) -> Verdict:
        """What a file is worth that is byte for byte the office's own copy of a signed pact."""
        return verify_own(document, self.trust)

    def number_of(self, document: bytes) -> str | None:
        """The pact number that ``document`` claims for itself, to look its record up by. Nothing to believe in."""
        return signing.inspection.claimed_number(document)

    def _paper(self, facts: PactFacts) -> Paper:
        noon = datetime.combine(facts.day, time(12), UTC)
        return self._renderer.paper(TEMPLATE, self._pact_data(facts), noon)

    def _bsre_stamp(self, box: Box, facts: PactFacts, at: datetime) -> dict[str, object]:
        """The sentence that BSrE asks for stands here and nowhere else: so it is on no paper that BSrE did not sign."""
        person = facts.official
        return {
            "width": box.width,
            "height": box.height,
            "name": person.name,
            "capacity": person.position_in_full(),
            "staff": _staff(facts),
            "moment": long_moment(at, self._office),
            "means": "",
            "certificate": "",
            "footer": BSRE_SENTENCE,
        }

    def _inspect(self, pdf: bytes, facts: PactFacts, *, known: bool = False) -> "Inspection":
        state = signing.inspection.inspect(pdf, self.trust, known=known)
        if state is None:
            raise SignatureRefused("signature-no-pdf")
        if state.number != facts.number:
            raise SignatureRefused("signature-wrong-document", number=facts.number)
        return state

    def _sign(
        self, pdf: bytes, field: SignatureField, signer: Signer, stamp: bytes, facts: PactFacts, at: datetime
    ) -> bytes:
        reason = f"Pakta Integritas {facts.number}"
        signed = signer.sign(pdf, field.value, stamp=stamp, reason=reason, place=facts.place, at=at)
        if self._timestamps is not None:
            self._refuse_untrusted_time(signed, field, facts)
        return signed

    def _service(self, facts: PactFacts) -> TimestampService | None:
        """Who proves the time of this pact's signatures; a pact that promises a proof is not signed without one."""
        if facts.time_proof is not TimeProof.ALWAYS:
            return self._timestamps
        if self._timestamps is None:
            raise TimestampUnavailable("not-configured")
        return replace(self._timestamps, needed=True)

    def _refuse_untrusted_time(self, signed: bytes, field: SignatureField, facts: PactFacts) -> None:
        """A time stamp that the office's own verification would not believe proves nothing."""
        one = self._inspect(signed, facts).signature(field)
        if one is None or (one.timestamp is not None and not one.timestamp.trusted):
            raise TimestampUnavailable("untrusted")

    def _with_validation_data(self, signed: bytes, service: TimestampService | None, at: datetime) -> bytes:
        if service is None:
            return signed
        own = signing.validation_data.OwnRevocations(self._authority.certificate, self._authority.revocations(at))
        try:
            return signing.validation_data.append_validation_data(signed, own, service)
        except TimestampUnavailable:
            if service.needed:
                raise
            return signed

    def _stamp(
        self,
        state: "Inspection",
        field: SignatureField,
        signer: Signer,
        holder: Holder,
        means: str,
        at: datetime,
        staff: str = "",
    ) -> bytes:
        if field not in state.fields:
            raise SignatureRefused("signature-no-field", field=field.value)
        width, height = state.fields[field]
        data = {
            "width": width,
            "height": height,
            "name": holder.name,
            "capacity": holder.capacity,
            "staff": staff,
            "moment": long_moment(at, self._office),
            "means": means,
            "certificate": _in_fours(signer.certificate_fingerprint[:16]),
            "footer": "",
        }
        return self._renderer.render(STAMP, {"stamp": data}, at, tagged=False)

    def _pact_data(self, facts: PactFacts) -> dict[str, object]:
        site = urlsplit(facts.verification_url)
        return {
            "office": letterhead(self._office, self._renderer),
            "text": _text(self.text),
            "pact": _facts(facts),
            "qr": qr_svg(facts.verification_url),
            "verification_site": f"{site.netloc}{site.path}",
        }


def _in_signing_order(boxes: Sequence[Box]) -> list[Box]:
    order = [field.value for field in SignatureField]
    return sorted(boxes, key=lambda box: order.index(box.name))


def _check_applicant_signed(state: "Inspection") -> None:
    applicant = state.signature(SignatureField.APPLICANT)
    if state.signature(SignatureField.OFFICIAL):
        raise SignatureRefused("signature-done", field=SignatureField.OFFICIAL.value)
    if applicant is None:
        raise SignatureRefused("signature-applicant-first")
    if not state.whole:
        raise SignatureRefused("signature-document-changed")


def _text(text: PactText) -> dict[str, object]:
    approval = text.approval
    if approval is None:
        status = "konsep, belum disahkan"
    else:
        status = f"disahkan {approval.by}, {approval.order}, {long_date(approval.on)}"
    return {
        "revision": text.revision,
        "opening": text.opening,
        "declaration": text.declaration,
        "clauses": list(text.clauses),
        "closing": text.closing,
        "draft": approval is None,
        "status": status,
        "fingerprint": _in_fours(text.fingerprint[:16]),
    }


def _facts(facts: PactFacts) -> dict[str, object]:
    return {
        "number": facts.number,
        "request_number": facts.request_number,
        "role": facts.role,
        "region": facts.region,
        "place": facts.place,
        "day": long_date(facts.day),
        "check_code": facts.check_code,
        "verification_url": facts.verification_url,
        "template_revision": _in_fours(facts.template_revision),
        "username": facts.username,
        "valid_until": _optional_date(facts.valid_until),
        "way": facts.way.value,
        "time_proof": facts.time_proof.value,
        "lapses_on": _optional_date(facts.lapses_on),
        "renews": facts.renews,
        "signed_with": facts.signed_with.value,
        "audit_head": {"sequence": f"{facts.audit_head.sequence:,}".replace(",", "."), "hash": facts.audit_head.hash},
        "applicant": _applicant(facts.applicant),
        "official": _official(facts.official),
    }


def _applicant(person: PactApplicant) -> dict[str, str]:
    return {
        "name": person.name,
        "nik": person.nik,
        "staff_number": person.staff_number,
        "staff_number_label": person.staff_number_label,
        "employment": person.employment,
        "rank": person.rank,
        "position": person.position,
        "unit": person.unit,
    }


def _official(person: PactOfficial) -> dict[str, object]:
    acting = person.acting
    order = f"Surat perintah {acting.order_number}, {long_date(acting.order_date)}" if acting else ""
    return {
        "name": person.name,
        "rank": person.rank,
        "staff_number": person.staff_number,
        "heading": list(person.heading()),
        "order": order,
    }


def _staff(facts: PactFacts) -> str:
    """Rank and number of the official, where the page itself could not name them yet."""
    official = facts.official
    number = f"NIP {official.staff_number}" if official.staff_number else ""
    return " · ".join(part for part in (official.rank, number) if part) if facts.renews else ""


def _optional_date(day: date | None) -> str:
    return long_date(day) if day else ""


def _in_fours(digits: str) -> str:
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4)).upper()
