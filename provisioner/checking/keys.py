"""The keys: can they be read, do they open everything, is there a second copy?"""

from collections.abc import Iterator

from provisioner.bootstrap import Provisioner
from provisioner.checking.checked import Checked, guarded, right
from provisioner.connector import Finding, Severity
from provisioner.provisioning.key_copies import CopyState
from provisioner.resealing import Resealing


def check_keys(provisioner: Provisioner) -> Iterator[Checked]:
    """Every finding about them."""
    yield right("keys", "readable", f"{len(provisioner.context.keyring.key_ids)} key(s)")
    yield guarded("keys", "in-use", lambda: _keys_in_use(provisioner))
    yield guarded("keys", "second-copy", lambda: _second_copy(provisioner))


def _second_copy(provisioner: Provisioner) -> Finding:
    status, remedy = provisioner.key_copies.status(), "provisioner keys paper, then provisioner keys paper --check"
    day = status.confirmed_at.astimezone(provisioner.office.zone).date().isoformat() if status.confirmed_at else ""
    if status.state is CopyState.CONFIRMED:
        return Finding("second-copy", Severity.OK, f"confirmed on {day}", code=status.state)
    if status.state is CopyState.STATED:
        return Finding("second-copy", Severity.OK, "the settings say that there is one", code=status.state)
    if status.state is CopyState.OLD:
        message = f"the second copy was last confirmed on {day}"
        return Finding("second-copy", Severity.WARNING, message, "provisioner keys paper --check", status.state)
    message = "no second copy of the keys is confirmed"
    if status.state is CopyState.OUTDATED:
        message = f"no confirmed copy holds the key {', '.join(status.lacking)}"
    return Finding("second-copy", Severity.WARNING, message, remedy, status.state)


def _keys_in_use(provisioner: Provisioner) -> Finding:
    context = provisioner.context
    sealed = Resealing(context.store, context.keyring, context.trail, context.clock).count()
    if missing := sorted(sealed.keys() - set(context.keyring.key_ids)):
        message = f"values are sealed with a key that is not there: {', '.join(missing)}"
        return Finding("in-use", Severity.ERROR, message, "put the key back into the key file from its second copy")
    if old := [key_id for key_id, values in sealed.items() if values and key_id != context.keyring.newest_id]:
        message = f"an older key has sealed values: {', '.join(old)}"
        return Finding("in-use", Severity.WARNING, message, "run provisioner keys reseal")
    return Finding("in-use", Severity.OK, "every value is sealed with the newest key")
