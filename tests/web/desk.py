"""An official at their desk: a browser without a script that sends the forms of the pages it has open."""

import re
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup
from werkzeug.test import TestResponse

from tests.office import own_password

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_REVISION = re.compile(r'name="revision" value="([^"]+)"')


class Desk:
    """A browser of one official. ``page`` is the newest page's text as a reader sees it."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.html = ""
        self.status = 0

    @property
    def page(self) -> str:
        """The page's words, one space between them."""
        body = self.html.partition("<main")[2].partition("</main>")[0]
        return " ".join(unescape(Markup(body).striptags()).split())  # noqa: S704  Only read, never shown.

    def get(self, path: str) -> "Desk":
        """Open a page."""
        return self._keep(self.client.get(path, follow_redirects=True))

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> "Desk":
        """Send a form of the page that is open, with its token and revision, and go where the answer leads."""
        token = _TOKEN.search(self.html)
        assert token, "no form is open"
        revision = _REVISION.search(self.html)
        hidden = {"csrf_token": token.group(1), **({"revision": revision.group(1)} if revision else {})}
        return self._keep(self.client.post(path, data={**hidden, **(data or {})}, follow_redirects=True, **more))

    def sign_in(self, username: str, password: str = "") -> "Desk":
        """Sign in with name and password."""
        self.get("/masuk")
        return self.post("/masuk", {"username": username, "password": password or own_password(username)})

    def _keep(self, answer: TestResponse) -> "Desk":
        self.html, self.status = answer.text, answer.status_code
        return self
