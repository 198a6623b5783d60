"""Checks of targets: done in their own threads, and kept, so that nobody has to wait for a target to know of it."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Thread

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.clock import Clock
from provisioner.connector import ConnectorError, Finding, PasswordRules, Severity, ShowsPasswordRules
from provisioner.convergence.target_set import TargetSet
from provisioner.preflight import Choice, conflicts
from provisioner.store import Store
from provisioner.store.agreement import insert_if_missing
from provisioner.store.tables import TargetCheckRow, TargetHealthRow
from provisioner.targets import Target

_log = logging.getLogger(__name__)

_FINDINGS = TypeAdapter(list[Finding])
_RULES = TypeAdapter(list[PasswordRules])
_TAKEN_FOR_DEAD = timedelta(minutes=5)
"""A check that has not ended after so long ended with its process."""


_LOOK_EVERY_SECONDS = 60.0
"""How often the store is asked whether a check is due."""


@dataclass(frozen=True)
class KeptCheck:
    """What is known of a target. The moments are None where it never was."""

    checked_at: datetime | None = None
    findings: tuple[Finding, ...] = ()
    rules_at: datetime | None = None
    """When the target last showed its rules; it may have been down since."""
    rules: tuple[PasswordRules, ...] = ()
    running_since: datetime | None = None


def examined(target: Target) -> tuple[list[Finding], list[PasswordRules] | None]:
    """Ask a target everything. The rules are None where it could not be asked for them. Never raises."""
    findings = target.connector.check()
    connector = target.connector
    answers = any(each.subject == "reachable" and each.severity is Severity.OK for each in findings)
    if not answers or not isinstance(connector, ShowsPasswordRules):
        return findings, [] if answers else None
    try:
        return findings, list(connector.password_rules())
    except ConnectorError as error:
        remedy = "see what else was found here"
        told = Finding("policy", Severity.WARNING, f"the password rules cannot be read: {error}", remedy, "hidden")
        return [*findings, told], None


def with_conflicts(findings: Iterable[Finding], rules: Iterable[PasswordRules], choice: Choice) -> list[Finding]:
    """Findings, and how the rules go together with this office's passwords."""
    return [*findings, *conflicts(rules, choice)]


class TargetChecks:
    """The last check of every target, in the store."""

    def __init__(self, store: Store, clock: Clock, targets: TargetSet, choice: Choice, every_hours: int) -> None:
        self._store = store
        self._clock = clock
        self._targets = targets
        self._choice = choice
        self._every = timedelta(hours=every_hours)
        self._looked: dict[str, float] = {}

    def kept(self, session: Session) -> dict[str, KeptCheck]:
        """By the target's name; conflicts are judged by the settings of now."""
        rows = {row.target: row for row in session.scalars(select(TargetCheckRow))}
        return {name: self._kept(rows[name]) if name in rows else KeptCheck() for name in self._targets}

    def run(self, name: str) -> bool:
        """Check a target in this thread and keep what was found. False: a check of it is under way."""
        if not self._begin(name):
            return False
        self._carry_out(name)
        return True

    def start(self, name: str, patience: float) -> bool:
        """Check a target in a thread of its own, and wait for it ``patience`` seconds. True: it has ended."""
        if not self._begin(name):
            return False
        thread = Thread(target=self._carry_out, args=(name,), name=f"{name}-check", daemon=True)
        thread.start()
        thread.join(patience)
        return not thread.is_alive()

    def run_if_due(self, name: str) -> bool:
        """Check a target that nobody has checked for long, unless it is paused. Meant for the runner."""
        now = time.monotonic()
        if not self._every or now - self._looked.get(name, -_LOOK_EVERY_SECONDS) < _LOOK_EVERY_SECONDS:
            return False
        self._looked[name] = now
        return self._due(name) and self.run(name)

    def _due(self, name: str) -> bool:
        with self._store.read() as session:
            health, row = session.get(TargetHealthRow, name), session.get(TargetCheckRow, name)
            if health is not None and health.paused_at is not None:
                return False
            return row is None or row.checked_at is None or row.checked_at + self._every <= self._clock()

    def _begin(self, name: str) -> bool:
        now = self._clock()
        with self._store.begin() as session:
            insert_if_missing(session, TargetCheckRow, target=name, findings="[]", rules="[]")
            row = session.get_one(TargetCheckRow, name, with_for_update=True)
            if row.running_since is not None and row.running_since + _TAKEN_FOR_DEAD > now:
                return False
            row.running_since = now
        return True

    def _carry_out(self, name: str) -> None:
        try:
            with self._targets.calling(name, "check"):
                findings, rules = examined(self._targets[name])
        except Exception as error:  # A connector's own fault; only its kind: a driver's text may quote values.
            _log.error("the check of %s ended in %s", name, type(error).__name__)
            message = f"the check itself failed ({type(error).__name__})"
            findings, rules = [Finding("reachable", Severity.ERROR, message, "see the service's log", "broken")], None
        try:
            self._keep(name, findings, rules)
        except Exception as error:  # The store may be closed by now: the next check tells it anew.
            _log.error("the check of %s could not be kept: %s", name, type(error).__name__)

    def _keep(self, name: str, findings: Sequence[Finding], rules: Sequence[PasswordRules] | None) -> None:
        now = self._clock()
        with self._store.begin() as session:
            row = session.get_one(TargetCheckRow, name, with_for_update=True)
            row.running_since, row.checked_at = None, now
            row.findings = _FINDINGS.dump_json(list(findings)).decode()
            if rules is not None:
                row.rules, row.rules_at = _RULES.dump_json(list(rules)).decode(), now

    def _kept(self, row: TargetCheckRow) -> KeptCheck:
        rules = _RULES.validate_json(row.rules)
        running = row.running_since
        if running is not None and running + _TAKEN_FOR_DEAD <= self._clock():
            running = None
        found = KeptCheck(row.checked_at, (), row.rules_at, tuple(rules), running)
        if row.checked_at is None:
            return found
        findings = with_conflicts(_FINDINGS.validate_json(row.findings), rules, self._choice)
        return replace(found, findings=tuple(findings))
