"""kill -9 at every point: of making an account, of opening its envelope, of changing its password, of revoking it."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from provisioner.connector import Connector, Outcome, RemoteAccount
from provisioner.errors import AuthenticationFailed
from provisioner.settings import TargetSettings
from tests.faults.dying import Point, chosen, killed_at, numbered, points
from tests.house import OWN, House, Someone, ldap, table
from tests.servers.slapd import Slapd, private_slapd
from tests.stores import copy_office

pytestmark = pytest.mark.usefixtures("store_kind")

MAKING_POINTS = 32
OTHER_POINTS = 12
Targets = dict[str, TargetSettings]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with private_slapd(tmp_path_factory.mktemp("kill")) as running:
        yield running


def tables() -> Targets:
    """Two tables of accounts, in files below the data folder."""
    first, second = Path("{data_dir}/accounts.db"), Path("{data_dir}/archive.db")
    return {"akun": table(first, sign_in=True), "arsip": table(second)}


def with_directory(directory: Slapd) -> Targets:
    """A directory where people sign in, and a table."""
    return {"direktori": ldap(directory.settings(), sign_in=True), "arsip": table(Path("{data_dir}/archive.db"))}


class Scene:
    """A prepared state of an office, from which a process starts again and again and is killed."""

    def __init__(
        self,
        folder: Path,
        targets: Targets,
        prepare: Callable[[House], Someone],
        connectors: Callable[[Path], Mapping[str, Connector]] = lambda _: {},
    ) -> None:
        """``connectors``: those that no settings make, for a folder with a copy of the state."""
        self._folders = numbered(folder)
        self._targets = targets
        self._connectors = connectors
        self._template = folder / "template"
        house = House(self._template, targets, connectors=connectors(self._template))
        self.someone = prepare(house)
        self._keyring, self._clock = house.keyring, house.still
        house.close()

    def again(self) -> "Run":
        """A fresh copy of the state."""
        folder = next(self._folders)
        copy_office(self._template, folder)
        return Run(folder, lambda: self._house(folder))

    def _house(self, folder: Path) -> House:
        return House(
            folder,
            self._targets,
            clock=self._clock,
            keyring=self._keyring,
            connectors=self._connectors(folder),
            fresh=False,
        )


class Run:
    """One copy of the state."""

    def __init__(self, folder: Path, house: Callable[[], House]) -> None:
        self.folder = folder
        self.house = house

    def work(self, act: Callable[[House], None]) -> Callable[[], None]:
        """What the child does: build everything anew and act."""

        def whole() -> None:
            act(self.house())

        return whole


def clear(house: House, someone: Someone) -> None:
    """Take the account out of every system: a directory outlives the run."""
    for target in house.targets.values():
        for entry in target.connector.find(someone.account_id):
            for name in entry.entitlements:
                target.connector.revoke(entry, name)  # type: ignore[attr-defined]  # What has groups can revoke.
            target.connector.delete(entry)
    house.close()


def through_points(
    scene: Scene,
    act: Callable[[House], None],
    count: int,
    check: Callable[[House], None],
    where: Callable[[Point], bool] = lambda _: True,
) -> int:
    """Kill the work at so many different points, each from the same state; finish it, check. How many were killed."""
    run = scene.again()
    every = [point for point in points(run.work(act)) if where(point)]
    clear(run.house(), scene.someone)
    return sum(_one(scene, point, act, check) for point in chosen(every, count))


def _one(scene: Scene, point: Point, act: Callable[[House], None], check: Callable[[House], None]) -> bool:
    run = scene.again()
    died = killed_at(point, run.work(act))
    house = run.house()
    try:
        check(house)
    except BaseException as error:
        error.add_note(f"killed before {point.place}")
        raise
    finally:
        clear(house, scene.someone)
    return died


def drain(house: House) -> None:
    house.heart.drain()


@pytest.mark.parametrize("kind", ["table", "ldap"])
def test_an_approved_request_becomes_exactly_one_account_wherever_the_process_dies(
    kind: str, tmp_path: Path, directory: Slapd
) -> None:
    scene = Scene(tmp_path, tables() if kind == "table" else with_directory(directory), lambda house: house.approved())
    someone = scene.someone

    def finished(house: House) -> None:
        house.heart.drain()
        for name in house.targets:
            assert len(house.connector(name).find(someone.account_id)) == 1, name
        assert set(house.words(someone).values()) == {"done"}
        assert house.request_state(someone) == "handover"
        password = house.open(someone).slips[0].password
        for target in house.targets:
            assert house.connector(target).authenticate(someone.username, password).outcome is Outcome.MUST_CHANGE

    assert through_points(scene, drain, MAKING_POINTS, finished) >= 30


def test_an_account_that_was_there_before_is_taken_over_wherever_the_process_dies(tmp_path: Path) -> None:
    there: list[RemoteAccount] = []

    def recorded(house: House) -> Someone:
        connector = house.connector("akun")
        connector.get("nobody")  # Makes the table.
        with sqlite3.connect(house.folder / "accounts.db") as accounts:
            accounts.execute("INSERT INTO accounts (id, username, enabled) VALUES ('lama', 'dewi.lama', 1)")
        there.extend(connector.search())
        return house.approved("dewi.lama", recorded=("akun", there[0]))

    scene = Scene(tmp_path, tables(), recorded)

    def finished(house: House) -> None:
        house.heart.drain()
        (entry,) = house.connector("akun").search()
        assert entry.remote_id == there[0].remote_id
        assert entry.marker is not None
        assert entry.marker.account_id == scene.someone.account_id
        assert list(house.connector("arsip").search()) == []
        assert house.words(scene.someone) == {"akun": "done", "arsip": "left-out"}
        assert house.request_state(scene.someone) == "done"

    assert through_points(scene, drain, OTHER_POINTS, finished) >= OTHER_POINTS


def test_an_envelope_opens_to_a_working_password_wherever_the_process_dies(tmp_path: Path) -> None:
    def prepared(house: House) -> Someone:
        someone = house.approved()
        house.heart.drain()
        return someone

    scene = Scene(tmp_path, tables(), prepared)
    someone = scene.someone

    def opens(house: House) -> None:
        password = house.open(someone).slips[0].password
        house.heart.drain()
        for target in house.targets:
            assert house.connector(target).authenticate(someone.username, password).outcome is Outcome.MUST_CHANGE

    def opening(house: House) -> None:
        house.open(someone)

    assert through_points(scene, opening, OTHER_POINTS, opens) >= 10


def test_a_change_of_password_is_whole_or_not_at_all_wherever_the_process_dies(tmp_path: Path) -> None:
    initial: list[str] = []

    def prepared(house: House) -> Someone:
        someone, password = house.received()
        initial.append(password)
        return someone

    scene = Scene(tmp_path, tables(), prepared)
    someone = scene.someone

    def change(house: House) -> None:
        house.heart.passwords.change(someone.account_id, initial[0], OWN)
        house.heart.drain()

    def decided(house: House) -> None:
        house.heart.drain()
        try:
            house.heart.operator_sign_in.sign_in(someone.username, OWN)
        except AuthenticationFailed:
            assert house.heart.operator_sign_in.sign_in(someone.username, initial[0]).must_change
            house.heart.passwords.change(someone.account_id, initial[0], OWN)
        house.heart.drain()
        for target in house.targets:
            assert house.connector(target).authenticate(someone.username, OWN).outcome is Outcome.ACCEPTED
        assert house.account(someone).state == "active"

    assert through_points(scene, change, 20, decided) >= 15


def test_a_revoked_account_ends_closed_wherever_the_process_dies(tmp_path: Path) -> None:
    def prepared(house: House) -> Someone:
        someone = house.active()
        house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
        return someone

    scene = Scene(tmp_path, tables(), prepared)
    someone = scene.someone

    def closed(house: House) -> None:
        house.heart.drain()
        for target in house.targets:
            assert not house.entry(target, someone).enabled
            assert house.connector(target).authenticate(someone.username, OWN).outcome is not Outcome.ACCEPTED

    assert through_points(scene, drain, OTHER_POINTS, closed) >= 10
