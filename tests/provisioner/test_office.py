"""The office is read from its files, and a malformed one is refused with its line."""

import shutil
from datetime import date, time
from pathlib import Path

import pytest

from provisioner.errors import ConfigurationError
from provisioner.numbering import NumberFormat
from provisioner.office import Office, PostId, find, load_office
from provisioner.procedure import load_procedure
from provisioner.region import Level

CONFIG = Path(__file__).parents[2] / "config"
FILES = ("office.toml", "roles.toml", "regions.toml")


@pytest.fixture(scope="module")
def office() -> Office:
    return load_office(CONFIG)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A copy of the office's files, to be spoilt."""
    for name in FILES:
        shutil.copy(CONFIG / name, tmp_path / name)
    return tmp_path


def _spoil(file: Path, old: str, new: str) -> int:
    """Replace ``old`` once and answer the line where ``new`` begins."""
    text = file.read_text()
    assert old in text
    position = text.index(old)
    file.write_text(text.replace(old, new, 1))
    return text[:position].count("\n") + 1


def test_the_office_has_every_post_that_the_sop_names(office: Office) -> None:
    assert set(office.posts) == set(PostId)
    assert load_procedure(CONFIG / "procedure.toml", list(office.posts)).steps
    assert office.post("section_head").short == "Kasi"
    assert office.post("section_head").label.text("id") == "Kepala Seksi"
    assert office.post("section_head").label.text("en") == "Section head"
    with pytest.raises(ValueError, match="kabag"):
        office.post("kabag")


def test_a_functional_post_changes_words_only(directory: Path) -> None:
    _spoil(directory / "office.toml", 'id = "Kepala Seksi"', 'id = "Sub-Koordinator"')
    assert load_office(directory).post("section_head").label.id == "Sub-Koordinator"


def test_the_city_has_three_districts_and_eighteen_wards(office: Office) -> None:
    assert office.regions.city.code == "35.76"
    assert [region.name for region in office.regions.of_level(Level.KECAMATAN)] == [
        "Prajurit Kulon",
        "Magersari",
        "Kranggan",
    ]
    assert len(office.regions.of_level(Level.KELURAHAN)) == 18
    wards = {region.code[-7:]: region.name for region in office.regions.of_level(Level.KELURAHAN)}
    assert wards["01.1006"] == "Prajuritkulon"
    assert wards["02.1001"] == "Gununggedangan"
    assert wards["03.1006"] == "Purwotengah"


def test_a_region_knows_where_it_lies(office: Office) -> None:
    ward = office.regions.get("35.76.02.1010")
    district = office.regions.get("35.76.02")
    other = office.regions.get("35.76.01")
    assert ward is not None
    assert district is not None
    assert other is not None
    assert ward.full_title == "Kelurahan Wates, Kecamatan Magersari, Kota Mojokerto"
    assert office.regions.city.contains(ward)
    assert district.contains(ward)
    assert district.contains(district)
    assert not other.contains(ward)
    assert not ward.contains(district)
    assert office.regions.get("35.76.09") is None
    assert next(iter(office.regions)).code == "35.76"


def test_the_catalogue_has_the_roles_of_the_office(office: Office) -> None:
    assert len(office.roles) == 11
    role = office.role("OPERATOR_KELURAHAN")
    assert role is not None
    assert role.levels == (Level.KELURAHAN,)
    assert office.role("NOBODY") is None


def test_the_legal_reasons_for_revoking_are_marked(office: Office) -> None:
    legal = [reason.label.id for reason in office.revocation_reasons if reason.legal]
    assert legal == ["Meninggal dunia", "Mengundurkan diri", "Sakit permanen", "Tidak cakap", "Membocorkan data"]
    others = {reason.code for reason in office.revocation_reasons if not reason.legal}
    assert {"transfer", "retirement", "long_leave", "lost_trust"} <= others


def test_an_employment_status_says_which_number_goes_with_it(office: Office) -> None:
    numbers = {status.code: status.staff_number_label for status in office.employment_statuses}
    assert numbers == {"pns": "NIP", "pppk": "NI PPPK", "pppk_part_time": "NI PPPK PW", "non_asn": ""}
    assert find(office.employment_statuses, "tni") is None


def test_a_week_has_thirty_seven_and_a_half_hours(office: Office) -> None:
    minutes = 0
    for day in range(16, 23):  # 16 November 2026 is a Monday.
        hours = office.calendar.hours_on(date(2026, 11, day))
        minutes += sum(_minutes(end) - _minutes(start) for start, end in hours.spans) if hours else 0
    assert minutes == 37.5 * 60


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def test_hours_of_a_special_period_go_before_the_usual_ones(directory: Path) -> None:
    _spoil(directory / "office.toml", "periods = []", "periods = [{ first = 2030-01-07, last = 2030-01-08 }]")
    calendar = load_office(directory).calendar
    starts = [hours.start if (hours := calendar.hours_on(date(2030, 1, day))) else None for day in range(6, 10)]
    assert starts == [None, time(8), time(8), time(7, 30)]


