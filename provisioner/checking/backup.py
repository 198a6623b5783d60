"""Backups and restorations: how old is the last one, and is anything held?"""

from collections.abc import Iterator

from provisioner.backup.last import last_backup
from provisioner.bootstrap import Provisioner
from provisioner.checking.checked import Checked, guarded, wrong
from provisioner.connector import Finding, Severity
from provisioner.provisioning.context import Context


def check_backup(provisioner: Provisioner) -> Iterator[Checked]:
    """Every finding about them."""
    yield guarded("store", "backup", lambda: _backup(provisioner.context))
    if provisioner.restorations.held():
        yield wrong(
            "store",
            "restored",
            "restored from a backup: nothing is written to any system until the comparison is confirmed",
            "see the page Pemulihan, or provisioner restore status",
        )


def _backup(context: Context) -> Finding:
    last = last_backup(context)
    remedy = "let a timer run it every day: provisioner backup"
    if last is None:
        return Finding("backup", Severity.WARNING, "no backup was ever made", remedy)
    hours = int((context.clock() - last.made_at).total_seconds() // 3600)
    message = f"the last is of {hours} hours ago, {last.size / 1e6:.1f} MB"
    if hours >= context.settings.backup.warn_after_hours:
        return Finding("backup", Severity.WARNING, message, remedy)
    if not last.encrypted:
        message += "; not encrypted: names and hashes of passwords are in clear"
        return Finding("backup", Severity.WARNING, message, "see backup.recipients and provisioner backup key")
    return Finding("backup", Severity.OK, message)
