"""A small, real target in a file, truthful except where the plan says otherwise."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from connectors import argon2id, findings
from connectors.chaos.entries import Effect, Entries
from connectors.chaos.entry import Entry
from connectors.chaos.fault import Plan
from connectors.chaos.line import Line
from connectors.chaos.settings import ChaosSettings
from connectors.entitlements import EntitlementRules
from connectors.kept_entry import require_acceptable, text_of
from connectors.username import require_fit
from provisioner.connector import (
    Authentication,
    Changes,
    ConnectorContext,
    ConnectorError,
    Finding,
    Limits,
    Marker,
    NewAccount,
    Outcome,
    PermissionDenied,
    Profile,
    RemoteAccount,
    Seen,
    Severity,
    Sought,
    UnknownAccount,
)

Answer = TypeVar("Answer")


class ChaosConnector:
    """Every call to the target goes through :attr:`line`; what is behind it is whole, conditional and truthful."""

    def __init__(self, settings: ChaosSettings) -> None:
        self.limits = Limits()
        self.line = Line(settings.plan())
        self._settings = settings
        self._cost = argon2id.Cost(settings.argon2_memory_kib, settings.argon2_iterations)
        self._verification = argon2id.Verification(self._cost, ceiling=argon2id.Cost(1048576, 100))
        self._rules = EntitlementRules(settings.entitlements)
        self._entries = Entries(settings.file)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], context: ConnectorContext) -> Self:  # noqa: ARG003
        """Build it; the context is not needed: how long a call takes is the plan's business.

        :raises ValueError: see the port; also where ``loses_accounts_on_purpose`` is not true.
        """
        return cls(ChaosSettings.model_validate(settings))

    def misbehave(self, plan: Plan) -> None:
        """By this plan from now on. Calls are counted anew."""
        self.line.follow(plan)

    def effects(self) -> list[Effect]:
        """Everything that ever took effect, in order. Never misbehaves."""
        return self._entries.effects()

    def check(self) -> list[Finding]:
        """Never misbehaves: whoever looks shall learn what this is."""
        remedy = "take it out of the settings; nobody's work may depend on it"
        return [
            Finding("reachable", Severity.OK, "a file on this machine"),
            *(findings.cannot_tell(each, "a file on this machine") for each in ("certificate", "rights", "clock")),
            Finding("policy", Severity.WARNING, "this system misbehaves on purpose", remedy),
        ]

    def get(self, username: str) -> RemoteAccount | None:
        """Names are compared without regard to case."""
        return self.line.read("get", lambda: self._seen(username, "").named)

    def find(self, account_id: str) -> list[RemoteAccount]:
        """Every entry under this account's marker."""
        return self.line.read("find", lambda: self._seen("", account_id).found)

    def read_several(self, sought: Sequence[Sought]) -> list[Seen]:
        """In one call."""
        return self.line.read("read_several", lambda: [self._seen(each.username, each.account_id) for each in sought])

    def search(self) -> Iterator[RemoteAccount]:
        """Every entry as it was when the search began."""

        def act() -> list[RemoteAccount]:
            with self._entries.held() as held:
                return [entry.seen() for entry in held.all()]

        yield from self.line.read("search", act)

    def create(self, new: NewAccount) -> RemoteAccount:
        """See the port."""
        require_fit(new.username, self.limits)
        text = text_of(new.verifier)

        def entry() -> Entry:
            return Entry(
                username=new.username,
                marker=new.marker,
                enabled=new.enabled,
                must_change=new.must_change,
                verifier=text,
                profile=dict(new.profile.values()),
            )

        def act() -> RemoteAccount:
            with self._entries.held(to_change=True) as held:
                held.require_free(new.username)
                made = entry()
                held.put(made, "create")
                return made.seen()

        return self.line.write("create", act, pretended=lambda: entry().seen())

    def update(self, current: RemoteAccount, changes: Changes, marker: Marker) -> RemoteAccount:
        """See the port."""
        if changes.username is not None:
            require_fit(changes.username, self.limits)
        text_of(changes.verifier)

        def act(operation: str | None = "update") -> RemoteAccount:
            with self._entries.held(to_change=True) as held:
                entry = held.present(current)
                if changes.username is not None:
                    held.require_free(changes.username, but_for=entry)
                entry.change(changes, marker)
                if operation is not None:
                    held.put(entry, operation)
                return entry.seen()

        return self.line.write("update", act, pretended=lambda: act(None))

    def adopt(self, current: RemoteAccount, marker: Marker) -> RemoteAccount:
        """See :class:`~provisioner.connector.Adopts`."""

        def act(operation: str | None = "adopt") -> RemoteAccount:
            with self._entries.held(to_change=True) as held:
                entry = held.unmarked(current)
                entry.marker = marker
                if operation is not None:
                    held.put(entry, operation)
                return entry.seen()

        return self.line.write("adopt", act, pretended=lambda: act(None))

    def delete(self, current: RemoteAccount) -> None:
        """See the port."""

        def act() -> None:
            with self._entries.held(to_change=True) as held:
                try:
                    held.remove(held.present(current))
                except UnknownAccount:
                    return

        self.line.write("delete", act, pretended=lambda: None)

    def close(self) -> None:
        """Nothing is open."""

    def enforces_first_change(self) -> bool:
        """It does."""
        return True

    def open_session_limit(self) -> timedelta | None:
        """Sessions here end with :meth:`end_sessions`; by themselves they have no end."""
        return None

    def entitlements_for(self, profile: Profile) -> frozenset[str]:
        """From the settings' templates."""
        return self._rules.holds_for(profile)

    def grant(self, current: RemoteAccount, entitlement: str) -> None:
        """On condition of the marker, as everything here."""
        self._write_entry("grant", current, lambda entry: entry.entitlements.add(entitlement), lambda: None)

    def revoke(self, current: RemoteAccount, entitlement: str) -> None:
        """On condition of the marker, as everything here."""
        self._write_entry("revoke", current, lambda entry: entry.entitlements.discard(entitlement), lambda: None)

    def grant_several(self, several: Sequence[RemoteAccount], entitlement: str) -> list[ConnectorError | None]:
        """In one call; each on condition of its marker."""
        return self._write_several("grant", several, lambda entry: entry.entitlements.add(entitlement))

    def revoke_several(self, several: Sequence[RemoteAccount], entitlement: str) -> list[ConnectorError | None]:
        """In one call; each on condition of its marker."""
        return self._write_several("revoke", several, lambda entry: entry.entitlements.discard(entitlement))

    def end_sessions(self, current: RemoteAccount) -> int:
        """How many were open."""
        return self._write_entry("end_sessions", current, Entry.end_sessions, lambda: 0)

    def last_sign_in(self, current: RemoteAccount) -> datetime | None:
        """The last accepted sign-in."""

        def act() -> datetime | None:
            with self._entries.held() as held:
                return held.present(current).last_sign_in

        return self.line.read("last_sign_in", act)

    def authenticate(self, username: str, password: str) -> Authentication:
        """An accepted sign-in opens a session."""
        return self.line.read("authenticate", lambda: self._authenticated(username, password))

    def change_password(self, username: str, old: str, new: str) -> None:
        """See the port."""
        self.line.write("change_password", lambda: self._change_password(username, old, new), lambda: None)

    def add_stranger(self, username: str) -> None:
        """Put in an entry without our marker, as another administrator of the target would."""
        with self._entries.held(to_change=True) as held:
            held.require_free(username)
            held.put(Entry(username=username, marker=None), "stranger")

    def _seen(self, username: str, account_id: str) -> Seen:
        with self._entries.held() as held:
            named = held.named(username)
            return Seen([entry.seen() for entry in held.of_account(account_id)], named.seen() if named else None)

    def _write_several(
        self, operation: str, several: Sequence[RemoteAccount], change: Callable[[Entry], None]
    ) -> list[ConnectorError | None]:
        def act() -> list[ConnectorError | None]:
            answers: list[ConnectorError | None] = []
            with self._entries.held(to_change=True) as held:
                for current in several:
                    try:
                        entry = held.present(current)
                    except ConnectorError as error:
                        answers.append(error)
                        continue
                    change(entry)
                    held.put(entry, operation)
                    answers.append(None)
            return answers

        return self.line.write(f"{operation}_several", act, lambda: [None] * len(several))

    def _write_entry(
        self, operation: str, current: RemoteAccount, change: Callable[[Entry], Answer], pretended: Callable[[], Answer]
    ) -> Answer:
        def act() -> Answer:
            with self._entries.held(to_change=True) as held:
                entry = held.present(current)
                before = entry.row()
                answer = change(entry)
                if entry.row() != before:
                    held.put(entry, operation)
                return answer

        return self.line.write(operation, act, pretended)

    def _authenticated(self, username: str, password: str) -> Authentication:
        text = self._stored_text(username)
        if not self._verification.matches(password, text):
            return Authentication(Outcome.REJECTED)
        with self._entries.held(to_change=True) as held:
            entry = held.named(username)
            if entry is None or entry.verifier != text:
                return Authentication(Outcome.REJECTED)
            answer = entry.sign_in(datetime.now(UTC))
            if answer.outcome is Outcome.ACCEPTED:
                held.put(entry, "authenticate")
            return answer

    def _change_password(self, username: str, old: str, new: str) -> None:
        text = self._stored_text(username)
        if not self._verification.matches(old, text):
            raise PermissionDenied("wrong user name or password")
        require_acceptable(old, new, self._settings.password_min_length)
        replacement = argon2id.derive(new, self._cost)
        with self._entries.held(to_change=True) as held:
            entry = held.named(username)
            if entry is None or entry.verifier != text or not entry.enabled:
                raise PermissionDenied("the account may not change its password")
            entry.verifier, entry.must_change = replacement, False
            held.put(entry, "change_password")

    def _stored_text(self, username: str) -> str | None:
        with self._entries.held() as held:
            entry = held.named(username)
            return entry.verifier if entry else None
