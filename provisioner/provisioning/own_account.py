"""Nobody decides on an account of their own."""

from provisioner.actor import Actor
from provisioner.errors import NotAllowed
from provisioner.store.tables import AccountRow


def refuse_own_account(actor: Actor, account: AccountRow) -> None:
    """Nobody opens or renews an access of their own; closing one's own is always possible.

    :raises NotAllowed: ``own-account``.
    """
    same_person = actor.person_key is not None and actor.person_key == account.person_key
    if same_person or (actor.staff_key is not None and actor.staff_key == account.staff_key):
        raise NotAllowed("own-account")
