"""What the WSGI server loads, named by an import string so that the core imports nothing of the web front."""

from flask import Flask

from provisioner.bootstrap import Provisioner
from web.app import create_app


def create(provisioner: Provisioner, *, demo: bool = False) -> Flask:
    """The WSGI application over a service that is ready to use."""
    return create_app(provisioner, provisioner.context, demo=demo)
