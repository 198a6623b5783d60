"""What changed in OpenLDAP: the ways in which slapd answers, by how its overlay syncprov is set up."""

import base64
from pathlib import Path

import pytest

from connectors.contract.telling_changes import now, told
from provisioner.connector import ChangesUnknown
from tests.connectors.directories import new_account, office

SESSION_LOG = "overlay syncprov\nsyncprov-sessionlog 1000"


def test_with_a_session_log_only_what_changed_is_named(tmp_path: Path) -> None:
    with office(tmp_path, sync=SESSION_LOG, people=20) as it:
        start = now(it.connector)
        account = it.connector.create(new_account())
        it.connector.delete(it.connector.create(new_account("pergi")))
        news = told(it.connector, start)
        assert (set(news.changed), news.unchanged, news.complete) == ({account.remote_id}, set(), False)
        assert len(news.gone) == 1
        assert not told(it.connector, news.cursor).changed


def test_without_one_what_is_there_is_named_instead(tmp_path: Path) -> None:
    with office(tmp_path, sync="overlay syncprov", people=20) as it:
        start = now(it.connector)
        account = it.connector.create(new_account())
        news = told(it.connector, start)
        assert (set(news.changed), news.complete) == ({account.remote_id}, True)
        assert len(news.unchanged) >= 20


def test_without_the_overlay_nothing_can_be_told(tmp_path: Path) -> None:
    with office(tmp_path, sync="") as it:
        assert it.connector.cursor() is None
        with pytest.raises(ChangesUnknown) as unknown:
            told(it.connector, _cursor("rid=000,csn=20260101000000.000000Z#000000#000#000000"))
        assert unknown.value.reason == "unsupported"


def test_a_cursor_from_the_future_is_refused(tmp_path: Path) -> None:
    with office(tmp_path) as it, pytest.raises(ChangesUnknown) as unknown:
        told(it.connector, _cursor("rid=000,csn=20400101000000.000000Z#000000#000#000000"))
    assert unknown.value.reason == "cursor"


def _cursor(cookie: str) -> str:
    return "sync:" + base64.b64encode(cookie.encode()).decode()
