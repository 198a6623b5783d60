"""An office that is lost after its last backup, and comes back from it: what the drill is made of."""

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from provisioner.audit import AnchorBook
from provisioner.backup.making import make_backup
from provisioner.backup.reading import opened_backup
from provisioner.backup.writing import Written
from provisioner.connector import Outcome
from provisioner.restore.loading import load
from provisioner.restore.restoring import Restored, restore
from provisioner.settings import Settings
from provisioner.store.tables import AccountRow, LinkRow, RequestRow
from tests.office import CHEAP, Applicant, MovableClock, RealOffice, settings_of

OWN = "kuda laut menyapu pantai 7"
NEWER = "gajah mada minum teh 9"
REASON = "Cakram server rusak"


@dataclass
class Places:
    """What outlives the loss of the machine: the systems, the keys' second copy, the anchors, the backups."""

    root: Path
    prepared: Path
    clock: MovableClock

    @property
    def accounts(self) -> Path:
        """The account database of the system."""
        return self.root / "accounts.db"

    def settings(self, data: str, **more: Any) -> Settings:
        """An office in this folder, with the same system and the same anchors."""
        return settings_of(self.root / data, **self.sections(), **more)

    def sections(self) -> dict[str, Any]:
        """Sections of the settings that every office here has."""
        table = {"url": f"sqlite:///{self.accounts}", "create_tables": True, **CHEAP}
        return {
            "targets": {"akun": {"kind": "table", "label": "Basis data akun", "sign_in": True, "settings": table}},
            "audit": {"anchor_dir": str(self.root / "anchors")},
            "reconciliation": {"every_hours": 0},
        }

    def office(self, data: str, **more: Any) -> RealOffice:
        """Open an office in this folder."""
        return RealOffice(self.root / data, self.prepared, self.clock, **self.sections(), **more)

    def opened(self, data: str, **more: Any) -> RealOffice:
        """Open the office that is in this folder already."""
        nothing = self.root / "nothing"
        nothing.mkdir(exist_ok=True)
        return RealOffice(self.root / data, nothing, self.clock, **self.sections(), **more)

    def entries(self) -> list[str]:
        """Everything that the system holds, byte by byte."""
        with sqlite3.connect(self.accounts) as connection:
            return list(connection.iterdump())

    def restored(self, written: Written, data: str, **more: Any) -> Restored:
        """Restore into a new folder that has nothing but the second copy of the keys."""
        folder = self.root / data
        shutil.copytree(self.prepared / "keys", folder / "keys")
        return restore(self.settings(data, **more), written.file, reason=REASON, by="pengelola", clock=self.clock)

    def back_up(self, office: RealOffice) -> Written:
        """Into the folder of backups."""
        self.clock.move(minutes=1)
        written, _ = make_backup(office.core.context, self.root / "backups", "pengelola")
        self.clock.move(minutes=1)
        return written


def moved(prepared: Path, settings: Settings, clock: MovableClock, root: Path) -> None:
    """The prepared office in another database: as it is, nothing void."""
    office = RealOffice(root / "from", prepared, clock)
    written, _ = make_backup(office.core.context, root / "moving", None)
    office.close()
    with opened_backup(written.file, None) as reader:
        load(settings.store_url, reader, lambda _connection: None)


def finish(office: RealOffice, who: Applicant, password: str = OWN) -> str:
    """The person opens the envelope and chooses a password; gives the account's id."""
    opening = office.open_envelope(who)
    office.core.heart.passwords.change(opening.account_id, opening.slips[0].password, password)
    office.core.heart.drain()
    return opening.account_id


def account_of(office: RealOffice, who: Applicant) -> AccountRow:
    """The account of somebody's request."""
    with office.core.context.store.read() as session:
        request = session.get_one(RequestRow, who.request_id)
        return session.scalars(select(AccountRow).where(AccountRow.id == request.account_id)).one()


def link_of(office: RealOffice, who: Applicant) -> LinkRow:
    """Its link to the one system."""
    account = account_of(office, who)
    with office.core.context.store.read() as session:
        return session.scalars(select(LinkRow).where(LinkRow.account_id == account.id)).one()


def gets_in(office: RealOffice, username: str, password: str) -> bool:
    """Whether the system lets somebody in."""
    connector: Any = office.core.targets["akun"].connector
    return bool(connector.authenticate(username, password).outcome is Outcome.ACCEPTED)


def enabled(office: RealOffice, username: str) -> bool:
    """Whether the entry of that name can be used."""
    entry = office.core.targets["akun"].connector.get(username)
    assert entry is not None
    return bool(entry.enabled)


def anchor(office: RealOffice) -> None:
    """Note the head outside, as the service does every day."""
    context = office.core.context
    folder = context.settings.path(context.settings.audit.anchor_dir)
    folder.mkdir(exist_ok=True)
    with context.store.read() as session:
        head = context.trail.head(session)
    AnchorBook(folder).write(head, context.clock() - timedelta(seconds=1))
