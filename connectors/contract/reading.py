"""Reading: ``get``, ``find``, ``search``."""

from collections import Counter
from collections.abc import Iterator

from connectors.contract.subject import Subject, new_account
from provisioner.connector import ReadsSeveral, Seen, Sought


class ReadContract:
    """``get`` and ``find``."""

    def test_an_unknown_name_and_an_unknown_account_are_not_found(self, subject: Subject) -> None:
        assert subject.connector.get("nobody") is None
        assert subject.connector.find("no-such-account") == []

    def test_names_are_compared_without_regard_to_case(self, subject: Subject) -> None:
        created = subject.create(new_account())
        assert subject.connector.get("Dewi.LESTARI") == created

    def test_a_part_of_a_name_finds_nothing(self, subject: Subject) -> None:
        subject.create(new_account())
        assert subject.connector.get("dewi") is None
        assert subject.connector.get("dewi.lestari.h") is None

    def test_find_tells_an_account_by_its_marker(self, subject: Subject) -> None:
        first, second = new_account(), new_account("budi.santoso")
        subject.create(first)
        budi = subject.create(second)
        assert subject.connector.find(second.marker.account_id) == [budi]

    def test_find_never_answers_for_a_part_of_an_id(self, subject: Subject) -> None:
        new = new_account()
        subject.create(new)
        assert subject.connector.find(new.marker.account_id[:-1]) == []
        assert subject.connector.find("") == []


class ReadSeveralContract:
    """``read_several``."""

    def test_several_are_told_in_one_call_as_find_and_get_tell_each(self, subject: Subject) -> None:
        several = subject.able(ReadsSeveral)
        dewi, budi = new_account(), new_account("budi.santoso")
        subject.create(dewi)
        subject.create(budi)
        stranger = subject.add_stranger("tamu")
        sought = [
            Sought(budi.marker.account_id, "Budi.Santoso"),
            Sought("no-such-account", "nobody"),
            Sought("0" * 32, "tamu"),
            Sought(dewi.marker.account_id, "dewi"),
            Sought(dewi.marker.account_id[:-1], "budi.santoso"),
        ]
        seen = several.read_several(sought)
        one_by_one = [
            Seen(subject.connector.find(each.account_id), subject.connector.get(each.username)) for each in sought
        ]
        assert seen == one_by_one
        assert (seen[2].named, [len(each.found) for each in seen]) == (stranger, [1, 0, 0, 1, 0])

    def test_nobody_is_found_in_an_empty_target(self, subject: Subject) -> None:
        assert subject.able(ReadsSeveral).read_several([Sought("0" * 32, "dewi.lestari")]) == [Seen([], None)]


class SearchContract:
    """``search``."""

    def test_an_empty_target_has_no_accounts(self, subject: Subject) -> None:
        assert list(subject.connector.search()) == []

    def test_many_accounts_are_streamed_each_once(self, subject: Subject) -> None:
        names = [f"orang{number:04d}" for number in range(subject.crowd)]
        if subject.add_strangers is not None:
            subject.add_strangers(names[:-1])
            subject.create(new_account(names[-1]))
        else:
            for name in names:
                subject.create(new_account(name))
        found = subject.connector.search()
        assert isinstance(found, Iterator)
        assert Counter(account.username for account in found) == Counter(names)

    def test_ours_and_strangers_are_told_apart(self, subject: Subject) -> None:
        stranger = subject.add_stranger("tamu")
        ours = subject.create(new_account())
        assert sorted(subject.connector.search(), key=lambda seen: seen.username) == [ours, stranger]
