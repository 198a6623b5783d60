"""What IT does with officials' own accounts, and what each of them may see."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from provisioner.actor import Actor
from provisioner.audit import Filters
from provisioner.provisioning.officials import OfficialProfile
from tests.office import MONDAY, POSTS, RealOffice, own_password, person
from tests.provisioner.provisioning.refusal import code_of

NEW = OfficialProfile("baru", "Orang Baru", ("adb",))


@pytest.mark.parametrize("post", [post for post in POSTS if post != "it"])
def test_only_it_changes_officials(office: RealOffice, post: str) -> None:
    actor, officials = office.actor(post), office.core.officials
    calls: list[Callable[[], object]] = [
        partial(officials.add, NEW, actor),
        partial(officials.reset, "head", actor),
        partial(officials.suspend, "head", "alasan", actor),
        partial(officials.reactivate, "head", actor),
        partial(officials.end_sessions, "head", actor),
    ]
    assert {code_of(call) for call in calls} == {"not-your-post"}
    assert {each.username for each in office.core.official_views.everybody()} == set(POSTS)


@pytest.mark.parametrize("post", [post for post in POSTS if post not in ("it", "auditor")])
def test_only_it_and_the_auditor_list_what_somebody_decided(office: RealOffice, post: str) -> None:
    assert code_of(lambda: office.core.official_views.decisions(office.actor(post), "head", MONDAY)) == "not-your-post"


def test_decisions_of_an_official_are_listed_since_a_moment(office: RealOffice) -> None:
    first = office.new("division", 0)
    office.clock.move(hours=1)
    since = office.clock.now
    second = office.new("division", 1)
    office.core.desks.undo(office.actor("head"), office.last_act(second, "forward"))
    found = office.core.official_views.decisions(office.actor("it"), "head", since)
    assert [(line.kind, line.applicant, line.undone) for line in found] == [
        ("forward", office.request(second).display_name, True)
    ]
    everything = office.core.official_views.decisions(office.actor("auditor"), "HEAD", since - timedelta(days=1))
    assert [line.letter_id for line in everything] == [office.letter(second).id, office.letter(first).id]
    assert len(office.events("decisions-listed")) == 2


def test_user_names_of_officials_differ_by_more_than_case(office: RealOffice) -> None:
    add = office.core.officials.add
    assert code_of(lambda: add(OfficialProfile("HEAD", "Lain", ("adb",)))) == "official-exists"


@pytest.mark.parametrize(
    "wrong",
    [
        OfficialProfile("", "Nama", ("adb",)),
        OfficialProfile(" x", "Nama", ("adb",)),
        OfficialProfile("x" * 101, "Nama", ("adb",)),
        OfficialProfile("x", "  ", ("adb",)),
        OfficialProfile("x", "Nama", ()),
        OfficialProfile("x", "Nama", ("walikota",)),
    ],
)
def test_an_official_without_name_or_post_is_refused(office: RealOffice, wrong: OfficialProfile) -> None:
    assert code_of(lambda: office.core.officials.add(wrong)) == "official-invalid"


def test_an_unknown_official_is_said_to_be_unknown(office: RealOffice) -> None:
    assert code_of(lambda: office.core.officials.reset("hantu", office.actor("it"))) == "official-unknown"


def test_the_nik_of_an_official_is_kept_as_a_digest_only(office: RealOffice) -> None:
    office.add_official("dewi", "adb", nik=person(0)["nik"])
    office.close()
    assert not any(person(0)["nik"].encode() in file.read_bytes() for file in office.folder.rglob("*.db*"))


# -- who may see what ------------------------------------------------------------------------------------------------


def test_a_draft_is_nobodys_business_at_the_office(office: RealOffice) -> None:
    who = office.new("draft")
    for post in POSTS:
        actor = office.actor(post)
        assert code_of(partial(office.core.reading.letter, actor, office.letter(who).id)) == "letter-unknown"
        assert code_of(partial(office.core.reading.request, actor, who.request_id)) == "request-unknown"
        assert office.core.request_search.find(actor) == ([], 0)


def test_the_nik_is_masked_and_showing_it_is_an_event(office: RealOffice) -> None:
    who = office.new("review")
    view = office.core.reading.request(office.actor("section_head"), who.request_id)
    assert view.bio.typed["nik"] == "•" * 12 + "0001"
    for post in ("it", "auditor", "secretary"):
        assert code_of(partial(office.core.reading.reveal_nik, office.actor(post), who.request_id)) == "not-your-post"
    assert office.core.reading.reveal_nik(office.actor("section_head"), who.request_id) == person(0)["nik"]
    assert len(office.events("nik-shown")) == 1


def test_somebody_without_a_post_sees_nothing(office: RealOffice) -> None:
    who, nobody = office.new("sent"), Actor("x", "x", "x")
    reading = office.core.reading
    calls: list[Callable[[], object]] = [
        partial(office.core.request_search.find, nobody),
        partial(reading.letter, nobody, office.letter(who).id),
        partial(reading.request, nobody, who.request_id),
        partial(office.core.trail_reading.search, nobody, Filters()),
        partial(office.core.accounts.search, nobody),
    ]
    assert {code_of(call) for call in calls} == {"not-your-post"}
    assert office.core.inboxes.of(nobody).count == 0


@pytest.mark.parametrize(
    "text", ["dewi", "0001/PSIAK", "800/112", "GEDONGAN", person(0)["nik"], person(0)["staff_number"]]
)
def test_requests_are_found_by_name_numbers_and_unit(office: RealOffice, text: str) -> None:
    who = office.new("sent")
    office.new("sent", 1, org_unit="Dinas")
    lines, total = office.core.request_search.find(office.actor("head"), text=text)
    assert who.request_id in [line.id for line in lines]
    assert total == len(lines)


@pytest.mark.parametrize("text", ["%", "_", "!", "' OR 1=1 --", "\\", "3576024107950009"])
def test_a_search_takes_every_character_as_it_is(office: RealOffice, text: str) -> None:
    office.new("sent")
    assert office.core.request_search.find(office.actor("head"), text=text) == ([], 0)


def test_the_secretary_registers_and_decides_nothing(office: RealOffice) -> None:
    secretary = office.actor("secretary")
    fields = {"number": "9", "letter_date": "2026-06-05", "sender": "Kelurahan"}
    for post in (post for post in POSTS if post != "secretary"):
        assert code_of(partial(office.core.registering.register, office.actor(post), fields)) == "not-your-post"
    assert code_of(lambda: office.core.registering.register(secretary, {**fields, "number": ""})) == "letter-invalid"
    letter = office.core.registering.register(secretary, fields, applicants=2)
    assert len(office.core.reading.letter(secretary, letter).requests) == 2
    own = office.new("draft")
    row = office.request(own)
    assert code_of(lambda: office.core.drafting.save_bio(row.id, row.revision, {}, secretary)) == "request-unknown"
    assert code_of(lambda: office.core.drafting.submit(row.id, secretary)) == "request-unknown"


def test_passwords_of_officials_are_kept_as_hashes(office: RealOffice) -> None:
    office.close()
    assert not any(own_password("head").encode() in file.read_bytes() for file in office.folder.rglob("*.db*"))
