"""Initial passwords that several threads draw and commit together."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event, Thread

import pytest

from provisioner.credential.issuing import Issuer, Order, Slip
from provisioner.dispatch.drawing import Drawing
from tests.house import House, memory

pytestmark = pytest.mark.usefixtures("store_kind")


class ObservedIssuer:
    """The real one; a commit or a draw can be held up, and a draw can fail."""

    def __init__(self, real: Issuer) -> None:
        self._real = real
        self.hold_commit: Event | None = None
        self.hold_draw: Event | None = None
        self.reached = Event()
        self.orders = real.orders
        self.committed: list[int] = []

    def draw(self, order: Order) -> Slip:
        held, self.hold_draw = self.hold_draw, None
        if held is not None:
            self.reached.set()
            held.wait(30)
            raise MemoryError
        return self._real.draw(order)

    def commit(self, slips: Sequence[Slip]) -> int:
        held, self.hold_commit = self.hold_commit, None
        if held is not None:
            self.reached.set()
            held.wait(30)
        self.committed.append(len(slips))
        return self._real.commit(slips)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, {"akun": memory(sign_in=True)})
    yield built
    built.close()


def _drawing(house: House) -> tuple[Drawing, ObservedIssuer]:
    issuer = ObservedIssuer(house.heart.issuer)
    return Drawing(issuer, 2, lambda: None), issuer  # type: ignore[arg-type]  # It hands everything on to the real one.


def test_a_slip_does_not_wait_for_one_that_is_being_committed(house: House) -> None:
    drawing, issuer = _drawing(house)
    issuer.hold_commit = held = Event()
    house.approved("orang1")
    first = Thread(target=drawing.draw_one)
    first.start()
    assert issuer.reached.wait(30)
    house.approved("orang2")
    assert drawing.draw_one()
    assert issuer.committed == [1], "nobody will come by to commit it later"
    held.set()
    first.join()
    assert issuer.committed == [1, 1]
    assert not drawing.draw_one()


def test_a_slip_that_waited_for_one_that_cannot_be_drawn_is_committed_then(house: House) -> None:
    drawing, issuer = _drawing(house)
    issuer.hold_draw = held = Event()
    house.approved("orang1")
    house.approved("orang2")
    faults: list[BaseException] = []

    def draw() -> None:
        try:
            drawing.draw_one()
        except MemoryError as error:
            faults.append(error)

    first = Thread(target=draw)
    first.start()
    assert issuer.reached.wait(30)
    assert drawing.draw_one()
    assert issuer.committed == [], "the other one is on its way"
    held.set()
    first.join()
    assert issuer.committed == [1]
    assert len(faults) == 1
    assert drawing.draw_one(), "it is still wanted"
    assert issuer.committed == [1, 1]
