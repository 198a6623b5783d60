"""The port: what the core asks of a target (a directory, a database, a person at another system).

A connector is a class registered under the entry-point group ``provisioner.connectors``. It is built once per
target from that target's settings and a :class:`ConnectorContext`. Constructing it and validating its settings
never connects; :meth:`Connector.check` does. Every method may be called from several threads at once.

Fencing happens here, at the target: every write is conditional on the marker that was read before
(:class:`RemoteAccount.marker`), so that a worker which slept through its lease cannot overwrite a newer state.

Errors are told by meaning, never the vendor's::

    ConnectorError
    ├── TargetUnavailable   cannot be reached, or answers "busy": try again later          (retryable)
    ├── InDoubt             no answer in time: it may or may not have happened; read again (retryable)
    ├── AccountExists       the name is taken; carries whose entry it is
    ├── UnknownAccount      the entry is not there
    ├── StaleVersion        the marker there is not the one that was read: somebody newer wrote
    ├── PermissionDenied    the target refuses us the right
    ├── PolicyViolation     the target's password policy refuses, or would not enforce the first change
    ├── InvalidAttribute    the target refuses a value
    ├── ChangesUnknown      the target cannot tell what changed since a cursor: read it in full
    └── ProtocolError       an answer that makes no sense, or one that no table entry knows
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

MARKER_PREFIX = "siak-provisioner"


class ConnectorError(Exception):
    """Something a target, or the way to it, did not allow. ``args[0]`` is a sentence free of secrets."""

    retryable: ClassVar[bool] = False


class TargetUnavailable(ConnectorError):
    """The target cannot be reached or says it is busy. Nothing was changed."""

    retryable = True


class InDoubt(ConnectorError):
    """A write was sent and no answer came in time. The entry must be read again before anything is shown as done."""

    retryable = True


class AccountExists(ConnectorError):
    """The user name is taken. ``marker`` tells whose it is: ours, or None for a stranger's entry."""

    def __init__(self, message: str, marker: "Marker | None" = None, remote_id: str | None = None) -> None:
        super().__init__(message)
        self.marker = marker
        self.remote_id = remote_id


class UnknownAccount(ConnectorError):
    """The entry is not there (any more)."""


class StaleVersion(ConnectorError):
    """The entry's marker is not the one the caller had read: a newer writer was there. Nothing was changed."""


class PermissionDenied(ConnectorError):
    """The target refuses us this right (or our own sign-in)."""


class PolicyViolation(ConnectorError):
    """The target's password policy refuses the value, or would not enforce the first change.

    ``rule`` is one of ``too-short, too-long, too-young, in-history, quality, not-enforced, other``.
    """

    def __init__(self, message: str, rule: str = "other") -> None:
        super().__init__(message)
        self.rule = rule


class InvalidAttribute(ConnectorError):
    """The target refuses a value. ``attribute`` names it in the core's words where known."""

    def __init__(self, message: str, attribute: str | None = None) -> None:
        super().__init__(message)
        self.attribute = attribute


class ChangesUnknown(ConnectorError):
    """The target cannot tell (any more) what changed since a cursor, or not in full: it has to be read in full.

    ``reason`` is one of ``cursor`` (too old, of another database, of a server that is behind), ``memberships``
    (somebody else changed groups, and the target does not tell whose memberships changed), ``unsupported``.
    """

    def __init__(self, message: str, reason: str = "cursor") -> None:
        super().__init__(message)
        self.reason = reason


class ProtocolError(ConnectorError):
    """The answer makes no sense, or no entry of the connector's error table knows it."""


@dataclass(frozen=True)
class Marker:
    """What makes an entry ours: written into the target's entry in the same call that creates or changes it.

    ``version`` is the account's desired version that was last applied there; ``generation`` the generation of the
    initial password last written there (0: none yet).
    """

    account_id: str
    version: int
    generation: int = 0

    def __str__(self) -> str:
        return f"{MARKER_PREFIX}:{self.account_id}:{self.version}:{self.generation}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a marker's text form; None when the text is not one of ours."""
        parts = text.split(":")
        if len(parts) != 4 or parts[0] != MARKER_PREFIX or not parts[1]:
            return None
        if not (parts[2].isdecimal() and parts[3].isdecimal()):
            return None
        return cls(parts[1], int(parts[2]), int(parts[3]))


