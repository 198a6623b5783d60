"""BSrE's client service as the project knows it: a real HTTP server that really signs, with a PKI of its own.

Both interfaces, their errors, and what may happen on the way. Like the real one (iText) it makes a signature field of
its own and signs in an incremental update.
"""

import base64
import io
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import pikepdf
from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from PIL import Image
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.stamp.static import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

USERNAME, PASSWORD = "siak-provisioner", "sandi-klien-esign-99"
PASSPHRASE = "Frasa#Sandi!BSrE-7"
Mood = Literal[
    "good", "lost", "cut", "cut-and-gone", "slow", "garbage", "html", "other-document", "rewritten", "drawn-over",
    "unsigned", "stranger", "code-in-message", "busy",
]  # fmt: skip
"""``lost`` signs and hangs up; ``cut`` breaks off in the body; ``cut-and-gone`` does, and cannot be fetched either."""


@dataclass
class BsreServer:
    """One service. Everything may be changed at any time; ``asked`` are the paths it saw, ``signed`` what it signed."""

    folder: Path
    niks: dict[str, str] = field(default_factory=dict)
    """NIK -> state of the certificate."""
    mood: Mood = "good"
    port: int = 0
    asked: list[str] = field(default_factory=list)
    properties: list[dict[str, Any]] = field(default_factory=list)
    signed: int = 0
    kept: dict[str, bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._root_key, self._middle_key, self._key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
        self.root = _certificate("PSrE Induk Percobaan", self._root_key, "PSrE Induk Percobaan", self._root_key, 2)
        self._middle = _certificate("OSD Percobaan", self._middle_key, "PSrE Induk Percobaan", self._root_key, 1)
        self._own = _certificate("Pejabat Percobaan", self._key, "OSD Percobaan", self._middle_key, None)
        self.roots.write_bytes(self.root.public_bytes(Encoding.PEM))
        self.password_file.write_text(PASSWORD + "\n")

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def roots(self) -> Path:
        """The root to trust."""
        return self.folder / "roots.pem"

    @property
    def password_file(self) -> Path:
        """The application's password."""
        return self.folder / "password"

    def settings(self, **more: Any) -> dict[str, Any]:
        """``[signing.bsre]``."""
        given = {"address": self.address, "username": USERNAME, "password_file": self.password_file}
        return {**given, "roots": self.roots, "seconds": 5, **more}

    def sign(self, pdf: bytes, page: int, box: tuple[int, int, int, int], image: bytes, reason: str) -> bytes:
        """Sign in a new field."""
        if self.mood == "other-document":
            pdf = pdf.replace(b"/Title", b"/Titel", 1)
        if self.mood == "rewritten":
            out = io.BytesIO()
            with pikepdf.open(io.BytesIO(pdf)) as document:
                document.save(out)
            pdf = out.getvalue()
        if self.mood == "drawn-over":
            writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
            drawn = writer.add_object(StreamObject(stream_data=b"0 0 100 100 re f"))
            writer.add_stream_to_page(0, drawn)  # type: ignore[no-untyped-call]
            out = io.BytesIO()
            writer.write(out)  # type: ignore[no-untyped-call]
            pdf = out.getvalue()
        if self.mood == "unsigned":
            return pdf
        self.signed += 1
        key, own, middle = self._key, self._own, self._middle
        if self.mood == "stranger":
            middle = _certificate("OSD Percobaan", self._middle_key, "OSD Percobaan", self._middle_key, 1)
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([_asn1(own), _asn1(middle)] if self.mood != "stranger" else [_asn1(own)])
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        signer = SimpleSigner(signing_cert=_asn1(own), signing_key=keys.PrivateKeyInfo.load(der), cert_registry=store)
        spec = SigFieldSpec(f"Signature{self.signed}", on_page=page, box=box)
        style = StaticStampStyle(border_width=0, background=PdfImage(Image.open(io.BytesIO(image))))
        out = io.BytesIO()
        metadata = PdfSignatureMetadata(field_name=spec.sig_field_name, reason=reason, md_algorithm="sha256")
        PdfSigner(metadata, signer, stamp_style=style, new_field_spec=spec).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out
        )
        return out.getvalue()


