"""The difference between what a target should hold and what it holds, as steps. Pure.

Passwords are events: they are never compared. A generation is written if it is newer than the one in the entry's
marker and the one recorded as applied, in the same conditional call that puts it into the marker.
"""

from dataclasses import dataclass, fields, replace

from provisioner.account import CLOSED_BY_OFFICIAL, Account, Desired, Password, Presence, Traits
from provisioner.connector import AccountExists, Changes, ConnectorError, Marker, NewAccount, Profile, RemoteAccount

_PROFILE_FIELDS = frozenset(each.name for each in fields(Profile))


class MarkerConflict(ConnectorError):
    """Our marker stands on two entries, or on another entry than the one we made."""


class Superseded(ConnectorError):
    """The entry already carries a newer version than the one being applied: this run is a late one."""

    retryable = True


class NothingToAdopt(ConnectorError):
    """The entry that was to become ours is not there any more. None is made in its place: its password is not known."""


@dataclass(frozen=True)
class LinkFacts:
    """What is recorded about an account at a target."""

    applied_version: int = 0
    applied_generation: int = 0
    remote_id: str | None = None
    waits_for_credential: bool = False
    asked_before: bool = False
    """A person was asked for something before: an account may be there that nobody confirmed."""
    asked_now: bool = False
    """A person is still asked for something, and may have done it already."""
    newest_generation: int = 0
    """The newest generation that was ever counted here."""
    adopts: str | None = None
    """The immutable id of a stranger's entry that, by decision, becomes this account's."""
    restored_version: int | None = None
    """The store was restored from a backup, which had this version, and the target was not read since."""

    def may_adopt(self, entry: RemoteAccount) -> bool:
        """Whether a stranger's entry is the one that was decided about, and was not ours before."""
        return entry.marker is None and self.applied_version == 0 and self.adopts == entry.remote_id


@dataclass(frozen=True)
class Create:
    """Make the entry whole in one call."""

    new: NewAccount


@dataclass(frozen=True)
class Adopt:
    """Write our marker into a stranger's entry, and change nothing else."""

    marker: Marker


@dataclass(frozen=True)
class Update:
    """One conditional change."""

    changes: Changes
    marker: Marker


@dataclass(frozen=True)
class Grant:
    """Put the account into a group or role."""

    entitlement: str


@dataclass(frozen=True)
class Revoke:
    """Take the account out of a group or role."""

    entitlement: str


@dataclass(frozen=True)
class Disconnect:
    """End open sessions where the target can."""


@dataclass(frozen=True)
class Delete:
    """Remove the entry."""


Step = Create | Adopt | Update | Grant | Revoke | Disconnect | Delete


@dataclass(frozen=True)
class Plan:
    """Steps in the order in which they are carried out."""

    steps: tuple[Step, ...]
    lost: bool = False
    """The entry went missing or came back older than recorded. To be recorded before anything is written."""
    waits: bool = False
    """The entry stays disabled until a new generation is written."""
    issues: bool = False
    """After the steps, which leave the entry disabled, a new initial password is to be issued and set in clear text.
    What comes then is another plan."""


def entry_of(
    found: list[RemoteAccount], named: RemoteAccount | None, wanted: Desired, link: LinkFacts
) -> RemoteAccount | None:
    """The account's entry among what carries its marker (``found``) and what has its name (``named``).

    :raises MarkerConflict: the marker stands twice, or on another entry than recorded.
    :raises AccountExists: somebody else's entry has the name. It is never adopted, unless that was decided for this
        very entry.
    """
    if len(found) > 1:
        raise MarkerConflict("our marker stands on more than one entry")
    if found:
        entry = found[0]
        if link.remote_id is not None and entry.remote_id != link.remote_id:
            raise MarkerConflict("our marker stands on another entry than the one that was made")
        return entry
    if named is None:
        return None
    if link.may_adopt(named):
        return named
    if named.marker is not None and named.marker.account_id == wanted.account_id:
        return named
    raise AccountExists("the user name belongs to somebody else's entry", named.marker, named.remote_id)


def forgotten(account: Account, link: LinkFacts, entry: RemoteAccount | None, traits: Traits) -> bool:
    """Whether the entry shows a time that this store has forgotten (an older copy of it was restored), and this run
    has to catch up with it first: a password of ours that was never counted here, or a newer version where an official
    has closed the account. Anything else that is newer waits for a person (:class:`Superseded`): what was closed in the
    forgotten time must not be opened again by itself.
    """
    marker = entry.marker if entry is not None else None
    if marker is None:
        return False
    if marker.version > _remembered(account.version, link):
        return account.state in CLOSED_BY_OFFICIAL
    if link.restored_version is not None:
        # Nothing was written since, so it was given in the time that is lost, whatever number was counted here again.
        return marker.generation > link.applied_generation
    # A version is recorded together with the generation it carried, so one cannot be known without the other. Not so
    # in clear text, where a generation is counted here before it is set there, under a version that was there before.
    unrecorded = marker.generation > link.applied_generation and marker.version <= link.applied_version
    if unrecorded and not traits.sets_passwords:
        return True
    return marker.generation > max(link.newest_generation, link.applied_generation)


def _remembered(version: int, link: LinkFacts) -> int:
    """The newest version of which this store knows what it meant. After a restoration numbers are counted again that
    the target may have seen with another meaning.
    """
    return version if link.restored_version is None else link.restored_version


