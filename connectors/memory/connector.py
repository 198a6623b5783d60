"""A small, real target in memory with every capability."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Self

from connectors import argon2id, findings
from connectors.entitlements import EntitlementRules
from connectors.kept_entry import KeptEntry, require_acceptable, text_of
from connectors.memory.entries import Entries
from connectors.memory.settings import MemorySettings
from connectors.username import require_fit
from provisioner.connector import (
    Authentication,
    Changes,
    ConnectorContext,
    Finding,
    Limits,
    Marker,
    NewAccount,
    Outcome,
    PasswordRules,
    PermissionDenied,
    PolicyViolation,
    Profile,
    RemoteAccount,
    Severity,
    UnknownAccount,
    Verifier,
)


class MemoryConnector:
    """One lock guards all entries; passwords are compared outside it, so that slow hashing blocks nobody."""

    def __init__(self, settings: MemorySettings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.limits = Limits(username_max_length=settings.username_max_length)
        self._settings = settings
        self._clock = clock
        self._cost = argon2id.Cost(settings.argon2_memory_kib, settings.argon2_iterations)
        self._verification = argon2id.Verification(self._cost, ceiling=argon2id.Cost(1048576, 100))
        self._rules = EntitlementRules(settings.entitlements)
        self._entries = Entries()
        self._lock = Lock()

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], context: ConnectorContext) -> Self:  # noqa: ARG003
        """Build it; the context is not needed, since nothing here waits and nobody is asked."""
        return cls(MemorySettings.model_validate(settings))

    def check(self) -> list[Finding]:
        """It is always there; only its password policy is worth a word."""
        policy = Finding("policy", Severity.OK, "the first change of password is enforced")
        if not self._settings.enforces_first_change:
            message = "the first change of password is not enforced"
            policy = Finding("policy", Severity.WARNING, message, "enforces_first_change = true", "withheld")
        here = [findings.cannot_tell(subject, "kept within this process") for subject in ("certificate", "clock")]
        rights = Finding("rights", Severity.OK, "everything is allowed")
        return [Finding("reachable", Severity.OK, "kept in memory; gone when the process ends"), rights, *here, policy]

    def password_rules(self) -> list[PasswordRules]:
        """As the settings say."""
        settings = self._settings
        return [
            PasswordRules(
                "settings", min_length=settings.password_min_length, judges_issued=settings.judges_initial_passwords
            )
        ]

    def get(self, username: str) -> RemoteAccount | None:
        """Names are compared without regard to case."""
        with self._lock:
            entry = self._entries.named(username)
            return entry.seen() if entry else None

    def find(self, account_id: str) -> list[RemoteAccount]:
        """Every entry under this account's marker."""
        return [seen for seen in self.search() if seen.marker is not None and seen.marker.account_id == account_id]

    def search(self) -> Iterator[RemoteAccount]:
        """Every entry as it was when the search began."""
        with self._lock:
            seen = [entry.seen() for entry in self._entries.all()]
        yield from seen

    def create(self, new: NewAccount) -> RemoteAccount:
        """See the port."""
        unenforced = self._unenforced(new.verifier, new.must_change)
        entry = KeptEntry(
            username=require_fit(new.username, self.limits),
            marker=new.marker,
            enabled=new.enabled and not unenforced,
            must_change=new.must_change,
            verifier=None if unenforced else text_of(new.verifier),
            profile=dict(new.profile.values()),
        )
        with self._lock:
            self._entries.add(entry)
            seen = entry.seen()
        if unenforced:
            raise PolicyViolation("the first change of password would not be enforced", rule="not-enforced")
        return seen

    def update(self, current: RemoteAccount, changes: Changes, marker: Marker) -> RemoteAccount:
        """See the port."""
        if self._unenforced(changes.verifier, changes.must_change is not False):
            raise PolicyViolation("the first change of password would not be enforced", rule="not-enforced")
        text_of(changes.verifier)
        with self._lock:
            entry = self._entries.present(current)
            if changes.username is not None:
                self._entries.require_free(require_fit(changes.username, self.limits), but_for=entry)
            entry.change(changes, marker)
            return entry.seen()

    def adopt(self, current: RemoteAccount, marker: Marker) -> RemoteAccount:
        """See :class:`~provisioner.connector.Adopts`."""
        with self._lock:
            entry = self._entries.unmarked(current)
            entry.marker = marker
            return entry.seen()

    def delete(self, current: RemoteAccount) -> None:
        """See the port."""
        with self._lock:
            try:
                self._entries.remove(self._entries.present(current))
            except UnknownAccount:
                return

    def close(self) -> None:
        """Nothing to give back."""

    def enforces_first_change(self) -> bool:
        """As the settings say."""
        return self._settings.enforces_first_change

    def open_session_limit(self) -> timedelta | None:
        """Sessions here end with :meth:`end_sessions`; by themselves they have no end."""
        return None

    def entitlements_for(self, profile: Profile) -> frozenset[str]:
        """From the settings' templates."""
        return self._rules.holds_for(profile)

    def grant(self, current: RemoteAccount, entitlement: str) -> None:
        """Granting twice is a success."""
        with self._lock:
            self._entries.present(current).entitlements.add(entitlement)

    def revoke(self, current: RemoteAccount, entitlement: str) -> None:
        """Revoking the absent is a success."""
        with self._lock:
            self._entries.present(current).entitlements.discard(entitlement)

    def authenticate(self, username: str, password: str) -> Authentication:
        """An accepted sign-in opens a session."""
        text = self._stored_text(username)
        if not self._verification.matches(password, text):
            return Authentication(Outcome.REJECTED)
        with self._lock:
            entry = self._entries.named(username)
            if entry is None or entry.verifier != text:
                return Authentication(Outcome.REJECTED)
            return entry.sign_in(self._clock())

    def change_password(self, username: str, old: str, new: str) -> None:
        """See the port."""
        text = self._stored_text(username)
        if not self._verification.matches(old, text):
            raise PermissionDenied("wrong user name or password")
        require_acceptable(old, new, self._settings.password_min_length)
        replacement = argon2id.derive(new, self._cost)
        with self._lock:
            entry = self._entries.named(username)
            if entry is None or entry.verifier != text or not entry.enabled:
                raise PermissionDenied("the account may not change its password")
            entry.verifier, entry.must_change = replacement, False

    def end_sessions(self, current: RemoteAccount) -> int:
        """How many were open."""
        with self._lock:
            return self._entries.present(current).end_sessions()

    def last_sign_in(self, current: RemoteAccount) -> datetime | None:
        """The last accepted sign-in."""
        with self._lock:
            return self._entries.present(current).last_sign_in

    def add_stranger(self, username: str) -> RemoteAccount:
        """Put in an entry without our marker, as another administrator of the target would."""
        entry = KeptEntry(username=username, marker=None)
        with self._lock:
            self._entries.add(entry)
            return entry.seen()

    def _stored_text(self, username: str) -> str | None:
        with self._lock:
            entry = self._entries.named(username)
            return entry.verifier if entry else None

    def _unenforced(self, verifier: Verifier | None, must_change: bool) -> bool:
        return verifier is not None and must_change and not self._settings.enforces_first_change
