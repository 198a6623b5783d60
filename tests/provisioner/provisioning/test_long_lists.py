"""Lists that are longer than anybody reads: a page of them, how far they are counted, what an inbox leaves out."""

import pytest

from provisioner.audit import Filters
from provisioner.audit import search as trail_search
from provisioner.provisioning import inbox
from provisioner.store import long_lists
from tests.office import RealOffice


def test_an_inbox_shows_what_has_waited_longest_and_says_how_much_it_leaves_out(
    office: RealOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MOST_SHOWN", 2)
    sent = [office.new("sent", number) for number in range(3)]
    found = office.core.inboxes.of(office.actor("head"))
    assert [line.id for line in found.letters] == [office.letter(who).id for who in sent[:2]]
    assert (found.numbers["letters"], found.left_out("letters"), found.count) == (3, 1, 3)
    assert office.core.inboxes.count(office.actor("head")).waiting == 3


def test_a_search_counts_no_further_than_it_has_to_and_still_leads_on(
    office: RealOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_lists, "COUNTED", 2)
    sent = [office.new("sent", number).request_id for number in range(4)]
    pages = [
        office.core.request_search.find(office.actor("section_head"), text="lestari", page=page, per_page=2)
        for page in (1, 2, 3)
    ]
    assert [[line.id for line in lines] for lines, _ in pages] == [[sent[3], sent[2]], [sent[1], sent[0]], []]
    assert [total for _, total in pages] == [3, 3, 3]


def test_what_is_searched_for_is_taken_as_it_is_typed(office: RealOffice) -> None:
    office.new("sent")
    for typed, there in (("LESTARI", True), ("Lest%ri", False), ("Lest_ri", False), ("800/112", True), ("\\", False)):
        lines, _ = office.core.request_search.find(office.actor("section_head"), text=typed)
        assert bool(lines) is there, typed


def test_a_text_in_the_trail_is_looked_for_piece_by_piece(office: RealOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail_search, "READ_THROUGH", 5)
    office.new("done")
    auditor, before, kinds = office.actor("auditor"), None, list[str]()
    for _ in range(50):
        page = office.core.trail_reading.search(auditor, Filters(text="office-prepared"), before=before)
        kinds += [entry.kind for entry in page.entries]
        before = page.next_before
        if before is None:
            break
    assert kinds == ["office-prepared"]
