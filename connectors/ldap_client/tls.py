"""TLS to the directory: certificate and host name are verified by Python's own ssl, always.

ldap3's own check of the host name rests on a function that Python has dropped, and its handshake knows no time limit
finer than a second; so the socket is wrapped here.
"""

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ldap3 import Tls


class VerifiedTls(Tls):  # type: ignore[misc]
    """Replaces how ldap3 wraps its socket.

    :raises ValueError: the file of the authority cannot be read or holds no certificate.
    """

    def __init__(self, ca_file: Path | None) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        try:
            self._context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        except OSError as error:  # ssl.SSLError is one
            raise ValueError(f"ca_file: {error}") from error
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Called by ldap3 for ldaps and after StartTLS; the socket's time limit is set already."""
        connection.socket = self._context.wrap_socket(
            connection.socket, server_hostname=connection.server.host, do_handshake_on_connect=do_handshake
        )


def valid_until(socket: Any) -> datetime | None:
    """When the server's certificate ends; None for a socket without TLS."""
    if not isinstance(socket, ssl.SSLSocket):
        return None
    certificate = socket.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
