"""Officials sign in: password, first change, second factor, lockout; their sessions end when they must."""

import json
from base64 import b32decode
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from provisioner import totp
from provisioner.errors import LockedOut
from provisioner.provisioning.official_stages import SignedIn
from provisioner.provisioning.sessions import SessionInfo
from tests.conftest import MakeOffice
from tests.office import RealOffice, own_password
from tests.provisioner.provisioning.refusal import code_of

NEW = "kuda laut menyapu halaman 7"
DEMANDED = {"mandatory_for": ["section_head"]}


def sign_in(office: RealOffice, username: str, password: str = "") -> SignedIn:
    return office.core.sign_in.sign_in(username, password or own_password(username), address="192.0.2.9")


def info(office: RealOffice, signed: SignedIn) -> SessionInfo:
    found = office.core.sign_in.session(signed.token)
    assert found is not None
    return found.info


def enrol(office: RealOffice, username: str) -> bytes:
    """Give an official a second factor; gives its secret."""
    here = info(office, sign_in(office, username))
    text, uri = office.core.second_factors.begin(here)
    assert uri.startswith("otpauth://totp/")
    secret = b32decode(text.replace(" ", ""))
    office.core.second_factors.confirm(here, code_now(office, secret))
    office.clock.move(seconds=30)
    return secret


def code_now(office: RealOffice, secret: bytes) -> str:
    return totp.current_code(secret, office.clock.now)


# -- password and lockout --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["head", "HEAD", " Head "])
def test_an_official_signs_in_whatever_the_case_of_the_name(office: RealOffice, name: str) -> None:
    signed = office.core.sign_in.sign_in(name, own_password("head"))
    assert signed.stage == "full"
    found = office.core.sign_in.session(signed.token)
    assert found is not None
    assert found.actor.posts == {"head"}


def test_a_wrong_name_and_a_wrong_password_look_alike(office: RealOffice) -> None:
    refused = set()
    for name, password in (("nobody", "x"), ("head", "x"), ("head", ""), ("", ""), ("x" * 100_000, "y" * 100_000)):
        refused.add(code_of(partial(office.core.sign_in.sign_in, name, password)))
    assert refused == {"wrong-credentials"}


@pytest.mark.parametrize("name", ["head", "nobody"])
def test_a_name_is_locked_after_too_many_failures_whether_or_not_it_exists(office: RealOffice, name: str) -> None:
    limit = office.settings.lockout.max_failures
    codes = [code_of(partial(office.core.sign_in.sign_in, name.upper(), "x")) for _ in range(limit)]
    assert codes == ["wrong-credentials"] * (limit - 1) + ["locked-out"]
    with pytest.raises(LockedOut) as refused:
        office.core.sign_in.sign_in(name, own_password("head"))
    assert refused.value.data["until"] > office.clock.now
    office.clock.move(minutes=office.settings.lockout.minutes + 1)
    assert name == "nobody" or sign_in(office, name).stage == "full"


def test_failures_are_forgotten_after_a_while_and_after_success(office: RealOffice) -> None:
    limit = office.settings.lockout.max_failures
    for _ in range(3):
        for _ in range(limit - 1):
            assert code_of(partial(office.core.sign_in.sign_in, "head", "x")) == "wrong-credentials"
        sign_in(office, "head")
        office.clock.move(minutes=2)


def test_one_address_does_not_try_for_ever(make_office: MakeOffice) -> None:
    office = make_office(limits={"sign_ins_per_minute": 3})
    for number in range(3):
        assert (
            code_of(partial(office.core.sign_in.sign_in, f"x{number}", "x", address="192.0.2.1")) == "wrong-credentials"
        )
    assert (
        code_of(partial(office.core.sign_in.sign_in, "head", own_password("head"), address="192.0.2.1"))
        == "too-many-tries"
    )
    assert code_of(partial(office.core.sign_in.sign_in, "head", "x", address="192.0.2.1")) == "too-many-tries"
    (noted,) = office.events("too-many-tries")
    assert json.loads(noted.fields) == {"area": "sign-in", "count": 3}
    office.core.sign_in.sign_in("head", own_password("head"), address="192.0.2.2")
    office.clock.move(seconds=61)
    office.core.sign_in.sign_in("head", own_password("head"), address="192.0.2.1")


