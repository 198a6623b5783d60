"""What lies in an envelope: one slip for each password, read with what its reader holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.browser_seal import open_in_browser, seal_to_browser
from provisioner.connector import AsksPeople
from provisioner.convergence.readiness import living
from provisioner.convergence.target_set import TargetSet
from provisioner.credential.generation import newest
from provisioner.envelope import SlipContext, open_slip
from provisioner.errors import WrongState
from provisioner.store.tables import AccountRow, CredentialRow, GenerationRow, ManualAccountRow

Unseal = Callable[[GenerationRow, SlipContext], bytes]
"""Opens one slip.

:raises SealBroken: what the reader holds does not open it.
"""


@dataclass(frozen=True)
class Slip:
    """One password of the envelope."""

    targets: tuple[str, ...]
    labels: tuple[str, ...]
    """What pages call the systems where it works."""
    username: str
    password: str = field(repr=False)
    change_at: tuple[str, ...] = ()
    """Where it is changed, if not on our own pages."""


def with_ticket(key: X25519PrivateKey) -> Unseal:
    """Read with the ticket's opening key."""
    return lambda generation, context: open_slip(key, context, generation.slip or b"")


def with_session(token: str) -> Unseal:
    """Read with the token of the browser's session, to which :meth:`Slips.keep` has sealed."""
    return lambda generation, context: open_in_browser(token, context, generation.shown_slip or b"")


class Slips:
    """Reads slips, and seals them once more to the browser that may see them again."""

    def __init__(self, office: str, targets: TargetSet) -> None:
        self._office = office
        self._targets = targets

    def read(
        self, session: Session, account: AccountRow, credentials: Sequence[CredentialRow], unseal: Unseal
    ) -> tuple[Slip, ...]:
        """The newest password of each credential."""
        return tuple(self._read(session, account, each, unseal) for each in credentials)

    def keep(
        self, account: AccountRow, credentials: Sequence[CredentialRow], slips: Sequence[Slip], token: str
    ) -> None:
        """Seal what was read to the session whose token this is."""
        for credential, slip in zip(credentials, slips, strict=True):
            generation = current(credential)
            context = self._context(account, credential, generation)
            generation.shown_slip = seal_to_browser(token, context, slip.password.encode())

    def _read(self, session: Session, account: AccountRow, credential: CredentialRow, unseal: Unseal) -> Slip:
        generation = current(credential)
        password = unseal(generation, self._context(account, credential, generation)).decode()
        targets = tuple(link.target for link in living(credential))
        return Slip(
            targets=targets,
            labels=tuple(self._targets.label(each) for each in targets),
            username=self._username(session, account, targets),
            password=password,
            change_at=tuple(hint for each in targets if (hint := self._hint(each))),
        )

    def _context(self, account: AccountRow, credential: CredentialRow, generation: GenerationRow) -> SlipContext:
        return SlipContext(self._office, account.request_id, account.id, credential.name, generation.number)

    def _username(self, session: Session, account: AccountRow, targets: Sequence[str]) -> str:
        """The name another system gave, where people operate it."""
        given = session.scalars(
            select(ManualAccountRow.username).where(
                ManualAccountRow.account_id == account.id, ManualAccountRow.target.in_(targets)
            )
        ).first()
        return given or account.username

    def _hint(self, target: str) -> str:
        connector: object = self._targets[target].connector if target in self._targets else None
        return connector.first_change_hint() if isinstance(connector, AsksPeople) else ""


def current(credential: CredentialRow) -> GenerationRow:
    """The generation that counts.

    :raises WrongState: ``envelope-not-ready``: there is none yet.
    """
    found = newest(credential.generations)
    if found is None:
        raise WrongState("envelope-not-ready")
    return found
