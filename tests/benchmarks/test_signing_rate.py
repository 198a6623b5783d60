"""Pacts that a section head signs in one go, against pyHanko alone signing the same files, in turns.

pyHanko alone has its key, its certificate and the picture in the field ready, and neither reads what it was given nor
what it made; ours is the whole of what the office's page does: password, two looks at the file, key, certificate,
picture, signature, the trail, and account and links in one transaction for each pact.
"""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.stamp.static import StaticStampStyle

from provisioner.documents.pact import STAMP
from provisioner.signing.authority import Authority, Holder
from provisioner.signing.pades import PadesSigner
from provisioner.signing.signer import SignatureField
from provisioner.signing.update import PageStamp
from tests.benchmarks.figures import Figure, Results, median
from tests.benchmarks.test_approval import REAL_COST, RealTime
from tests.benchmarks.turns import Turns
from tests.office import RealOffice, own_password

pytestmark = pytest.mark.benchmark
AT_ONCE, ROUNDS = 8, 3
GOAL = 60
ANY_NUMBER = {"drafts_per_hour": 100_000, "submissions_per_hour": 100_000}
_PICTURE = {
    "width": 220,
    "height": 70,
    "name": "Ir. Sutarjo Wibowo, M.Si.",
    "capacity": "Kepala Seksi Sistem Informasi",
    "staff": "",
    "moment": "29 November 2026, 10.00 WIB",
    "means": "kata sandi",
    "certificate": "0123 4567 89AB CDEF",
    "footer": "",
}


def test_pacts_signed_in_one_go(tmp_path: Path, prepared_office: Path, results: Results) -> None:
    office = RealOffice(tmp_path / "office", prepared_office, RealTime(), limits=ANY_NUMBER, passwords=REAL_COST)
    section_head = office.actor("section_head")
    waiting = [office.new("pact-official", number) for number in range(AT_ONCE * (ROUNDS + 1))]
    pacts = [office.pact(who) for who in waiting]
    files = [office.core.pacts.document(section_head, pact.id)[1] for pact in pacts][:AT_ONCE]
    given = iter(pacts)

    def ours() -> float:
        chosen = [next(given).id for _ in range(AT_ONCE)]
        started = perf_counter()
        signed = office.core.signatures.sign(section_head, chosen, own_password("section_head"), "")
        seconds = perf_counter() - started
        assert [one.error for one in signed] == [None] * AT_ONCE
        return AT_ONCE / seconds

    alone = _Alone(office)
    turns = Turns.take(ours, lambda: alone.rate(files), ROUNDS)
    office.close()
    share = median(turns.shares)
    results.add(Figure("pacts signed by pyHanko alone", median(turns.raw), "pacts/s", samples=turns.raw))
    name = f"pacts approved and signed, {AT_ONCE} with one password"
    results.add(Figure(name, median(turns.ours), "pacts/s", samples=turns.ours))
    results.add(
        Figure("approvals against pyHanko alone", share, "%", f">= {GOAL} %", share >= GOAL, samples=turns.shares)
    )


class _Alone:
    """pyHanko with everything in its hand."""

    def __init__(self, office: RealOffice) -> None:
        now = datetime.now(UTC)
        authority = Authority.create("Dinas", now, timedelta(days=3650))
        signer = PadesSigner(authority, ec.generate_private_key(ec.SECP256R1()), Holder("Pejabat", "Kepala"), now)
        self._cms = signer._cms
        self._stamp = office.core.pacts._documents._renderer.render(STAMP, {"stamp": _PICTURE}, now, tagged=False)

    def rate(self, files: Sequence[bytes]) -> float:
        """Files a second."""
        started = perf_counter()
        for file in files:
            assert len(self._signed(file)) > len(file)
        return len(files) / (perf_counter() - started)

    def _signed(self, file: bytes) -> bytes:
        style = StaticStampStyle(border_width=0, background=PageStamp(self._stamp))
        metadata = PdfSignatureMetadata(
            SignatureField.OFFICIAL.value, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
        )
        out = io.BytesIO()
        PdfSigner(metadata, self._cms, stamp_style=style).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(file)), existing_fields_only=True, bytes_reserved=12_288, output=out
        )
        return out.getvalue()
