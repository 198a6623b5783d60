"""Second opinions on signatures: poppler's pdfsig and pyHanko's own command, each in a few words."""

import logging
import subprocess
from pathlib import Path

from click.testing import CliRunner
from pyhanko.cli import cli_root


def pdfsig(file: Path) -> str:
    """What ``pdfsig -nocert`` says of each signature, and whether it calls the file signed to its end."""
    answer = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=False)
    lines = [line.strip(" -") for line in answer.stdout.splitlines()]
    found = [line.removeprefix("Signature Validation: ") for line in lines if line.startswith("Signature Validation:")]
    if not found:
        return "tidak menemukan tanda tangan"
    whole = any(line == "Total document signed" for line in lines)
    said = ", ".join(_PDFSIG.get(each, each) for each in found)
    return f"{said}; {'sampai akhir berkas' if whole else 'tidak sampai akhir berkas'}"


_PDFSIG = {
    "Signature is Valid.": "sah",
    "Signature is Invalid.": "rusak",
    "Digest Mismatch.": "rusak",
    "Signature has not yet been verified.": "tidak diperiksa",
}


def pyhanko(file: Path, root: Path) -> str:
    """What ``pyhanko sign validate`` says when it trusts the office's authority, at the time each signature names."""
    arguments = ["--trust", str(root), "--trust-replace", "--validation-time", "claimed", str(file)]
    before = logging.root.level, list(logging.root.handlers)
    answer = CliRunner().invoke(cli_root, ["sign", "validate", *arguments])
    logging.root.setLevel(before[0])
    logging.root.handlers[:] = before[1]
    lines = [line for line in answer.output.splitlines() if line.count(":") >= 2 and len(line.split(":")[1]) == 64]
    if not lines and answer.exit_code == 0:
        return "tidak menemukan tanda tangan"
    if not lines:
        return "tidak dapat membaca"
    return f"{', '.join(_words(line) for line in lines)}; {'diterima' if answer.exit_code == 0 else 'ditolak'}"


def _words(line: str) -> str:
    """One signature, from ``field:fingerprint:what:more,what was done afterwards,whether that is acceptable``."""
    said = line.split(":", 2)[2]
    if said.startswith("INVALID"):
        return "rusak"
    if "UNTRUSTED" in said:
        return "tak dipercaya"
    return "diubah sesudahnya" if "ILLEGAL" in said else "sah"