def plan(
    wanted: Desired,
    link: LinkFacts,
    entry: RemoteAccount | None,
    traits: Traits,
    entitlements: frozenset[str] = frozenset(),
) -> Plan:
    """What has to be done. ``entitlements``: what the target's settings give this role and region.

    :raises Superseded: a newer version stands there already.
    :raises NothingToAdopt: the entry that was to become ours is gone.
    """
    marker = entry.marker if entry is not None else None
    if marker is not None and marker.version > _remembered(wanted.version, link):
        raise Superseded("the entry carries a newer version already")
    if entry is None and link.adopts is not None and link.remote_id is None:
        if wanted.presence is Presence.PRESENT:
            raise NothingToAdopt("the entry that was to be taken over is not there any more")
        return Plan(())
    if entry is not None and link.may_adopt(entry):
        taken = Marker(wanted.account_id, wanted.version, link.applied_generation)
        rest = plan(wanted, link, replace(entry, marker=taken), traits, entitlements)
        return replace(rest, steps=(Adopt(taken), *rest.steps))
    if wanted.presence is Presence.ABSENT and not (entry is None and link.asked_now):
        removal = [*_revocations(entry, frozenset()), Delete()] if entry is not None else []
        return Plan(tuple(removal))
    return _Difference(wanted, link, entry, traits, entitlements).plan()


class _Difference:
    def __init__(
        self,
        wanted: Desired,
        link: LinkFacts,
        entry: RemoteAccount | None,
        traits: Traits,
        entitlements: frozenset[str],
    ) -> None:
        self._wanted, self._link, self._entry, self._traits = wanted, link, entry, traits
        self._there = entry.marker.generation if entry is not None and entry.marker is not None else 0
        self._password = self._newer_password()
        self._lost = self._is_lost()
        self._waits = self._must_wait()
        self._issues = wanted.to_issue or wanted.sealed > self._there
        self._enabled = wanted.enabled and not self._waits and not self._issues
        self._entitlements = entitlements if wanted.entitled and self._enabled else frozenset()

    def plan(self) -> Plan:
        steps = self._creation() if self._entry is None else self._changes(self._entry)
        return Plan(tuple(steps), self._lost, self._waits, self._issues)

    def _newer_password(self) -> Password | None:
        password = self._wanted.password
        if password is None or password.generation <= max(self._there, self._link.applied_generation):
            return None
        return password

    def _is_lost(self) -> bool:
        if self._traits.asks_people or self._link.applied_version == 0:
            return False
        if self._entry is None or self._entry.marker is None:
            return True
        return self._entry.marker.version < self._link.applied_version

    def _must_wait(self) -> bool:
        if self._password is not None or not (self._traits.takes_verifiers or self._traits.sets_passwords):
            return False
        written_since = self._entry is not None and self._there > self._link.applied_generation
        return (self._lost or self._link.waits_for_credential) and not written_since

    def _marker(self) -> Marker:
        written = self._password.generation if self._password is not None else 0
        generation = max(self._there, self._link.applied_generation, written)
        return Marker(self._wanted.account_id, self._wanted.version, generation)

    def _creation(self) -> list[Step]:
        revoked = self._wanted.presence is not Presence.PRESENT
        if revoked and self._traits.asks_people and not self._link.asked_before:
            return []
        new = NewAccount(
            username=self._wanted.username,
            marker=self._marker(),
            profile=self._wanted.profile,
            verifier=self._password.verifier if self._password is not None else None,
            must_change=self._password is None or not self._password.own,
            enabled=self._enabled,
        )
        return [Create(new), *(Grant(name) for name in sorted(self._entitlements))]

    def _changes(self, entry: RemoteAccount) -> list[Step]:
        steps: list[Step] = _revocations(entry, self._entitlements)
        changes, marker = self._change_of(entry), self._marker()
        behind = not self._traits.asks_people and marker != entry.marker
        if changes != Changes() or behind:
            steps.append(Update(changes, marker))
        if self._shuts_out():
            steps.append(Disconnect())
        return [*steps, *(Grant(name) for name in sorted(self._entitlements - entry.entitlements))]

    def _change_of(self, entry: RemoteAccount) -> Changes:
        password = self._password
        renamed = not self._traits.asks_people and entry.username.casefold() != self._wanted.username.casefold()
        present = self._wanted.presence is Presence.PRESENT
        # A person who is still asked may have done it already: only asking for what is wanted now makes sure of it.
        # As it was read with the entry: a card that is confirmed meanwhile must not be asked for once more.
        unsure = entry.pending
        return Changes(
            username=self._wanted.username if renamed else None,
            profile=self._wanted.profile if present and (unsure or _differs(entry, self._wanted.profile)) else None,
            enabled=self._enabled if unsure or entry.enabled != self._enabled else None,
            verifier=password.verifier if password is not None else None,
            must_change=self._must_change(password),
        )

    def _shuts_out(self) -> bool:
        """Whether whoever is signed in there has to go: nobody may be, or the password is not theirs any more."""
        password = self._wanted.password
        reset = password is not None and not password.own and password.generation > self._link.applied_generation
        return reset or (not self._enabled and self._link.applied_version < self._wanted.version)

    def _must_change(self, password: Password | None) -> bool | None:
        if self._wanted.reset_asked:
            return True
        if password is None or password.verifier is None:
            return None
        return not password.own


def _revocations(entry: RemoteAccount | None, keep: frozenset[str]) -> list[Step]:
    held = entry.entitlements if entry is not None else frozenset()
    return [Revoke(name) for name in sorted(held - keep)]


def _differs(entry: RemoteAccount, profile: Profile) -> bool:
    return any(value != getattr(profile, name) for name, value in entry.profile.items() if name in _PROFILE_FIELDS)
