"""What would be done is known before a request is approved."""

import pytest

from provisioner.errors import InvalidInput, NotAllowed
from tests.office import RealOffice


def test_a_request_that_is_not_approved_is_told_in_calls_and_changes_nothing(office: RealOffice) -> None:
    who = office.new("review")
    events = len(office.events())
    name, (shown,) = office.core.request_previews.of(office.actor("section_head"), who.request_id)
    assert [call.word for call in shown.calls] == ["create"]
    assert ("username", name) in [(each.name, each.should) for each in shown.calls[0].fields]
    assert (shown.calls[0].password, shown.calls[0].must_change) == (True, True)
    assert [call.word for call in shown.later] == ["update"]
    assert len(office.events()) == events
    assert list(office.core.targets["sistem"].connector.search()) == []


def test_a_name_that_a_stranger_has_is_told(office: RealOffice) -> None:
    who = office.new("review")
    office.core.targets["sistem"].connector.add_stranger("tamu.lain")  # type: ignore[attr-defined]  # In memory.
    _, (shown,) = office.core.request_previews.of(office.actor("it"), who.request_id, "tamu.lain")
    assert shown.error == "AccountExists"


def test_what_is_shown_for_a_request_is_what_is_done(office: RealOffice) -> None:
    who = office.new("review")
    _, (shown,) = office.core.request_previews.of(office.actor("it"), who.request_id)
    told = {each.name: each.should for each in shown.calls[0].fields}
    office.bring(who, "handover", start="review")
    (entry,) = office.core.targets["sistem"].connector.search()
    assert entry.username == told["username"]
    assert {name: entry.profile[name] for name in ("full_name", "role", "region")} == {
        name: told[name] for name in ("full_name", "role", "region")
    }


def test_nothing_can_be_said_without_bio_data_or_to_everybody(office: RealOffice) -> None:
    late = office.draft({})
    with pytest.raises(InvalidInput):
        office.core.request_previews.of(office.actor("it"), late.request_id)
    with pytest.raises(NotAllowed):
        office.core.request_previews.of(office.actor("secretary"), late.request_id)
