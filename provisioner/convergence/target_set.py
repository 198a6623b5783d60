"""The office's targets, with what the core has to know about each."""

from collections.abc import Iterator, Mapping

from provisioner.account import Traits
from provisioner.connector import AsksPeople, Authenticates, Entitles, TakesVerifiers
from provisioner.errors import ConfigurationError
from provisioner.settings.target import SHARED_CREDENTIAL, TargetSettings
from provisioner.targets import Target


class TargetSet(Mapping[str, Target]):
    """Targets by name, in the order of the settings."""

    def __init__(self, targets: Mapping[str, Target], settings: Mapping[str, TargetSettings]) -> None:
        """:raises ConfigurationError: the sign-in target cannot check a password."""
        self._targets = dict(targets)
        self._settings = settings
        chosen = [target for name, target in self._targets.items() if settings[name].sign_in]
        self.sign_in: Target | None = chosen[0] if chosen else None
        """The target whose password opens our own pages for operators."""
        if self.sign_in is not None and not isinstance(self.sign_in.connector, Authenticates):
            place = f"targets.{self.sign_in.name}.sign_in"
            raise ConfigurationError(place, "this kind of system cannot check passwords")

    def __getitem__(self, name: str) -> Target:
        return self._targets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._targets)

    def __len__(self) -> int:
        return len(self._targets)

    def asks_people(self, name: str) -> bool:
        """Whether only a person can operate it."""
        return isinstance(self._targets[name].connector, AsksPeople)

    def credential_of(self, name: str) -> str | None:
        """The name of the credential this target belongs to; None if it takes no password of ours."""
        connector = self._targets[name].connector
        chosen = self._settings[name].credential
        if isinstance(connector, TakesVerifiers):
            return chosen or SHARED_CREDENTIAL
        return (chosen or name) if isinstance(connector, AsksPeople) else None

    def label(self, name: str) -> str:
        """What pages call it; a target that is no longer configured keeps its name."""
        return self._targets[name].label if name in self._targets else name

    def scheme(self, name: str) -> str | None:
        """The verifier scheme it prefers; None if it takes none."""
        connector = self._targets[name].connector
        if not isinstance(connector, TakesVerifiers):
            return None
        return next(iter(connector.limits.verifier_schemes), None)

    def traits(self, name: str) -> Traits:
        """What it can do.

        :raises ConnectorError: the target has to be asked and does not answer.
        """
        connector = self._targets[name].connector
        takes = isinstance(connector, TakesVerifiers)
        return Traits(
            takes_verifiers=takes,
            enforces_first_change=connector.enforces_first_change() if isinstance(connector, TakesVerifiers) else False,
            entitles=isinstance(connector, Entitles),
            asks_people=isinstance(connector, AsksPeople),
        )
