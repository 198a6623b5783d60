"""The user name offered at step 4: it fits every target, was never given to anybody, and is free in each target."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.connector import AsksPeople, ConnectorError, Limits
from provisioner.convergence.worklist import left_alone
from provisioner.errors import Conflict, InvalidInput
from provisioner.procedure import Act
from provisioner.provisioning.adoption import recorded_for_other, recorded_of
from provisioner.provisioning.context import Context
from provisioner.store.locking import alone
from provisioner.store.tables import RecordedAccountRow, RequestRow, UsernameRow
from provisioner.targets import Target
from provisioner.username import UsernamePolicy

_TRIES = 20
"""How many names are tried at the targets before the section head is asked to think of one."""


class Availability(StrEnum):
    """Whether a name is free at one target."""

    FREE = "free"
    TAKEN = "taken"
    UNKNOWN = "unknown"
    """The target could not be asked; it is asked again when the account is made."""
    RECORDED = "recorded"
    """The entry that was recorded is there, and will be taken over."""
    GONE = "gone"
    """The entry that was recorded is not there any more, or is somebody's already."""


_HINDERING = (Availability.TAKEN, Availability.GONE)


@dataclass(frozen=True)
class TargetAnswer:
    """What one target said about a name."""

    target: str
    label: str
    availability: Availability


@dataclass(frozen=True)
class Offer:
    """A user name with what is known about it. ``problems`` are codes of what is wrong with the name itself."""

    username: str
    problems: tuple[str, ...]
    targets: tuple[TargetAnswer, ...]

    @property
    def usable(self) -> bool:
        """Nothing speaks against it; a target that could not be asked does not."""
        return not self.problems and all(each.availability not in _HINDERING for each in self.targets)


class UsernameOffers:
    """Finds and checks user names."""

    def __init__(self, context: Context, targets: dict[str, Target], policy: UsernamePolicy) -> None:
        self._context = context
        self._targets = targets
        self._policy = policy

    @property
    def limits(self) -> list[Limits]:
        """What each target demands of a name."""
        return [target.connector.limits for target in self._targets.values()]

    def offer(self, actor: Actor, request_id: str) -> Offer:
        """The first name of the office's pattern that is free everywhere; the first candidate when none was found.

        :raises NotAllowed: only the section head asks the systems for names.
        """
        self._refuse_others(actor)
        with self._context.store.read() as session:
            full_name = session.get_one(RequestRow, request_id).full_name
            own = session.get_one(RequestRow, request_id).username or _recorded_name(session, request_id)
        if own:
            return self._look(request_id, own)
        tried: Offer | None = None
        for _, name in zip(range(_TRIES), self._policy.candidates(full_name), strict=False):
            found = self._look(request_id, name)
            if found.usable:
                return found
            tried = tried or found
        return tried or Offer("", ("no-candidate",), ())

    def suggest(self, request_id: str) -> str:
        """The same without asking the targets, for a page that nobody should wait for; empty when there is none."""
        with self._context.store.read() as session:
            request = session.get_one(RequestRow, request_id)
            if own := request.username or _recorded_name(session, request_id):
                return own
            names = zip(range(_TRIES), self._policy.candidates(request.full_name), strict=False)
            free = (name for _, name in names if not reserved_for_other(session, name, request_id))
            return next(free, "")

    def check(self, actor: Actor, request_id: str, username: str) -> Offer:
        """What is known about this name. Asks every target at the same time; one that is slow delays only itself.

        :raises NotAllowed: only the section head asks the systems for names.
        """
        self._refuse_others(actor)
        return self._look(request_id, username)

    def _refuse_others(self, actor: Actor) -> None:
        actor.require(self._context.step_of(Act.REVIEW).actor)

    def _look(self, request_id: str, username: str) -> Offer:
        with self._context.store.read() as session:
            recorded = recorded_of(session, request_id)
        if recorded is not None:
            return self._look_at_recorded(recorded, username)
        problems = tuple(self._policy.violations(username))
        if not problems:
            with self._context.store.read() as session:
                if reserved_for_other(session, username, request_id):
                    problems = ("taken-here",)
        if problems:
            return Offer(username, problems, ())
        silent = self._silent()
        with ThreadPoolExecutor(max_workers=max(1, len(self._targets))) as pool:
            answers = tuple(pool.map(lambda target: _ask(target, username, silent), self._targets.values()))
        return Offer(username, (), answers)

    def _silent(self) -> frozenset[str]:
        """Targets that are left alone now: waiting for one that is known to be down would help nobody."""
        with self._context.store.read() as session:
            return left_alone(session, self._context.clock())

    def _look_at_recorded(self, recorded: RecordedAccountRow, username: str) -> Offer:
        """The name stays what it is, whatever the office's pattern; the very entry must still be there."""
        if username.casefold() != recorded.folded:
            return Offer(username, ("recorded-name",), ())
        target = self._targets.get(recorded.target)
        if target is None or recorded.remote_id is None:
            return Offer(username, ("recorded-target",), ())
        by_people = isinstance(target.connector, AsksPeople)
        return Offer(recorded.username, (), (_ask_for_recorded(target, recorded, by_people=by_people),))

    def refuse_unusable(self, request_id: str, username: str) -> None:
        """:raises InvalidInput: the name breaks a rule. :raises Conflict: it is taken, here or at a target."""
        found = self._look(request_id, username)
        if found.problems == ("taken-here",):
            raise Conflict("username-taken", username=username)
        if found.problems:
            raise InvalidInput("username-invalid", fields={"username": list(found.problems)})
        for answer in found.targets:
            if answer.availability is Availability.GONE:
                raise Conflict("recorded-entry-gone", username=username, target=answer.label)
            if answer.availability is Availability.TAKEN:
                raise Conflict("username-taken-in-target", username=username, target=answer.label)


