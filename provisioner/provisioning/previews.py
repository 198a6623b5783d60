"""A dry run: what convergence would do for one account, now or after a change. It only reads the systems."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.account import AccountAct, AccountState, Credential, after
from provisioner.actor import Actor
from provisioner.connector import ConnectorError, EndsSessions, Profile, RemoteAccount
from provisioner.convergence.converge import Converger
from provisioner.convergence.plan import Adopt, Create, Delete, Disconnect, Grant, Plan, Revoke, Step, Update
from provisioner.convergence.snapshot import Snapshot, Snapshots
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import AT_REST
from provisioner.credential.generation import takes_ticket
from provisioner.errors import InvalidInput, NotFound
from provisioner.provisioning.account_views import READERS
from provisioner.provisioning.context import Context
from provisioner.reconciliation.comparison import differences_of, marker_text
from provisioner.reconciliation.finding import Difference
from provisioner.store.tables import AccountRow, LinkRow, RequestRow

CHANGES = ("suspend", "reactivate", "reset", "extend", "revoke")
"""What can be looked at beforehand, besides the present state (an empty word)."""

_ACTS = {
    "suspend": AccountAct.SUSPEND,
    "reset": AccountAct.RESET,
    "revoke": AccountAct.REVOKE,
}


@dataclass(frozen=True)
class Call:
    """One call to a system. ``word``: ``create``, ``adopt``, ``update``, ``grant``, ``revoke``, ``end-sessions``,
    ``delete``.
    """

    word: str
    fields: tuple[Difference, ...] = ()
    """What is written; ``found`` is empty for a new entry."""
    entitlement: str = ""
    password: bool = False
    """Whether a password's one-way form is written with it."""
    must_change: bool = False


@dataclass(frozen=True)
class TargetPreview:
    """What would be done at one system. ``error`` names why that cannot be said."""

    target: str
    label: str
    asks_people: bool
    at_rest: bool = False
    """The account takes no part there (any more)."""
    calls: tuple[Call, ...] = ()
    waits: bool = False
    """The entry stays disabled until a new password is written."""
    error: str = ""
    message: str = ""


class Previews:
    """Use case."""

    def __init__(self, context: Context, targets: TargetSet, converger: Converger, snapshots: Snapshots) -> None:
        self._context = context
        self._targets = targets
        self._converger = converger
        self._snapshots = snapshots

    def of(
        self, actor: Actor, account_id: str, change: str = "", valid_until: date | None = None
    ) -> list[TargetPreview]:
        """Every system, in the order of their names.

        :raises NotFound: ``account-unknown``. :raises WrongState: the change is not possible now.
        :raises InvalidInput: field ``change``.
        """
        actor.require(*READERS)
        if change and change not in CHANGES:
            raise InvalidInput(fields={"change": ["unknown"]})
        with self._context.store.read() as session:
            account = session.get(AccountRow, account_id)
            if account is None:
                raise NotFound("account-unknown")
            links = session.scalars(select(LinkRow).where(LinkRow.account_id == account_id).order_by(LinkRow.target))
            found = [(link, self._changed(session, account, link, change, valid_until)) for link in links]
        return [self._preview(link, snapshot) for link, snapshot in found if link.target in self._targets]

    def _changed(
        self, session: Session, account: AccountRow, link: LinkRow, change: str, valid_until: date | None
    ) -> Snapshot:
        snapshot = self._snapshots.load(session, link.id)
        if not change:
            return snapshot
        now = replace(snapshot.account, version=snapshot.account.version + 1)
        credential = snapshot.credential
        if change == "extend":
            until = valid_until.isoformat() if valid_until is not None else ""
            now = replace(now, profile=replace(now.profile, valid_until=until))
        elif change == "reactivate":
            now = replace(now, state=after(now.state, _reactivation(snapshot)))
        else:
            now = replace(now, state=after(now.state, _ACTS[change]))
        if change == "reset" and credential is not None and link.credential is not None:
            request = session.get_one(RequestRow, account.request_id)
            wanted_now = takes_ticket(link.credential, request)
            now = replace(now, password_changed=False)
            credential = Credential(stands=False, own=credential.own, wanted_now=wanted_now)
        return replace(snapshot, account=now, credential=credential)

    def _preview(self, link: LinkRow, snapshot: Snapshot) -> TargetPreview:
        name = link.target
        shown = TargetPreview(name, self._targets.label(name), self._targets.asks_people(name))
        if link.state in AT_REST:
            return replace(shown, at_rest=True)
        try:
            chosen = self._converger.planned(snapshot)
            entry = self._entry(name, snapshot, chosen)
        except ConnectorError as error:
            return replace(shown, error=type(error).__name__, message=str(error))
        calls = tuple(call for step in chosen.steps for call in self._calls(name, step, entry))
        return replace(shown, calls=calls, waits=chosen.waits)

    def _entry(self, target: str, snapshot: Snapshot, chosen: Plan) -> RemoteAccount | None:
        connector = self._targets[target].connector
        if any(isinstance(step, Adopt) for step in chosen.steps):
            return connector.get(snapshot.account.username)
        return next(iter(connector.find(snapshot.account.id)), None)

    def _calls(self, target: str, step: Step, entry: RemoteAccount | None) -> Iterator[Call]:
        match step:
            case Create(new):
                fields = [
                    Difference("username", new.username, ""),
                    Difference("enabled", "yes" if new.enabled else "no", ""),
                    *_of_profile(new.profile),
                    Difference("marker", marker_text(new.marker), ""),
                ]
                yield Call("create", tuple(fields), password=new.verifier is not None, must_change=new.must_change)
            case Adopt(marker):
                yield Call("adopt", (Difference("marker", marker_text(marker), ""),))
            case Update(changes, marker):
                found: tuple[Difference, ...] = ()
                if entry is not None:
                    found = tuple(differences_of(Plan((Update(replace(changes, verifier=None), marker),)), entry))
                yield Call(
                    "update", found, password=changes.verifier is not None, must_change=bool(changes.must_change)
                )
            case Grant(name):
                yield Call("grant", entitlement=name)
            case Revoke(name):
                yield Call("revoke", entitlement=name)
            case Disconnect() if isinstance(self._targets[target].connector, EndsSessions):
                yield Call("end-sessions")
            case Delete():
                yield Call("delete")


def _of_profile(profile: Profile) -> Iterator[Difference]:
    for name in ("full_name", "display_name", "role", "region", "org_unit", "position", "valid_until"):
        if value := getattr(profile, name):
            yield Difference(name, value, "")


def _reactivation(snapshot: Snapshot) -> AccountAct:
    if snapshot.account.password_changed:
        return AccountAct.REACTIVATE
    lapsed = snapshot.credential is not None and not snapshot.credential.stands
    if lapsed and snapshot.account.state in (AccountState.SUSPENDED, AccountState.EXPIRED):
        return AccountAct.REACTIVATE_LOCKED
    return AccountAct.REACTIVATE_UNCHANGED
