"""Papers that hold a secret leave the program once: into a new file of the owner's, to a printer, or into a pipe."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

import click

STANDARD_OUTPUT = "-"
_PRINTER_SECONDS = 60


def destination_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options ``--output`` and ``--printer``."""
    output = click.option("--output", metavar="FILE", help='A new file for the PDF; "-" is standard output.')
    printer = click.option("--printer", metavar="NAME", help='Print it at once (CUPS); "" is the default printer.')
    return output(printer(command))


@dataclass
class Destination:
    """Where a paper goes. Opened before anything is changed, so that a paper that was made never gets lost for want of
    a place; whatever is left open and empty is removed."""

    output: str | None
    printer: str | None
    _file: int | None = None

    def open(self) -> None:
        """Make sure that the paper can be handed over.

        :raises click.UsageError: no place, or two; standard output is a terminal; the file exists; no ``lp``.
        """
        if (self.output is None) == (self.printer is None):
            raise click.UsageError("choose one: --output FILE or --printer NAME")
        if self.printer is not None:
            if which("lp") is None:
                raise click.UsageError("there is no lp here (package cups-client): use --output, or a pipe")
        elif self.output == STANDARD_OUTPUT:
            if sys.stdout.isatty():
                raise click.UsageError("the PDF does not belong on a terminal: use a pipe or --output FILE")
        else:
            self._file = _new_file(Path(str(self.output)))

    def hand_over(self, pdf: bytes) -> None:
        """Write it, and say on standard error where it is. :raises click.ClickException: it could not be printed."""
        if self.printer is not None:
            _print(self.printer, pdf)
            _say("Sent to the printer. Fetch it now, and see that the print server keeps no copy of its jobs.")
        elif self._file is None:
            binary = sys.stdout.buffer
            binary.write(pdf)
            binary.flush()
        else:
            with os.fdopen(self._file, "wb") as file:
                self._file = None
                file.write(pdf)
            _say(f"Written to {self.output}, for your eyes only. Print it, then delete it: shred -u {self.output}")

    def close(self) -> None:
        """Take a file away that stayed empty, because nothing was made."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            with suppress(OSError):
                Path(str(self.output)).unlink()


def _new_file(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise click.UsageError(f"{path} exists already; secrets are written into new files only") from None
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from None


def _print(printer: str, pdf: bytes) -> None:
    """The paper goes in by a pipe and its title says nothing: no argument and no file of ours holds anything of it."""
    command = ["lp", "-s", "-t", "siak", *(["-d", printer] if printer else []), "-"]
    try:
        done = subprocess.run(command, input=pdf, capture_output=True, timeout=_PRINTER_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise click.ClickException(f"lp did not take it ({type(error).__name__}); nothing was printed") from None
    if done.returncode:
        raise click.ClickException(f"lp refused it: {done.stderr.decode(errors='replace').strip()[:200]}")


def _say(text: str) -> None:
    click.echo(text, err=True)
