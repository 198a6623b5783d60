"""What is to be changed for one account at one target: asked of the target itself, and planned. It only reads."""

from provisioner.account import Traits, desired
from provisioner.connector import Entitles, Profile, RemoteAccount, Seen
from provisioner.convergence.plan import Plan, entry_of, plan
from provisioner.convergence.snapshot import Snapshot
from provisioner.convergence.target_set import TargetSet


class Planner:
    """Reads entries and plans over them; safe for several threads."""

    def __init__(self, targets: TargetSet) -> None:
        self._targets = targets

    def planned(self, snapshot: Snapshot) -> Plan:
        """The plan over what the target holds now: a dry run.

        :raises ConnectorError: the target cannot be read, or holds something that is not ours.
        """
        traits = self._targets.traits(snapshot.target)
        return self.over(snapshot, traits, self.read(snapshot, traits))

    def planned_over(self, snapshot: Snapshot, entry: RemoteAccount | None) -> Plan:
        """The plan, were this entry there.

        :raises ConnectorError: as :meth:`planned`.
        """
        return self.over(snapshot, self._targets.traits(snapshot.target), entry)

    def over(self, snapshot: Snapshot, traits: Traits, entry: RemoteAccount | None) -> Plan:
        """As :meth:`planned_over`, for who plans again and knows already what the target can do.

        :raises ConnectorError: as :meth:`planned`.
        """
        wanted = desired(snapshot.account, snapshot.credential, traits)
        return plan(wanted, snapshot.link, entry, traits, self._entitlements(snapshot.target, wanted.profile))

    def read(self, snapshot: Snapshot, traits: Traits, seen: Seen | None = None) -> RemoteAccount | None:
        """The account's entry at the target. ``seen``: what was read already, for several at once.

        :raises ConnectorError: as :meth:`planned`.
        """
        seen = self._seen(snapshot, traits) if seen is None else seen
        # People enter the name another system gave: there the account's own name means nothing.
        found, named = seen.found, None if seen.found or traits.asks_people else seen.named
        return entry_of(found, named, desired(snapshot.account, snapshot.credential, traits), snapshot.link)

    def _seen(self, snapshot: Snapshot, traits: Traits) -> Seen:
        target, account = snapshot.target, snapshot.account
        connector = self._targets[target].connector
        with self._targets.calling(target, "find", account.id):
            found = connector.find(account.id)
        if found or traits.asks_people:
            return Seen(found, None)
        with self._targets.calling(target, "get", account.id):
            return Seen(found, connector.get(account.username))

    def _entitlements(self, target: str, profile: Profile) -> frozenset[str]:
        connector = self._targets[target].connector
        return connector.entitlements_for(profile) if isinstance(connector, Entitles) else frozenset()
