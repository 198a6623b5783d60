"""The key file made again from paper: proven on the data that are there, and never in place of keys that work."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from provisioner.audit import AuditTrail
from provisioner.audit.chain import MAC_PURPOSE
from provisioner.clock import Clock
from provisioner.errors import ConfigurationError, SealBroken, WrongState
from provisioner.key_paper import LOOKUP
from provisioner.keyring import Keyring
from provisioner.resealing import COLUMNS, Resealing
from provisioner.store import Store
from provisioner.store.migration import revision
from provisioner.store.tables import AuditRow


@dataclass(frozen=True)
class Proof:
    """What the keys were tried on. ``store`` False: there is no database yet, so nothing was."""

    store: bool
    opened: int = 0
    """Sealed values that were opened, at least one for each key that has sealed any."""


def refuse_to_replace(path: Path) -> None:
    """:raises WrongState: ``key-file-there``: the file holds keys, these or others; people move them, nobody else."""
    try:
        Keyring.load(path)
    except ConfigurationError:
        return
    sentence = "the key file holds keys, and keys are never replaced: move it away by hand first"
    raise WrongState("key-file-there", sentence, file=str(path))


def proven(keyring: Keyring, store_url: str, clock: Clock) -> Proof:
    """Try the keys on the database: the head of the trail, and a value of every key in every sealed column.

    :raises WrongState: ``key-paper-foreign``: the data were sealed with other keys, or with one that is missing here.
    """
    url = make_url(store_url)
    # Not asked where there is no file: asking would make an empty one, in the way of the backup that comes next.
    absent = url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file()
    if absent or revision(store_url) is None:
        return Proof(False)
    with _opened(store_url) as store:
        return Proof(True, _try_all(keyring, store, clock))


def put(keyring: Keyring, path: Path) -> Path | None:
    """Write the key file, readable by its owner only. Gives where a broken one that stood there was put.

    :raises WrongState: ``key-file-there``.
    """
    refuse_to_replace(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.chmod(path.parent, 0o700)  # noqa: PTH101  The umask may have taken rights that are needed, or left too many.
    aside = None
    if path.exists():
        aside = path.with_name(f"{path.name}.broken-{os.urandom(4).hex()}")
        path.rename(aside)
    keyring.save(path)
    return aside


def _try_all(keyring: Keyring, store: Store, clock: Clock) -> int:
    sealed = Resealing(store, keyring, AuditTrail(keyring, clock), clock).count()
    used = {key_id for key_id, values in sealed.items() if values}
    if missing := sorted(used - set(keyring.key_ids)):
        raise _foreign(", ".join(missing))
    with store.read() as session:
        opened = {key_id: _opens(session, keyring, bytes.fromhex(key_id)) for key_id in used}
        newest = session.scalars(select(AuditRow).order_by(AuditRow.seq.desc()).limit(1)).first()
        same = newest is None or keyring.mac(MAC_PURPOSE, bytes.fromhex(newest.hash)).hex() == newest.mac
    # One value that opens is proof enough; one that does not may have been damaged.
    if wrong := sorted(key_id for key_id, number in opened.items() if not number):
        raise _foreign(", ".join(wrong))
    if not same:
        raise _foreign(LOOKUP)
    return sum(opened.values())


def _foreign(key: str) -> WrongState:
    return WrongState(
        "key-paper-foreign", "the data were sealed with other keys than these; nothing was written", key=key
    )


def _opens(session: Session, keyring: Keyring, key_id: bytes) -> int:
    """How many of the values that are tried, one a column, the key opens."""
    opened = 0
    for each in COLUMNS:
        blob = session.scalar(select(each.column).where(each.is_filled, each.key_id == key_id).limit(1))
        if blob is not None:
            with suppress(SealBroken):
                keyring.open(each.purpose, bytes(blob))
                opened += 1
    return opened


@contextmanager
def _opened(url: str) -> Iterator[Store]:
    store = Store(url)
    try:
        yield store
    finally:
        store.close()
