"""How a target takes the passwords that are made here."""

from typing import Protocol, runtime_checkable

from provisioner.connector.entry import Marker, RemoteAccount, Verifier


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
