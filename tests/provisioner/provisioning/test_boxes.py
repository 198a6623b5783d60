"""Boxes: where papers lie, found again, and changed with a history."""

import json

import pytest

from provisioner.errors import InvalidInput, NotAllowed, WrongState
from provisioner.provisioning.boxes import Place
from tests.office import RealOffice


def place(office: RealOffice, request_id: str) -> tuple[str, str]:
    found = office.core.boxes.place_of(office.actor("auditor"), request_id)
    return found.number, found.place


def test_papers_are_filed_found_and_moved_and_the_trail_tells_from_where(office: RealOffice) -> None:
    boxes, secretary = office.core.boxes, office.actor("secretary")
    first, second = office.new("sent", 0), office.new("sent", 1)
    assert boxes.place_of(secretary, first.request_id) == Place()
    boxes.file(secretary, first.request_id, " 2026/  A-01 ", "Rak 3")
    boxes.file(secretary, second.request_id, "2026/ a-01")
    assert place(office, second.request_id) == ("2026/ A-01", "Rak 3")
    boxes.file(secretary, second.request_id, "B-02", "Gudang")
    assert [json.loads(row.fields).get("former_box") for row in office.events("case-filed")] == [
        None,
        None,
        "2026/ A-01",
    ]
    found, total = boxes.find(secretary, "Agus")
    assert ([each.number for each in found], total) == (["B-02"], 1)
    assert [each.count for each in boxes.find(secretary)[0]] == [1, 1]
    boxes.move(secretary, found[0].id, found[0].revision, "Lantai 2")
    assert place(office, second.request_id) == ("B-02", "Lantai 2")
    box, lines = boxes.contents(secretary, found[0].id)
    assert (box.count, [line.applicant for line in lines]) == (1, ["Agus Lestari Handayani, A.Md."])
    boxes.file(secretary, second.request_id, "")
    assert place(office, second.request_id) == ("", "")


def test_only_the_secretary_files_and_only_what_was_sent(office: RealOffice) -> None:
    who = office.new("sent")
    with pytest.raises(NotAllowed):
        office.core.boxes.file(office.actor("head"), who.request_id, "A-01")
    with pytest.raises(WrongState):
        office.core.boxes.file(office.actor("secretary"), office.new("draft").request_id, "A-01")
    with pytest.raises(InvalidInput) as refused:
        office.core.boxes.file(office.actor("secretary"), who.request_id, "x" * 61)
    assert refused.value.fields == {"number": ["too-long"]}
    assert office.events("case-filed") == []
