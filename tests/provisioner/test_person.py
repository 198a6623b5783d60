"""Numbers and names of people: what cannot be is refused, what merely looks odd is a warning, nothing shows whole."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import InvalidInput
from provisioner.person import Nik, Sex, StaffNumber, StaffNumberKind
from provisioner.person_name import PersonName
from provisioner.phone import Phone

NIP, NI_PPPK = StaffNumberKind.NIP, StaffNumberKind.NI_PPPK


def _refusal(action: object, *arguments: object) -> str:
    with pytest.raises(InvalidInput) as caught:
        action(*arguments)  # type: ignore[operator]
    return caught.value.code


# NIK


def test_a_nik_tells_region_birth_date_and_sex() -> None:
    nik = Nik.parse("3576 0254 0390 0001")
    assert (nik.digits, nik.region, nik.sex) == ("3576025403900001", "35.76.02", Sex.FEMALE)
    assert nik.born_on(date(1990, 3, 14))
    assert nik.born_on(date(2090, 3, 14))
    assert not nik.born_on(date(1990, 3, 15))
    assert Nik.parse("3576021403900001").sex is Sex.MALE


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "nik-length"),
        ("357602140390000", "nik-length"),
        ("35760214039000011", "nik-length"),
        ("35760214039OOOO1", "nik-digits"),
        ("٣٥٧٦٠٢١٤٠٣٩٠٠٠٠١", "nik-digits"),
        ("3576023202900001", "nik-date"),
        ("3576023002900001", "nik-date"),
        ("3576024003900001", "nik-date"),
        ("3576027203900001", "nik-date"),
        ("3576020003900001", "nik-date"),
        ("3576021413900001", "nik-date"),
        ("3576021400900001", "nik-date"),
        ("3576022902010001", "nik-date"),
        ("3576021403900000", "nik-serial"),
        ("3576021403900001" + " " * 60 + "9", "nik-length"),
    ],
)
def test_an_impossible_nik_is_refused(typed: str, code: str) -> None:
    assert _refusal(Nik.parse, typed) == code


@pytest.mark.parametrize("typed", ["3576022902000001", "3576026902040001", "3576027112990001"])
def test_leap_days_and_the_last_day_for_women_are_possible(typed: str) -> None:
    assert Nik.parse(typed).digits == typed


def test_what_does_not_fit_a_nik_is_only_a_warning() -> None:
    nik = Nik.parse("3576025403900001")
    assert nik.warnings(date(1990, 3, 14), Sex.FEMALE, "35.76") == []
    assert nik.warnings(date(1990, 4, 14), Sex.MALE, "35.15") == ["nik-birth-date", "nik-sex", "nik-region"]
    assert nik.warnings(None, None, "35.76") == []


# Staff numbers


def test_the_nip_of_the_sop_is_read_and_shown_as_letters_write_it() -> None:
    number = StaffNumber.parse(NIP, " 19650709 198603 1 020")
    assert number.digits == "196507091986031020"
    assert number.display() == "19650709 198603 1 020"
    assert number.warnings(date(1965, 7, 9), Sex.MALE) == []


def test_what_does_not_fit_a_nip_is_only_a_warning() -> None:
    number = StaffNumber.parse(NIP, "199001012023211001")
    assert number.warnings(date(1990, 1, 2), Sex.FEMALE) == [
        "staff-number-birth-date",
        "staff-number-sex",
        "staff-number-month",
    ]
    assert "staff-number-sex" in StaffNumber.parse(NIP, "196507091986033020").warnings(None, None)


def test_a_ni_pppk_has_no_month() -> None:
    assert StaffNumber.parse(NI_PPPK, "199001012023211001").warnings(date(1990, 1, 1), Sex.MALE) == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "staff-number-length"), ("19650709", "staff-number-length"), ("19650709198603102X", "staff-number-digits")],
)
def test_a_malformed_staff_number_is_refused(typed: str, code: str) -> None:
    assert _refusal(lambda text: StaffNumber.parse(NIP, text), typed) == code


# Names


@pytest.mark.parametrize(
    "name",
    ["Suparman", "Nur'aini", "Siti Nur'aini", "Anne-Marie Lim", "M. Imron", "Đặng Thị Ngọc", "José", "李小龍", "அருண்"],
)
def test_real_names_are_kept_as_written(name: str) -> None:
    assert PersonName.parse(name).full_name == name


def test_a_name_is_tidied_but_not_changed() -> None:
    assert PersonName.parse("  Dewi   Lestari\tHandayani ").full_name == "Dewi Lestari Handayani"
    assert PersonName.parse("Nur’aini").full_name == "Nur'aini"
    assert PersonName.parse("Jose\u0301").full_name == "José"
    assert len(PersonName.parse("a" * 60).full_name) == 60


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "required"),
        ("   ", "required"),
        ("a" * 61, "too-long"),
        ("a" * 1_000_000, "too-long"),
        ("Dewi2", "name-characters"),
        ("D<b>ewi", "name-characters"),
        ("Dewi, S.Kom.", "name-characters"),
        ("Dewi_Lestari", "name-characters"),
        ("Dewi²", "name-characters"),
        ("-.'", "name-characters"),
        ("Dewi\x00", "control-character"),
        ("Dewi\x1b[31m", "control-character"),
        ("Dewi\u202eiweD", "control-character"),
        ("Dewi\ud83d", "control-character"),
    ],
)
def test_what_is_no_name_is_refused_with_its_reason(name: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        PersonName.parse(name)
    assert caught.value.fields == {"full_name": [code]}


def test_titles_stand_around_the_name_and_out_of_the_sort_key() -> None:
    name = PersonName.parse("Muhammad Imron", "Drs.", ", S.Kom., M.Si.")
    assert name.display() == "Drs. Muhammad Imron, S.Kom., M.Si."
    assert name.sort_key() == "muhammad imron"
    assert PersonName.parse("Suparman").display() == "Suparman"
    with pytest.raises(InvalidInput) as caught:
        PersonName.parse("Dewi", "<b>", "M.Si.\x07")
    assert caught.value.fields == {"title_prefix": ["title-characters"], "title_suffix": ["control-character"]}


def test_a_name_matches_whatever_its_case_and_punctuation() -> None:
    assert PersonName.parse("Siti Nur'aini").match_key() == PersonName.parse("SITI NURAINI").match_key()
    assert PersonName.parse("Siti").match_key() != PersonName.parse("Sita").match_key()


@pytest.mark.parametrize(("name", "odd"), [("Dr. Dewi", True), ("H. Slamet", True), ("Drajat", False), ("Ir", False)])
def test_a_title_typed_into_the_name_is_only_a_warning(name: str, odd: bool) -> None:
    assert PersonName.parse(name).warnings() == (["name-has-title"] if odd else [])


@given(st.text(st.characters(), max_size=80))
def test_any_text_is_a_name_or_a_clear_refusal(text: str) -> None:
    try:
        name = PersonName.parse(text)
    except InvalidInput as error:
        assert set(error.fields) == {"full_name"}
    else:
        assert PersonName.parse(name.full_name) == name


# Telephones


@pytest.mark.parametrize(
    ("typed", "e164", "whatsapp"),
    [
        ("0812-3456-7890", "+6281234567890", "6281234567890"),
        ("6281234567890", "+6281234567890", "6281234567890"),
        ("+62 812 3456 7890", "+6281234567890", "6281234567890"),
        ("006281234567890", "+6281234567890", "6281234567890"),
        ("(0321) 392020", "+62321392020", None),
        ("+65 8123 4567", "+6581234567", "6581234567"),
    ],
)
def test_numbers_are_kept_in_one_form(typed: str, e164: str, whatsapp: str | None) -> None:
    phone = Phone.parse(typed)
    assert (phone.e164, phone.whatsapp) == (e164, whatsapp)
    assert Phone.parse(phone.display()) == phone


@pytest.mark.parametrize(
    "typed", ["", "0812", "halo", "0812345678901234", "0800-SIAK", "+", "08123456789\x00", "8" * 10**6]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    assert _refusal(Phone.parse, typed) == "phone-invalid"


@given(st.text(st.characters(), max_size=30))
def test_any_text_is_a_number_or_a_clear_refusal(text: str) -> None:
    try:
        Phone.parse(text)
    except InvalidInput as error:
        assert error.code == "phone-invalid"


def test_no_representation_shows_a_number_whole() -> None:
    nik, phone = Nik.parse("3576025403900001"), Phone.parse("081234567890")
    number = StaffNumber.parse(NIP, "196507091986031020")
    shown = f"{nik} {nik!r} {number} {number!r} {phone} {phone!r} {[nik, number, phone]}"
    assert "0390" not in shown
    assert "19650709" not in shown
    assert "8123" not in shown
    assert (nik.masked()[-4:], number.masked()[-3:], phone.masked()[-3:]) == ("0001", "020", "890")
