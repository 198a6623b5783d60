"""A time-stamp service (RFC 3161): the real ``openssl ts`` behind a small HTTP server, with an authority of its own."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SERVICE = "Layanan Stempel Waktu Percobaan"
Mood = Literal["good", "refuses", "garbage", "error", "slow", "stale", "no-list"]
"""How it answers: ``stale`` repeats its last answer, ``no-list`` does not tell which certificates are revoked."""

_SHA256 = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01"
_CONFIG = """\
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/chain.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


@dataclass
class TimestampServer:
    """One service. ``mood`` and ``revoked`` may be changed at any time."""

    folder: Path
    mood: Mood = "good"
    revoked: bool = False
    questions: int = 0
    port: int = 0
    last: bytes = field(default=b"", repr=False)
    _key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )

    @property
    def url(self) -> str:
        """Where to ask for a time stamp."""
        return f"http://127.0.0.1:{self.port}/tsa"

    @property
    def roots(self) -> Path:
        """The root to trust, in PEM."""
        return self.folder / "root.pem"

    @property
    def chain(self) -> Path:
        """The certificates that go along with an answer."""
        return self.folder / "chain.pem"

    def certify(self) -> None:
        """Make root and certificate; the latter says where the list of revoked ones lies."""
        self._root = _certificate(self._key, self._key, "Akar Stempel Waktu", "Akar Stempel Waktu", root=True)
        key = _new_key()
        self._own = _certificate(key, self._key, SERVICE, "Akar Stempel Waktu", at=f"http://127.0.0.1:{self.port}/crl")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.roots.write_bytes(self._root.public_bytes(Encoding.PEM))
        (self.folder / "tsa.pem").write_bytes(self._own.public_bytes(Encoding.PEM))
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / "tsa.key").write_bytes(pem)
        self.send_along(0)
        (self.folder / "serial").write_text("01\n")
        (self.folder / "tsa.cnf").write_text(_CONFIG.format(folder=self.folder))

    def send_along(self, more: int) -> None:
        """Let every answer carry the root and so many further certificates."""
        others = [_certificate(_new_key(), self._key, f"Lain {number}", "Lain") for number in range(more)]
        self.chain.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in (self._root, *others)))

    def answer(self, question: bytes) -> bytes:
        """What openssl says."""
        command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-section", "here", "-queryfile", "question"]
        if self.mood == "refuses":
            question = question.replace(
                b"\x60\x86\x48\x01\x65\x03\x04\x02\x01", b"\x60\x86\x48\x01\x65\x03\x04\x02\x09"
            )
        (self.folder / "question").write_bytes(question)
        done = subprocess.run([*command, "-out", "answer"], cwd=self.folder, capture_output=True, check=False)
        self.last = (self.folder / "answer").read_bytes()
        assert self.last, done.stderr
        return self.last

    def list_of_revoked(self) -> bytes:
        """Signed by the root, an hour old."""
        now = datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._root.subject)
            .last_update(now - timedelta(hours=1))
            .next_update(now + timedelta(days=1))
        )
        if self.revoked:
            gone = x509.RevokedCertificateBuilder().serial_number(self._own.serial_number)
            builder = builder.add_revoked_certificate(gone.revocation_date(now - timedelta(hours=2)).build())
        return builder.sign(self._key, SHA256()).public_bytes(Encoding.DER)


@contextmanager
def timestamp_server(folder: Path) -> Iterator[TimestampServer]:
    """Run a service of one's own."""
    service, lock = TimestampServer(folder), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                service.questions += 1
                if service.mood == "slow":
                    time.sleep(0.6)
                answer = service.last if service.mood == "stale" else service.answer(question)
            if service.mood == "garbage":
                answer = b"\x30\x03junk"
            self._send(500 if service.mood == "error" else 200, "application/timestamp-reply", answer)

        def do_GET(self) -> None:
            answer = b"" if service.mood == "no-list" else service.list_of_revoked()
            self._send(200 if answer else 404, "application/pkix-crl", answer)

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  The library's signature.
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service.port = server.server_address[1]
        service.certify()
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _certificate(
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    name: str,
    issuer: str,
    *,
    root: bool = False,
    at: str = "",
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if at:
        place = x509.DistributionPoint([x509.UniformResourceIdentifier(at)], None, None, None)
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
        ).add_extension(x509.CRLDistributionPoints([place]), critical=False)
    return builder.sign(issuer_key, SHA256())
