"""Putting the web front together."""

import hashlib
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from flask import Flask, url_for

from provisioner.bootstrap import Provisioner
from web import pages
from web.area import Subject
from web.catalog import setup_languages
from web.fault_pages import setup_fault_pages
from web.formats import Formats, setup_formats
from web.identity import setup_identity
from web.navigation import setup_navigation
from web.observation import setup_observation
from web.security import setup_security
from web.site import Site


def create_app(provisioner: Provisioner, *, demo: bool = False) -> Flask:
    """The WSGI application over a core that is ready to use. Does not connect to anything itself.

    ``demo``: every page says that this is an office for trying out.
    """
    app = Flask("web", root_path=str(Path(__file__).parent))
    app.extensions["provisioner"] = provisioner
    context, office = provisioner.context, provisioner.office
    setup_languages(app, office.timezone)
    setup_formats(app, Formats(office.zone, office.timezone_label, context.clock))
    setup_templates(app, Site.of(office, context.procedure, demo))
    setup_observation(app, provisioner.probes, context.observer, context.settings.web.trusted_proxies)
    setup_security(app, context.settings, context.keyring.mac("web-form-tokens", b"session cookie"))
    setup_identity(app)
    setup_navigation(app)
    setup_pages(app)
    setup_fault_pages(app)
    return app


def setup_templates(app: Flask, site: Site) -> None:
    """What every template may use; undefined names are errors in attributes, empty in conditions."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        office=site, static=_Static(Path(app.root_path) / "static"), has_page=app.view_functions.__contains__
    )


def setup_pages(app: Flask) -> None:
    """Register every subject under ``web/pages``: each module there has one ``subject``."""
    for module in iter_modules(pages.__path__):
        subject = getattr(import_module(f"{pages.__name__}.{module.name}"), "subject", None)
        if isinstance(subject, Subject):
            app.register_blueprint(subject)


class _Static:
    """Addresses of static files that change with their content, so that browsers may keep them for a year."""

    def __init__(self, folder: Path) -> None:
        self._versions = {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:10] for file in folder.iterdir() if file.is_file()
        }

    def __call__(self, name: str) -> str:
        return url_for("static", filename=name, v=self._versions[name])
