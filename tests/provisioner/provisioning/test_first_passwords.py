"""Officials' first passwords: until when they hold, what makes them worthless, and what the trail says."""

import json
from datetime import timedelta

import pytest

from provisioner.errors import AuthenticationFailed, NotAllowed, WrongState
from provisioner.provisioning.officials import OfficialProfile
from tests.office import RealOffice


def added(office: RealOffice) -> str:
    office.core.officials.add(OfficialProfile("baru", "Endang Purwanti", ("adb",)))
    return office.core.first_passwords.shown("baru")


def test_it_lets_in_until_the_end_of_its_last_day_and_no_longer(office: RealOffice) -> None:
    password, days = added(office), office.core.settings.passwords.first_days
    office.clock.move(days=days)
    assert office.core.sign_in.sign_in("baru", password).stage == "change"
    office.clock.move(days=1)
    with pytest.raises(AuthenticationFailed):
        office.core.sign_in.sign_in("baru", password)
    assert [json.loads(each.fields)["code"] for each in office.events("official-sign-in-failed")] == [
        "first-password-lapsed"
    ]


def test_a_password_that_people_chose_does_not_lapse(office: RealOffice) -> None:
    signed_in = office.core.sign_in.sign_in("baru", password := added(office))
    session = office.core.sign_in.session(signed_in.token)
    assert session is not None
    office.core.sign_in.change_password(session.info, password, "dermaga-lumut-73-kelana")
    office.clock.move(days=90)
    office.core.sign_in.sign_in("baru", "dermaga-lumut-73-kelana")


def test_another_one_ends_what_was_begun_with_the_former(office: RealOffice) -> None:
    token = office.core.sign_in.sign_in("baru", added(office)).token
    office.core.first_passwords.shown("baru")
    assert office.core.sign_in.session(token) is None


def test_it_is_only_for_those_without_a_password_of_their_own_who_may_sign_in(office: RealOffice) -> None:
    with pytest.raises(WrongState, match="own password set"):
        office.core.first_passwords.envelope("head", office.actor("it"))
    office.core.officials.reset("head", office.actor("it"))
    office.core.officials.suspend("head")
    with pytest.raises(WrongState, match="official not let in"):
        office.core.first_passwords.envelope("head", office.actor("it"))
    with pytest.raises(NotAllowed):
        office.core.first_passwords.envelope("head", office.actor("adb"))
    assert office.events("official-first-password-made") == []


def test_the_trail_says_who_made_it_how_and_until_when_and_not_the_password(office: RealOffice) -> None:
    password = added(office)
    office.core.first_passwords.envelope("baru", office.actor("it"))
    screen, envelope = office.events("official-first-password-made")
    assert (screen.actor_kind, json.loads(screen.fields)["method"]) == ("command", "screen")
    assert (envelope.actor_kind, json.loads(envelope.fields)["method"]) == ("official", "envelope")
    until = office.core.context.today() + timedelta(days=office.core.settings.passwords.first_days)
    assert json.loads(envelope.fields)["until"] == until.isoformat()
    assert password not in screen.fields + envelope.fields
