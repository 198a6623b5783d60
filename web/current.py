"""The core, as a view reaches it."""

from typing import Any, TypeAlias

from flask import current_app

from provisioner.office import Office
from provisioner.procedure import Procedure
from provisioner.settings import Settings

Provisioner: TypeAlias = Any


def core() -> Provisioner:
    """The use cases of this application. A view calls one method of it."""
    return current_app.extensions["provisioner"]


def office() -> Office:
    """The office's names, posts, roles, regions and lists."""
    found: Office = current_app.extensions["context"].office
    return found


def procedure() -> Procedure:
    """The SOP."""
    found: Procedure = current_app.extensions["context"].procedure
    return found


def settings() -> Settings:
    """The settings, for what a page tells about them."""
    found: Settings = current_app.extensions["context"].settings
    return found
