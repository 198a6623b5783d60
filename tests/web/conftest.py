"""The web front over a core, and a client that speaks to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.at_work import WITH_SIAK, AtWork
from tests.web.house import Given, make_app


@pytest.fixture
def given(tmp_path: Path, store_kind: str) -> Iterator[Given]:  # noqa: ARG001
    made = Given(tmp_path)
    yield made
    made.close()


@pytest.fixture
def app(given: Given) -> Flask:
    return make_app(given)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def office(tmp_path: Path, store_kind: str) -> Iterator[AtWork]:  # noqa: ARG001
    """An office with a table of accounts and a system that only people operate."""
    made = AtWork(Given(tmp_path, settings=WITH_SIAK))
    yield made
    made.close()