@contextmanager
def bsre_server(folder: Path, **niks: str) -> Iterator[BsreServer]:
    """Run a service of one's own."""
    service = BsreServer(folder, niks)

    class Handler(_Handler):
        bsre = service

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    bsre: BsreServer

    def do_GET(self) -> None:
        if not self._known():
            return
        place, _, last = self.path.rpartition("/")
        if place == "/api/user/status":
            state = self.bsre.niks.get(last, "NOT_REGISTERED")
            code = {"ISSUE": 1111, "NOT_REGISTERED": 1110}.get(state)
            self._json(200, {"status_code": code, "message": state} if code else {"status": state})
        elif place == "/api/sign/download":
            found = self.bsre.kept.pop(last, None)
            if found is None:
                self._json(400, {"status_code": 4044, "error": "Dokumen sudah diunduh"})
            else:
                self._send(200, "application/pdf", found)
        else:
            self._send(404, "text/html", b"<h1>404</h1>")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._known():
            return
        if self.path == "/api/sign/pdf":
            self._sign_v1(_form(self.headers["Content-Type"], body))
        elif self.path == "/api/v2/user/check/status":
            self._json(200, {"status": self.bsre.niks.get(json.loads(body)["nik"], "NOT_REGISTERED")})
        elif self.path == "/api/v2/sign/pdf":
            self._sign_v2(json.loads(body))
        else:
            self._send(404, "text/html", b"<h1>404</h1>")

    def _sign_v1(self, form: dict[str, bytes]) -> None:
        text = {name: value.decode() for name, value in form.items() if name not in ("file", "imageTTD")}
        self.bsre.properties.append({name: value for name, value in text.items() if name not in ("passphrase", "nik")})
        if not self._may_sign(text["nik"], text["passphrase"]):
            return
        box = tuple(int(text[name]) for name in ("xAxis", "yAxis", "width", "height"))
        signed = self.bsre.sign(form["file"], int(text["page"]) - 1, box, form["imageTTD"], text["reason"])  # type: ignore[arg-type]
        name = f"dok-{self.bsre.signed}"
        if self.bsre.mood != "cut-and-gone":
            self.bsre.kept[name] = signed
        if self.bsre.mood == "lost":
            self.close_connection = True
            return
        cut = len(signed) // 2 if self.bsre.mood in ("cut", "cut-and-gone") else 0
        self._send(200, "application/pdf", signed, document=name, cut=cut)

    def _sign_v2(self, asked: dict[str, Any]) -> None:
        (wanted,) = asked["signatureProperties"]
        self.bsre.properties.append({name: value for name, value in wanted.items() if name != "imageBase64"})
        if not self._may_sign(asked["nik"], asked["passphrase"]):
            return
        upper = 842 - wanted["originY"]
        box = (wanted["originX"], upper - wanted["height"], wanted["originX"] + wanted["width"], upper)
        pdf, image = base64.b64decode(asked["file"][0]), base64.b64decode(wanted["imageBase64"])
        signed = self.bsre.sign(pdf, wanted["page"] - 1, box, image, wanted["reason"])
        if self.bsre.mood == "lost":
            self.close_connection = True
            return
        document = json.dumps({"time": 1200, "file": [base64.b64encode(signed).decode()]}).encode()
        cut = len(document) // 2 if self.bsre.mood in ("cut", "cut-and-gone") else 0
        self._send(200, "application/json", document, cut=cut)

    def _may_sign(self, nik: str, passphrase: str) -> bool:
        mood = self.bsre.mood
        if mood == "slow":
            time.sleep(1.0)
        if mood == "busy":
            self._json(400, {"status_code": 4015, "error": "Layanan sibuk"})
        elif mood == "garbage":
            self._send(200, "application/pdf", b"\x00\xff{[")
        elif mood == "html":
            self._send(502, "text/html", b"<html>Bad gateway</html>")
        elif nik not in self.bsre.niks:
            self._json(400, {"status_code": 2011, "error": "User belum terdaftar"})
        elif passphrase != PASSPHRASE:
            told: dict[str, Any] = {"error": "Passphrase anda salah !!!"}
            self._json(400, told if mood == "code-in-message" else {"status_code": 2031, **told})
        else:
            return True
        return False

    def _known(self) -> bool:
        self.bsre.asked.append(f"{self.command} {self.path}")
        expected = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        if self.headers["Authorization"] != expected:
            self._json(401, {"error": "Unauthorized"})
            return False
        return True

    def _json(self, status: int, document: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(document).encode())

    def _send(self, status: int, kind: str, body: bytes, *, document: str = "", cut: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if document:
            self.send_header("id_dokumen", document)
        self.end_headers()
        self.wfile.write(body[:cut] if cut else body)
        self.close_connection = bool(cut)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  The library's signature.
        pass


def _form(kind: str, body: bytes) -> dict[str, bytes]:
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    found = {}
    for part in message.iter_parts():
        value = part.get_payload(decode=True)
        assert isinstance(value, bytes)
        found[str(part.get_param("name", header="content-disposition"))] = value
    return found


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    authority: int | None,
) -> x509.Certificate:
    """``authority``: how many certificates may stand below it; None: it signs documents. Good since long ago."""
    signs = authority is None
    usage = x509.KeyUsage(
        digital_signature=signs, content_commitment=signs, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=not signs, crl_sign=not signs, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=400))
        .not_valid_after(datetime.now(UTC) + timedelta(days=400))
        .add_extension(x509.BasicConstraints(ca=not signs, path_length=authority), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, SHA256())
    )
