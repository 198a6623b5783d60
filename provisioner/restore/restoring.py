"""The use case ``provisioner restore``: from a file to a service that starts, and holds still until it is confirmed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from provisioner.audit import Actor, Anchor, AnchorBook, AuditTrail, Head
from provisioner.backup.contents import Header, Manifest
from provisioner.backup.reading import OfficeFile, Verified, opened_backup
from provisioner.clock import Clock, system_clock
from provisioner.dispatch.lock_file import RUNNER_LOCK, LockFile
from provisioner.errors import WrongState
from provisioner.keyring import Keyring
from provisioner.opening import office_keyring
from provisioner.restore.loading import load, refuse_filled
from provisioner.restore.voiding import Voided, void_all
from provisioner.settings import Settings
from provisioner.store.tables import RestorationRow

Progress = Callable[[str, int, int], None]
"""Told what is being done (``verify``, ``load``), how many rows are done, and how many there are (0: not known)."""

_LONGEST_REASON = 500


@dataclass(frozen=True)
class Restored:
    """What was restored."""

    header: Header
    manifest: Manifest
    voided: Voided
    epoch_seq: int
    """The event of the audit trail that opens the new epoch."""
    lost_events: int | None
    """How many events came after the backup, as far as the anchors tell."""
    trail_sound: bool
    anchored: bool
    """Whether the head of the new epoch was added to the anchors."""


def restore(
    settings: Settings,
    file: Path,
    *,
    reason: str,
    by: str,
    identity: str = "",
    replace: bool = False,
    clock: Clock = system_clock,
    progress: Progress = lambda _what, _done, _all: None,
) -> Restored:
    """Restore the store from ``file``. Whatever interrupts it, the store is as it was or wholly restored.

    :param by: who does it, for the trail. :param replace: even if an office lives in the store already.
    :raises BackupBroken: it is not whole, not ours, of a newer release, or its keys are not here.
    :raises WrongState: ``restore-reason-missing``, ``restore-not-empty``, ``restore-in-use``, or
        ``runner-already-running``.
    :raises ConfigurationError: the keys cannot be read.
    """
    if not reason.strip():
        raise WrongState("restore-reason-missing", "say why it is restored: it stands in the audit trail")
    keyring, lock = office_keyring(settings), LockFile(settings.path(RUNNER_LOCK))
    lock.take()
    try:
        if not replace:
            refuse_filled(settings.store_url)
        book = AnchorBook(settings.path(settings.audit.anchor_dir))
        verified = _looked_through(file, keyring, identity, book, progress)
        with opened_backup(file, keyring, identity) as reader:
            ending = _Ending(settings, keyring, clock, verified.manifest, verified.header, book)
            rows = sum(part.rows or 0 for part in verified.manifest.parts.values())
            load(
                settings.store_url,
                reader,
                lambda connection: ending.finish(connection, reason.strip()[:_LONGEST_REASON], by),
                lambda done: progress("load", done, rows),
            )
        anchored = _anchor(book, ending.head, clock())
        assert ending.voided is not None  # noqa: S101  It was finished, or this was not reached.
        return Restored(
            verified.header,
            verified.manifest,
            ending.voided,
            ending.head.seq,
            ending.lost_events,
            verified.trail_sound,
            anchored,
        )
    finally:
        lock.free()


class _Ending:
    """What belongs to a restoration besides the rows, in the same transaction."""

    def __init__(
        self, settings: Settings, keyring: Keyring, clock: Clock, manifest: Manifest, header: Header, book: AnchorBook
    ) -> None:
        self._keyring = keyring
        self._clock = clock
        self._manifest = manifest
        self._header = header
        self._settings = settings
        self.lost_events = _lost(_anchors(book), manifest)
        self.voided: Voided | None = None
        self.head = Head(0, "")

    def finish(self, connection: Connection, reason: str, by: str) -> None:
        now, trail = self._clock(), AuditTrail(self._keyring, self._clock)
        with Session(connection, expire_on_commit=False) as session:
            self.voided = voided = void_all(session, self._keyring, now)
            made_at = datetime.fromisoformat(self._header.made_at).astimezone(UTC)
            session.add(
                RestorationRow(
                    restored_at=now,
                    restored_by=by,
                    backup_made_at=made_at,
                    backup_release=self._header.release,
                    backup_seq=self._manifest.head_seq,
                    backup_hash=self._manifest.head_hash,
                    lost_events=self.lost_events,
                    envelopes_void=voided.envelopes,
                    tickets_void=voided.tickets,
                    codes_void=voided.codes,
                    sessions_ended=voided.sessions,
                )
            )
            trail.record(
                session,
                "epoch-opened",
                actor=Actor.command(by),
                backup_seq=self._manifest.head_seq,
                backup_hash=self._manifest.head_hash,
                backup_made_at=made_at,
                release=self._header.release,
                lost_events=self.lost_events,
                envelopes=voided.envelopes,
                tickets=voided.tickets,
                codes=voided.codes,
                sessions=voided.sessions,
                reason=reason,
            )
            trail.flush(session)
            self.head = trail.head(session)
            session.commit()


def _anchors(book: AnchorBook) -> list[Anchor]:
    try:
        return book.read()
    except (ValueError, OSError):
        return []


def _lost(anchors: list[Anchor], manifest: Manifest) -> int | None:
    later = [anchor.seq for anchor in anchors if anchor.seq > manifest.head_seq]
    return max(later) - manifest.head_seq if later else None


def _looked_through(file: Path, keyring: Keyring, identity: str, book: AnchorBook, progress: Progress) -> Verified:
    """All of it is read and checked before anything is changed. The anchors come back with it where the office has lost
    them; its own are newer and stay.
    """
    anchors, rows = b"", 0
    with opened_backup(file, keyring, identity) as reader:
        for part in reader.parts():
            if isinstance(part, OfficeFile):
                anchors = part.content if part.name == f"anchors/{AnchorBook.FILE_NAME}" else anchors
            else:
                rows += len(part.rows)
                progress("verify", rows, 0)
        verified = reader.verified
    if anchors and not book.path.exists():
        book.path.parent.mkdir(parents=True, exist_ok=True)
        book.path.write_bytes(anchors)
    return verified


def _anchor(book: AnchorBook, head: Head, at: datetime) -> bool:
    """The new epoch is noted outside at once: what comes after it is vouched for from its first event."""
    try:
        book.path.parent.mkdir(parents=True, exist_ok=True)
        book.write(head, at)
    except OSError:
        return False
    return True
