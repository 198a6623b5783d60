"""Another person with the same NIP: the office is warned, nothing is refused, and the public form discloses nothing."""

import pytest

from provisioner.provisioning.known_people import KnownPerson
from tests.office import Applicant, RealOffice, person

NIP = person(0)["staff_number"]


def seen(office: RealOffice, who: Applicant, post: str = "section_head") -> KnownPerson | None:
    return office.core.reading.request(office.actor(post), who.request_id).same_staff_number


@pytest.mark.parametrize(("state", "kind"), [("done", "account"), ("creation", "account"), ("sent", "request")])
def test_the_section_head_is_warned_of_the_same_nip_under_another_nik(
    office: RealOffice, state: str, kind: str
) -> None:
    first = office.new(state)
    second = office.new("review", 1, staff_number=NIP)
    found = seen(office, second)
    row = office.request(first)
    assert found is not None
    assert found.kind == kind
    assert (found.id, found.name) == ((row.account_id, row.username) if kind == "account" else (row.id, row.number))
    assert found.display_name == "Dewi Lestari Handayani, A.Md."
    office.approve(second)  # A warning is no refusal.
    assert office.state(second)[1] == "pact-applicant"


def test_an_account_counts_whatever_became_of_it_and_a_request_that_is_over_does_not(office: RealOffice) -> None:
    first = office.new("done")
    account_id = office.request(first).account_id
    assert account_id is not None
    office.core.accounts.revoke(office.actor("it"), account_id, "transfer")
    second = office.new("review", 1, staff_number=NIP)
    found = seen(office, second)
    assert found is not None and found.id == account_id
    withdrawn = office.new("sent", 2)
    office.core.repair.withdraw(withdrawn.request_id)
    assert seen(office, office.new("review", 3, staff_number=person(2)["staff_number"])) is None


def test_the_same_person_no_number_and_a_decided_request_warn_of_nothing(office: RealOffice) -> None:
    first = office.new("done")
    assert seen(office, office.new("review", full_name="Dewi Baru")) is None  # That is another notice.
    assert seen(office, first) is None
    without = {"employment_status": "non_asn", "staff_number": ""}
    office.new("sent", 4, **without)
    assert seen(office, office.new("review", 5, **without)) is None


def test_posts_without_need_of_bio_forms_are_not_told(office: RealOffice) -> None:
    office.new("done")
    second = office.new("review", 1, staff_number=NIP)
    assert seen(office, second, "it") is None
    assert seen(office, second, "secretary") is None


def test_the_public_form_discloses_nothing_about_a_nip(office: RealOffice) -> None:
    office.new("done")
    known, unknown = office.new("sent", 1, staff_number=NIP), office.new("sent", 2)
    first, second = (office.core.tracking.own(who.request_id) for who in (known, unknown))
    assert (first.state, first.bio.warnings, first.bio.errors) == (second.state, second.bio.warnings, second.bio.errors)
