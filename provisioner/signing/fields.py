"""Signature fields. All of a paper's fields are made before its first signature: one made later would break it."""

import io
from collections.abc import Sequence

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, SigFieldSpec, append_signature_field

from provisioner.documents.renderer import Box
from provisioner.signing.update import PdfUpdate


def prepare(pdf: bytes, boxes: Sequence[Box], *, more_to_come: bool = False) -> bytes:
    """``pdf`` with an empty signature field at each box. The last one to be signed locks the whole form.

    With ``more_to_come`` it does not: somebody else will make and sign a field of their own afterwards. The same bytes
    for the same input.

    :raises SignatureRefused: ``signature-no-pdf``.
    """
    update = PdfUpdate(pdf)
    for box in boxes:
        append_signature_field(update, _field(box, last=box == boxes[-1] and not more_to_come))
    return update.result()


def page_height(pdf: bytes, page: int) -> float:
    """In points; ``page`` from 0."""
    found = PdfFileReader(io.BytesIO(pdf)).find_page_for_modification(page)  # type: ignore[no-untyped-call]
    box = found[0].get_object()["/MediaBox"]
    return float(box[3]) - float(box[1])


def _field(box: Box, last: bool) -> SigFieldSpec:
    corners = (round(box.left), round(box.bottom), round(box.right), round(box.top))
    return SigFieldSpec(
        sig_field_name=box.name,
        on_page=box.page,
        box=corners,
        field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL) if last else None,
        empty_field_appearance=True,  # PDF/A wants an appearance for every annotation, signed or not.
        readable_field_name=f"Tanda tangan {box.name}",
    )
