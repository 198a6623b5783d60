"""A store in a file with a trail that is wired as the service wires it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provisioner.audit import Actor, AuditTrail, Subjects
from provisioner.audit.export import export
from provisioner.keyring import Keyring
from provisioner.store import Store
from tests.stores import SQLITE, store_of

HEAD = Actor.official("official-1", "Kepala Dinas", name="Drs. MUHAMMAD IMRON")


class TickingClock:
    """Every look is one second later than the last."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def keyring() -> Keyring:
    return Keyring.generate()


@pytest.fixture
def store(tmp_path: Path, store_kind: str) -> Iterator[Store]:
    opened = Store(store_of(tmp_path)["url"])
    if store_kind == SQLITE:
        opened.create_tables()
    yield opened
    opened.close()


@pytest.fixture
def trail(store: Store, keyring: Keyring) -> AuditTrail:
    made = AuditTrail(keyring, TickingClock())
    store.before_commit(made.flush)
    return made


@pytest.fixture
def forward(store: Store, trail: AuditTrail) -> Callable[..., None]:
    """Record that letters were forwarded, one unit of work each."""

    def record(count: int = 1, *, letter: str = "letter-1") -> None:
        for number in range(count):
            with store.begin() as session:
                trail.record(
                    session,
                    "letter-forwarded",
                    actor=HEAD,
                    subjects=Subjects(letter=letter),
                    letter_number=f"800/{number}",
                    to="Kepala Bidang",
                    instruction="Segera diproses untuk Sdri. Siti",
                )

    return record


@pytest.fixture
def exported(store: Store, trail: AuditTrail) -> Callable[..., list[str]]:
    """The whole trail as lines."""

    def lines(*, personal: bool = False, after: int = 0) -> list[str]:
        with store.read() as session:
            return list(export(session, trail, personal=personal, after=after))

    return lines
