"""What every command starts from: the settings it was told to use, and the service built from them when it needs it."""

import sys
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from provisioner.cli.collector import at_rest_while_loading
from provisioner.errors import ConfigurationError, ProvisionerError
from provisioner.settings import Settings, load_settings

if TYPE_CHECKING:
    from provisioner.audit import AnchorBook
    from provisioner.bootstrap import Provisioner
    from provisioner.provisioning.context import Context

EXIT_REFUSED = 1
"""The office's rules or the state of things forbid it, or a check found something wrong."""
EXIT_USAGE = 2
"""Wrong words on the command line (click's own code)."""
EXIT_CONFIGURATION = 3
"""A file or setting is wrong, or the office was not prepared."""


@dataclass
class Opened:
    """The settings file, and what is built from it on first use."""

    config: Path | None

    @cached_property
    def settings(self) -> Settings:
        """Every setting. :raises ConfigurationError: a file or variable is wrong."""
        return load_settings(self.config)

    @cached_property
    def context(self) -> "Context":
        """The office, its keys and its store, in whatever state that is. :raises ConfigurationError: as below."""
        with at_rest_while_loading():
            built: Context = import_module("provisioner.opening").build_context(self.settings)
        return built

    @cached_property
    def provisioner(self) -> "Provisioner":
        """The service, without runner and pages. :raises ConfigurationError: see ``provisioner.bootstrap.build``."""
        # Not imported before it is needed: ``--help`` and a refusal should not wait for it.
        with at_rest_while_loading():
            built: Provisioner = import_module("provisioner.bootstrap").build(self.settings)
        return built

    @property
    def anchor_book(self) -> "tuple[AnchorBook, datetime]":
        """Where heads of the audit trail are noted, and the moment by the office's clock."""
        context = self.provisioner.context
        book: AnchorBook = import_module("provisioner.audit").AnchorBook(
            self.settings.path(self.settings.audit.anchor_dir)
        )
        return book, context.clock().astimezone(context.office.zone)


class Refusal(click.ClickException):
    """Tells a refusal of the core on standard error, with an exit code that means something."""

    def __init__(self, error: ProvisionerError) -> None:
        super().__init__(str(error))
        self.error = error

    def show(self, file: IO[str] | None = None) -> None:
        """Print the sentence and end with the code that fits it."""
        super().show(file)
        sys.exit(EXIT_CONFIGURATION if isinstance(self.error, ConfigurationError) else EXIT_REFUSED)


class Command(click.Command):
    """A command whose refusals end as a sentence and an exit code, not as a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        try:
            return super().invoke(ctx)
        except ProvisionerError as error:
            raise Refusal(error) from error


def opened(ctx: click.Context) -> Opened:
    """What the command line said about the settings."""
    found = ctx.find_object(Opened)
    if found is None:
        raise click.UsageError("no settings were chosen")
    return found
