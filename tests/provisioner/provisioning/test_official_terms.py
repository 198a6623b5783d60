"""An auditor's account ends by itself; extending it is written down."""

import json
from datetime import date, timedelta

import pytest

from provisioner.checking import check_everything
from provisioner.errors import InvalidInput, NotAllowed
from provisioner.provisioning.officials import OfficialProfile
from tests.conftest import MakeOffice
from tests.office import RealOffice, own_password

DAY = timedelta(days=1)


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    return make_office(inspection={"auditor_days": 90})


def today(office: RealOffice) -> date:
    return office.core.context.today()


def wrong(office: RealOffice, last_day: date | None) -> list[str]:
    with pytest.raises(InvalidInput) as refusal:
        office.core.officials.add(OfficialProfile("bpk", "Pemeriksa", ("auditor",), expires_on=last_day))
    return list(refusal.value.fields["expires_on"])


def test_an_auditor_needs_an_end_that_is_not_too_far(office: RealOffice) -> None:
    assert wrong(office, None) == ["auditor-without-end"]
    assert wrong(office, today(office) + 91 * DAY) == ["auditor-end-far"]
    office.core.officials.add(OfficialProfile("bpk", "Pemeriksa", ("auditor",), expires_on=today(office) + 90 * DAY))


def test_after_the_last_day_no_session_lets_anybody_in_and_extending_revives_none(office: RealOffice) -> None:
    core, it = office.core, office.actor("it")
    last = today(office) + DAY
    office.add_official("bpk", "auditor", expires_on=last)
    office.clock.move(hours=20)
    token = core.sign_in.sign_in("bpk", own_password("bpk")).token
    # Five in the morning of the last day; the day ends at midnight in the office.
    assert core.sign_in.session(token) is not None
    office.clock.move(hours=19)
    assert today(office) == last + DAY
    assert core.sign_in.session(token) is None
    core.official_terms.extend("bpk", today(office) + 30 * DAY, "pemeriksaan diperpanjang", it)
    assert core.sign_in.session(token) is None
    (event,) = office.events("official-extended")
    assert json.loads(event.fields)["until"] == (today(office) + 30 * DAY).isoformat()
    for far in (None, today(office) - DAY, today(office) + 91 * DAY):
        with pytest.raises(InvalidInput):
            core.official_terms.extend("bpk", far, by=it)
    with pytest.raises(NotAllowed):
        core.official_terms.extend("bpk", today(office) + DAY, by=office.actor("auditor"))


def test_sessions_that_are_over_are_ended_by_the_service_too(office: RealOffice) -> None:
    office.add_official("bpk", "auditor", expires_on=today(office))
    office.clock.move(hours=14, minutes=50)
    office.core.sign_in.sign_in("bpk", own_password("bpk"))
    office.clock.move(minutes=20)
    office.core.official_terms.end_over()
    office.core.official_terms.end_over()
    (event,) = office.events("session-ended")
    assert json.loads(event.fields)["reason_code"] == "expired"


def test_who_is_near_the_end_is_reminded_of_and_an_auditor_without_one_too(office: RealOffice) -> None:
    office.add_official("bpk", "auditor", expires_on=today(office) + 14 * DAY)
    with office.core.context.store.begin() as session:
        session.connection().exec_driver_sql("UPDATE official SET expires_on = NULL WHERE username = 'auditor'")
    office.add_official("lama", "auditor", expires_on=today(office) + 15 * DAY)
    assert [(each.username, each.on) for each in office.core.official_terms.endings()] == [
        ("auditor", None),
        ("bpk", today(office) + 14 * DAY),
    ]
    assert office.core.official_terms.own_end(office.actor("bpk")) == today(office) + 14 * DAY
    assert office.core.official_terms.own_end(office.actor("lama")) is None
    said = [each.finding.message for each in check_everything(office.core) if each.finding.subject == "end-of-account"]
    assert said == ["the auditor's account auditor has no end", "the account bpk ends on 2026-06-22"]
