"""Accounts that were there before: how a list of them is understood, and what can happen to them."""

import itertools

import pytest

from provisioner.errors import InvalidInput, WrongState
from provisioner.office import Office
from provisioner.recorded_account import (
    TRANSITIONS,
    ListedAccount,
    Mistake,
    RecordedAct,
    RecordedState,
    after,
    read_accounts,
)
from tests.office import RealOffice

HEADER = "Nama pengguna;Nama;NIK;Unit kerja;Peran;Wilayah;Nomor HP\n"


@pytest.fixture
def real(office: RealOffice) -> Office:
    return office.core.office


def mistakes(accounts: list[ListedAccount]) -> list[tuple[int, tuple[Mistake, ...]]]:
    return [(each.line, each.mistakes) for each in accounts if each.mistakes]


def test_a_row_is_read_with_role_and_region_by_name_or_by_code(real: Office) -> None:
    role = real.roles[0]
    text = HEADER + (
        f"dewi.lama;Dewi Lestari;3576024107950001;Kelurahan Gedongan;{role.label.id};Kelurahan Gedongan;"
        "0812 3456 7890\n"
        f"agus.lama;Agus Salim;;;{role.code.lower()};35.76.02.1004;\n"
    )
    dewi, agus = read_accounts(text, real)
    assert dewi == ListedAccount(
        2,
        "dewi.lama",
        "Dewi Lestari",
        "3576024107950001",
        "Kelurahan Gedongan",
        role.code,
        "35.76.02.1004",
        "+6281234567890",
    )
    assert agus == ListedAccount(3, "agus.lama", "Agus Salim", role=role.code, region="35.76.02.1004")


def test_every_wrong_row_is_told_with_its_field_and_the_right_ones_stay(real: Office) -> None:
    text = HEADER + (
        ";Tanpa Nama Pengguna;;;;;\n"
        "dua kata;Dewi Lestari;;;;;\n"
        "benar;Dewi Lestari;;;;;\n"
        "angka;R2D2;123;;;;\n"
        "peran;Agus Salim;;;PENYIHIR;Negeri Jauh;12\n"
        "BENAR;Dewi Kembar;;;;;\n"
    )
    found = dict(mistakes(read_accounts(text, real)))
    assert set(found) == {2, 3, 5, 6, 7}
    assert found[2] == (Mistake("username", "required"),)
    assert found[3] == (Mistake("username", "username-space"),)
    assert [each.field for each in found[5]] == ["full_name", "nik"]
    assert [each.field for each in found[6]] == ["role", "region", "phone"]
    assert found[7] == (Mistake("username", "duplicate"),)


def test_a_name_that_two_regions_have_needs_the_code(real: Office) -> None:
    text = HEADER + "satu;Dewi Lestari;;;;Magersari;\ndua;Agus Salim;;;;Kecamatan Magersari;\n"
    assert mistakes(read_accounts(text, real)) == [(2, (Mistake("region", "ambiguous-choice"),))]


def test_a_column_that_nobody_knows_refuses_the_list(real: Office) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_accounts("Nama pengguna;Nama;Kata sandi\na;Dewi;rahasia\n", real)
    assert refusal.value.code == "list-column-unknown"


@pytest.mark.parametrize("key", TRANSITIONS, ids=lambda key: "-".join(key))
def test_a_recorded_account_moves_as_the_table_says(key: tuple[RecordedState, RecordedAct]) -> None:
    assert after(*key) is TRANSITIONS[key]


FORBIDDEN = sorted(set(itertools.product(RecordedState, RecordedAct)) - TRANSITIONS.keys())


@pytest.mark.parametrize("pair", FORBIDDEN, ids=lambda pair: "-".join(pair))
def test_everything_else_is_refused(pair: tuple[RecordedState, RecordedAct]) -> None:
    with pytest.raises(WrongState):
        after(*pair)
