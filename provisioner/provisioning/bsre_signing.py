"""The section head's signature by BSrE: who types what, and what is done with the document that comes back."""

import hmac
from datetime import datetime

from provisioner.actor import Actor
from provisioner.documents.pact import PactDocuments
from provisioner.errors import InvalidInput
from provisioner.pact import PactFacts
from provisioner.person import Nik
from provisioner.provisioning.context import Context
from provisioner.signing.bsre.service import BsreRefused, BsreService, Signatory

MAX_PASSPHRASE = 1024


class BsreSigning:
    """Signs at the office's client service. ``service`` None: the office has none any more, or not yet."""

    def __init__(self, context: Context, documents: PactDocuments, service: BsreService | None) -> None:
        self._context = context
        self._documents = documents
        self._service = service

    def signatory(self, actor: Actor, nik: str, passphrase: str) -> Signatory:
        """What the official typed. The NIK is not stored anywhere: it must be that of the keyed look-up.

        :raises InvalidInput: ``bsre-typed``: the fields ``nik`` and ``passphrase`` with what is wrong with each.
        """
        fields: dict[str, list[str]] = {}
        parsed: Nik | None = None
        try:
            parsed = Nik.parse(nik)
        except InvalidInput as error:
            fields["nik"] = ["missing" if not nik else error.code]
        if actor.person_key is None:
            fields["nik"] = ["official-without-nik"]
        elif parsed is not None and not self._is(actor.person_key, parsed):
            fields["nik"] = ["not-your-nik"]
        if not passphrase or len(passphrase) > MAX_PASSPHRASE:
            fields["passphrase"] = ["missing"]
        if fields or parsed is None:
            raise InvalidInput("bsre-typed", fields=fields)
        return Signatory(parsed, passphrase)

    def _is(self, person_key: bytes, nik: Nik) -> bool:
        return hmac.compare_digest(self._context.keyring.lookup("nik", nik.digits), person_key)

    def sign(self, pdf: bytes, facts: PactFacts, at: datetime, who: Signatory) -> bytes:
        """``pdf``, which the applicant has signed, signed by BSrE. Asked once, and nothing is kept if it fails.

        :raises SignatureRefused: ``pdf`` is not to be signed, or :class:`BsreRefused`.
        """
        if self._service is None:
            raise BsreRefused("bsre-unreachable")
        # Offices that do not sign there need not load what speaks to it.
        from provisioner.signing.bsre import desk

        order = self._documents.bsre_order(pdf, facts, at)
        return self._documents.accept_from_bsre(pdf, desk.sign(self._service, order, who), facts)