def test_a_name_typed_into_the_wrong_field_is_not_kept(office: RealOffice) -> None:
    typed = "rahasia-saya-123"
    assert code_of(partial(office.core.sign_in.sign_in, typed, "x")) == "wrong-credentials"
    office.close()
    assert not any(typed.encode() in file.read_bytes() for file in files(office.folder))


# -- first change ----------------------------------------------------------------------------------------------------


def test_a_first_password_must_be_changed(office: RealOffice) -> None:
    office.add_official("baru", "adb", must_change=True)
    signed = sign_in(office, "baru")
    assert signed.stage == "change"
    here, change = info(office, signed), office.core.sign_in.change_password
    assert code_of(lambda: change(here, "bukan", NEW)) == "wrong-credentials"
    for bad in ("pendek", own_password("baru"), "password1234", "baru baru baru baru"):
        assert code_of(partial(change, here, own_password("baru"), bad)) == "password-refused"
    changed = change(here, own_password("baru"), NEW)
    assert changed.stage == "full"
    assert office.core.sign_in.session(signed.token) is None
    assert office.core.sign_in.session(changed.token) is not None
    assert code_of(lambda: sign_in(office, "baru")) == "wrong-credentials"
    assert sign_in(office, "baru", NEW).stage == "full"


def test_a_changed_password_ends_every_other_session(office: RealOffice) -> None:
    other, here = sign_in(office, "head"), sign_in(office, "head")
    office.core.sign_in.change_password(info(office, here), own_password("head"), NEW)
    assert office.core.sign_in.session(other.token) is None


# -- sessions --------------------------------------------------------------------------------------------------------


def test_sessions_end_on_reset_suspension_and_by_it(office: RealOffice) -> None:
    it = office.actor("it")
    signed = sign_in(office, "head")
    password = office.core.officials.reset("head", it)
    assert office.core.sign_in.session(signed.token) is None
    signed = sign_in(office, "head", password)
    assert signed.stage == "change"
    assert office.core.officials.end_sessions("head", it) == 1
    assert office.core.sign_in.session(signed.token) is None
    signed = sign_in(office, "head", password)
    office.core.officials.suspend("head", "perangkat hilang", it)
    assert office.core.sign_in.session(signed.token) is None
    assert code_of(lambda: sign_in(office, "head", password)) == "wrong-credentials"
    office.core.officials.reactivate("head", it)
    assert sign_in(office, "head", password).stage == "change"


def test_a_session_ends_when_idle_and_after_its_hours(office: RealOffice) -> None:
    signed = sign_in(office, "head")
    office.clock.move(minutes=office.settings.web.session_idle_minutes - 1)
    assert office.core.sign_in.session(signed.token) is not None
    office.clock.move(minutes=office.settings.web.session_idle_minutes + 1)
    assert office.core.sign_in.session(signed.token) is None
    signed = sign_in(office, "head")
    for _ in range(office.settings.web.session_hours * 6 + 1):
        alive = office.core.sign_in.session(signed.token)
        office.clock.move(minutes=10)
    assert alive is None


def test_an_auditors_account_ends_with_its_last_day_and_so_does_its_session(office: RealOffice) -> None:
    office.add_official("inspektorat", "auditor", expires_on=date(2026, 6, 8))
    office.clock.move(hours=14, minutes=45)  # 23:45 in Mojokerto
    signed = sign_in(office, "inspektorat")
    assert office.core.sign_in.session(signed.token) is not None
    office.clock.move(minutes=16)
    assert office.core.sign_in.session(signed.token) is None
    assert code_of(lambda: sign_in(office, "inspektorat")) == "wrong-credentials"


def test_ending_a_session_of_ones_own_is_an_event(office: RealOffice) -> None:
    other, here = sign_in(office, "head"), sign_in(office, "head")
    office.core.official_sessions.end(info(office, here), info(office, other).id)
    (ended,) = office.events("session-ended")
    assert json.loads(ended.fields) == {"count": 1, "whose": "official"}


def test_nobody_ends_somebody_elses_session(office: RealOffice) -> None:
    mine, theirs = sign_in(office, "head"), sign_in(office, "adb")
    office.core.official_sessions.end(info(office, mine), info(office, theirs).id)
    assert office.core.sign_in.session(theirs.token) is not None
    office.core.official_sessions.sign_out(info(office, mine))
    assert office.core.sign_in.session(mine.token) is None


