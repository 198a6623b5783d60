"""Accounts held against a list of who works for the office."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from provisioner.account_record import profile_of, sealed_contact
from provisioner.errors import InvalidInput, NotAllowed
from provisioner.provisioning.staff_match import StaffMatch
from provisioner.store.tables import AccountRow
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
    # Two with one number, and one without any.
    with office.core.context.store.begin() as session:
        one, other = session.scalars(select(AccountRow).order_by(AccountRow.full_name)).all()
        one.contact = other.contact
    found = compare(office, HERE)
    assert [[each.staff_number for each in group] for group in found.several] == [["".join(HERE.split())] * 2]
    with office.core.context.store.begin() as session:
        keyring, row = office.core.context.keyring, session.get_one(AccountRow, one.id)
        row.contact = sealed_contact(keyring, replace(profile_of(other, keyring), staff_number=""))
    assert [each.account_id for each in compare(office, HERE).without_number] == [one.id]
    # A revoked account has no part in it.
    office.core.accounts.revoke(office.actor("it"), one.id, "retirement")
    assert compare(office, HERE).without_number == ()
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
