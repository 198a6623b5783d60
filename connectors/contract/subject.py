"""What a connector's fixture hands to the contract, and the accounts that the contract creates."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar, cast
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from provisioner.connector import (
    AsksPeople,
    Authenticates,
    Changes,
    Connector,
    Marker,
    NewAccount,
    Profile,
    RemoteAccount,
    SetsPasswords,
    TakesVerifiers,
    Verifier,
)

Capability = TypeVar("Capability")

PASSWORD = "wengi-lunga-telas-42"
OWN_PASSWORD = "sepeda biru di Jalan Majapahit 1"

DEWI = Profile(
    full_name="Dewi Lestari Handayani",
    display_name="Dewi Lestari Handayani, A.Md.",
    role="OPERATOR_DAFDUK",
    region="35.76.02",
    org_unit="Kelurahan Gedongan",
    position="Operator SIAK",
    mail="dewi.lestari@example.id",
    phone="+6281234567890",
    staff_number="199203152019032004",
    valid_until="2027-12-31",
)


def cheap_argon2id(password: str) -> Verifier:
    """A verifier that costs next to nothing to compute and to compare."""
    function = Argon2id(salt=os.urandom(16), length=32, iterations=1, lanes=1, memory_cost=64)
    return Verifier("argon2id", function.derive_phc_encoded(password.encode()))


@dataclass(frozen=True)
class Subject:
    """A fresh, empty target and its connector.

    The settings must give the role ``OPERATOR_DAFDUK`` in region ``35.76.02`` at least one entitlement where the
    target has any, ask for passwords of at least ten characters where users choose their own, and store at least
    ``full_name``. Where people operate the target, somebody confirms every card at once.
    """

    connector: Connector
    add_strangers: Callable[[Iterable[str]], None] | None
    """Puts in entries under these user names behind the connector's back; None where nobody else writes there."""
    verifier: Callable[[str], Verifier] = cheap_argon2id
    """Computes what the target takes for a password."""
    crowd: int = 2000
    """How many entries show that reading is streamed. Where making them takes long: fewer, but several pages."""

    def able(self, capability: Callable[..., Capability]) -> Capability:
        """The connector as what it can do; a test of what it cannot is skipped with that reason.

        :param capability: one of the port's protocols.
        """
        protocol = cast("type", capability)
        if not isinstance(self.connector, protocol):
            pytest.skip(f"{type(self.connector).__name__} lacks {protocol.__name__}")
        return cast("Capability", self.connector)

    def setting_passwords(self) -> tuple[SetsPasswords, Authenticates]:
        """The connector as one that passwords are given to in clear text."""
        return self.able(SetsPasswords), self.able(Authenticates)

    def authenticating(self) -> Authenticates:
        """The connector as one with passwords of ours that people sign in with under its own rules."""
        if not self.able(TakesVerifiers).enforces_first_change():
            pytest.skip("the target does not enforce the first change of password")
        return self.able(Authenticates)

    def add_stranger(self, username: str) -> RemoteAccount:
        """An entry that is not ours."""
        if self.add_strangers is None:
            pytest.skip(f"{type(self.connector).__name__} sees no entries but its own")
        self.add_strangers([username])
        stranger = self.connector.get(username)
        assert stranger is not None
        assert stranger.marker is None
        return stranger

    def create(self, new: NewAccount) -> RemoteAccount:
        """Create and, where a person had to act, see what was confirmed."""
        return self._settled(self.connector.create(new))

    def update(self, current: RemoteAccount, changes: Changes, marker: Marker) -> RemoteAccount:
        """Update and, where a person had to act, see what was confirmed."""
        return self._settled(self.connector.update(current, changes, marker))

    def only(self, account_id: str) -> RemoteAccount:
        """The one entry of this account."""
        (account,) = self.connector.find(account_id)
        return account

    def carries(self, account: RemoteAccount, marker: Marker) -> bool:
        """Whether the entry carries this marker; people are not asked to note the password's generation."""
        if account.marker is not None and isinstance(self.connector, AsksPeople):
            return (account.marker.account_id, account.marker.version) == (marker.account_id, marker.version)
        return account.marker == marker

    def _settled(self, account: RemoteAccount) -> RemoteAccount:
        if not isinstance(self.connector, AsksPeople):
            assert not account.pending
            return account
        assert account.pending
        assert account.marker is not None
        return self.only(account.marker.account_id)


def new_account(
    username: str = "dewi.lestari",
    *,
    profile: Profile = DEWI,
    verifier: Verifier | None = None,
    enabled: bool = True,
    generation: int = 0,
) -> NewAccount:
    """An account in its first version, under an id of its own."""
    return NewAccount(username, Marker(uuid4().hex, 1, generation), profile, verifier, enabled=enabled)


def marker_of(account: RemoteAccount) -> Marker:
    """The marker of an entry of ours."""
    assert account.marker is not None
    return account.marker


def next_version(account: RemoteAccount, *, generation: int | None = None) -> Marker:
    """The marker of the account's following version."""
    read = marker_of(account)
    return Marker(read.account_id, read.version + 1, read.generation if generation is None else generation)
