"""The office's targets, with what the core has to know about each."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import cast

from provisioner.account import Traits
from provisioner.connector import (
    Adopts,
    AsksPeople,
    Authenticates,
    Entitles,
    MakesVerifiers,
    SetsPasswords,
    TakesVerifiers,
    Verifier,
)
from provisioner.errors import ConfigurationError
from provisioner.observation.calls import observed
from provisioner.observation.observer import UNOBSERVED, Observer
from provisioner.settings.target import SHARED_CREDENTIAL, TargetSettings
from provisioner.targets import Target
from provisioner.verifier import ARGON2ID, Verifiers


class TargetSet(Mapping[str, Target]):
    """Targets by name, in the order of the settings."""

    def __init__(
        self,
        targets: Mapping[str, Target],
        settings: Mapping[str, TargetSettings],
        verifiers: Verifiers,
        observer: Observer = UNOBSERVED,
    ) -> None:
        """``verifiers`` makes Argon2id ones.

        :raises ConfigurationError: the sign-in target cannot check an initial password, a target takes a form of
            passwords that cannot be made here, or one that takes clear text only is to share its password.
        """
        self._targets = dict(targets)
        self._settings = settings
        self._verifiers = verifiers
        self._observer = observer
        self._taking = frozenset(name for name in self._targets if self._takes_verifiers(name))
        self.clear_text = frozenset(name for name in self._targets if self._takes_clear_text_only(name))
        """Names of targets that take passwords in clear text only."""
        self._refuse_shared_clear_text()
        # What a class can do does not change, and finding it out takes longer than reading an account.
        self._traits = {
            name: Traits(
                takes_verifiers=name in self._taking,
                entitles=isinstance(target.connector, Entitles),
                asks_people=isinstance(target.connector, AsksPeople),
                sets_passwords=name in self.clear_text,
            )
            for name, target in self._targets.items()
        }
        chosen = [target for name, target in self._targets.items() if settings[name].sign_in]
        self.sign_in: Target | None = chosen[0] if chosen else None
        """The target whose password opens our own pages for operators."""
        if self.sign_in is not None and not isinstance(self.sign_in.connector, Authenticates):
            raise ConfigurationError(self._sign_in_place(), "this kind of system cannot check passwords")
        if self.sign_in is not None and not self.traits(self.sign_in.name).enforces_first_change:
            reason = "this system never gets the initial password, so nobody could sign in with it for the first time"
            raise ConfigurationError(self._sign_in_place(), reason)

    def __getitem__(self, name: str) -> Target:
        return self._targets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._targets)

    def __len__(self) -> int:
        return len(self._targets)

    def calling(self, name: str, call: str, account_id: str | None = None) -> AbstractContextManager[None]:
        """Around a call to a target, so that it is counted, timed and logged. ``call``: the port's method."""
        return observed(self._observer, name, call, account_id)

    def asks_people(self, name: str) -> bool:
        """Whether only a person can operate it."""
        return isinstance(self._targets[name].connector, AsksPeople)

    def takes_over(self, name: str) -> bool:
        """Whether accounts that were there before can come under management: their entries are taken over, or people
        say that they are there.
        """
        return name in self._targets and (isinstance(self._targets[name].connector, Adopts) or self.asks_people(name))

    def credential_of(self, name: str) -> str | None:
        """The name of the credential this target belongs to; None if it takes no password of ours."""
        chosen = self._settings[name].credential
        if name in self._taking:
            return chosen or SHARED_CREDENTIAL
        return (chosen or name) if name in self.clear_text or self.asks_people(name) else None

    def label(self, name: str) -> str:
        """What pages call it; a target that is no longer configured keeps its name."""
        return self._targets[name].label if name in self._targets else name

    def takes_verifiers(self, name: str) -> bool:
        """Whether it is one of the office's targets and stores one-way forms of passwords."""
        return name in self._taking

    def takes_passwords(self, name: str) -> bool:
        """Whether it is one of the office's targets and an operator's own password is brought there, in any form."""
        return name in self._taking or name in self.clear_text

    def setting(self, name: str) -> SetsPasswords:
        """The connector of one of :attr:`clear_text`."""
        return cast("SetsPasswords", self._targets[name].connector)

    def verifier(self, name: str, password: str) -> Verifier:
        """The one-way form of a password that this target takes. Slow."""
        connector = self._targets[name].connector
        if isinstance(connector, MakesVerifiers):
            return connector.make_verifier(password)
        return self._verifiers.make(password)

    def verifiers(self, names: Iterable[str], password: str) -> dict[str, Verifier]:
        """The forms of one password that several targets take. Those that take the usual one share it: it costs as much
        as everything else that is done for an account, and they hold the same password anyway.
        """
        usual: Verifier | None = None
        forms: dict[str, Verifier] = {}
        for name in names:
            connector = self._targets[name].connector
            if isinstance(connector, MakesVerifiers):
                forms[name] = connector.make_verifier(password)
            else:
                usual = usual or self._verifiers.make(password)
                forms[name] = usual
        return forms

    def _sign_in_place(self) -> str:
        return f"targets.{self.sign_in.name if self.sign_in is not None else ''}.sign_in"

    def _takes_verifiers(self, name: str) -> bool:
        connector = self._targets[name].connector
        if not isinstance(connector, TakesVerifiers):
            return False
        if ARGON2ID not in connector.limits.verifier_schemes and not isinstance(connector, MakesVerifiers):
            raise ConfigurationError(f"targets.{name}.kind", "nothing here makes the form of passwords that it takes")
        return True

    def _takes_clear_text_only(self, name: str) -> bool:
        return name not in self._taking and isinstance(self._targets[name].connector, SetsPasswords)

    def _refuse_shared_clear_text(self) -> None:
        words = [self.credential_of(name) for name in self._targets]
        for name in sorted(self.clear_text):
            if words.count(self.credential_of(name)) > 1:
                # It would have to be up whenever the others get a password, and they whenever it does.
                reason = "this system takes passwords in clear text only, so it has one of its own"
                raise ConfigurationError(f"targets.{name}.credential", reason)

    def traits(self, name: str) -> Traits:
        """What it can do.

        :raises ConnectorError: the target has to be asked and does not answer.
        """
        connector = self._targets[name].connector
        # Clear text is set by a call that proves it, or leaves the entry disabled.
        enforces = name in self.clear_text or (
            name in self._taking and cast("TakesVerifiers", connector).enforces_first_change()
        )
        return replace(self._traits[name], enforces_first_change=enforces)
