"""The letters and the text of the pact. Good letters are kept as those to fall back on."""

from collections.abc import Iterator

from provisioner.bootstrap import Provisioner
from provisioner.checking.checked import Checked, guarded, right, wrong
from provisioner.connector import Finding, Severity
from provisioner.pact import PactText


def check_letters(provisioner: Provisioner) -> Iterator[Checked]:
    """Every template rendered with made-up data, and the text that people sign."""
    faults = provisioner.letters.wrong()
    for each in faults:
        remedy = "correct this line; until then the last letters that rendered stay in use"
        yield wrong("letters", "templates", str(each), remedy)
    if not faults:
        yield right("letters", "templates", "every letter renders")
    yield guarded("letters", "pact", lambda: _pact_text(provisioner))


def _pact_text(provisioner: Provisioner) -> Finding:
    text = PactText.load(provisioner.settings.office_dir / "pact.toml")
    if text.approval is None:
        return Finding(
            "pact",
            Severity.WARNING,
            f"the text of revision {text.revision} is a draft",
            "let the head of the agency approve it and fill [approval] in pact.toml",
        )
    return Finding("pact", Severity.OK, f"revision {text.revision}")
