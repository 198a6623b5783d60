"""A real Chromium against a real server. Nothing of either is simulated."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import BaseWSGIServer, make_server

from tests.web.house import Given, make_app

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 10_000
SERIOUS = {"serious", "critical"}

Serve = Callable[[Flask], str]
Look = Callable[[Page], list[str]]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, started once a module and no longer.

    Playwright keeps an event loop running in this thread; signing a pact, which other modules do here, needs its own.
    """
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of a new visitor. What the browser complains of on the way fails the test."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, locale="id-ID")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield opened
    context.close()
    assert complaints == []


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve an application on a free port of this machine; gives its address."""
    running: list[BaseWSGIServer] = []

    def start(app: Flask) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        running.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """What a test may change before the office is opened."""
    return Given(tmp_path)


@pytest.fixture
def site(given: Given, serve: Serve) -> Iterator[str]:
    """The address of the pages over an office made afresh."""
    app = make_app(given)
    yield serve(app)
    app.extensions["provisioner"].close()


@pytest.fixture
def axe() -> Look:
    """What axe finds on a page that is serious or critical, as lines to read; empty is good."""

    def look(page: Page) -> list[str]:
        found = Axe().run(page).response["violations"]
        return [
            f"{each['id']} ({each['impact']}): {each['help']}: {node['target']}"
            for each in found
            if each["impact"] in SERIOUS
            for node in each["nodes"]
        ]

    return look
