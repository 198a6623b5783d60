"""What stands in the way is known before the approval."""

import pytest

from provisioner.errors import WrongState
from tests.conftest import MakeOffice
from tests.office import CHEAP, MEMORY, RealOffice


def strict(make_office: MakeOffice, *, judges: bool) -> RealOffice:
    rules = {"password_min_length": 40, "judges_initial_passwords": judges}
    office = make_office(targets={"sistem": {**MEMORY, "settings": {**CHEAP, **rules}}})
    office.core.systems.check(office.actor("it"), "sistem")
    return office


def test_a_request_is_not_approved_for_a_system_that_would_refuse_every_initial_password(
    make_office: MakeOffice,
) -> None:
    office = strict(make_office, judges=True)
    who = office.new("review")
    with pytest.raises(WrongState) as refused:
        office.approve(who)
    assert refused.value.code == "issued-password-refused"
    assert dict(refused.value.data) == {"target": "Sistem", "rule": "min_length", "wanted": 40, "has": 24}
    assert office.request(who).state == "review"


def test_a_system_that_only_gets_a_one_way_form_is_a_warning(make_office: MakeOffice) -> None:
    office = strict(make_office, judges=False)
    (concern,) = office.core.concerns.all()
    assert concern.refused == ()
    assert [finding.code for finding in concern.findings] == ["issued-refused"]
    office.approve(office.new("review"))


def test_a_system_that_was_never_asked_is_said_to_be_unknown(office: RealOffice) -> None:
    (concern,) = office.core.concerns.all()
    assert (concern.refused, concern.findings, concern.known_at) == ((), (), None)
    office.core.systems.check(office.actor("it"), "sistem")
    assert office.core.concerns.all() == []
