"""Removing an entry."""

import pytest

from connectors.contract.subject import Subject, marker_of, new_account, next_version
from provisioner.connector import AsksPeople, Changes, StaleVersion


class DeleteContract:
    """``delete``."""

    def test_a_deleted_entry_is_gone(self, subject: Subject) -> None:
        created = subject.create(new_account())
        subject.connector.delete(created)
        assert subject.connector.get("dewi.lestari") is None
        assert subject.connector.find(marker_of(created).account_id) == []
        assert list(subject.connector.search()) == []

    def test_deleting_twice_is_a_success(self, subject: Subject) -> None:
        created = subject.create(new_account())
        subject.connector.delete(created)
        subject.connector.delete(created)
        assert subject.connector.get("dewi.lestari") is None

    def test_a_stale_delete_removes_nothing(self, subject: Subject) -> None:
        read_early = subject.create(new_account())
        now = subject.update(read_early, Changes(), next_version(read_early))
        with pytest.raises(StaleVersion):
            subject.connector.delete(read_early)
        assert subject.connector.get("dewi.lestari") == now

    def test_deleting_one_leaves_the_others(self, subject: Subject) -> None:
        created, budi = subject.create(new_account()), subject.create(new_account("budi.santoso"))
        subject.connector.delete(created)
        assert list(subject.connector.search()) == [budi]

    def test_a_late_delete_does_not_hit_a_successor_under_the_same_name(self, subject: Subject) -> None:
        first = subject.create(new_account())
        subject.connector.delete(first)
        second = subject.create(new_account())
        subject.connector.delete(first)
        assert subject.connector.get("dewi.lestari") == second

    def test_a_successor_has_an_immutable_id_of_its_own(self, subject: Subject) -> None:
        first = subject.create(new_account())
        subject.connector.delete(first)
        second = subject.create(new_account())
        if isinstance(subject.connector, AsksPeople):
            pytest.skip("people see no immutable id")
        assert second.remote_id != first.remote_id