def reserved_for_other(session: Session, username: str, request_id: str) -> bool:
    """Whether the name was given to, is reserved for, or was recorded as, somebody else's. Until the unit of work ends
    nobody else asks about, or takes, the same name.
    """
    alone(session, "username", username.casefold())
    if recorded_for_other(session, username, request_id):
        return True
    row = session.get(UsernameRow, username.casefold())
    return row is not None and row.request_id != request_id


def free_username(session: Session, request: RequestRow) -> None:
    """A name that was reserved for an account that will not be made may be given to somebody else."""
    if request.username is None or request.account_id is not None:
        return
    reserved = session.get(UsernameRow, request.username.casefold())
    if reserved is not None and reserved.request_id == request.id:
        session.delete(reserved)
    request.username = None


def _recorded_name(session: Session, request_id: str) -> str:
    recorded = recorded_of(session, request_id)
    return recorded.username if recorded is not None else ""


def _ask_for_recorded(target: Target, recorded: RecordedAccountRow, *, by_people: bool) -> TargetAnswer:
    try:
        found = target.connector.get(recorded.username)
    except ConnectorError:
        return TargetAnswer(target.name, target.label, Availability.UNKNOWN)
    if by_people:
        # What the list said is all there is to know, unless the name is an account's of ours since.
        same = found is None
    else:
        same = found is not None and found.marker is None and found.remote_id == recorded.remote_id
    return TargetAnswer(target.name, target.label, Availability.RECORDED if same else Availability.GONE)


def _ask(target: Target, username: str, silent: frozenset[str]) -> TargetAnswer:
    if target.name in silent:
        return TargetAnswer(target.name, target.label, Availability.UNKNOWN)
    try:
        found = target.connector.get(username)
    except ConnectorError:
        return TargetAnswer(target.name, target.label, Availability.UNKNOWN)
    return TargetAnswer(target.name, target.label, Availability.TAKEN if found else Availability.FREE)
