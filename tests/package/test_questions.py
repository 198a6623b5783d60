"""The scripts of the Debian package, as dpkg and debconf will read them."""

import re
import subprocess
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "package"
DEBIAN = PACKAGE / "debian"
SCRIPTS = ("config", "postinst", "prerm", "postrm")


def _templates() -> dict[str, dict[str, str]]:
    """Every template by name: its fields, a long one with all of its lines."""
    found = {}
    for block in (DEBIAN / "templates").read_text().strip().split("\n\n"):
        fields = dict(re.findall(r"^(\S[^:]*): ?((?:.*\n?)(?:^ .*\n?)*)", block, re.MULTILINE))
        found[fields["Template"].strip().removeprefix("siak-provisioner/")] = fields
    return found


@pytest.mark.parametrize(
    "script", [*(f"debian/{name}" for name in SCRIPTS), "provisioner", "build", "trial", "try", "try-many"]
)
def test_a_script_has_no_fault_that_shellcheck_knows(script: str) -> None:
    # debconf's library is not there to be read, nor what it sets (RET); a quoted "$" is for another shell.
    words = ["shellcheck", "--external-sources", "--exclude=SC1091,SC2016,SC2119,SC2154", str(PACKAGE / script)]
    told = subprocess.run(words, capture_output=True, text=True, check=False, cwd=PACKAGE.parent)
    assert told.returncode == 0, told.stdout


def test_everything_that_is_asked_has_its_question() -> None:
    templates = _templates()
    text = "".join((DEBIAN / script).read_text() for script in SCRIPTS)
    asked = {
        *re.findall(r"db_(?:input \w+|get|subst|fset|reset) \"?siak-provisioner/([a-z-]+)", text),
        *re.findall(r"\(answer ([a-z-]+)\)", text),
        *re.findall(r"^ *ask \w+ ([a-z-]+)", text, re.M),
    }
    assert {"region", "store", "store-url", "public-url", "system", "official", "purge-data"} <= asked
    assert asked <= set(templates)


def test_every_question_is_also_asked_in_bahasa_indonesia() -> None:
    for name, fields in _templates().items():
        assert fields.get("Description-id.UTF-8", "").strip(), name
        choices = [len(words.split(",")) for key, words in fields.items() if key.startswith("Choices")]
        assert len(set(choices)) <= 1, name


def test_deleting_the_keys_is_never_what_happens_without_an_answer() -> None:
    purge = _templates()["purge-data"]
    assert purge["Default"].strip() == "false"
    assert "KEYS" in purge["Description"]
    assert "KUNCI" in purge["Description-id.UTF-8"]


def test_a_password_is_asked_as_one_and_forgotten() -> None:
    assert _templates()["store-password"]["Type"].strip() == "password"
    assert "db_reset siak-provisioner/store-password" in (DEBIAN / "postinst").read_text()
