"""A command line over an office that was prepared."""

from pathlib import Path

import pytest

from tests.provisioner.cli.command_line import CommandLine


@pytest.fixture
def command_line(tmp_path: Path) -> CommandLine:
    """An office that was prepared."""
    made = CommandLine(tmp_path)
    made.ok("init")
    return made


@pytest.fixture
def unprepared(tmp_path: Path) -> CommandLine:
    """Settings, and nothing else yet."""
    return CommandLine(tmp_path)
