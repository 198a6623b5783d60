"""Entries that are not ours are never touched."""

import pytest

from connectors.contract.subject import (
    DEWI,
    OWN_PASSWORD,
    Subject,
    new_account,
    next_version,
)
from provisioner.connector import (
    AccountExists,
    Changes,
    ConnectorError,
    Entitles,
    Marker,
    RemoteAccount,
    Suspends,
    TakesVerifiers,
)


class StrangerContract:
    """What must not happen to a stranger's entry."""

    def test_a_name_that_a_stranger_has_is_refused_without_a_marker(self, subject: Subject) -> None:
        stranger = subject.add_stranger("dewi.lestari")
        with pytest.raises(AccountExists) as refusal:
            subject.connector.create(new_account())
        assert refusal.value.marker is None
        assert subject.connector.get("dewi.lestari") == stranger

    def test_a_strangers_name_that_differs_in_case_only_is_taken_too(self, subject: Subject) -> None:
        stranger = subject.add_stranger("Dewi.Lestari")
        with pytest.raises(AccountExists) as refusal:
            subject.connector.create(new_account())
        assert refusal.value.marker is None
        assert list(subject.connector.search()) == [stranger]

    def test_renaming_to_a_strangers_name_is_refused(self, subject: Subject) -> None:
        stranger = subject.add_stranger("tamu")
        created = subject.create(new_account())
        with pytest.raises(AccountExists) as refusal:
            subject.connector.update(created, Changes(username="tamu"), next_version(created))
        assert refusal.value.marker is None
        assert subject.connector.get("tamu") == stranger
        assert subject.connector.get("dewi.lestari") == created

    def test_find_does_not_answer_with_a_stranger(self, subject: Subject) -> None:
        subject.add_stranger("tamu")
        assert subject.connector.find("tamu") == []
        assert subject.connector.find("") == []

    def test_a_stranger_is_never_changed_nor_adopted(self, subject: Subject) -> None:
        stranger = subject.add_stranger("tamu")
        with pytest.raises(ConnectorError):
            subject.connector.update(stranger, Changes(profile=DEWI, enabled=False), Marker("mine", 1))
        assert subject.connector.get("tamu") == stranger

    def test_a_strangers_password_is_never_set(self, subject: Subject) -> None:
        subject.able(TakesVerifiers)
        stranger = subject.add_stranger("tamu")
        changes = Changes(verifier=subject.verifier(OWN_PASSWORD), must_change=False)
        with pytest.raises(ConnectorError):
            subject.connector.update(stranger, changes, Marker("mine", 1))
        assert subject.connector.get("tamu") == stranger

    def test_a_stranger_is_never_deleted(self, subject: Subject) -> None:
        stranger = subject.add_stranger("tamu")
        with pytest.raises(ConnectorError):
            subject.connector.delete(stranger)
        assert subject.connector.get("tamu") == stranger

    def test_a_stranger_in_the_place_of_our_entry_is_not_taken_for_it(self, subject: Subject) -> None:
        subject.able(Suspends)
        created = subject.create(new_account())
        subject.connector.delete(created)
        stranger = subject.add_stranger("dewi.lestari")
        with pytest.raises(ConnectorError):
            subject.connector.update(created, Changes(enabled=False), next_version(created))
        assert subject.connector.get("dewi.lestari") == stranger

    def test_a_stranger_is_granted_nothing(self, subject: Subject) -> None:
        entitles = subject.able(Entitles)
        stranger = subject.add_stranger("tamu")
        _all_refused(entitles, stranger)
        assert subject.connector.get("tamu") == stranger


def _all_refused(entitles: Entitles, stranger: RemoteAccount) -> None:
    for entitlement in entitles.entitlements_for(DEWI):
        with pytest.raises(ConnectorError):
            entitles.grant(stranger, entitlement)
