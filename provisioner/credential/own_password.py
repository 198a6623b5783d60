"""The operator's own password as generations: pending until the sign-in target has taken it, then committed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from provisioner.account import AccountAct, AccountState, after
from provisioner.connector import Verifier
from provisioner.convergence.readiness import carried, living
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import due_now
from provisioner.credential.generation import (
    CHECK_FORM,
    GenerationState,
    Kind,
    destroy_slip,
    newest,
    packed,
    pending,
    supersede,
    unpacked,
)
from provisioner.keyring import Keyring
from provisioner.store.tables import AccountRow, CredentialRow, GenerationRow, LinkRow
from provisioner.verifier import Verifiers

Begun = Mapping[str, int]
"""Credential id -> number of the pending generation."""
Forms = Mapping[str, Mapping[str, Verifier]]
"""Credential id -> target (or ``CHECK_FORM``) -> verifier."""


class OwnPasswords:
    """Works on rows inside the caller's unit of work; only :meth:`forms` hashes and belongs before it."""

    def __init__(self, keyring: Keyring, targets: TargetSet, verifiers: Verifiers) -> None:
        self._keyring = keyring
        self._targets = targets
        self._verifiers = verifiers

    def forms(self, account: AccountRow, password: str) -> Forms:
        """Verifiers of a password for every target but the sign-in one, and the form we check ourselves. Slow."""
        return {credential.id: self._forms_for(credential, password) for credential in self._concerned(account)}

    def begin(self, account: AccountRow, forms: Forms, at: datetime) -> Begun:
        """Persist a pending generation in every credential that takes the operator's password."""
        concerned = self._concerned(account)
        added = (self._add(each, forms.get(each.id, {}), GenerationState.PENDING, at) for each in concerned)
        return {credential.id: generation.number for credential, generation in zip(concerned, added, strict=True)}

    def being_reset(self, account: AccountRow) -> bool:
        """A new initial password to sign in here with is wanted, or lies unopened in its envelope: no other one counts.

        What other systems still wait for does not matter here: the operator's own password takes its place.
        """
        return any(credential.wanted or self._reissued(credential) for credential in self._deciding(account))

    def is_pending(self, account: AccountRow) -> bool:
        """Whether a change is undecided."""
        return any(pending(credential.generations) is not None for credential in account.credentials)

    def drop(self, account: AccountRow) -> None:
        """The sign-in target did not take it."""
        for credential in account.credentials:
            for each in credential.generations:
                if each.state == GenerationState.PENDING:
                    each.state, each.verifiers = GenerationState.DROPPED, None

    def commit(
        self, session: Session, account: AccountRow, forms: Forms, at: datetime, begun: Begun | None = None
    ) -> bool:
        """The sign-in target has it: every other target gets it, and the slip of the initial one is destroyed.

        ``begun`` None: decide what is pending, else add it. False: a new initial password was wanted in the meantime,
        and that one counts.
        """
        if self.being_reset(account):
            self.drop(account)
            return False
        generations = [self._committed(each, forms, at, begun) for each in self._concerned(account)]
        if all(generation is None for generation in generations):
            return True
        first = account.password_changed_at is None
        account.password_changed_at, account.password_set = at, None
        if first and account.state == AccountState.PENDING_ACTIVATION:
            account.state, account.state_at = after(AccountState(account.state), AccountAct.ACTIVATE), at
            account.state_reason = account.state_note = ""
        account.desired_version += 1
        for link in account.links:
            due_now(link, account.desired_version, at)
        session.flush()
        return True

    def is_pending_one(self, account: AccountRow, password: str) -> bool:
        """Whether ``password`` is the one of the undecided change. Hashes."""
        return any(self._matches(pending(each.generations), password) for each in account.credentials)

    def is_known(self, account: AccountRow, password: str) -> bool:
        """Whether ``password`` is the last own one we know of. Hashes. True where there is nothing to compare with."""
        current = [newest(each.generations) for each in account.credentials]
        own = [each for each in current if each is not None and each.kind == Kind.OWN]
        forms = [each for each in own if CHECK_FORM in unpacked(self._keyring, each.verifiers)]
        return not forms or any(self._matches(each, password) for each in forms)

    def behind(self, account: AccountRow) -> list[str]:
        """Targets that have not got the operator's own password yet."""
        return [link.target for link, _ in self.behind_links(account)]

    def behind_links(self, account: AccountRow) -> list[tuple[LinkRow, int]]:
        """Their links, each with the generation it is to get."""
        found: list[tuple[LinkRow, int]] = []
        for credential in self._concerned(account):
            current = newest(credential.generations)
            if current is not None and current.kind == Kind.OWN:
                behind = (link for link in living(credential) if link.applied_generation < current.number)
                found += [(link, current.number) for link in behind]
        return found

    def waiting_for_password(self, account: AccountRow) -> bool:
        """Whether a target lost its entry and could be given the operator's password again."""
        name = self._targets.sign_in.name if self._targets.sign_in is not None else ""
        links = (link for credential in self._concerned(account) for link in living(credential))
        return any(link.waits_for_credential and link.target != name for link in links)

    def _concerned(self, account: AccountRow) -> Sequence[CredentialRow]:
        return [
            credential
            for credential in account.credentials
            if any(self._targets.takes_passwords(link.target) for link in living(credential))
        ]

    def _deciding(self, account: AccountRow) -> Sequence[CredentialRow]:
        """The credential to sign in here with; where there is none, all that take the operator's password."""
        concerned = self._concerned(account)
        name = self._targets.sign_in.name if self._targets.sign_in is not None else ""
        return [each for each in concerned if any(link.target == name for link in living(each))] or concerned

    def _forms_for(self, credential: CredentialRow, password: str) -> dict[str, Verifier]:
        signing_in = self._targets.sign_in.name if self._targets.sign_in is not None else ""
        forms: dict[str, Verifier] = {}
        for link in living(credential):
            if link.target == signing_in:
                forms[CHECK_FORM] = self._verifiers.make(password)
            elif self._targets.takes_verifiers(link.target):
                forms[link.target] = self._targets.verifier(link.target, password)
        return forms

    def _add(
        self, credential: CredentialRow, forms: Mapping[str, Verifier], state: GenerationState, at: datetime
    ) -> GenerationRow:
        credential.generation += 1
        generation = GenerationRow(
            number=credential.generation,
            kind=Kind.OWN,
            state=state,
            verifiers=packed(self._keyring, forms),
            issued_at=at,
        )
        credential.generations.append(generation)
        return generation

    def _committed(
        self, credential: CredentialRow, forms: Forms, at: datetime, begun: Begun | None
    ) -> GenerationRow | None:
        """The generation, committed now; None if somebody who signed in meanwhile has decided it already."""
        generation = pending(credential.generations)
        if begun is not None:
            number = begun.get(credential.id)
            generation = next((each for each in credential.generations if each.number == number), None)
            if generation is not None and generation.state == GenerationState.COMMITTED:
                return None
        if generation is None or generation.state != GenerationState.PENDING:
            generation = self._add(credential, forms.get(credential.id, {}), GenerationState.COMMITTED, at)
        generation.state = GenerationState.COMMITTED
        self._settle(credential, generation)
        return generation

    def _reissued(self, credential: CredentialRow) -> bool:
        """An initial password was issued after the change began, or lies sealed."""
        current = newest(credential.generations)
        return current is not None and current.state == GenerationState.SEALED

    def _settle(self, credential: CredentialRow, generation: GenerationRow) -> None:
        credential.wanted = False
        for earlier in credential.generations:
            if earlier is generation:
                continue
            destroy_slip(earlier)
            if earlier.kind == Kind.OWN:
                earlier.verifiers = None
            elif earlier.state in (GenerationState.SEALED, GenerationState.ISSUING):
                supersede(earlier)
        for link in living(credential):
            if self._targets.sign_in is not None and link.target == self._targets.sign_in.name:
                # The operator set it there on their own connection: nothing is ever written for it.
                link.applied_generation = max(link.applied_generation, generation.number)
        if carried(credential, generation):
            kept = unpacked(self._keyring, generation.verifiers).get(CHECK_FORM)
            generation.verifiers = packed(self._keyring, {CHECK_FORM: kept}) if kept is not None else None

    def _matches(self, generation: GenerationRow | None, password: str) -> bool:
        if generation is None:
            return False
        form = unpacked(self._keyring, generation.verifiers).get(CHECK_FORM)
        return form is not None and self._verifiers.matches(form.text, password)
