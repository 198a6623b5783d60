"""The core, as a view reaches it."""

from typing import cast

from flask import current_app

from provisioner.bootstrap import Provisioner
from provisioner.office import Office
from provisioner.procedure import Procedure
from provisioner.settings import Settings


def core() -> Provisioner:
    """The use cases of this application. A view calls one method of it."""
    return cast(Provisioner, current_app.extensions["provisioner"])


def office() -> Office:
    """The office's names, posts, roles, regions and lists."""
    return core().office


def procedure() -> Procedure:
    """The SOP."""
    return core().procedure


def settings() -> Settings:
    """The settings, for what a page tells about them."""
    return core().settings
