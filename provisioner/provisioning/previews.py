"""A dry run: what convergence would do for one account, now or after a change. It only reads the systems."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.account import Account, AccountAct, AccountState, Credential, Password, after
from provisioner.actor import Actor
from provisioner.connector import ConnectorError, EndsSessions, Marker, Profile, RemoteAccount, Verifier
from provisioner.convergence.plan import Adopt, Create, Delete, Disconnect, Grant, Plan, Revoke, Step, Update
from provisioner.convergence.planner import Planner
from provisioner.convergence.snapshot import Snapshot, Snapshots
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import AT_REST
from provisioner.credential.generation import takes_ticket
from provisioner.errors import InvalidInput, NotFound, WrongState
from provisioner.provisioning.account_views import READERS
from provisioner.provisioning.context import Context
from provisioner.reconciliation.comparison import differences_of, marker_text
from provisioner.reconciliation.finding import Difference
from provisioner.store.tables import AccountRow, LinkRow, RequestRow

CHANGES = ("suspend", "reactivate", "reset", "extend", "rename", "role", "activate", "expire", "revoke", "delete")
"""What can be looked at beforehand, besides the present state (an empty word)."""

_ACTS = {
    "suspend": AccountAct.SUSPEND,
    "reset": AccountAct.RESET,
    "activate": AccountAct.ACTIVATE,
    "expire": AccountAct.EXPIRE,
    "revoke": AccountAct.REVOKE,
}


@dataclass(frozen=True)
class Terms:
    """What a change says besides its name. What is empty stays as it is, but for the last day."""

    valid_until: date | None = None
    """With ``extend``; None: without a last day."""
    username: str = ""
    """With ``rename``."""
    role: str = ""
    region: str = ""
    """With ``role``: what a new request for another role or region would bring."""


@dataclass(frozen=True)
class Call:
    """One call to a system. ``word``: ``create``, ``adopt``, ``update``, ``set-password``, ``grant``, ``revoke``,
    ``end-sessions``, ``delete``."""

    word: str
    fields: tuple[Difference, ...] = ()
    """What is written; ``found`` is empty for a new entry."""
    entitlement: str = ""
    password: bool = False
    """Whether a password is written with it, as a one-way form or in clear text."""
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
    later: tuple[Call, ...] = ()
    """What follows when the operator has changed the initial password; told of what is not approved yet."""
    waits: bool = False
    """The entry stays disabled until a new password is written."""
    error: str = ""
    message: str = ""


class Previews:
    """Use case."""

    def __init__(self, context: Context, targets: TargetSet, planner: Planner, snapshots: Snapshots) -> None:
        self._context = context
        self._targets = targets
        self._planner = planner
        self._snapshots = snapshots

    def of(self, actor: Actor, account_id: str, change: str = "", terms: Terms = Terms()) -> list[TargetPreview]:
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
            found = [
                (link.state in AT_REST, self._changed(session, account, link, change, terms))
                for link in links
                if link.target in self._targets
            ]
        return [self._preview(snapshot, at_rest) for at_rest, snapshot in found]

    def of_snapshot(self, snapshot: Snapshot, afterwards: Snapshot) -> TargetPreview:
        """Of an account that is not there yet, and what follows ``afterwards``."""
        shown = self._preview(snapshot, at_rest=False)
        if shown.error:
            return shown
        made = next((call for call in shown.calls if call.word == "create"), None)
        account = snapshot.account
        entry = RemoteAccount(
            remote_id=account.id,
            username=account.username,
            marker=Marker(account.id, account.version, 1),
            enabled=made is not None and any(each.name == "enabled" and each.should == "yes" for each in made.fields),
            must_change=True,
        )
        try:
            chosen = self._planner.planned_over(afterwards, entry)
        except ConnectorError as error:
            return replace(shown, error=type(error).__name__, message=str(error))
        later = tuple(call for step in chosen.steps for call in self._calls(snapshot.target, step, entry))
        return replace(shown, later=later)

    def _changed(self, session: Session, account: AccountRow, link: LinkRow, change: str, terms: Terms) -> Snapshot:
        snapshot = self._snapshots.load(session, link.id)
        if not change:
            return snapshot
        now = replace(snapshot.account, version=snapshot.account.version + 1)
        credential = snapshot.credential
        if change == "reactivate":
            now = replace(now, state=after(now.state, _reactivation(snapshot)))
        elif change in _ACTS:
            now = replace(now, state=after(now.state, _ACTS[change]))
        else:
            now = self._with_terms(now, change, terms)
        if change == "activate":
            now = replace(now, password_changed=True)
            credential = chosen_by_operator(credential)
        if change == "reset" and credential is not None and link.credential is not None:
            request = session.get_one(RequestRow, account.request_id)
            wanted_now = takes_ticket(link.credential, request)
            now = replace(now, password_changed=False)
            credential = Credential(stands=False, own=credential.own, wanted_now=wanted_now)
        return replace(snapshot, account=now, credential=credential)

    def _with_terms(self, now: Account, change: str, terms: Terms) -> Account:
        """:raises WrongState: nothing of a revoked account is changed, and nothing else is deleted."""
        if (now.state is AccountState.REVOKED) != (change == "delete"):
            raise WrongState("account-wrong-state", state=now.state.value, act=change)
        profile = now.profile
        if change == "delete":
            return replace(now, deletion_due=True)
        if change == "rename":
            return replace(now, username=terms.username or now.username)
        if change == "extend":
            until = terms.valid_until.isoformat() if terms.valid_until is not None else ""
            return replace(now, profile=replace(profile, valid_until=until))
        role, region = terms.role or profile.role, terms.region or profile.region
        known, place = self._context.office.role(role), self._context.office.regions.get(region)
        if known is None or place is None:
            raise InvalidInput(fields={"region" if known else "role": ["unknown"]})
        return replace(
            now,
            profile=replace(profile, role=role, region=region, role_name=known.label.id, region_name=place.full_title),
        )

    def _preview(self, snapshot: Snapshot, at_rest: bool) -> TargetPreview:
        name = snapshot.target
        shown = TargetPreview(name, self._targets.label(name), self._targets.asks_people(name))
        if at_rest:
            return replace(shown, at_rest=True)
        try:
            chosen = self._planner.planned(snapshot)
            entry = self._entry(name, snapshot, chosen)
        except ConnectorError as error:
            return replace(shown, error=type(error).__name__, message=str(error))
        calls = tuple(call for step in chosen.steps for call in self._calls(name, step, entry))
        return replace(shown, calls=(*calls, *_of_issuing(chosen)), waits=chosen.waits)

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


def _of_issuing(chosen: Plan) -> Iterator[Call]:
    """A password in clear text is set while the entry is disabled."""
    if chosen.issues:
        yield Call("set-password", password=True, must_change=True)
        yield Call("update", (Difference("enabled", "yes", "no"),))


def _of_profile(profile: Profile) -> Iterator[Difference]:
    for name in ("full_name", "display_name", "role", "region", "org_unit", "position", "valid_until"):
        if value := getattr(profile, name):
            yield Difference(name, value, "")


def chosen_by_operator(credential: Credential | None) -> Credential | None:
    """The credential when the operator has chosen a password of their own. What it is is not known, nor looked at."""
    if credential is None:
        return None
    number = credential.password.generation + 1 if credential.password is not None else 1
    return Credential(stands=True, own=True, password=Password(number, own=True, verifier=Verifier("", "")))


def _reactivation(snapshot: Snapshot) -> AccountAct:
    if snapshot.account.password_changed:
        return AccountAct.REACTIVATE
    lapsed = snapshot.credential is not None and not snapshot.credential.stands
    if lapsed and snapshot.account.state in (AccountState.SUSPENDED, AccountState.EXPIRED):
        return AccountAct.REACTIVATE_LOCKED
    return AccountAct.REACTIVATE_UNCHANGED
