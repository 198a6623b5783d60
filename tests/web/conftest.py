"""The web front over a core, and a client that speaks to it."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.house import Given, make_app


@pytest.fixture
def given(tmp_path: Path) -> Given:
    return Given(tmp_path)


@pytest.fixture
def app(given: Given) -> Flask:
    return make_app(given)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
