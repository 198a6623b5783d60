"""QR codes as SVG text, which a template or a page places as an image."""

import re

import zxingcpp

_MODULES = re.compile(r'<svg width="(?P<size>\d+)".*<path d="(?P<path>[^"]+)"', re.DOTALL)


def qr_svg(content: str) -> str:
    """The QR code of ``content`` with error correction M: it still reads when a seventh of it is smudged.

    :raises ValueError: more than a QR code holds (2331 bytes).
    """
    # Ten times as quick as an encoder in Python, which costs a paper a third of its time.
    code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    drawn = _MODULES.search(code.to_svg(add_quiet_zones=False))
    if drawn is None:
        raise ValueError("the QR code was not drawn as one path")
    size, path = drawn["size"], drawn["path"]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}px" height="{size}px" viewBox="0 0 {size} {size}"'
        f' shape-rendering="crispEdges"><path d="{path}"/></svg>'
    )
