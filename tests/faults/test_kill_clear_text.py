"""kill -9 between counting a clear-text password, setting it, committing its slip and enabling the entry, and while an
own one is carried on. The system is a file that outlives the process, as a domain does.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from provisioner.connector import Connector, Outcome
from provisioner.errors import AuthenticationFailed
from tests.faults.dying import Point
from tests.faults.test_kill import Scene, drain, through_points
from tests.house import OWN, House, Someone, table
from tests.servers.clear_text_table import ClearTextTable

pytestmark = pytest.mark.usefixtures("store_kind")

ISSUING = "/provisioner/credential/clear_text.py"  # Its last line comes after the slip is committed.
CONVERGING = tuple(f"/provisioner/convergence/{each}.py" for each in ("converge", "settling", "ending"))
"""The last lines come after the entry is enabled."""
CARRYING = ("/provisioner/provisioning/password_following.py", "/provisioner/provisioning/passwords.py")


def domain_in(folder: Path) -> Mapping[str, Connector]:
    folder.mkdir(parents=True, exist_ok=True)
    return {"domain": ClearTextTable(folder / "domain.db")}


def test_an_envelope_holds_the_password_that_was_set_wherever_the_process_dies(tmp_path: Path) -> None:
    targets = {"domain": table(tmp_path / "unused.db", sign_in=True)}
    scene = Scene(tmp_path, targets, lambda house: house.approved(), domain_in)
    someone = scene.someone
    left: set[str] = set()

    def finished(house: House) -> None:
        states = [each.state for each in house.generations(someone)]
        left.add(f"{states[-1]}, {_entry(house, someone)}" if states else "not counted")
        if house.heart.handover.status(someone.account_id).can_open:
            works(house)  # Also before anybody comes by to finish it.
        house.heart.drain()
        assert house.words(someone) == {"domain": "done"}
        works(house)

    def works(house: House) -> None:
        password = house.open(someone).slips[0].password
        assert house.connector("domain").authenticate(someone.username, password).outcome is Outcome.MUST_CHANGE

    assert through_points(scene, drain, 10, finished, lambda point: point.place.startswith(ISSUING)) >= 9
    assert through_points(scene, drain, 6, finished, lambda point: point.place.startswith(CONVERGING)) >= 5
    assert {"not counted", "issuing, disabled", "sealed, disabled", "sealed, enabled"} <= left


def _entry(house: House, someone: Someone) -> str:
    return "enabled" if house.entry("domain", someone).enabled else "disabled"


def test_an_own_password_reaches_it_at_a_later_sign_in_wherever_the_process_dies(tmp_path: Path) -> None:
    initial: list[str] = []

    def prepared(house: House) -> Someone:
        someone, password = house.received()
        initial.append(password)
        return someone

    targets = {
        "akun": table(Path("{data_dir}/accounts.db"), sign_in=True),
        "domain": table(tmp_path / "unused.db"),
    }
    scene = Scene(tmp_path, targets, prepared, domain_in)
    someone = scene.someone

    def change(house: House) -> None:
        house.heart.passwords.change(someone.account_id, initial[0], OWN)

    def decided(house: House) -> None:
        house.heart.drain()
        try:
            house.heart.operator_sign_in.sign_in(someone.username, OWN)
        except AuthenticationFailed:
            house.heart.passwords.change(someone.account_id, initial[0], OWN)
        house.heart.drain()
        house.heart.operator_sign_in.sign_in(someone.username, OWN)
        house.heart.drain()
        assert house.words(someone) == {"akun": "done", "domain": "done"}
        assert house.connector("domain").authenticate(someone.username, OWN).outcome is Outcome.ACCEPTED

    def carrying(point: Point) -> bool:
        return point.place.startswith(CARRYING)

    assert through_points(scene, change, 6, decided, carrying) >= 5
