"""The first official's way in, over the proxy: the password of the letter, a password of their own, a second factor.

Usage: signing_in.py ADDRESS CA.pem USERNAME < first password. Ends with 1 and the page's words where it does not go on.
"""

import base64
import ssl
import sys
from datetime import UTC, datetime

from provisioner import totp
from tests.machines.visitor import Visitor

OWN_PASSWORD = "Gerimis Senja Terminal 88"  # noqa: S105  Of a machine that is thrown away.


def sign_in(address: str, roots: str, username: str, first_password: str) -> str:
    """The title of the page that follows. Ends the program where another page came than the next one of this way."""
    visitor = Visitor(address, trust=ssl.create_default_context(cafile=roots), source="0.0.0.0")  # noqa: S104  Any of its own.
    visitor.get("/masuk").post("/masuk", {"username": username, "password": first_password})
    _arrived(visitor, "/masuk/kata-sandi-baru")
    visitor.post("/masuk/kata-sandi-baru", {"old": first_password, "new": OWN_PASSWORD, "again": OWN_PASSWORD})
    _arrived(visitor, "/masuk/pasang-verifikasi")
    text = visitor.found(r">((?:[A-Z2-7]{4} ?){8})<").replace(" ", "")
    secret = base64.b32decode(text)
    visitor.post("/masuk/pasang-verifikasi", {"code": totp.current_code(secret, datetime.now(UTC))})
    if visitor.status != 200 or not visitor.get("/kotak-masuk/").path.startswith("/kotak-masuk"):
        sys.exit(f"{visitor.status} {visitor.path}: {visitor.page}")
    return visitor.found(r"<title>([^<]+)</title>")


def _arrived(visitor: Visitor, path: str) -> None:
    if visitor.status != 200 or not visitor.path.startswith(path):
        sys.exit(f"{visitor.status} {visitor.path}: {visitor.page}")


if __name__ == "__main__":
    sys.stdout.write(sign_in(*sys.argv[1:4], sys.stdin.readline().strip()) + "\n")
