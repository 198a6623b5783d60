"""Several at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

import pytest

from connectors.contract.subject import DEWI, Subject, marker_of, new_account, next_version
from provisioner.connector import AccountExists, AsksPeople, Changes, Entitles, RemoteAccount, StaleVersion

RACERS = 8

Answer = TypeVar("Answer")


class RaceContract:
    """Eight threads start at the same instant."""

    def test_the_same_account_created_at_once_is_one_entry(self, subject: Subject) -> None:
        new = new_account()
        made, refused = race([lambda: subject.connector.create(new)] * RACERS, AccountExists)
        _one_made(subject, made)
        assert all(
            refusal.marker is not None and refusal.marker.account_id == new.marker.account_id for refusal in refused
        )
        (there,) = subject.connector.search()
        assert subject.carries(there, new.marker)
        assert subject.connector.find(new.marker.account_id) == [there]

    def test_of_accounts_that_want_the_same_name_one_gets_it(self, subject: Subject) -> None:
        if isinstance(subject.connector, AsksPeople):
            pytest.skip("people give the names of their system")
        wanting = [new_account() for _ in range(RACERS)]
        made, refused = race([partial(subject.connector.create, new) for new in wanting], AccountExists)
        (winner,) = made
        assert list(subject.connector.search()) == [winner]
        assert [refusal.marker for refusal in refused] == [winner.marker] * (RACERS - 1)

    def test_of_writers_that_read_the_same_one_wins(self, subject: Subject) -> None:
        read = subject.create(new_account())
        calls = [lambda: subject.connector.update(read, Changes(profile=DEWI), next_version(read))] * RACERS
        made, _ = race(calls, StaleVersion)
        _one_made(subject, made)
        assert subject.carries(subject.only(marker_of(read).account_id), next_version(read))

    def test_granting_at_once_grants_once(self, subject: Subject) -> None:
        entitles = subject.able(Entitles)
        created = subject.create(new_account())
        entitlement = min(entitles.entitlements_for(DEWI))
        race([lambda: entitles.grant(created, entitlement)] * RACERS, AccountExists)
        assert subject.only(marker_of(created).account_id).entitlements == {entitlement}
        entitles.revoke(created, entitlement)
        assert subject.only(marker_of(created).account_id).entitlements == frozenset()

    def test_deleting_at_once_succeeds_for_all(self, subject: Subject) -> None:
        created = subject.create(new_account())
        race([lambda: subject.connector.delete(created)] * RACERS, AccountExists)
        assert list(subject.connector.search()) == []


Refusal = TypeVar("Refusal", bound=Exception)


def race(calls: Sequence[Callable[[], Answer]], expected: type[Refusal]) -> tuple[list[Answer], list[Refusal]]:
    """Answers and expected refusals; anything else that is raised fails the test."""
    start = Barrier(len(calls))
    made: list[Answer] = []
    refused: list[Refusal] = []

    def run(call: Callable[[], Answer]) -> None:
        start.wait(30)
        try:
            made.append(call())
        except expected as refusal:
            refused.append(refusal)

    with ThreadPoolExecutor(len(calls)) as pool:
        for done in [pool.submit(run, call) for call in calls]:
            done.result(60)
    return made, refused


def _one_made(subject: Subject, made: list[RemoteAccount]) -> None:
    # People may be asked twice for the same; the board keeps one card.
    assert made if isinstance(subject.connector, AsksPeople) else len(made) == 1
