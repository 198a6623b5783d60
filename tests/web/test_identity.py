"""Who is asking: the cookie's token leads to a session of the core and to nothing else."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from provisioner.bootstrap import Provisioner
from provisioner.clock import system_clock
from provisioner.provisioning.officials import OfficialProfile
from tests.web.gallery import NOW
from tests.web.house import Given, make_app
from web.area import Area
from web.identity import cookie_name, forget, remember, safe_return

HEAD = OfficialProfile("kadis", "Imron Wibowo", ("head",), "Drs.", "M.Si.")
UNTIL = system_clock().date() + timedelta(days=60)
AUDITOR = OfficialProfile("auditor", "Hendra Gunawan", ("auditor",), expires_on=UNTIL)


def _core(app: Flask) -> Provisioner:
    found = app.extensions["provisioner"]
    assert isinstance(found, Provisioner)
    return found


def _sign_in(app: Flask, client: FlaskClient, profile: OfficialProfile) -> str:
    """Add an official, change the first password, and give the browser the session."""
    _, first = _core(app).officials.add(profile)
    begun = _core(app).sign_in.sign_in(profile.username, first)
    session = _core(app).sign_in.session(begun.token)
    assert session is not None
    token = _core(app).sign_in.change_password(session.info, first, "kuda lumping hijau").token
    client.set_cookie("pejabat", token)
    return token


def test_a_signed_in_official_is_known_by_name_and_post(app: Flask, client: FlaskClient) -> None:
    _sign_in(app, client, HEAD)
    text = client.get("/meja/siapa").text
    assert "Drs. Imron Wibowo, M.Si." in text
    assert "Kepala Dinas" in text
    assert "Permohonan" in text or "requests.index" not in app.view_functions


def test_nobody_is_led_to_the_sign_in_page_and_back(client: FlaskClient) -> None:
    answer = client.get("/meja/siapa?a=1")
    assert answer.status_code == 302
    assert answer.location.endswith("?lanjut=/meja/siapa?a%3D1")
    assert client.get("/meja/siapa", headers={"X-Live": "fragment"}).status_code == 401


def test_a_page_that_renews_itself_keeps_nobody_signed_in(given: Given) -> None:
    ahead = timedelta()
    given.clock = lambda: system_clock() + ahead
    app = make_app(given)
    client = app.test_client()
    _sign_in(app, client, HEAD)
    idle = timedelta(minutes=_core(app).settings.web.session_idle_minutes)
    ahead = idle / 2
    assert client.get("/meja/siapa", headers={"X-Live": "fragment"}).status_code == 200
    ahead = idle
    assert client.get("/meja/siapa", headers={"X-Live": "fragment"}).status_code == 401
    _core(app).close()


@pytest.mark.parametrize("token", ["", "x", "../../etc", "0" * 3900, "ÿ"])
def test_a_made_up_token_is_nobody(client: FlaskClient, token: str) -> None:
    client.set_cookie("pejabat", token)
    assert client.get("/meja/siapa").status_code == 302


def test_a_page_for_another_post_says_so(app: Flask, client: FlaskClient) -> None:
    _sign_in(app, client, AUDITOR)
    answer = client.get("/meja/kadis")
    assert answer.status_code == 403
    assert "untuk jabatan lain" in answer.text


def test_a_session_that_lacks_a_step_is_led_to_that_step(app: Flask, client: FlaskClient) -> None:
    _, first = _core(app).officials.add(HEAD)
    client.set_cookie("pejabat", _core(app).sign_in.sign_in("kadis", first).token)
    answer = client.get("/meja/siapa")
    assert answer.status_code == 302
    with app.test_request_context():
        assert answer.location == app.url_for("sign_in.change_password")


def test_an_operators_cookie_opens_no_desk_and_an_officials_no_other_area(app: Flask, client: FlaskClient) -> None:
    token = _sign_in(app, client, HEAD)
    client.delete_cookie("pejabat")
    client.set_cookie("operator", token)
    client.set_cookie("pemohon", token)
    assert client.get("/meja/siapa").status_code == 302


def test_a_session_of_an_official_who_was_suspended_is_over(app: Flask, client: FlaskClient) -> None:
    _sign_in(app, client, HEAD)
    assert client.get("/meja/kadis").status_code == 200
    _core(app).officials.suspend("kadis")
    assert client.get("/meja/kadis").status_code == 302


def test_a_session_nobody_used_is_over(given: Given) -> None:
    moment = [NOW]
    given.clock = lambda: moment[0]
    app = make_app(given)
    client = app.test_client()
    _sign_in(app, client, HEAD)
    moment[0] = NOW + timedelta(minutes=29)
    assert client.get("/meja/kadis").status_code == 200
    moment[0] += timedelta(minutes=31)
    assert client.get("/meja/kadis").status_code == 302


def test_pages_behind_a_sign_in_are_kept_nowhere(app: Flask, client: FlaskClient) -> None:
    _sign_in(app, client, HEAD)
    assert client.get("/meja/siapa").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_holds_the_token_out_of_reach_of_scripts(given: Given, secure: bool) -> None:
    given.settings = {"web": {"secure_cookies": secure}}
    app = make_app(given)
    with app.test_request_context():
        given_out = remember(Response(), Area.OPERATOR, "token").headers["Set-Cookie"]
        assert given_out.startswith("__Host-operator=token" if secure else "operator=token")
        assert "HttpOnly" in given_out
        assert "SameSite=Lax" in given_out
        assert ("Secure" in given_out) is secure
        assert cookie_name(Area.IT) == cookie_name(Area.OFFICE)
        assert "Max-Age=0" in forget(Response(), Area.OPERATOR).headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("/permohonan/1?a=b", "/permohonan/1?a=b"),
        ("", "/awal"),
        ("//evil.example", "/awal"),
        ("/\\evil.example", "/awal"),
        ("https://evil.example", "/awal"),
        ("/a\r\nSet-Cookie: x", "/awal"),
        ("javascript:alert(1)", "/awal"),
    ],
)
def test_one_is_led_back_to_pages_of_ours_only(address: str, where: str) -> None:
    assert safe_return(address, "/awal") == where
