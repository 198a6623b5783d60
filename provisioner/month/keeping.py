"""What keeps the data from being lost: backups, copies of the keys, anchors outside the machine."""

from collections.abc import Iterator
from datetime import timedelta

from provisioner.audit import AnchorBook
from provisioner.backup.last import last_backup
from provisioner.month.point import Point, Subject, Urgency
from provisioner.provisioning.context import Context
from provisioner.provisioning.key_copies import CopyState, KeyCopies
from provisioner.provisioning.processes import Processes
from provisioner.release import release

ANCHOR_DAYS = 2


def backup_points(context: Context) -> Iterator[Point]:
    """The age of the last backup."""
    last = last_backup(context)
    if last is None:
        yield Point(Subject.BACKUP, Urgency.NOW, facts={"days": ""})
        return
    age = context.clock() - last.made_at
    old = age > timedelta(hours=context.settings.backup.warn_after_hours)
    yield Point(Subject.BACKUP, Urgency.NOW if old else Urgency.GOOD, facts={"days": age.days})


def key_points(context: Context, copies: KeyCopies) -> Iterator[Point]:
    """Whether the keys of now lie in a second place."""
    status = copies.status()
    urgent = {CopyState.MISSING: Urgency.NOW, CopyState.OUTDATED: Urgency.NOW, CopyState.OLD: Urgency.MONTH}
    day = context.today(status.confirmed_at).isoformat() if status.confirmed_at else ""
    facts: dict[str, str | int] = {"state": status.state.value, "day": day, "keys": ", ".join(status.lacking)}
    yield Point(Subject.SECOND_COPY, urgent.get(status.state, Urgency.GOOD), facts=facts)


def anchor_points(context: Context) -> Iterator[Point]:
    """Anchors on the machine of the data go with it; anchors that are not written prove nothing."""
    folder = context.settings.path(context.settings.audit.anchor_dir)
    if folder.absolute().is_relative_to(context.settings.data_dir.absolute()):
        yield Point(Subject.ANCHORS_HERE, Urgency.MONTH, facts={"folder": str(folder)})
    try:
        moments = [each.at for each in AnchorBook(folder).read() if each.at is not None]
    except (OSError, ValueError):
        yield Point(Subject.ANCHORS, Urgency.UNKNOWN, facts={"folder": str(folder)})
        return
    if not moments:
        yield Point(Subject.ANCHORS, Urgency.MONTH, facts={"folder": str(folder), "days": ""})
        return
    days = (context.clock() - max(moments)).days
    urgency = Urgency.NOW if days > ANCHOR_DAYS else Urgency.GOOD
    yield Point(Subject.ANCHORS, urgency, facts={"folder": str(folder), "days": days})


def release_points(context: Context) -> Iterator[Point]:
    """Processes of another release beside this one: an upgrade that was not finished."""
    ours = release()
    others = [each for each in Processes(context.store).living() if each.release != ours]
    if others:
        told = ", ".join(f"{each.release} ({each.name})" for each in others)
        yield Point(Subject.RELEASES, Urgency.MONTH, facts={"others": told})
