"""Creating an entry."""

import pytest

from connectors.contract.subject import DEWI, Subject, new_account
from provisioner.connector import AccountExists, AsksPeople, InvalidAttribute, Severity, Suspends, TakesVerifiers


class CreateContract:
    """``create``."""

    def test_check_finds_nothing_wrong_with_a_target_in_order(self, subject: Subject) -> None:
        findings = subject.connector.check()
        assert findings
        assert [finding for finding in findings if finding.severity is Severity.ERROR] == []

    def test_the_entry_is_there_with_marker_name_and_profile(self, subject: Subject) -> None:
        new = new_account()
        created = subject.create(new)
        assert subject.carries(created, new.marker)
        assert created.username == "dewi.lestari"
        assert created.enabled
        assert created.entitlements == frozenset()
        assert created.remote_id
        for field, value in created.profile.items():
            assert value == getattr(DEWI, field)

    def test_what_create_answers_is_what_is_read_afterwards(self, subject: Subject) -> None:
        created = subject.create(new_account())
        assert subject.connector.get("dewi.lestari") == created

    def test_an_empty_profile_field_is_no_fault(self, subject: Subject) -> None:
        sparse = type(DEWI)(full_name="Suharto", display_name="Suharto", role="OPERATOR_DAFDUK", region="35.76.02")
        created = subject.create(new_account("suharto", profile=sparse))
        assert created.profile["full_name"] == "Suharto"

    def test_creating_the_same_account_again_tells_that_it_is_ours(self, subject: Subject) -> None:
        new = new_account()
        created = subject.create(new)
        with pytest.raises(AccountExists) as refusal:
            subject.connector.create(new)
        assert refusal.value.marker is not None
        assert refusal.value.marker.account_id == new.marker.account_id
        assert refusal.value.remote_id == created.remote_id

    def test_a_name_that_another_account_of_ours_has_is_refused_with_its_marker(self, subject: Subject) -> None:
        first, second = new_account(), new_account()
        created = subject.create(first)
        with pytest.raises(AccountExists) as refusal:
            subject.connector.create(second)
        assert refusal.value.marker == created.marker
        assert subject.connector.find(second.marker.account_id) == []

    def test_an_account_can_be_created_disabled(self, subject: Subject) -> None:
        subject.able(Suspends)
        new = new_account(enabled=False)
        if isinstance(subject.connector, AsksPeople):
            subject.connector.create(new)
            # Nobody makes an account by hand in order to disable it; the card only makes sure that there is none.
            assert not any(found.enabled for found in subject.connector.find(new.marker.account_id))
            return
        assert not subject.create(new).enabled
        assert not subject.only(new.marker.account_id).enabled

    def test_a_name_that_does_not_fit_the_target_is_refused(self, subject: Subject) -> None:
        if isinstance(subject.connector, AsksPeople):
            pytest.skip("people give the names of their system")
        for name in ("x" * (subject.connector.limits.username_max_length + 1), "", "budi santoso", "budi\n"):
            with pytest.raises(InvalidAttribute):
                subject.connector.create(new_account(name))
        assert list(_ours(subject)) == []

    def test_a_verifier_of_another_scheme_is_refused(self, subject: Subject) -> None:
        verifier = type(subject.verifier("x"))("no-such-scheme", "text")
        with pytest.raises(InvalidAttribute):
            subject.connector.create(new_account(verifier=verifier))
        assert list(_ours(subject)) == []

    def test_verifiers_are_announced_by_those_who_take_them(self, subject: Subject) -> None:
        takes = isinstance(subject.connector, TakesVerifiers)
        assert takes == bool(subject.connector.limits.verifier_schemes)


def _ours(subject: Subject) -> list[str]:
    return [seen.username for seen in subject.connector.search() if seen.marker is not None]