def test_a_cookie_of_another_area_opens_nothing(office: RealOffice) -> None:
    who, signed = office.new("draft"), sign_in(office, "head")
    assert office.core.sign_in.session(who.token) is None
    assert office.core.applicant_session(signed.token) is None
    assert office.core.sign_in.session("") is None


# -- second factor ---------------------------------------------------------------------------------------------------


def test_a_post_may_be_bound_to_set_up_a_second_factor(make_office: MakeOffice) -> None:
    office = make_office(totp=DEMANDED)
    assert sign_in(office, "head").stage == "full"
    signed = sign_in(office, "section_head")
    assert signed.stage == "enrol-totp"
    enrol(office, "section_head")
    assert sign_in(office, "section_head").stage == "totp"


def test_a_code_of_the_second_factor_works_once(office: RealOffice) -> None:
    secret = enrol(office, "section_head")
    signed = sign_in(office, "section_head")
    code, second = code_now(office, secret), office.core.sign_in.second_factor
    assert signed.stage == "totp"
    assert second(info(office, signed), code).stage == "full"
    replayed = sign_in(office, "section_head")
    assert code_of(lambda: second(info(office, replayed), code)) == "wrong-credentials"
    office.clock.move(seconds=30)
    assert second(info(office, replayed), code_now(office, secret)).stage == "full"


@pytest.mark.parametrize("typed", ["", "000000", "abcdef", "1" * 1000, "１２３４５６"])
def test_a_wrong_code_does_not_let_anybody_in(office: RealOffice, typed: str) -> None:
    enrol(office, "section_head")
    signed = sign_in(office, "section_head")
    assert code_of(lambda: office.core.sign_in.second_factor(info(office, signed), typed)) == "wrong-credentials"
    found = office.core.sign_in.session(signed.token)
    assert found is not None
    assert found.stage == "totp"


def test_guessing_codes_locks_the_name(office: RealOffice) -> None:
    enrol(office, "section_head")
    signed = sign_in(office, "section_head")
    guess = partial(office.core.sign_in.second_factor, info(office, signed))
    codes = [code_of(partial(guess, "000000")) for _ in range(office.settings.lockout.max_failures)]
    assert codes[-1] == "locked-out"
    assert code_of(lambda: sign_in(office, "section_head")) == "locked-out"


def test_a_second_factor_is_not_replaced_from_within_a_stolen_session(office: RealOffice) -> None:
    enrol(office, "section_head")
    signed = sign_in(office, "section_head")
    begin = office.core.second_factors.begin
    assert code_of(lambda: begin(info(office, signed))) == "second-factor-exists"
    assert code_of(lambda: office.core.sign_in.change_password(info(office, signed), own_password("section_head"), NEW))


def test_signing_pacts_demands_the_second_factor_again(office: RealOffice) -> None:
    who = office.new("pact-official")
    secret = enrol(office, "section_head")
    assert code_of(lambda: office.sign(who)) == "wrong-credentials"
    assert code_of(lambda: office.sign(who, code="000000")) == "wrong-credentials"
    code = code_now(office, secret)
    assert office.sign(who, code=code)[0].error is None
    assert office.pact(who).authentication == "password+totp"
    other = office.new("pact-official", 1)
    assert code_of(lambda: office.sign(other, code=code)) == "wrong-credentials"


def test_guessing_at_an_open_browser_ends_its_session(office: RealOffice) -> None:
    who = office.new("pact-official")
    signed = sign_in(office, "section_head")
    found = office.core.sign_in.session(signed.token)
    assert found is not None
    sign = partial(office.core.signatures.sign, found.actor, [office.pact(who).id], "salah")
    codes = [code_of(sign) for _ in range(office.settings.lockout.max_failures)]
    assert codes[-1] == "locked-out"
    assert office.core.sign_in.session(signed.token) is None
    failed = office.events("official-reauthentication-failed")
    assert len(failed) == office.settings.lockout.max_failures
    assert json.loads(failed[0].fields)["purpose"] == "sign-pacts"
    assert {each.actor_id for each in failed} == {found.actor.official_id}
    assert len(office.events("official-locked-out")) == 1


def test_a_reset_removes_the_second_factor(office: RealOffice) -> None:
    enrol(office, "section_head")
    password = office.core.officials.reset("section_head", office.actor("it"))
    assert sign_in(office, "section_head", password).stage == "change"
    office.core.officials.reset("head", office.actor("it"))
    (removed,) = office.events("second-factor-removed")
    assert json.loads(removed.fields)["official"] == "section_head"


def files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]