@dataclass(frozen=True)
class Verifier:
    """A one-way form of a password. ``scheme`` is e.g. ``argon2id`` (``text`` a PHC string)."""

    scheme: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Profile:
    """The person's data as targets need them; a target takes what its attribute templates ask for."""

    full_name: str
    display_name: str
    """With titles: ``Dewi Lestari Handayani, A.Md.``"""
    role: str
    """Identifier from the office's role catalogue, e.g. ``OPERATOR_DAFDUK``."""
    region: str
    """Code from the office's region list, e.g. ``35.76.02``."""
    org_unit: str = ""
    position: str = ""
    mail: str = ""
    phone: str = ""
    staff_number: str = ""
    valid_until: str = ""
    """ISO date or empty."""
    role_name: str = ""
    """What the office called the role when it was given, e.g. ``Operator pendaftaran penduduk``."""
    region_name: str = ""
    """The same of the region, e.g. ``Kecamatan Magersari``."""

    def values(self) -> Mapping[str, str]:
        """The fields by name."""
        return vars(self)


@dataclass(frozen=True)
class NewAccount:
    """An entry to be created whole in one call."""

    username: str
    marker: Marker
    profile: Profile
    verifier: Verifier | None = None
    """None: nobody can sign in until one is set."""
    must_change: bool = True
    enabled: bool = True


@dataclass(frozen=True)
class Changes:
    """One conditional change, applied whole or not at all. None means: leave as it is."""

    username: str | None = None
    profile: Profile | None = None
    enabled: bool | None = None
    verifier: Verifier | None = None
    must_change: bool | None = None


@dataclass(frozen=True)
class RemoteAccount:
    """An entry as it is in the target now. Never holds a password or verifier."""

    remote_id: str
    """The target's immutable id of the entry (entryUUID, primary key): survives a rename."""
    username: str
    marker: Marker | None
    """None: a stranger's entry."""
    enabled: bool
    must_change: bool | None
    """Whether the target still demands the first change; None where it cannot tell."""
    profile: Mapping[str, str] = field(default_factory=dict)
    """The profile fields this target stores, by :class:`Profile` field name, for comparison."""
    entitlements: frozenset[str] = frozenset()
    pending: bool = False
    """True where a person has been asked and has not confirmed yet (see :class:`AsksPeople`)."""


@dataclass(frozen=True)
class Limits:
    """What a user name must be to fit this target, and which verifier schemes it takes (first is preferred)."""

    username_max_length: int = 64
    username_pattern: str = r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?"
    """A regular expression the whole name must match."""
    verifier_schemes: tuple[str, ...] = ("argon2id",)
    """Empty: the target takes no verifier (clear text or a person only)."""


class Severity(Enum):
    """How much a finding of :meth:`Connector.check` matters."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One result of a check.

    ``subject`` is a stable word: ``reachable``, ``certificate``, ``rights``, ``clock``, ``policy``.
    """

    subject: str
    severity: Severity
    message: str
    remedy: str = ""
    code: str = ""
    """A stable word for what was found, for pages that say it in other words, e.g. ``weak``.
    ``cannot-tell``: this kind of target does not show it."""
    figure: int | None = None
    """Days that the certificate is still valid, or seconds by which the clocks differ."""


SUBJECTS = ("reachable", "certificate", "rights", "clock", "policy")
"""What a check of a target that answers has a finding about, if only that it cannot be told."""


@dataclass(frozen=True)
class PasswordRules:
    """What a target demands of passwords, as far as it shows it. Zero and None: no such rule."""

    source: str = ""
    """Where the rules stand there, in the target's own words."""
    judges_issued: bool = False
    """Whether it judges the initial passwords that are issued here: it gets them in clear text. What it gets a one-way
    form of, it cannot look into; its users' own passwords it judges all the same."""
    min_length: int = 0
    max_length: int = 0
    capitals: int = 0
    """So many capital letters at least; and so on."""
    small: int = 0
    digits: int = 0
    others: int = 0
    """Signs that are neither letters nor digits."""
    beyond_ascii: int = 0
    kinds: int = 0
    """So many of these kinds must be there: capitals, small letters, digits, others."""
    repeats: int = 0
    """The same sign may stand no more than so many times in a row."""
    history: int = 0
    """So many former passwords are refused."""
    min_age: timedelta | None = None
    """How long a password must stand before its user may change it again."""
    max_age: timedelta | None = None
    """After so long a password is no longer valid."""
    lockout_after: int = 0
    """Wrong passwords until an account is locked."""
    lockout_for: timedelta | None = None
    """For how long; None: until somebody unlocks it."""
    examined: bool = False
    """It looks into passwords with a word list or a module whose rules it does not show."""


