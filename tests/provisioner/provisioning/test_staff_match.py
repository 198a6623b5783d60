"""Accounts held against a list of who works for the office."""

import json

import pytest

from provisioner.errors import InvalidInput, NotAllowed
from provisioner.provisioning.staff_match import StaffMatch
from provisioner.user_list import ListRefused
from tests.office import POSTS, RealOffice, person

HERE, GONE = person(0)["staff_number"], person(1)["staff_number"]


def compare(office: RealOffice, source: bytes | str, post: str = "auditor") -> StaffMatch:
    return office.core.staff_matching.compare(office.actor(post), office.core.context.today(), source)


def test_who_left_who_has_none_and_what_is_no_number(office: RealOffice) -> None:
    office.new("handover", 0)
    office.new("handover", 1)
    listing = f"No;NIP;Nama;Golongan\n1;{HERE};Dewi;III/a\n2;19800101 200501 1 001;Rini;III/b\n3;12345;Tono;II/c"
    found = compare(office, listing)
    assert [each.staff_number for each in found.not_listed] == ["".join(GONE.split())]
    assert [(each.line, each.full_name) for each in found.without_account] == [(3, "Rini")]
    assert [(each.line, each.staff_number) for each in found.malformed] == [(4, "12345")]
    assert (found.listed, found.matched, found.several, found.without_number) == (3, 1, (), ())
    # Only numbers, pasted one a line, in any way of writing them.
    assert compare(office, f"{HERE}\n{GONE.replace(' ', '')}\n").not_listed == ()
    # Somebody without such a number, and a second account of somebody who has one already.
    office.new("handover", 2, employment_status="non_asn", staff_number="")
    office.new("handover", 3, staff_number=HERE)
    found = compare(office, HERE)
    assert [each.display_name for each in found.without_number] == ["Budi Lestari Handayani, A.Md."]
    assert [len(group) for group in found.several] == [2]
    # A revoked account has no part in it.
    office.core.accounts.revoke(office.actor("it"), found.not_listed[0].account_id, "retirement")
    assert compare(office, HERE).not_listed == ()
    events = [json.loads(each.fields) for each in office.events("staff-list-compared")]
    assert (events[0]["count"], events[0]["not_listed"], events[0]["malformed"]) == (3, 1, 1)
    assert not any(number in each.fields for each in office.events("staff-list-compared") for number in (HERE, "Rini"))


@pytest.mark.parametrize("post", [post for post in POSTS if post != "auditor"])
def test_only_the_auditor_compares(office: RealOffice, post: str) -> None:
    with pytest.raises(NotAllowed):
        compare(office, HERE, post)


def test_what_is_no_list_is_refused_whole(office: RealOffice) -> None:
    with pytest.raises(InvalidInput):
        compare(office, "Nama;Unit\nDewi;Gedongan")
    with pytest.raises(ListRefused):
        compare(office, "NIP\n=1+1")
    assert office.events("staff-list-compared") == []
