"""An operator's account as a state machine, and what a target should hold for it. Pure."""

from dataclasses import dataclass
from enum import Enum, StrEnum

from provisioner.connector import Profile, Verifier
from provisioner.errors import WrongState


class AccountState(StrEnum):
    """Where an account stands."""

    PENDING_ACTIVATION = "pending-activation"
    """Menunggu aktivasi: the initial password is not changed yet."""
    ACTIVE = "active"
    SUSPENDED = "suspended"
    """Dibekukan, by an official."""
    LOCKED = "locked"
    """Terkunci: an envelope lapsed unopened; a new initial password has to be issued."""
    EXPIRED = "expired"
    """Its period of validity is over."""
    REVOKED = "revoked"
    """Dicabut: for good."""


class AccountAct(StrEnum):
    """What can happen to an account."""

    ACTIVATE = "activate"
    """The operator changed the initial password."""
    RESET = "reset"
    """A new initial password is wanted."""
    LOCK = "lock"
    SUSPEND = "suspend"
    REACTIVATE = "reactivate"
    """The operator's own password stands."""
    REACTIVATE_UNCHANGED = "reactivate-unchanged"
    """The initial password was not changed yet."""
    REACTIVATE_LOCKED = "reactivate-locked"
    """No password stands: a new one has to be issued."""
    EXPIRE = "expire"
    REVOKE = "revoke"


_S, _A = AccountState, AccountAct

TRANSITIONS: dict[tuple[AccountState, AccountAct], AccountState] = {
    (_S.PENDING_ACTIVATION, _A.ACTIVATE): _S.ACTIVE,
    (_S.PENDING_ACTIVATION, _A.RESET): _S.PENDING_ACTIVATION,
    (_S.PENDING_ACTIVATION, _A.LOCK): _S.LOCKED,
    (_S.PENDING_ACTIVATION, _A.SUSPEND): _S.SUSPENDED,
    (_S.PENDING_ACTIVATION, _A.EXPIRE): _S.EXPIRED,
    (_S.PENDING_ACTIVATION, _A.REVOKE): _S.REVOKED,
    (_S.ACTIVE, _A.RESET): _S.PENDING_ACTIVATION,
    (_S.ACTIVE, _A.SUSPEND): _S.SUSPENDED,
    (_S.ACTIVE, _A.EXPIRE): _S.EXPIRED,
    (_S.ACTIVE, _A.REVOKE): _S.REVOKED,
    (_S.LOCKED, _A.RESET): _S.PENDING_ACTIVATION,
    (_S.LOCKED, _A.SUSPEND): _S.SUSPENDED,
    (_S.LOCKED, _A.EXPIRE): _S.EXPIRED,
    (_S.LOCKED, _A.REVOKE): _S.REVOKED,
    (_S.SUSPENDED, _A.REACTIVATE): _S.ACTIVE,
    (_S.SUSPENDED, _A.REACTIVATE_UNCHANGED): _S.PENDING_ACTIVATION,
    (_S.SUSPENDED, _A.REACTIVATE_LOCKED): _S.LOCKED,
    (_S.SUSPENDED, _A.REVOKE): _S.REVOKED,
    (_S.EXPIRED, _A.REACTIVATE): _S.ACTIVE,
    (_S.EXPIRED, _A.REACTIVATE_UNCHANGED): _S.PENDING_ACTIVATION,
    (_S.EXPIRED, _A.REACTIVATE_LOCKED): _S.LOCKED,
    (_S.EXPIRED, _A.REVOKE): _S.REVOKED,
}

OPEN = frozenset({AccountState.PENDING_ACTIVATION, AccountState.ACTIVE})
"""Where signing in is possible at all."""

CLOSED_BY_OFFICIAL = frozenset({AccountState.SUSPENDED, AccountState.REVOKED})
"""Where somebody has decided that nobody may sign in."""


def after(state: AccountState, act: AccountAct) -> AccountState:
    """The state that follows.

    :raises WrongState: the act is not possible now; ``data`` carries ``state`` and ``act``.
    """
    try:
        return TRANSITIONS[state, act]
    except KeyError:
        raise WrongState("account-wrong-state", state=state.value, act=act.value) from None


