"""A private slapd behind a network of its own, which can be cut: it runs, and nobody reaches it.

with far_slapd(tmp_path) as directory:
    directory.cut()
    directory.join()
"""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.servers.slapd import Slapd


class FarSlapd(Slapd):
    """A :class:`Slapd` in a network namespace. Its ports outside lead into it."""

    def cut(self) -> None:
        """Take the network down: nothing that is sent gets an answer, as behind a cable that was pulled."""
        self._tell("down")

    def join(self) -> None:
        """Bring it up again: what was sent meanwhile, and not given up, arrives."""
        self._tell("up")

    def _launch(self, command: list[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        listeners = [socket.create_server(("127.0.0.1", port)) for port in self._ports]
        relays = [f"{one.fileno()}:{port}" for one, port in zip(listeners, self._ports, strict=True)]
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("own_network.py")), *relays, "--", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            pass_fds=[one.fileno() for one in listeners],
        )
        for listener in listeners:
            listener.close()
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        return process

    def _end(self, with_signal: signal.Signals) -> None:
        process = self._process
        super()._end(with_signal)
        for pipe in (process.stdin, process.stdout) if process is not None else ():
            if pipe is not None:
                pipe.close()

    def _tell(self, word: str) -> None:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(f"{word}\n".encode())
        process.stdin.flush()
        assert process.stdout.readline().decode().strip() == word


@contextmanager
def far_slapd(folder: Path, **options: Any) -> Iterator[FarSlapd]:
    """Start a :class:`FarSlapd` below ``folder/slapd`` (with the options of :class:`Slapd`) and end it afterwards."""
    directory = FarSlapd(folder / "slapd", **options)
    directory.start()
    try:
        yield directory
    finally:
        directory.stop()
