"""The service as an administrator starts it: ``provisioner serve --demo`` as a process of its own."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY = re.compile(r"Ready after .* s: (http://\S+?)/$")
PERSON = re.compile(r"^  \S.*?\s(?P<name>[a-z]+)\s+(?P<password>\w{4}(?:-\w{4}){4})$")
CHEAP_HASHES = {"PROVISIONER_PASSWORDS__ARGON2_MEMORY_KIB": "256", "PROVISIONER_PASSWORDS__ARGON2_ITERATIONS": "1"}


@dataclass(frozen=True)
class Service:
    """A running service."""

    address: str
    passwords: Mapping[str, str]
    """First password of each official of the demonstration office, by user name."""
    process: "subprocess.Popen[str]"


@contextmanager
def running(folder: Path, config: Path | None = None, **environment: str) -> Iterator[Service]:
    """Start the service with its data in ``folder``; ends it by SIGTERM and demands that it ends well."""
    command = [str(Path(sys.executable).parent / "provisioner"), *(["--config", str(config)] if config else [])]
    told = {"PATH": "/usr/bin:/bin", "PROVISIONER_DATA_DIR": str(folder), "PROVISIONER_WEB__PORT": "0"}
    process = subprocess.Popen(
        [*command, "serve", "--demo"],
        env={**told, **CHEAP_HASHES, "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield _wait_until_ready(process)
    finally:
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, rest


def _wait_until_ready(process: "subprocess.Popen[str]") -> Service:
    passwords, said = {}, []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if person := PERSON.match(line.rstrip()):
            passwords[person["name"]] = person["password"]
        if ready := READY.search(line.rstrip()):
            return Service(ready[1], passwords, process)
    raise AssertionError("the service did not start:\n" + "".join(said))