def test_numbers_are_written_as_the_office_writes_them(office: Office) -> None:
    assert office.pact_number.render(7, date(2026, 11, 22)) == "0007/PI-SIAK/XI/2026"
    assert office.register_number.render(12, date(2026, 1, 2)) == "12/2026"
    assert NumberFormat("{year}.{month}.{number:02d}").render(3, date(2026, 4, 1)) == "2026.04.03"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("{number}", "{year} is missing"),
        ("{year}", "{number} is missing"),
        ("{number}/{year}/{nik}", "unknown placeholder {nik}"),
        ("{number}/{year", "expected '}'"),
        ("{number.real}/{year}", "unknown placeholder"),
        ("{number:x!}/{year}", "Invalid format specifier"),
        ("{}/{number}/{year}", "unknown placeholder {}"),
    ],
)
def test_a_number_format_that_cannot_work_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match="validation error") as refused:
        NumberFormat(pattern)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("office.toml", 'pact_number = "{number:04d}/', 'pact_number = "', "{number} is missing"),
        ("office.toml", 'timezone = "Asia/Jakarta"', 'timezone = "Asia/Mojokerto"', "not a known time zone"),
        ("office.toml", 'timezone = "Asia/Jakarta"', 'timezone = "../x"', "not a known time zone"),
        ("office.toml", 'pattern = "{first}.{last}"', 'pattern = "{nip}"', "unknown placeholder {nip}"),
        ("office.toml", 'pattern = "{first}.{last}"', 'pattern = "operator"', "has no placeholder"),
        ("office.toml", 'pattern = "{first}.{last}"', 'pattern = "{first} {last}"', "may hold a-z"),
        ("office.toml", "max_length = 20", "max_length = 200", "less than or equal to 64"),
        ("office.toml", "pacts = 10", 'pacts = "10"', "valid integer"),
        ("office.toml", 'code = "transfer"', 'code = "death"', "stands here for the second time"),
        ("office.toml", 'code = "transfer"', 'code = "Mutasi ke luar"', "String should match pattern"),
        (
            "office.toml",
            "monday = { start = 07:30:00, end = 16:00",
            "monday = { start = 17:30:00, end = 16:00",
            "follow",
        ),
        ("office.toml", "break_start = 12:00:00, ", "", "a break has a start and an end"),
        ("office.toml", "periods = []", "periods = [{ first = 2030-02-02, last = 2030-01-01 }]", "last lies before"),
        ("office.toml", 'label = { id = "Auditor", en = "Auditor" }', 'label = { en = "Auditor" }', "id: is missing"),
        ("office.toml", "[posts.auditor]", "[posts.boss]", "posts.boss"),
        ("roles.toml", 'code = "OPERATOR_CAPIL"', 'code = "OPERATOR_DAFDUK"', "stands here for the second time"),
        ("roles.toml", 'levels = ["kota", "kecamatan", "kelurahan"]', "levels = []", "at least 1 item"),
        ("roles.toml", '"memasukkan", "menyimpan"', '"mencuri", "menyimpan"', "Input should be 'memasukkan'"),
        ("regions.toml", 'code = "35.76.02.1001"', 'code = "35.76.01.1001"', "does not lie in 35.76.02"),
        ("regions.toml", 'code = "35.76.03"', 'code = "35.7603"', "String should match pattern"),
    ],
)
def test_a_malformed_value_is_refused_with_line_and_reason(
    directory: Path, file: str, old: str, new: str, reason: str
) -> None:
    line = _spoil(directory / file, old, new)
    with pytest.raises(ConfigurationError) as refused:
        load_office(directory)
    assert refused.value.file == str(directory / file)
    assert reason in refused.value.reason
    assert refused.value.line == line


def test_of_two_equal_codes_the_second_is_blamed(directory: Path) -> None:
    line = _spoil(directory / "regions.toml", 'code = "35.76.02.1001"', 'code = "35.76.02.1003"')
    with pytest.raises(ConfigurationError, match="stands here for the second time") as refused:
        load_office(directory)
    assert refused.value.line == line + 1


def test_a_contradiction_within_an_entry_is_blamed_on_the_entry(directory: Path) -> None:
    line = _spoil(directory / "office.toml", 'staff_number_label = "NIP"', 'staff_number_label = ""')
    with pytest.raises(ConfigurationError, match="staff_number_label is needed") as refused:
        load_office(directory)
    entry = (directory / "office.toml").read_text().splitlines()[refused.value.line - 1 if refused.value.line else 0]
    assert entry == "[[employment_statuses]]"
    assert refused.value.line is not None
    assert refused.value.line < line


def test_a_key_in_the_wrong_file_is_refused(directory: Path) -> None:
    line = _spoil(directory / "office.toml", 'name = "Dinas', 'roles = []\nname = "Dinas')
    with pytest.raises(ConfigurationError, match=r"belongs into roles\.toml") as refused:
        load_office(directory)
    assert refused.value.line == line


def test_an_office_without_a_post_is_refused(directory: Path) -> None:
    text = (directory / "office.toml").read_text()
    start, end = text.index("[posts.auditor]"), text.index("[posts.secretary]")
    (directory / "office.toml").write_text(text[:start] + text[end:])
    with pytest.raises(ConfigurationError, match=r"posts\.auditor: is missing"):
        load_office(directory)


def test_a_list_without_entries_is_refused(directory: Path) -> None:
    (directory / "roles.toml").write_text("roles = []\n")
    with pytest.raises(ConfigurationError, match=r"roles\.toml:1: roles: is empty"):
        load_office(directory)


@pytest.mark.parametrize(
    ("hours", "reason"),
    [("working_hours = []\n", "working_hours is empty"), ('working_hours = [{name="x", days={}}]\n', "have no days")],
)
def test_a_calendar_without_hours_is_refused(directory: Path, hours: str, reason: str) -> None:
    text = (directory / "office.toml").read_text()
    start, end = text.index("[[calendar.working_hours]]"), text.index("# Years.")
    (directory / "office.toml").write_text(f"{text[:start]}[calendar]\n{hours}\n{text[end:]}")
    with pytest.raises(ConfigurationError, match=reason):
        load_office(directory)
