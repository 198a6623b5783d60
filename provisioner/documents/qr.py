"""QR codes as SVG text, which a template places as an image."""

import io

import segno


def qr_svg(content: str) -> str:
    """The QR code of ``content`` with error correction M: it still reads when a seventh of it is smudged.

    :raises segno.DataOverflowError: more than a QR code holds (2331 bytes).
    """
    out = io.BytesIO()
    segno.make(content, error="m", micro=False).save(out, kind="svg", border=0, unit="px", xmldecl=False, nl=False)
    return out.getvalue().decode()
