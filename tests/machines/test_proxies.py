"""The example reverse proxies, as they are shipped, before two real processes."""

import ssl
import warnings
from collections.abc import Iterator

import pytest

from provisioner.audit import Filters
from tests.machines.two_machines import TwoMachines
from tests.machines.visitor import Visitor
from tests.office import own_password
from tests.servers.reverse_proxy import ReverseProxy, reverse_proxy
from tests.servers.slapd import free_port

REAL, FORGED = "127.0.0.77", "203.0.113.5"
CLAIMED = "dipilih-oleh-peramban-sendiri"


@pytest.fixture(scope="module", params=["nginx", "apache", "caddy"])
def proxy(request: pytest.FixtureRequest, machines: TwoMachines) -> Iterator[ReverseProxy]:
    with reverse_proxy(request.param, machines.upstreams) as running:
        yield running


def visitor_of(proxy: ReverseProxy, source: str = REAL) -> Visitor:
    return Visitor(f"https://localhost:{proxy.port}", trust=proxy.trust, source=source)


def test_people_sign_in_over_tls_and_their_cookies_travel_over_nothing_else(proxy: ReverseProxy) -> None:
    visitor = visitor_of(proxy).get("/masuk")
    assert [visitor.answer["Strict-Transport-Security"]] == visitor.answer.get_all("Strict-Transport-Security")
    visitor.once("POST", "/masuk", {"username": "secretary", "password": own_password("secretary")})
    cookies = visitor.answer.get_all("Set-Cookie") or []
    assert any("pejabat=" in each for each in cookies), visitor.page
    assert all({"Secure", "HttpOnly"} <= set(each.split("; ")) for each in cookies)
    assert visitor.get("/pejabat-saya").status == 200
    assert visitor.path == "/pejabat-saya"


def test_the_trail_names_the_address_of_the_person_and_not_what_the_browser_claims(
    proxy: ReverseProxy, machines: TwoMachines
) -> None:
    visitor = visitor_of(proxy)
    visitor.headers["X-Forwarded-For"] = FORGED
    visitor.headers["X-Forwarded-Host"] = "boleh-jadi.example"
    visitor.headers["X-Forwarded-Proto"] = "http"
    visitor.headers["Forwarded"] = f"for={FORGED}"
    machines.signed_in(visitor, "it")
    trail = machines.core.context.trail
    with machines.core.context.store.read() as session:
        (newest,) = trail.search(session, Filters(kinds=("official-signed-in",)), limit=1).entries
    assert newest.fields["address"] == REAL
    assert "boleh-jadi.example" not in visitor.html


def test_a_browser_does_not_choose_the_reference_of_its_requests(proxy: ReverseProxy) -> None:
    visitor = visitor_of(proxy)
    visitor.headers["X-Request-ID"] = CLAIMED
    assert visitor.get("/masuk").answer["X-Request-ID"] not in (None, CLAIMED)


def test_papers_of_several_mebibytes_come_through(proxy: ReverseProxy) -> None:
    visitor = visitor_of(proxy).get("/verifikasi")
    visitor.send_file("/verifikasi/berkas", "file", b"%PDF-1.7\n" + bytes(3 << 20))
    assert visitor.status == 200, visitor.page
    assert "bukan" in visitor.page.lower(), "it was read, and judged"


def test_plain_http_leads_to_https(proxy: ReverseProxy) -> None:
    visitor = Visitor(f"http://localhost:{proxy.plain}")
    visitor.once("GET", "/masuk?berikut=1")
    assert visitor.status in (301, 308)
    assert visitor.answer["Location"].startswith("https://localhost")
    assert visitor.answer["Location"].endswith("/masuk?berikut=1")


def test_old_versions_of_tls_are_refused(proxy: ReverseProxy) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Visitor(f"https://localhost:{proxy.port}", trust=old).get("/masuk")


@pytest.mark.parametrize("kind", ["nginx", "apache", "caddy"])
def test_a_process_that_is_gone_costs_nobody_an_error(kind: str, machines: TwoMachines) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    with reverse_proxy(kind, [nobody, machines.upstreams[0]]) as proxy:
        visitor = visitor_of(proxy, "127.0.0.78")
        assert [visitor.get("/").status for _ in range(4)] == [200] * 4
        machines.signed_in(visitor, "it")
