"""Withheld mode: a target that would let somebody in before the first change gets no initial password."""

import pytest

from connectors.contract.subject import OWN_PASSWORD, PASSWORD, Subject, marker_of, new_account, next_version
from provisioner.connector import Authenticates, Changes, Outcome, PolicyViolation, TakesVerifiers


class WithholdContract:
    """Only for connectors whose :meth:`enforces_first_change` is False."""

    def test_an_initial_password_is_refused_and_the_entry_left_disabled(self, subject: Subject) -> None:
        target = _withheld(subject)
        new = new_account(verifier=subject.verifier(PASSWORD), generation=1)
        with pytest.raises(PolicyViolation) as refusal:
            subject.connector.create(new)
        assert refusal.value.rule == "not-enforced"
        left = subject.only(new.marker.account_id)
        assert not left.enabled
        assert target.authenticate("dewi.lestari", PASSWORD).outcome in (Outcome.REJECTED, Outcome.LOCKED)

    def test_a_reset_is_refused_and_changes_nothing(self, subject: Subject) -> None:
        _withheld(subject)
        created = subject.create(new_account())
        with pytest.raises(PolicyViolation):
            subject.connector.update(
                created, Changes(verifier=subject.verifier(PASSWORD), must_change=True), next_version(created)
            )
        assert subject.only(marker_of(created).account_id) == created

    def test_the_persons_own_password_lets_in(self, subject: Subject) -> None:
        target = _withheld(subject)
        created = subject.create(new_account())
        assert target.authenticate("dewi.lestari", PASSWORD).outcome is Outcome.REJECTED
        own = Changes(verifier=subject.verifier(OWN_PASSWORD), must_change=False)
        subject.update(created, own, next_version(created))
        assert target.authenticate("dewi.lestari", OWN_PASSWORD).outcome is Outcome.ACCEPTED


def _withheld(subject: Subject) -> Authenticates:
    if subject.able(TakesVerifiers).enforces_first_change():
        pytest.skip("the target enforces the first change of password")
    return subject.able(Authenticates)
