"""What a WSGI server is told to load."""

from flask import Flask

from provisioner.bootstrap import Provisioner, build
from provisioner.observation.prometheus import PrometheusObserver
from provisioner.settings import load_settings
from web.app import create_app


def create(provisioner: Provisioner, demo: bool = False) -> Flask:
    """The application over a core that somebody else built: ``provisioner serve`` does."""
    return create_app(provisioner, demo=demo)


def from_settings() -> Flask:
    """The application over the settings of the environment, for a server of one's own: ``web.wsgi:from_settings()``.

    The runner is then a process of its own.
    """
    return create_app(build(load_settings(), observer=PrometheusObserver()))
