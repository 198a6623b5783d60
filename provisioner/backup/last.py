"""The last backup that was finished, as it was written down. Whoever only asks for it loads nothing that makes one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.provisioning.context import Context
from provisioner.store.tables import BackupRow


def last_backup(context: Context) -> BackupRow | None:
    """None: there was none yet."""
    with context.store.read() as session:
        return newest_backup(session)


def newest_backup(session: Session) -> BackupRow | None:
    """As :func:`last_backup`, in the caller's unit of work."""
    return session.scalars(select(BackupRow).order_by(BackupRow.made_at.desc()).limit(1)).first()