@dataclass(frozen=True)
class Account:
    """The account at one moment."""

    id: str
    username: str
    version: int
    state: AccountState
    profile: Profile
    password_changed: bool
    """Whether the operator has changed the initial password."""
    deletion_due: bool = False
    """The quarantine of a revoked account is over."""


@dataclass(frozen=True)
class Password:
    """A generation that is ready to be written, with what one target gets of it."""

    generation: int
    own: bool
    """The operator chose it; else it is an initial password that must be changed."""
    verifier: Verifier | None


@dataclass(frozen=True)
class Credential:
    """One password of an account, as one target sees it."""

    stands: bool
    """The newest generation may still be signed in with (or written), and no newer one is wanted."""
    own: bool
    """The newest generation is the operator's own."""
    password: Password | None = None
    """The newest generation, while its verifiers are still stored."""
    wanted_now: bool = False
    """A new initial password is wanted and the ticket it is to be sealed to is there."""
    sealed: int = 0
    """Number of the newest generation, while it lies sealed to a ticket that can be sealed to again."""
    own_there: bool = False
    """The password that this target is known to have is one that the operator chose."""


@dataclass(frozen=True)
class Traits:
    """What a target can do, as far as it changes what should be there."""

    takes_verifiers: bool = True
    enforces_first_change: bool = True
    """False: withheld mode, nobody gets in there before the first change."""
    entitles: bool = False
    asks_people: bool = False
    sets_passwords: bool = False
    """It takes passwords in clear text only: they are issued by the run that sets them."""


class Presence(Enum):
    """Whether there should be an entry."""

    PRESENT = "present"
    TOMBSTONE = "tombstone"
    """Disabled under its marker, created so if absent: a late create cannot raise it again."""
    ABSENT = "absent"


@dataclass(frozen=True)
class Desired:
    """What one target should hold for one account."""

    account_id: str
    version: int
    username: str
    profile: Profile
    presence: Presence
    enabled: bool
    entitled: bool
    """Whether groups and roles may be held at all."""
    password: Password | None = None
    """A generation to be written, unless it (or a newer one) is there already."""
    reset_asked: bool = False
    """A person is to set a new initial password there."""
    to_issue: bool = False
    """A new initial password is to be set in clear text."""
    sealed: int = 0
    """Number of the initial password that lies sealed and was set in clear text: it has to be there."""


def desired(account: Account, credential: Credential | None, traits: Traits) -> Desired:
    """What the target should hold now. ``credential`` None: the target has no password of ours."""
    revoked = account.state is AccountState.REVOKED
    deleted = revoked and account.deletion_due
    presence = Presence.ABSENT if deleted else Presence.TOMBSTONE if revoked else Presence.PRESENT
    allowed = account.state in OPEN
    enabled = allowed and _may_sign_in(credential, traits)
    return Desired(
        account_id=account.id,
        version=account.version,
        username=account.username,
        profile=account.profile,
        presence=presence,
        enabled=enabled,
        entitled=enabled and account.state is AccountState.ACTIVE and _has_own_password(account, credential, traits),
        password=_to_write(credential, traits) if allowed else None,
        reset_asked=allowed and traits.asks_people and credential is not None and credential.wanted_now,
        to_issue=allowed and traits.sets_passwords and credential is not None and credential.wanted_now,
        sealed=credential.sealed if allowed and traits.sets_passwords and credential is not None else 0,
    )


def _has_own_password(account: Account, credential: Credential | None, traits: Traits) -> bool:
    if traits.sets_passwords and credential is not None:
        # It does not come with the groups, in one run, as a one-way form does: it may have to wait for a sign-in.
        return account.password_changed and credential.own_there
    return account.password_changed


def _may_sign_in(credential: Credential | None, traits: Traits) -> bool:
    if credential is None:
        return True
    if traits.asks_people:
        # The old password is closed as long as the new one cannot be given to anybody.
        return credential.stands or credential.wanted_now
    if not credential.stands:
        return False
    return credential.own or traits.enforces_first_change


def _to_write(credential: Credential | None, traits: Traits) -> Password | None:
    if credential is None or not credential.stands or credential.password is None or not traits.takes_verifiers:
        return None
    password = credential.password
    if password.own or traits.enforces_first_change:
        return password if password.verifier is not None else None
    # Withheld: the generation counts as applied, but nothing usable is written.
    return Password(password.generation, own=False, verifier=None)
