"""Making a stranger's entry ours, where somebody has decided so for that very entry."""

from dataclasses import replace
from functools import partial

import pytest

from connectors.contract.racing import RACERS, race
from connectors.contract.subject import DEWI, Subject, new_account, next_version
from provisioner.connector import (
    Adopts,
    Changes,
    Marker,
    PermissionDenied,
    StaleVersion,
    UnknownAccount,
)

MINE = Marker("a" * 32, 1, 1)
OTHER = Marker("b" * 32, 1, 1)


class AdoptContract:
    """``adopt``."""

    def test_an_adopted_entry_is_ours_and_otherwise_as_it_was(self, subject: Subject) -> None:
        adopts = subject.able(Adopts)
        stranger = subject.add_stranger("tamu")
        adopted = adopts.adopt(stranger, MINE)
        assert adopted == replace(stranger, marker=MINE)
        assert subject.connector.get("tamu") == adopted
        assert subject.connector.find(MINE.account_id) == [adopted]

    def test_an_adopted_entry_is_changed_and_deleted_like_any_of_ours(self, subject: Subject) -> None:
        adopted = subject.able(Adopts).adopt(subject.add_stranger("tamu"), MINE)
        changed = subject.update(adopted, Changes(profile=DEWI), next_version(adopted))
        assert changed.profile["full_name"] == DEWI.full_name
        subject.connector.delete(changed)
        assert subject.connector.get("tamu") is None

    def test_an_entry_that_somebody_adopted_meanwhile_stays_theirs(self, subject: Subject) -> None:
        adopts = subject.able(Adopts)
        stranger = subject.add_stranger("tamu")
        theirs = adopts.adopt(stranger, OTHER)
        for late in (MINE, OTHER):
            with pytest.raises(StaleVersion):
                adopts.adopt(stranger, late)
        assert subject.connector.get("tamu") == theirs

    def test_an_entry_that_was_read_with_a_marker_is_not_adopted(self, subject: Subject) -> None:
        adopts = subject.able(Adopts)
        created = subject.create(new_account())
        with pytest.raises(PermissionDenied):
            adopts.adopt(created, MINE)
        assert subject.connector.get("dewi.lestari") == created

    def test_only_the_entry_that_is_meant_is_adopted(self, subject: Subject) -> None:
        adopts = subject.able(Adopts)
        gone = subject.create(new_account())
        successor = subject.add_stranger("tamu")
        subject.connector.delete(gone)
        with pytest.raises(UnknownAccount):
            adopts.adopt(replace(successor, remote_id=gone.remote_id), MINE)
        assert subject.connector.get("tamu") == successor
        assert subject.connector.find(MINE.account_id) == []

    def test_of_several_that_adopt_at_once_one_gets_it(self, subject: Subject) -> None:
        adopts = subject.able(Adopts)
        stranger = subject.add_stranger("tamu")
        markers = [Marker(f"{number:032x}", 1) for number in range(RACERS)]
        made, _ = race([partial(adopts.adopt, stranger, each) for each in markers], StaleVersion)
        (winner,) = made
        assert subject.connector.get("tamu") == winner
