"""The real ``provisioner serve``, as a process with its output in files and a folder for temporary files of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_READY = re.compile(r"^Ready after \S+ s: (http://\S+/)$", re.MULTILINE)
_PATIENCE_SECONDS = 120


class Served:
    """One start of the command. ``folder`` keeps what it prints; ``data`` is the office's data folder."""

    def __init__(self, folder: Path, data: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.folder, self.data = folder, data
        self.temporary = folder / "temporary"
        self.temporary.mkdir(parents=True, exist_ok=True)
        self._out, self._err = folder / "stdout", folder / "stderr"
        own = {
            "PROVISIONER_DATA_DIR": str(data),
            "PROVISIONER_WEB__PORT": "0",
            "TMPDIR": str(self.temporary),
            "PYTHONFAULTHANDLER": "1",  # For stop().
        }
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [*self.command(), *arguments], stdout=out, stderr=err, env={**os.environ, **own, **(environment or {})}
            )

    def command(self) -> list[str]:
        """The program; its arguments follow."""
        return [str(Path(sys.executable).with_name("provisioner"))]

    @property
    def said(self) -> str:
        """Standard output until now."""
        return self._out.read_text()

    @property
    def complained(self) -> str:
        """Standard error until now."""
        return self._err.read_text()

    @property
    def output_files(self) -> list[Path]:
        """Where both stand."""
        return [self._out, self._err]

    def address(self) -> str:
        """Wait until it is ready; the address it printed."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if ready := _READY.search(self.said):
                return ready[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.005)
        raise AssertionError(f"the service did not start:\n{self.said}\n{self.complained}")

    def pids(self) -> list[int]:
        """The process and its children."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *map(int, children.split())]

    def ended(self) -> int:
        """Wait until it ends by itself; its exit code."""
        return self.process.wait(_PATIENCE_SECONDS)

    def stop(self) -> int:
        """End it in good order (SIGTERM); its exit code. Ended already is fine.

        Raises:
            AssertionError: it did not end; the text says where each of its threads stood.
        """
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.ended()
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            self.ended()
        raise AssertionError(f"told to stop, it did not end:\n{self.said}\n{self.complained}")


@contextmanager
def served(folder: Path, data: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Run ``provisioner`` with these arguments (``serve`` without any) and end it afterwards."""
    running = Served(folder, data, *(arguments or ("serve",)), environment=environment)
    try:
        yield running
    finally:
        running.stop()
