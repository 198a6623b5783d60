"""docs/connector-guide.md, followed to the letter by somebody who has only the service and the guide."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioner.cli import main

GUIDE = Path(__file__).parents[1] / "docs" / "connector-guide.md"
BLOCK = re.compile(r"^```(?P<kind>sh|python)(?: (?P<words>\S+))?\n(?P<text>.*?)^```$", re.M | re.S)
COMMANDS = Path(sys.executable).parent


@dataclass(frozen=True)
class Desk:
    """The folder in which somebody works."""

    folder: Path

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """As typed there. What is installed goes into a folder of its own, and nothing is fetched."""
        environment = {
            "PATH": f"{COMMANDS}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "PIP_TARGET": str(self.folder / "site"),
            "PYTHONPATH": str(self.folder / "site"),
            "PIP_NO_INDEX": "1",
            "PIP_NO_DEPS": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # So pip reads it: without isolation.
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        return subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_who_follows_the_guide_has_a_connector_that_passes_the_contract(desk: Desk) -> None:
    outputs = []
    for block in BLOCK.finditer(GUIDE.read_text()):
        if block["kind"] == "python":
            (desk.folder / "json-file" / block["words"]).write_text(block["text"])
            continue
        done = desk.run(block["text"])
        assert (done.returncode != 0) == (block["words"] == "fails"), done.stdout[-3000:] + done.stderr[-3000:]
        outputs.append(done.stdout)
    _, failing, passing, _ = outputs
    assert "NotImplementedError: create: make the entry whole, with its marker, in one call" in failing
    assert " passed" not in failing.splitlines()[-1].split(",")[0]
    assert " passed" in passing.splitlines()[-1]
    assert "failed" not in passing.splitlines()[-1]
    asked = desk.run(
        "python -c 'from provisioner.targets import build_targets;"
        ' print(build_targets({"berkas": {"kind": "json-file", "file": "x.json"}})["berkas"].connector)\''
    )
    assert "JsonFileConnector" in asked.stdout, asked.stderr


@pytest.mark.parametrize(
    "name", ["Json", "1st", "json_file", "json--file", "-json", "json-", "../x", "", "x" * 33, "class"]
)
def test_a_name_that_is_none_makes_nothing(tmp_path: Path, name: str) -> None:
    assert "small letters" in refused(["--into", str(tmp_path), "--", name])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["ldap", "json", "web", "provisioner"])
def test_a_name_that_means_something_already_makes_nothing(tmp_path: Path, name: str) -> None:
    assert "called so already" in refused([name, "--into", str(tmp_path)])
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "json-file").mkdir()
    assert "nothing was changed" in refused(["json-file", "--into", str(tmp_path)])
    assert list((tmp_path / "json-file").iterdir()) == []
    assert "no such folder" in refused(["json-file", "--into", str(tmp_path / "nowhere")])


def refused(words: list[str]) -> str:
    """What the command says when it makes nothing."""
    result = CliRunner().invoke(main, ["connector", "new", *words])
    assert result.exit_code == 1
    return result.output
