"""The first interface: forms in, the PDF itself out."""

from urllib.parse import quote

import aiohttp

from provisioner.person import Nik
from provisioner.signing.bsre.http import Answer, Session
from provisioner.signing.bsre.service import BsreRefused, CertificateState, Order, Signatory

_STATES = {1111: CertificateState.ISSUE, 1110: CertificateState.NOT_REGISTERED}


class EsignV1:
    """See :class:`provisioner.signing.bsre.service.EsignClient`."""

    def __init__(self, session: Session, *, size_is_corner: bool) -> None:
        self._session, self._size_is_corner = session, size_is_corner

    async def state(self, nik: Nik) -> CertificateState:
        """By status code, else by the word that newer versions of the service add."""
        answer = await self._session.get(f"/api/user/status/{nik.digits}")
        told = answer.told()
        if (found := _STATES.get(answer.code() or 0)) is not None:
            return found
        if (word := str(told.get("status", ""))) in CertificateState.__members__:
            return CertificateState(word)
        if answer.status != 200:
            raise answer.refusal()
        return CertificateState.UNKNOWN

    async def sign(self, order: Order, who: Signatory) -> bytes:
        """An answer that breaks off after its head is fetched by the id of the document: that works once."""
        answer = await self._session.post("/api/sign/pdf", form=self._form(order, who))
        if answer.cut and answer.status == 200:
            answer = await self._fetched(answer)
        if answer.status != 200 or not answer.body.startswith(b"%PDF-"):
            raise answer.refusal()
        return answer.body

    async def _fetched(self, broken: Answer) -> Answer:
        if not broken.document_id:
            raise BsreRefused("bsre-answer-lost")
        answer = await self._session.get(f"/api/sign/download/{quote(broken.document_id, safe='')}")
        if answer.status != 200 or answer.cut:
            raise BsreRefused("bsre-answer-lost")
        return answer

    def _form(self, order: Order, who: Signatory) -> aiohttp.FormData:
        form, where = aiohttp.FormData(), order.placement
        right, upper = (
            (where.right, where.top) if self._size_is_corner else (where.right - where.left, where.top - where.bottom)
        )
        fields = {
            "nik": who.nik.digits,
            "passphrase": who.passphrase,
            "tampilan": "visible",
            "image": "true",
            "page": where.page + 1,
            "xAxis": round(where.left),
            "yAxis": round(where.bottom),
            "width": round(right),
            "height": round(upper),
            "reason": order.reason,
            "location": order.place,
        }
        for name, value in fields.items():
            form.add_field(name, str(value))
        form.add_field("file", order.pdf, filename="pakta.pdf", content_type="application/pdf")
        form.add_field("imageTTD", order.stamp, filename="stempel.png", content_type="image/png")
        return form
