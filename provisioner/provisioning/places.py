"""Where an operator can sign in: "Anda bisa masuk ke: ..."."""

from dataclasses import dataclass

from provisioner.connector import AsksPeople
from provisioner.convergence.target_set import TargetSet
from provisioner.credential.own_password import OwnPasswords
from provisioner.errors import NotFound
from provisioner.provisioning.context import Context
from provisioner.store.tables import AccountRow, LinkRow


@dataclass(frozen=True)
class Place:
    """A system the operator has an account in. ``state``: ``done``, ``waiting``, ``there`` (to be changed there),
    ``behind`` (it gets the operator's own password at a later sign-in), ``failed``."""

    target: str
    label: str
    state: str
    hint: str = ""


class Places:
    """Reads only."""

    def __init__(self, context: Context, targets: TargetSet, own: OwnPasswords) -> None:
        self._context = context
        self._targets = targets
        self._own = own

    def of(self, account_id: str) -> tuple[Place, ...]:
        """:raises NotFound: ``account-unknown``."""
        with self._context.store.read() as session:
            account = session.get(AccountRow, account_id)
            if account is None:
                raise NotFound("account-unknown")
            behind = set(self._own.behind(account))
            return tuple(self._place(link, behind) for link in account.links if link.state not in ("gone", "left-out"))

    def _place(self, link: LinkRow, behind: set[str]) -> Place:
        label = self._targets.label(link.target)
        connector: object = self._targets[link.target].connector if link.target in self._targets else None
        if isinstance(connector, AsksPeople):
            state = "there" if link.state == "done" else "waiting"
            return Place(link.target, label, state, connector.first_change_hint())
        if link.state == "failed" or link.waits_for_credential:
            return Place(link.target, label, "failed")
        if link.target in behind and link.target in self._targets.clear_text:
            return Place(link.target, label, "behind")
        return Place(link.target, label, "waiting" if link.state != "done" or link.target in behind else "done")