@dataclass(frozen=True)
class Authentication:
    """How a sign-in attempt ended, told by the target itself."""

    outcome: "Outcome"
    message: str = ""
    grace: timedelta | None = None


class Outcome(Enum):
    """Answers of :meth:`Authenticates.authenticate`."""

    ACCEPTED = "accepted"
    MUST_CHANGE = "must-change"
    """Right password, but nothing except changing it is allowed."""
    REJECTED = "rejected"
    """Wrong password or unknown user: the target does not say which."""
    LOCKED = "locked"
    """Locked out or disabled. Some targets say so only for the right password."""
    EXPIRED = "expired"


@dataclass(frozen=True)
class Task:
    """A card for a person: what to do at a system only people can operate."""

    target: str
    account_id: str
    version: int
    action: str
    """``create``, ``update``, ``suspend``, ``resume``, ``reset``, ``delete``."""
    fields: Sequence[tuple[str, str]]
    """(label, value) in the order of that system's screen."""


@dataclass(frozen=True)
class TaskState:
    """What the board knows of the person's work for one account: the last version asked and the last confirmed."""

    asked: Marker | None
    done: RemoteAccount | None
    card: str | None = None
    """Which card is open now: a person may be at it, and may have done it already."""


class TaskBoard(Protocol):
    """Where a connector for people pins its cards. The core keeps the board; asking is idempotent per version."""

    def ask(self, task: Task, seen: TaskState) -> None:
        """Pin a card; a card for the same target and account with an older version is superseded.

        :param seen: what the question was made from.
        :raises StaleVersion: a person has confirmed something since, or another card was pinned. Nothing is pinned.
        """

    def state(self, target: str, account_id: str) -> TaskState:
        """What was asked and what a person confirmed as done."""

    def confirmed(self, target: str) -> Iterator[RemoteAccount]:
        """Every account a person confirmed as existing there."""


@dataclass(frozen=True)
class ConnectorContext:
    """What the core hands to a connector besides its settings."""

    target: str
    """The target's identifier in the settings, e.g. ``direktori``."""
    call_timeout: float = 10.0
    """Seconds allowed for one call; always shorter than a lease."""
    board: TaskBoard | None = None


@runtime_checkable
class Connector(Protocol):
    """A target. See the module text for what every method may raise."""

    limits: Limits

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], context: ConnectorContext) -> Self:
        """Validate ``settings`` (never connects) and build the connector.

        :raises ValueError: a setting is missing or wrong; the message names it.
        """

    def check(self) -> list[Finding]:
        """Reach the target and report reachability, rights, clock, certificate and effective password policy.

        Never raises: what goes wrong is a finding.
        """

    def get(self, username: str) -> RemoteAccount | None:
        """The entry under this user name, ours or a stranger's; None if absent. Compares names as the target does."""

    def find(self, account_id: str) -> list[RemoteAccount]:
        """Every entry that carries our marker for this account, under whatever name. More than one is a conflict."""

    def search(self) -> Iterator[RemoteAccount]:
        """Every account there, ours and strangers', streamed page by page."""

    def create(self, new: NewAccount) -> RemoteAccount:
        """Create the entry whole in one call, read it back and return it.

        With ``must_change`` it is proven from the *effective* policy that the target really enforces the change.

        :raises AccountExists: the name is taken (``marker`` tells whose).
        :raises PolicyViolation: rule ``not-enforced`` when the first change would not be enforced; the entry is then
            left disabled under its marker.
        """

    def update(self, current: RemoteAccount, changes: Changes, marker: Marker) -> RemoteAccount:
        """Apply ``changes`` and replace ``current.marker`` by ``marker`` in one conditional call.

        :raises StaleVersion: the entry's marker is no longer ``current.marker``.
        :raises UnknownAccount: the entry is gone.
        """

    def delete(self, current: RemoteAccount) -> None:
        """Remove the entry on condition that it still carries ``current.marker``. Absent already is success.

        :raises StaleVersion: somebody newer wrote.
        """

    def close(self) -> None:
        """Give back connections. The connector is not used afterwards."""


