"""A dry run of what is not approved yet: what would be done at every system, were it approved now."""

from dataclasses import replace

from provisioner.account import Account, AccountState, Credential, Password
from provisioner.actor import Actor
from provisioner.connector import Profile, Verifier
from provisioner.convergence.plan import LinkFacts
from provisioner.convergence.snapshot import Snapshot
from provisioner.convergence.target_set import TargetSet
from provisioner.errors import InvalidInput
from provisioner.provisioning import lookup
from provisioner.provisioning.account_views import READERS
from provisioner.provisioning.bio import BioForms
from provisioner.provisioning.context import Context
from provisioner.provisioning.previews import Previews, TargetPreview, chosen_by_operator
from provisioner.provisioning.username_offer import UsernameOffers
from provisioner.store.tables import new_id


class RequestPreviews:
    """Use case."""

    def __init__(
        self, context: Context, targets: TargetSet, forms: BioForms, offers: UsernameOffers, previews: Previews
    ) -> None:
        self._context = context
        self._targets = targets
        self._forms = forms
        self._offers = offers
        self._previews = previews

    def of(self, actor: Actor, request_id: str, username: str = "") -> tuple[str, list[TargetPreview]]:
        """The user name, and every system. Without ``username``: the one that was chosen, or would be offered.

        Once the account is there, what is still to be done for it.

        :raises NotFound: ``request-unknown``. :raises InvalidInput: ``bio-incomplete``: nothing can be said yet.
        """
        actor.require(*READERS)
        with self._context.store.read() as session:
            request = lookup.request(session, request_id)
            account_id, chosen = request.account_id, request.username or ""
            if account_id is None:
                self._forms.refuse_wrong(request, must_be_there=True)
                profile = self._forms.profile(request)
        if account_id is not None:
            return chosen, self._previews.of(actor, account_id)
        name = username.strip() or chosen or self._offers.suggest(request_id)
        if not name:
            raise InvalidInput(fields={"username": ["required"]})
        return name, [self._at(target, request_id, name, profile) for target in self._targets]

    def _at(self, target: str, request_id: str, username: str, profile: Profile) -> TargetPreview:
        account = Account(new_id(), username, 1, AccountState.PENDING_ACTIVATION, profile, password_changed=False)
        made = Snapshot(target, request_id, account, self._first_credential(target), LinkFacts())
        changed = replace(account, version=2, state=AccountState.ACTIVE, password_changed=True)
        applied = LinkFacts(applied_version=1, applied_generation=1, newest_generation=1)
        later = replace(made, account=changed, credential=chosen_by_operator(made.credential), link=applied)
        return self._previews.of_snapshot(made, later)

    def _first_credential(self, target: str) -> Credential | None:
        if self._targets.credential_of(target) is None:
            return None
        if self._targets.asks_people(target):
            return Credential(stands=False, own=False, wanted_now=True)
        return Credential(stands=True, own=False, password=Password(1, own=False, verifier=Verifier("", "")))
