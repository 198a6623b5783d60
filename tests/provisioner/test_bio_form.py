"""The bio form: errors keep it back, warnings do not, and nobody changes person, role or region unnoticed."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.bio_form import LIMITS, REQUIRED, BioCheck, BioForm
from provisioner.office import load_office
from provisioner.person import Nik, Sex, StaffNumberKind

OFFICE = load_office(Path(__file__).parents[2] / "config")
TODAY = date(2026, 11, 23)
GOOD = {
    "title_prefix": "",
    "full_name": "Dewi Lestari Handayani",
    "title_suffix": "A.Md.",
    "nik": "3576025403900001",
    "employment_status": "pns",
    "staff_number": "19900314 201503 2 004",
    "rank": "Pengatur, II/c",
    "birth_place": "Mojokerto",
    "birth_date": "1990-03-14",
    "sex": "female",
    "position": "Pengelola Data Kependudukan",
    "org_unit": "Kecamatan Magersari",
    "org_unit_region": "35.76.02",
    "address": "Jalan Empunala 12\r\nMojokerto",
    "phone": "0812-3456-7890",
    "mail": "dewi@Mojokertokota.GO.ID",
    "education": "D-III",
    "assignment_order": "800/112/417.310/2026",
    "assignment_order_date": "02-11-2026",
    "role": OFFICE.roles[0].code,
    "region_scope": next(region.code for region in OFFICE.regions if region.level in OFFICE.roles[0].levels),
    "reason": "Menggantikan operator yang mutasi.",
    "supervisor": "Slamet Riyadi, S.Sos.",
    "valid_until": "2027-12-31",
    "replaces_username": "budi.santoso",
}


def _check(**changed: str) -> BioCheck:
    return BioForm.validate({**GOOD, **changed}, OFFICE, TODAY)


def _good() -> BioForm:
    form = _check().form
    assert form is not None
    return form


def test_a_good_form_has_neither_errors_nor_warnings() -> None:
    form, errors, warnings = _check()
    assert (errors, warnings) == ({}, {})
    assert form is not None
    assert form.birth_date == date(1990, 3, 14)
    assert form.assignment_order_date == date(2026, 11, 2)
    assert form.sex is Sex.FEMALE
    assert form.staff_number is not None
    assert form.staff_number.kind is StaffNumberKind.NIP
    assert form.mail == "dewi@mojokertokota.go.id"
    assert form.address == "Jalan Empunala 12\nMojokerto"
    assert form.name.display() == "Dewi Lestari Handayani, A.Md."


def test_it_survives_being_stored() -> None:
    form = _good()
    assert BioForm.from_json(form.to_json()) == form
    bare = replace(form, staff_number=None, valid_until=None)
    assert BioForm.from_json(bare.to_json()) == bare


def test_an_empty_form_names_every_required_field() -> None:
    form, errors, warnings = BioForm.validate({}, OFFICE, TODAY)
    assert form is None
    assert errors == {field: ["required"] for field in REQUIRED}
    assert warnings == {}


def test_optional_fields_may_be_empty() -> None:
    optional = dict.fromkeys(LIMITS.keys() - REQUIRED - {"staff_number"}, "")
    assert _check(**optional).errors == {}


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("nik", "123", "nik-length"),
        ("nik", "3576025403900000", "nik-serial"),
        ("full_name", "Dewi 2", "name-characters"),
        ("title_prefix", "<i>", "title-characters"),
        ("employment_status", "honorer", "unknown-choice"),
        ("staff_number", "", "required"),
        ("staff_number", "123", "staff-number-length"),
        ("birth_date", "14 Maret 1990", "date-format"),
        ("birth_date", "1990-02-30", "date-format"),
        ("birth_date", "30-02-1990", "date-format"),
        ("birth_date", "2026-11-24", "date-range"),
        ("birth_date", "1899-12-31", "date-range"),
        ("valid_until", "2026-11-22", "date-range"),
        ("sex", "x", "unknown-choice"),
        ("phone", "0812", "phone-invalid"),
        ("mail", "dewi@", "mail-invalid"),
        ("mail", "dewi@localhost", "mail-invalid"),
        ("mail", "a@b.id, c@d.id", "mail-invalid"),
        ("mail", "a" * 100 + "@" + "b" * 60 + ".id", "too-long"),
        ("role", "RAJA", "unknown-choice"),
        ("region_scope", "11.01", "unknown-choice"),
        ("org_unit_region", "11.01", "unknown-choice"),
        ("reason", "a" * 1001, "too-long"),
        ("reason", "a" * 1_000_000, "too-long"),
        ("address", "Jalan\x00", "control-character"),
        ("position", "Operator\ud800", "control-character"),
        ("role", "OPERATOR\x07", "control-character"),
    ],
)
def test_each_error_stands_at_its_field(field: str, typed: str, code: str) -> None:
    form, errors, _ = _check(**{field: typed})
    assert form is None
    assert errors == {field: [code]}


def test_a_role_is_not_given_for_a_region_of_the_wrong_width() -> None:
    role, region = next(
        (role, region) for role in OFFICE.roles for region in OFFICE.regions if region.level not in role.levels
    )
    assert _check(role=role.code, region_scope=region.code).errors == {"region_scope": ["region-level"]}


def test_what_merely_looks_odd_is_a_warning() -> None:
    form, errors, warnings = _check(
        birth_date="2012-03-14", sex="male", nik="3515025403900001", mail="dewi@gmail.com", full_name="Dr. Dewi"
    )
    assert errors == {}
    assert form is not None
    assert warnings == {
        "full_name": ["name-has-title"],
        "nik": ["nik-birth-date", "nik-sex", "nik-region"],
        "staff_number": ["staff-number-birth-date", "staff-number-sex"],
        "birth_date": ["birth-date-too-young"],
        "mail": ["mail-not-official"],
    }


def test_a_ni_pppk_is_read_as_one() -> None:
    form, errors, warnings = _check(employment_status="pppk", staff_number="199003142023212004")
    assert (errors, warnings) == ({}, {})
    assert form is not None
    assert form.staff_number is not None
    assert form.staff_number.kind is StaffNumberKind.NI_PPPK


def test_who_has_no_staff_number_need_not_type_one() -> None:
    assert _check(employment_status="non_asn", staff_number="").errors == {}
    form, errors, warnings = _check(employment_status="non_asn", staff_number="123")
    assert errors == {}
    assert warnings == {"staff_number": ["staff-number-ignored"]}
    assert form is not None
    assert form.staff_number is None


def test_another_person_role_or_region_is_another_identity() -> None:
    form = _good()
    assert form.changed_identity(replace(form, nik=Nik("3576025403900002")))
    assert form.changed_identity(replace(form, full_name="Dewi Lestari"))
    assert form.changed_identity(replace(form, role="ADB"))
    assert form.changed_identity(replace(form, region_scope="35.76.03.1003"))


def test_other_corrections_leave_the_identity() -> None:
    form = _good()
    assert not form.changed_identity(replace(form, full_name="DEWI LESTARI HANDAYANI", title_suffix="S.Kom."))
    assert not form.changed_identity(replace(form, reason="Lain", address="Lain", birth_place="Surabaya"))


def test_no_representation_shows_what_was_typed() -> None:
    shown = repr(_good())
    assert not any(value in shown for value in GOOD.values() if len(value) > 3)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(sorted(LIMITS)), st.text(st.characters(), max_size=60)))
def test_any_text_gets_codes_and_never_an_exception(changed: dict[str, str]) -> None:
    form, errors, _ = _check(**changed)
    assert (form is None) == bool(errors)
    if form is not None:
        assert BioForm.from_json(form.to_json()) == form
