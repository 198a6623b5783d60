"""Generations of a password: which one counts, and what of it is still stored.

``number`` counts initial passwords and the operator's own changes alike, so one comparison tells which is newer.
"""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum

from provisioner.account import Credential, Password
from provisioner.connector import Verifier
from provisioner.keyring import Keyring
from provisioner.observation.reference import current_reference
from provisioner.store.tables import CredentialRow, GenerationRow, LinkRow, RequestRow

_PURPOSE = "generation.verifiers"

CHECK_FORM = ""
"""In place of a target: the form by which we ourselves recognise an own password at the next sign-in."""


class Kind(StrEnum):
    """Who chose a password."""

    INITIAL = "initial"
    OWN = "own"


class GenerationState(StrEnum):
    """What became of a generation."""

    ISSUING = "issuing"
    """Counted for a target that takes clear text only, and not sealed yet: that target may have it, and nobody else."""
    SEALED = "sealed"
    OPENED = "opened"
    DESTROYED = "destroyed"
    """Opened, and the slip is gone; the password holds until the first change."""
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"
    PENDING = "pending"
    """Own: the sign-in target has not said yes yet."""
    COMMITTED = "committed"
    DROPPED = "dropped"


_NOT_COUNTING = frozenset(
    {GenerationState.ISSUING, GenerationState.PENDING, GenerationState.DROPPED, GenerationState.SUPERSEDED}
)
_WRITABLE = frozenset({GenerationState.SEALED, GenerationState.COMMITTED})
_REPLACEABLE = frozenset(
    {GenerationState.ISSUING, GenerationState.SEALED, GenerationState.OPENED, GenerationState.PENDING}
)


def packed(keyring: Keyring, verifiers: Mapping[str, Verifier]) -> bytes:
    """Verifiers by target, sealed at rest."""
    plain = {target: [each.scheme, each.text] for target, each in verifiers.items()}
    return keyring.seal(_PURPOSE, json.dumps(plain).encode())


def unpacked(keyring: Keyring, blob: bytes | None) -> dict[str, Verifier]:
    """Back from :func:`packed`; nothing of nothing.

    :raises SealBroken: the bytes were changed.
    """
    if blob is None:
        return {}
    return {target: Verifier(*pair) for target, pair in json.loads(keyring.open(_PURPOSE, blob)).items()}


def want(credential: CredentialRow) -> None:
    """A new initial password is to be issued; what runs now is what it is wanted by."""
    credential.wanted, credential.reference = True, current_reference()


def newest(generations: Iterable[GenerationRow]) -> GenerationRow | None:
    """The generation that counts: the newest that was not superseded, dropped or left undecided."""
    counting = (each for each in generations if each.state not in _NOT_COUNTING)
    return max(counting, key=lambda each: each.number, default=None)


def pending(generations: Iterable[GenerationRow]) -> GenerationRow | None:
    """The operator's own change of which nobody knows yet whether the sign-in target took it."""
    undecided = (each for each in generations if each.state == GenerationState.PENDING)
    return max(undecided, key=lambda each: each.number, default=None)


def takes_ticket(credential: CredentialRow, request: RequestRow) -> bool:
    """Whether a new initial password can be sealed to the request's present ticket. A ticket is spent, for each
    credential, once a slip sealed to it was opened or lapsed.
    """
    if request.opening_key is None or request.ticket_fingerprint is None:
        return False
    return not any(
        each.ticket_fingerprint == request.ticket_fingerprint
        and (each.opened_at is not None or each.state == GenerationState.LAPSED)
        for each in credential.generations
    )


def credential_of(row: CredentialRow, link: LinkRow, request: RequestRow, keyring: Keyring) -> Credential:
    """The credential as the target of one link sees it."""
    current = newest(row.generations)
    stands = current is not None and current.state != GenerationState.LAPSED and not row.wanted
    takes = takes_ticket(row, request)
    return Credential(
        stands=stands,
        own=current is not None and current.kind == Kind.OWN,
        password=_password(current, link.target, keyring),
        wanted_now=row.wanted and takes,
        sealed=current.number if current is not None and current.state == GenerationState.SEALED and takes else 0,
        own_there=own_there(row.generations, link.applied_generation),
    )


def own_there(generations: Iterable[GenerationRow], applied: int) -> bool:
    """Whether the newest password that a target is known to have (``applied``) is one that the operator chose."""
    there = newest(each for each in generations if each.number <= applied)
    return there is not None and there.kind == Kind.OWN


def _password(current: GenerationRow | None, target: str, keyring: Keyring) -> Password | None:
    if current is None or current.state not in _WRITABLE or current.verifiers is None:
        return None
    verifier = unpacked(keyring, current.verifiers).get(target)
    return Password(current.number, current.kind == Kind.OWN, verifier)


def destroy_slip(generation: GenerationRow) -> None:
    """The slip is gone; the password it held stays what it is."""
    generation.slip = generation.shown_slip = None
    generation.shown_until = None
    if generation.state == GenerationState.OPENED:
        generation.state = GenerationState.DESTROYED


def supersede_all(generations: Iterable[GenerationRow]) -> None:
    """:func:`supersede` everything that is still on its way, sealed, shown or undecided."""
    for each in generations:
        if each.state in _REPLACEABLE:
            supersede(each)


def supersede(generation: GenerationRow) -> None:
    """A newer password is wanted: nothing of this one is kept, and it is written nowhere any more."""
    generation.state = GenerationState.SUPERSEDED if generation.kind == Kind.INITIAL else GenerationState.DROPPED
    generation.slip = generation.shown_slip = generation.verifiers = generation.shown_until = None