# Capabilities: small protocols found by isinstance. A connector implements what its target can do.


@dataclass(frozen=True)
class Sought:
    """An account that is looked for: by the id in its marker, and by the name it should have."""

    account_id: str
    username: str


@dataclass(frozen=True)
class Seen:
    """What :meth:`Connector.find` and :meth:`Connector.get` would tell of a :class:`Sought`."""

    found: list[RemoteAccount]
    named: RemoteAccount | None


@runtime_checkable
class ReadsSeveral(Protocol):
    """The target can be asked about several accounts in one call."""

    def read_several(self, sought: Sequence[Sought]) -> list[Seen]:
        """For each, in order, what ``find`` and ``get`` tell."""


@dataclass(frozen=True)
class News:
    """A part of what happened at a target since a cursor. Every part names other entries; the last has a cursor."""

    changed: Sequence[RemoteAccount] = ()
    """Entries that are new or were changed (or may have been), ours and strangers', as they are now."""
    gone: Sequence[str] = ()
    """``remote_id`` of entries that are not there any more; some may never have been accounts."""
    unchanged: Sequence[str] = ()
    """``remote_id`` of entries that are there as they were: told only where ``complete`` is going to be."""
    complete: bool = False
    """In the last part: whatever no part has named is not there any more."""
    cursor: str | None = None
    """In the last part, and only there: where the next question begins. Opaque text."""


@runtime_checkable
class TellsChanges(Protocol):
    """The target can tell which entries changed. Telling a change twice, or one that was none, is harmless."""

    sees_removals: bool
    """Whether entries that were removed are told; if not, only a full reading misses them."""

    def cursor(self) -> str | None:
        """Where a question begins that is to tell everything from now on; None: this server cannot tell after all."""

    def changes(self, cursor: str) -> Iterator[News]:
        """Everything since ``cursor``, streamed.

        :raises ChangesUnknown: see there; perhaps only after some parts, which then say nothing reliable.
        """


@runtime_checkable
class TakesVerifiers(Protocol):
    """The target stores a one-way verifier that we computed."""

    def enforces_first_change(self) -> bool:
        """Whether the target itself refuses everything but the change until the initial password is changed.

        False means *withheld mode*: the core sends no usable verifier before the change was recorded in our own pages.
        """


@runtime_checkable
class MakesVerifiers(Protocol):
    """The target takes a one-way form that is peculiar to it, e.g. ``scram-sha-256``. Without this capability the core
    computes the first of ``limits.verifier_schemes`` itself, which then has to be ``argon2id``.
    """

    def make_verifier(self, password: str) -> Verifier:
        """A fresh verifier in the preferred scheme. Never connects; may take as long as a hash takes.

        The password is given while it is issued or changed, and must not be kept in any form but the verifier.
        """


@runtime_checkable
class SetsPasswords(Protocol):
    """The target takes passwords in clear text only and keeps its own form of them.

    ``limits.verifier_schemes`` is empty unless it takes verifiers too. An entry without a password of ours lets nobody
    in, whether it is enabled or not.
    """

    def set_password(
        self, current: RemoteAccount, password: str, marker: Marker, *, must_change: bool
    ) -> RemoteAccount:
        """Set the password and replace ``current.marker`` by ``marker`` in one conditional call. Whether the account is
        enabled stays as it is. The password is kept nowhere and stands in no error.

        With ``must_change`` it is proven from what is in force for the entry that the target demands the change.

        :raises StaleVersion: the entry's marker is no longer ``current.marker``. Nothing was changed.
        :raises UnknownAccount: the entry is gone.
        :raises PolicyViolation: the target refuses the password; or, rule ``not-enforced``, would not enforce the
            change: nothing was changed then, or the entry was left disabled.
        """


