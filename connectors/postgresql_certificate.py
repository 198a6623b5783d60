"""When the certificate of a PostgreSQL server ends. The driver does not show it, so this shakes hands once more.

https://www.postgresql.org/docs/15/protocol-flow.html#id-1.10.6.7.12 (SSLRequest)
"""

import socket
import ssl
import struct
from datetime import UTC, datetime

from provisioner.connector import ProtocolError, TargetUnavailable

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def valid_until(host: str, port: int, ca_file: str | None, timeout: float) -> datetime:
    """``ca_file`` None: the authorities that this machine trusts. ``timeout`` in seconds.

    :raises TargetUnavailable: the server cannot be reached or its certificate is not trusted.
    :raises ProtocolError: it offers no TLS.
    """
    try:
        trust = ssl.create_default_context(cafile=ca_file)
        with socket.create_connection((host, port), timeout) as line:
            line.sendall(_SSL_REQUEST)
            if line.recv(1) != b"S":
                raise ProtocolError("the server offers no TLS")
            with trust.wrap_socket(line, server_hostname=host) as secure:
                certificate = secure.getpeercert() or {}
    except OSError as error:
        raise TargetUnavailable("the server's certificate cannot be read") from error
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
