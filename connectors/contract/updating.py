"""Changing an entry: conditional, whole or not at all."""

from dataclasses import replace

import pytest

from connectors.contract.subject import DEWI, Subject, marker_of, new_account, next_version
from provisioner.connector import AccountExists, AsksPeople, Changes, Marker, StaleVersion, Suspends, UnknownAccount

MOVED = replace(DEWI, region="35.76.01", org_unit="Kelurahan Mentikan", full_name="Dewi Lestari H. Putri")


class UpdateContract:
    """``update`` of the profile and the marker."""

    def test_profile_and_marker_change_in_one_call(self, subject: Subject) -> None:
        created = subject.create(new_account())
        marker = next_version(created)
        updated = subject.update(created, Changes(profile=MOVED), marker)
        assert subject.carries(updated, marker)
        assert updated.profile["full_name"] == "Dewi Lestari H. Putri"
        for field, value in updated.profile.items():
            assert value == getattr(MOVED, field)
        assert (updated.remote_id, updated.username, updated.enabled) == (created.remote_id, "dewi.lestari", True)
        assert subject.connector.get("dewi.lestari") == updated

    def test_a_field_can_become_empty(self, subject: Subject) -> None:
        created = subject.create(new_account())
        emptied = replace(DEWI, org_unit="", position="", mail="", phone="", valid_until="")
        updated = subject.update(created, Changes(profile=emptied), next_version(created))
        for field, value in updated.profile.items():
            assert value == getattr(emptied, field)

    def test_without_changes_only_the_marker_moves(self, subject: Subject) -> None:
        created = subject.create(new_account())
        marker = next_version(created)
        updated = subject.update(created, Changes(), marker)
        assert subject.carries(updated, marker)
        assert replace(updated, marker=created.marker) == created

    def test_a_stale_writer_changes_nothing(self, subject: Subject) -> None:
        read_early = subject.create(new_account())
        now = subject.update(read_early, Changes(profile=MOVED), next_version(read_early))
        with pytest.raises(StaleVersion):
            subject.connector.update(read_early, Changes(profile=DEWI), next_version(read_early))
        assert subject.connector.get("dewi.lestari") == now

    def test_another_generation_of_the_same_version_is_stale_too(self, subject: Subject) -> None:
        if isinstance(subject.connector, AsksPeople):
            pytest.skip("people are not asked to note the password's generation")
        created = subject.create(new_account())
        subject.update(created, Changes(), Marker(marker_of(created).account_id, 1, generation=1))
        with pytest.raises(StaleVersion):
            subject.connector.update(created, Changes(profile=MOVED), next_version(created))

    def test_an_entry_that_is_gone_is_unknown(self, subject: Subject) -> None:
        created = subject.create(new_account())
        subject.connector.delete(created)
        if isinstance(subject.connector, AsksPeople):
            pytest.skip("a card may be pinned again for an account whose removal was confirmed")
        with pytest.raises(UnknownAccount):
            subject.connector.update(created, Changes(profile=MOVED), next_version(created))


class RenameContract:
    """``update`` of the user name."""

    def test_a_renamed_entry_keeps_its_immutable_id(self, subject: Subject) -> None:
        created = subject.create(new_account())
        marker = next_version(created)
        renamed = subject.update(created, Changes(username="dewi.putri"), marker)
        assert renamed.username == "dewi.putri"
        assert renamed.remote_id == created.remote_id
        assert subject.carries(renamed, marker)
        assert subject.connector.get("dewi.lestari") is None
        assert subject.connector.get("dewi.putri") == renamed
        assert subject.connector.find(marker_of(created).account_id) == [renamed]

    def test_a_rename_goes_together_with_other_changes(self, subject: Subject) -> None:
        created = subject.create(new_account())
        changes = Changes(username="dewi.putri", profile=MOVED)
        renamed = subject.update(created, changes, next_version(created))
        assert (renamed.username, renamed.profile["full_name"]) == ("dewi.putri", "Dewi Lestari H. Putri")

    def test_a_taken_name_leaves_everything_as_it_was(self, subject: Subject) -> None:
        if isinstance(subject.connector, AsksPeople):
            pytest.skip("people find out at their system")
        created, budi = subject.create(new_account()), subject.create(new_account("budi.santoso"))
        with pytest.raises(AccountExists) as refusal:
            subject.connector.update(created, Changes(username="budi.santoso", profile=MOVED), next_version(created))
        assert refusal.value.marker == budi.marker
        assert subject.only(marker_of(created).account_id) == created

    def test_a_stale_rename_changes_nothing(self, subject: Subject) -> None:
        read_early = subject.create(new_account())
        now = subject.update(read_early, Changes(), next_version(read_early))
        with pytest.raises(StaleVersion):
            subject.connector.update(read_early, Changes(username="dewi.putri"), next_version(read_early))
        assert subject.only(marker_of(read_early).account_id) == now
        assert subject.connector.get("dewi.putri") is None

    def test_a_suspended_account_stays_so_under_its_new_name(self, subject: Subject) -> None:
        subject.able(Suspends)
        created = subject.create(new_account())
        suspended = subject.update(created, Changes(enabled=False), next_version(created))
        renamed = subject.update(suspended, Changes(username="dewi.putri"), next_version(suspended))
        assert not renamed.enabled
