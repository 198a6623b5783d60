"""What starts services is told how far this one is, over a real socket as systemd opens it."""

import os
import socket
from pathlib import Path

import pytest

from provisioner.cli.supervisor import tell


@pytest.mark.parametrize("abstract", [False, True])
def test_what_is_told_arrives(abstract: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"@siak-{os.getpid()}" if abstract else str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(name.replace("@", "\0", 1))
        systemd.settimeout(10)
        tell("READY=1")
        assert systemd.recv(100) == b"READY=1"


def test_where_nobody_listens_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell("READY=1")
