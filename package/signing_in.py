"""The first official's way in, over the proxy: the password of the letter, a password of their own, the page after it.

Usage: signing_in.py ADDRESS CA.pem USERNAME < first password. Ends with 1 and the page's words where it does not go on.
"""

import ssl
import sys

from visitor import Visitor

OWN_PASSWORD = "Gerimis Senja Terminal 88"  # noqa: S105  Of a machine that is thrown away.


def sign_in(address: str, roots: str, username: str, first_password: str) -> str:
    """The address of the page that follows: where the second factor is set up."""
    visitor = Visitor(address, trust=ssl.create_default_context(cafile=roots))
    visitor.get("/masuk").post("/masuk", {"username": username, "password": first_password})
    fields = {"password": OWN_PASSWORD, "current": first_password, "new": OWN_PASSWORD, "again": OWN_PASSWORD}
    visitor.post(visitor.path, fields)
    if visitor.status != 200 or visitor.path == "/masuk":
        sys.exit(f"{visitor.status} {visitor.path}: {visitor.page}")
    return visitor.path


if __name__ == "__main__":
    sys.stdout.write(sign_in(*sys.argv[1:4], sys.stdin.readline().strip()) + "\n")