@runtime_checkable
class ShowsPasswordRules(Protocol):
    """The target has a password policy of its own and shows it."""

    def password_rules(self) -> Sequence[PasswordRules]:
        """The rules in force for accounts that are made here; further ones where some of ours are under others. Empty:
        it has none, or does not show them to the service account.

        :raises ConnectorError: it cannot be asked.
        """


@runtime_checkable
class Adopts(Protocol):
    """A stranger's entry can be made ours, when somebody has decided so for this very entry. Nothing else ever does."""

    def adopt(self, current: RemoteAccount, marker: Marker) -> RemoteAccount:
        """Write ``marker`` into the entry with the immutable id ``current.remote_id``, in one call that takes effect
        only as long as the entry carries no marker. Everything else stays: password, profile, whether it is enabled.

        :raises StaleVersion: it carries a marker: another decision, or another worker, came first.
        :raises UnknownAccount: there is no such entry (any more), or another one has its place.
        :raises PermissionDenied: ``current`` carried a marker already, or the target does not let us.
        """


@runtime_checkable
class Suspends(Protocol):
    """``Changes.enabled`` and ``NewAccount.enabled`` are honoured, and survive a password reset."""

    def open_session_limit(self) -> timedelta | None:
        """How long a connection opened before a suspension may live on; None if that is not known."""


@runtime_checkable
class Entitles(Protocol):
    """The target has groups or roles. Granting twice and revoking the absent are successes."""

    def entitlements_for(self, profile: Profile) -> frozenset[str]:
        """The groups or roles that an account with this role and region should hold, from the target's settings."""

    def grant(self, current: RemoteAccount, entitlement: str) -> None: ...

    def revoke(self, current: RemoteAccount, entitlement: str) -> None: ...


@runtime_checkable
class Authenticates(Protocol):
    """A person can sign in at this target, and change the password there on their own connection."""

    def authenticate(self, username: str, password: str) -> Authentication: ...

    def change_password(self, username: str, old: str, new: str) -> None:
        """Change on the user's *own* connection, so that the target's rules for users apply.

        :raises PermissionDenied: the old password is wrong or the account may not change it.
        :raises PolicyViolation: the target's policy refuses the new one; ``rule`` says why.
        """


@runtime_checkable
class EndsSessions(Protocol):
    """The target can end a user's open sessions."""

    def end_sessions(self, current: RemoteAccount) -> int: ...


@runtime_checkable
class ReportsSignIns(Protocol):
    """The target knows when the user last signed in."""

    def last_sign_in(self, current: RemoteAccount) -> datetime | None: ...


@runtime_checkable
class AsksPeople(Protocol):
    """A call only *asks*: a person must carry it out. ``get`` and ``find`` tell what was confirmed as done.

    ``create`` and ``update`` return a :class:`RemoteAccount` with ``pending=True``.
    """

    def first_change_hint(self) -> str:
        """Where the operator changes the initial password, e.g. ``ganti kata sandi di SIAK``."""


@dataclass(frozen=True)
class DutyOfficer:
    """Who is called when work at a system cannot wait."""

    name: str
    phone: str = field(repr=False)
    """As it was typed into the settings."""


@runtime_checkable
class HasDutyOfficer(Protocol):
    """Somebody can be called about a system that people operate."""

    def duty_officer(self) -> DutyOfficer | None:
        """None: the settings name nobody."""


@dataclass(frozen=True)
class ListColumn:
    """A column that a system's own list of its users may have.

    ``name``: ``username``, ``status`` (in use or not) or a field of :class:`Profile`.
    """

    name: str
    titles: tuple[str, ...]
    """What may stand above it."""
    label: str = ""
    """What a card calls it; empty for ``status``."""


@runtime_checkable
class ReadsLists(Protocol):
    """The target cannot be read, but people can bring the list of users that it shows or exports."""

    def list_columns(self) -> Sequence[ListColumn]:
        """What is understood of such a list; among it ``username``."""

    def ignored_columns(self) -> Sequence[str]:
        """Titles that are passed over on purpose."""

    def means_enabled(self, status: str) -> bool | None:
        """What a word in the column ``status`` means; None: it is not known."""
