"""What else can be done with an entry, where the target can."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol, runtime_checkable

from provisioner.connector.entry import Marker, Profile, RemoteAccount
from provisioner.connector.errors import ConnectorError


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
class EntitlesSeveral(Protocol):
    """A group or role can be given to several accounts, or taken from them, in one call. Where a group holds thousands,
    that takes the target hardly longer than one of them.

    Both answer for each account, in order: None when it is done, or the error that ``grant`` or ``revoke`` would raise
    for it alone. Any other error is raised, and is about all of them: what it leaves done is not told, and each has to
    be done alone, which is harmless.
    """

    def grant_several(self, several: Sequence[RemoteAccount], entitlement: str) -> list[ConnectorError | None]: ...

    def revoke_several(self, several: Sequence[RemoteAccount], entitlement: str) -> list[ConnectorError | None]: ...
