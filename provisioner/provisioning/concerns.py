"""What speaks against approving now, as far as the systems are known: said before the pact, not after."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from provisioner.connector import Finding, Severity, ShowsPasswordRules
from provisioner.convergence.target_set import TargetSet
from provisioner.errors import WrongState
from provisioner.preflight import Broken, blocking
from provisioner.provisioning.context import Context
from provisioner.target_checks import KeptCheck, TargetChecks


@dataclass(frozen=True)
class Concern:
    """What is known to stand in the way at one system."""

    target: str
    label: str
    refused: tuple[Broken, ...]
    """Rules by which the system would refuse every password that is issued here: nothing can be approved."""
    findings: tuple[Finding, ...]
    """Errors of the last check."""
    known_at: datetime | None
    """When it was last asked; None: it never answered."""


class Concerns:
    """Reads the last check of every system; asks none, so that one that is down holds nobody up."""

    def __init__(self, context: Context, targets: TargetSet, checks: TargetChecks) -> None:
        self._context = context
        self._targets = targets
        self._checks = checks

    def all(self) -> list[Concern]:
        """Those systems that there is something to say about."""
        with self._context.store.read() as session:
            return self._all(session)

    def refuse_blocked(self, session: Session) -> None:
        """:raises WrongState: ``issued-password-refused``: a system would refuse every password that is issued here."""
        for each in self._all(session):
            if each.refused:
                first = each.refused[0]
                raise WrongState(
                    "issued-password-refused", target=each.label, rule=first.rule, wanted=first.wanted, has=first.has
                )

    def _all(self, session: Session) -> list[Concern]:
        found = (self._of(name, check) for name, check in self._checks.kept(session).items())
        return [each for each in found if each is not None]

    def _of(self, name: str, check: KeptCheck) -> Concern | None:
        refused = tuple(blocking(check.rules))
        wrong = tuple(each for each in check.findings if each.severity is Severity.ERROR)
        unknown = check.rules_at is None and isinstance(self._targets[name].connector, ShowsPasswordRules)
        if not (refused or wrong or unknown):
            return None
        known_at = check.rules_at if refused or unknown else check.checked_at
        return Concern(name, self._targets.label(name), refused, wrong, known_at)
