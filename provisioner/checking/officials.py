"""The officials: is every desk held, and whose account ends soon?"""

from collections.abc import Iterator

from provisioner.bootstrap import Provisioner
from provisioner.checking.checked import Checked, doubtful, right
from provisioner.office import PostId


def check_officials(provisioner: Provisioner) -> Iterator[Checked]:
    """Every finding about them."""
    yield _desks(provisioner)
    yield from _endings(provisioner)


def _desks(provisioner: Provisioner) -> Checked:
    held = {post for each in provisioner.official_views.everybody() if each.suspended_at is None for post in each.posts}
    needed = {step.actor for step in provisioner.procedure.steps if step.actor in set(PostId)}
    missing = sorted(needed - held)
    if missing:
        return doubtful(
            "office", "officials", f"nobody holds: {', '.join(missing)}", "provisioner official add NAME --post POST"
        )
    return right("office", "officials", "every desk of the SOP is held")


def _endings(provisioner: Provisioner) -> Iterator[Checked]:
    for each in provisioner.official_terms.endings():
        if each.on is None:
            message = f"the auditor's account {each.username} has no end"
        else:
            message = f"the account {each.username} ends on {each.on.isoformat()}"
        yield doubtful(
            "office", "end-of-account", message, f"provisioner official extend {each.username} --expires DAY"
        )
