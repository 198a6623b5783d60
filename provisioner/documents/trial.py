"""A trial of the letters: every template is rendered with made-up data, in a process of its own with a time limit.

A template is a program: one that runs for ever, or eats all memory, must do so where it holds nobody up.
``python -m provisioner.documents.trial FOLDER`` is that process.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from provisioner.documents.made_up import MADE_UP
from provisioner.documents.renderer import Renderer
from provisioner.errors import ConfigurationError, ProvisionerError

SECONDS = 5
"""Of processor time: ten times what all letters take; less than somebody who presses a button waits."""
_PATIENCE = 12
"""How many times longer it may take by the clock: a machine that is busy makes no letter bad."""
_MEMORY = 2 * 1024**3
_AT = datetime(2026, 1, 5, tzinfo=UTC)


def tried(folder: Path, seconds: int = SECONDS) -> list[ConfigurationError]:
    """What is wrong with the templates of ``folder``; empty if all of them render. ``seconds``: of processor time."""
    command = [sys.executable, "-m", "provisioner.documents.trial", str(folder.absolute()), str(seconds)]
    # Nothing of our own surroundings goes in: keys may stand there.
    surroundings = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ.get("PATH", "")}
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds * _PATIENCE, env=surroundings, check=False)  # noqa: S603
        lines, ended = _said(done.stdout), done.returncode == 0
    except subprocess.TimeoutExpired as error:
        lines, ended = _said(error.stdout or b""), False
    found = [ConfigurationError(each["file"], each["reason"], each.get("line")) for each in lines if "reason" in each]
    if not ended:
        found.append(_unfinished(folder, lines, seconds))
    return found


def _said(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines() if line.endswith(b"}")]


def _unfinished(folder: Path, lines: Sequence[dict[str, Any]], seconds: int) -> ConfigurationError:
    begun = [each["template"] for each in lines if "template" in each]
    file = folder / f"{begun[-1]}.typ" if begun else folder
    return ConfigurationError(
        str(file), f"does not render in {seconds} seconds of work or needs too much memory: does it loop?"
    )


def _render_all(folder: Path) -> None:
    renderer = Renderer(folder)
    for template, samples in MADE_UP.items():
        _say(template=template)
        try:
            for sample in samples:
                renderer.paper(template, sample, _AT)
        except ConfigurationError as error:
            _say(file=error.file, reason=error.reason, line=error.line)
        except ProvisionerError as error:
            _say(file=str(folder / f"{template}.typ"), reason=str(error))


def _say(**said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    limit = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    _render_all(Path(sys.argv[1]))
