"""The second interface: JSON in, JSON with base64 out."""

import base64
import binascii

from provisioner.person import Nik
from provisioner.signing.bsre.http import Answer, Session
from provisioner.signing.bsre.service import BsreRefused, CertificateState, Order, Signatory


class EsignV2:
    """See :class:`provisioner.signing.bsre.service.EsignClient`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def state(self, nik: Nik) -> CertificateState:
        """By its word."""
        answer = await self._session.post("/api/v2/user/check/status", document={"nik": nik.digits})
        word = str(answer.told().get("status", ""))
        if word in CertificateState.__members__:
            return CertificateState(word)
        if answer.code() == 2011:
            return CertificateState.NOT_REGISTERED
        if answer.status != 200:
            raise answer.refusal()
        return CertificateState.UNKNOWN

    async def sign(self, order: Order, who: Signatory) -> bytes:
        """Nothing can be fetched a second time here: a lost answer is lost."""
        where = order.placement
        properties = {
            "tampilan": "VISIBLE",
            "imageBase64": base64.b64encode(order.stamp).decode(),
            "page": where.page + 1,
            "originX": round(where.left),
            "originY": round(where.page_height - where.top),  # Counted from the upper edge.
            "width": round(where.right - where.left),
            "height": round(where.top - where.bottom),
            "reason": order.reason,
            "location": order.place,
        }
        document = {
            "nik": who.nik.digits,
            "passphrase": who.passphrase,
            "signatureProperties": [properties],
            "file": [base64.b64encode(order.pdf).decode()],
        }
        answer = await self._session.post("/api/v2/sign/pdf", document=document)
        if answer.status != 200:
            raise answer.refusal()
        if answer.cut:
            raise BsreRefused("bsre-answer-lost")
        return _file(answer)


def _file(answer: Answer) -> bytes:
    files = answer.told().get("file")
    if not isinstance(files, list) or len(files) != 1 or not isinstance(files[0], str):
        raise answer.refusal() if answer.code() else BsreRefused("bsre-answer-wrong")
    try:
        return base64.b64decode(files[0], validate=True)
    except (binascii.Error, ValueError):
        raise BsreRefused("bsre-answer-wrong") from None
