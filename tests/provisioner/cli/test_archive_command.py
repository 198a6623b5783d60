"""``provisioner archive export``: whole or not at all."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.office import RealOffice
from tests.provisioner.cli.command_line import IN_MEMORY, CommandLine

pytestmark = pytest.mark.usefixtures("store_kind")


def test_a_year_and_single_cases_are_exported_whole_or_not_at_all(office: RealOffice, tmp_path: Path) -> None:
    who, _ = office.new("review", 0), office.new("sent", 1)
    typed, out = CommandLine(tmp_path, IN_MEMORY.format(data=office.folder)), tmp_path / "arsip.zip"
    assert "2 case files" in typed.ok("archive", "export", "--year", "2026", "--out", str(out))
    assert out.stat().st_mode & 0o777 == 0o600
    script = tmp_path / "verify.py"
    script.write_bytes(zipfile.ZipFile(out).read("verify.py"))
    assert subprocess.run([sys.executable, "-I", script, out], check=False, capture_output=True).returncode == 0
    assert typed.type("archive", "export", "--year", "2026", "--out", str(out)).exit_code == 1
    number, one = office.request(who).number or "", tmp_path / "satu.zip"
    assert "1 case files" in typed.ok("archive", "export", "--request", number, "--out", str(one))
    empty = typed.type("archive", "export", "--year", "1999", "--out", str(tmp_path / "1999.zip"))
    assert (empty.exit_code, "case files none" in empty.output) == (1, True)
    assert typed.type("archive", "export", "--out", str(tmp_path / "x.zip")).exit_code == 2
    assert sorted(each.name for each in tmp_path.iterdir() if each.suffix in (".zip", ".part")) == [
        "arsip.zip",
        "satu.zip",
    ]
