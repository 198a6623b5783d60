"""The same approved request reaches a real domain: issued, opened, changed, suspended, revoked."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.connector import Outcome
from provisioner.errors import AuthenticationFailed
from provisioner.settings import TargetSettings
from provisioner.walk import Walk
from tests.conftest import MakeOffice
from tests.faults.dying import Point
from tests.faults.secret_search import Found, SecretSearch
from tests.faults.test_kill import Scene, drain, through_points
from tests.house import House, memory
from tests.servers.samba_ad import Office, shared_samba_ad
from tests.stores import current

pytestmark = pytest.mark.usefixtures("store_kind")

OWN = "Tangga-Perahu-Senja-7"


@pytest.fixture
def office_of_the_domain() -> Iterator[Office]:
    with shared_samba_ad().office() as office:
        yield office


def domain(office: Office, *, sign_in: bool = False) -> TargetSettings:
    return TargetSettings(kind="active-directory", label="Domain", sign_in=sign_in, settings=office.settings())


def bound(office: Office, username: str, password: str) -> str:
    """What the domain controller itself says to this person: empty for welcome, else its code."""
    connection = office.domain.connection(office.person(username), password)
    try:
        if connection.bind():
            return ""
        told: str = connection.result["message"]
        return told.partition(", data ")[2].partition(",")[0]
    finally:
        connection.unbind()


def test_the_whole_life_of_an_account_in_a_domain(office_of_the_domain: Office, tmp_path: Path) -> None:
    """Its passwords are in no file of ours or of the domain controller, and in no log at the finest level."""
    office = office_of_the_domain
    house = House(tmp_path / "house", {"domain": domain(office, sign_in=True)})
    log = logging.FileHandler(tmp_path / "house" / "log")
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    try:
        secrets = _lived(house, office)
    finally:
        root.setLevel(before)
        root.removeHandler(log)
        log.close()
        house.close()
    search = SecretSearch(secrets)
    assert _kept(search, tmp_path / "house") == []
    assert search.in_folder(office.domain.folder) == []
    assert _kept(SecretSearch({"the user name": "dewi.lestari"}), tmp_path / "house")


def _kept(search: SecretSearch, house: Path) -> list[Found]:
    """In its files, and in its store wherever that is."""
    return search.in_folder(house) + search.in_bytes("the store", current().content(house))


def _lived(house: House, office: Office) -> dict[str, str]:
    official = house.official("it")
    someone, initial = house.received()
    assert bound(office, "dewi.lestari", initial) == "773"
    assert house.heart.operator_sign_in.sign_in("dewi.lestari", initial).must_change
    house.heart.passwords.change(someone.account_id, initial, OWN)
    assert bound(office, "dewi.lestari", initial) == "52e"  # Dead at once.
    assert bound(office, "dewi.lestari", OWN) == ""
    house.heart.drain()
    assert house.words(someone) == {"domain": "done"}
    assert house.entry("domain", someone).entitlements == {"peran-OPERATOR_DAFDUK", "wilayah-35.76.02"}
    house.heart.accounts.suspend_now(official, someone.account_id)
    house.heart.drain()
    assert bound(office, "dewi.lestari", OWN) == "533"
    with pytest.raises(AuthenticationFailed):
        house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    house.heart.accounts.reactivate(official, someone.account_id)
    house.heart.accounts.reset(official, someone.account_id)
    house.new_ticket(someone)
    house.heart.drain()
    second = house.open(someone).slips[0].password
    assert bound(office, "dewi.lestari", OWN) == "52e"
    assert bound(office, "dewi.lestari", second) == "773"
    house.heart.accounts.revoke(official, someone.account_id, "transfer")
    house.heart.drain()
    assert bound(office, "dewi.lestari", second) == "533"
    house.still.move(days=91)
    house.heart.drain()
    assert house.connector("domain").find(someone.account_id) == []
    return {"initial": initial, "own": OWN, "second": second}


def test_beside_another_system_it_gets_the_own_password_in_the_same_request(
    office_of_the_domain: Office, tmp_path: Path
) -> None:
    office = office_of_the_domain
    house = House(tmp_path, {"akun": memory(sign_in=True), "domain": domain(office)})
    someone = house.approved()
    house.heart.drain()
    slips = {slip.targets: slip.password for slip in house.open(someone).slips}
    assert bound(office, "dewi.lestari", slips["domain",]) == "773"
    changed = house.heart.passwords.change(someone.account_id, slips["akun",], OWN)
    assert (changed.unreached, changed.refused) == ((), ())
    assert bound(office, "dewi.lestari", OWN) == ""
    house.heart.drain()
    assert house.words(someone) == {"akun": "done", "domain": "done"}
    assert house.heart.passwords.change(someone.account_id, OWN, "kuda laut menyapu").refused == ("Domain",)
    house.close()


def test_a_walk_through_the_whole_procedure_ends_in_the_domain(
    office_of_the_domain: Office, make_office: MakeOffice
) -> None:
    settings = office_of_the_domain.settings(entitlements={"*": ["peran-OPERATOR_DAFDUK"]})
    target = {"kind": "active-directory", "label": "Domain", "sign_in": True, "settings": settings}
    office = make_office(targets={"domain": target})
    stages = list(Walk(office.core).run())
    assert [stage.stage for stage in stages][-4:] == ["received", "first-login", "in", "cleaned-up"]
    assert list(office.core.targets["domain"].connector.search()) == []


def test_an_envelope_holds_what_the_domain_has_wherever_the_process_dies(
    office_of_the_domain: Office, tmp_path: Path
) -> None:
    """Every point of it is tried on a cheaper system; here the two that matter most."""
    scene = Scene(tmp_path, {"domain": domain(office_of_the_domain, sign_in=True)}, lambda house: house.approved())
    someone = scene.someone

    def works(house: House) -> None:
        house.heart.drain()
        password = house.open(someone).slips[0].password
        assert house.connector("domain").authenticate(someone.username, password).outcome is Outcome.MUST_CHANGE

    def sealing(point: Point) -> bool:
        file, _, line = point.place.rpartition(":")
        return file.endswith("/clear_text.py") and int(line) in lines

    source = Path("provisioner/credential/clear_text.py").read_text().splitlines()
    parts = ("written = connector.set_password(", "self._seal(claim, counted", "return written")
    lines = {number for number, text in enumerate(source, 1) if any(part in text for part in parts)}
    assert through_points(scene, drain, 3, works, sealing) == 3
