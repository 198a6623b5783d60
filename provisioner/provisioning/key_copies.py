"""Second copies of the keys: printed, rehearsed, confirmed, and whether the last one holds every key of today."""

import getpass
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from provisioner import audit, key_paper
from provisioner.documents.key_sheets import KeySheetFacts, KeySheets
from provisioner.documents.renderer import Renderer
from provisioner.errors import InvalidInput
from provisioner.provisioning.context import Context
from provisioner.store.tables import KeyCopyRow

LONGEST_PLACE = 200


class CopyState(StrEnum):
    """How it stands with the second copy."""

    CONFIRMED = "confirmed"
    """A confirmed copy holds every key."""
    OLD = "old"
    """It does, but nobody has tried it for longer than the setting allows."""
    OUTDATED = "outdated"
    """Keys were made since: no confirmed copy holds them."""
    STATED = "stated"
    """Only the setting says that there is one."""
    MISSING = "missing"


@dataclass(frozen=True)
class CopyStatus:
    """The newest confirmed copy that says most, and what it lacks."""

    state: CopyState
    confirmed_at: datetime | None = None
    method: str = ""
    place: str = ""
    lacking: tuple[str, ...] = ()
    """Ids of keys that are in no confirmed copy."""


class KeyCopies:
    """What is done with paper copies. Whoever types a command on the machine can read the key file in any case, so no
    official is asked for; the trail names the machine's user."""

    def __init__(self, context: Context, renderer: Renderer) -> None:
        self._context = context
        self._sheets = KeySheets(renderer, context.office)

    def print(self) -> bytes:
        """The keys as a paper, made now and kept nowhere. It is in the trail before anybody has it.

        :raises ConfigurationError: the template is broken.
        """
        context, keyring = self._context, self._context.keyring
        with context.store.read() as session:
            head = context.trail.head(session)
        facts = KeySheetFacts(
            secrets=key_paper.on_paper(keyring),
            mark=key_paper.mark_of(keyring),
            newest=keyring.newest_id,
            printed_at=context.clock(),
            audit_head=head.short,
        )
        paper = self._sheets.render(facts)
        with context.store.begin() as session:
            context.trail.record(
                session,
                "keys-printed",
                actor=audit.Actor.command(getpass.getuser()),
                key_id=keyring.newest_id,
                count=len(keyring.key_ids),
            )
        return paper

    def confirm(self, method: str, place: str = "") -> None:
        """Somebody has typed from the copy (``typed``), scanned it (``scanned``), or says that there is one
        (``stated``). It counts for the keys of now.

        :raises InvalidInput: field ``place``: ``too-long``.
        """
        if len(place) > LONGEST_PLACE:
            raise InvalidInput(fields={"place": ["too-long"]})
        context, keyring, user = self._context, self._context.keyring, getpass.getuser()
        with context.store.begin() as session:
            session.add(
                KeyCopyRow(
                    key_ids=" ".join(keyring.key_ids),
                    method=method,
                    place=place,
                    confirmed_by=user[:100],
                    confirmed_at=context.clock(),
                )
            )
            context.trail.record(
                session,
                "key-copy-confirmed",
                actor=audit.Actor.command(user),
                key_id=keyring.newest_id,
                method=method,
                count=len(keyring.key_ids),
                place=place or None,
            )

    def status(self) -> CopyStatus:
        """Whether the keys of now would survive the loss of this machine."""
        context, now = self._context, set(self._context.keyring.key_ids)
        with context.store.read() as session:
            rows = session.scalars(select(KeyCopyRow).order_by(KeyCopyRow.confirmed_at.desc())).all()
        for row in rows:
            if now <= set(row.key_ids.split()):
                old = row.confirmed_at + timedelta(days=context.settings.keys.rehearsal_days) < context.clock()
                return CopyStatus(
                    CopyState.OLD if old else CopyState.CONFIRMED, row.confirmed_at, row.method, row.place
                )
        if rows:
            newest = rows[0]
            lacking = tuple(each for each in context.keyring.key_ids if each not in newest.key_ids.split())
            return CopyStatus(CopyState.OUTDATED, newest.confirmed_at, newest.method, newest.place, lacking)
        # The setting knows no keys: it was written for the one that "init" made.
        if context.settings.keys.second_copy_confirmed:
            if len(now) == 1:
                return CopyStatus(CopyState.STATED)
            return CopyStatus(CopyState.OUTDATED, lacking=context.keyring.key_ids[1:])
        return CopyStatus(CopyState.MISSING, lacking=context.keyring.key_ids)
