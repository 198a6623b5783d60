"""The first settings come whole from the answers, or not at all."""

import re
from io import StringIO
from pathlib import Path

import pytest

from provisioner.first_settings import NAMING_THE_REGION, Answers, WrongAnswer, main, write, write_office
from provisioner.office import load_office
from provisioner.settings import load_settings
from tests.servers.postgresql import private_postgresql

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "credentials").mkdir(mode=0o700)
    return tmp_path


def _files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_what_was_answered_becomes_settings_that_are_accepted(folder: Path) -> None:
    write(Answers(public_url="https://akun.example.go.id", system="table"), folder)
    settings = load_settings(folder / "provisioner.toml")
    assert settings.web.address == "https://akun.example.go.id"
    assert settings.web.trusted_proxies == 1
    assert settings.sign_in_target == "akun"
    assert settings.office_dir == folder / "office"


def test_what_the_first_settings_only_mention_is_accepted_when_its_marks_are_taken_away(folder: Path) -> None:
    text = Answers(store_url="postgresql://siak@db.example.go.id/siak", system="table").settings_text()
    mentioned = re.sub(r"^# (?=\[|\w+ = )", "", text, flags=re.MULTILINE)
    (folder / "provisioner.toml").write_text(mentioned)
    settings = load_settings(folder / "provisioner.toml")
    assert (settings.dispatch.engine, settings.runner.threads) == ("procrastinate", 1)
    assert settings.upkeep.certificate == Path("/etc/ssl/siak/siak.pem")
    assert [str(each) for each in settings.metrics.networks][-1] == "10.0.0.5/32"


def test_backups_go_where_the_package_has_made_room_for_them(folder: Path) -> None:
    write(Answers(), folder)
    settings = load_settings(folder / "provisioner.toml")
    assert settings.path(settings.backup.folder) == Path("/var/backups/siak-provisioner")
    assert settings.dispatch.engine == "embedded"


def test_an_address_that_is_none_is_told_with_its_question_and_nothing_is_written(folder: Path) -> None:
    with pytest.raises(WrongAnswer) as refused:
        write(Answers(public_url="https://orang@example.go.id"), folder)
    assert refused.value.question == "public_url"
    assert _files(folder) == []


def test_a_quotation_mark_in_an_answer_writes_no_other_setting(folder: Path) -> None:
    with pytest.raises(WrongAnswer):
        write(Answers(public_url='https://a"\nport = 1\n[totp]\nmandatory_for = []\nx = "'), folder)
    assert _files(folder) == []


@pytest.mark.parametrize("url", ["postgresql://siak@127.0.0.1:1/siak", "mysql://siak@127.0.0.1/siak", "postgresql://"])
def test_a_database_that_does_not_answer_is_told_and_nothing_is_written(url: str, folder: Path) -> None:
    with pytest.raises(WrongAnswer) as refused:
        write(Answers(store_url=url, store_password="sandi-rahasia"), folder)
    assert refused.value.question == "store_url"
    assert "sandi-rahasia" not in str(refused.value)
    assert _files(folder) == []


def test_the_password_of_a_database_that_answers_has_a_file_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with private_postgresql() as server, server.database() as database:
        parts = database.parameters
        place = f"postgresql://{parts['user']}@{parts['host']}:{parts['port']}/{parts['dbname']}"
        with pytest.raises(WrongAnswer):
            write(Answers(store_url=place, store_password="salah"), folder)
        write(Answers(store_url=place, store_password=str(parts["password"])), folder)
    assert _files(folder) == ["credentials/store-password", "provisioner.toml"]
    assert (folder / "credentials" / "store-password").stat().st_mode & 0o777 == 0o600
    assert str(parts["password"]) not in (folder / "provisioner.toml").read_text()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder / "credentials"))
    assert load_settings(folder / "provisioner.toml").store_url.startswith("postgresql+psycopg://")


def test_the_office_is_called_after_its_region(tmp_path: Path) -> None:
    for file in CONFIG.glob("*.toml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    write_office("Kabupaten Mojokerto", tmp_path)
    office = load_office(tmp_path)
    assert office.name == "Dinas Kependudukan dan Pencatatan Sipil Kabupaten Mojokerto"
    assert office.letterhead[0] == "PEMERINTAH KABUPATEN MOJOKERTO"
    assert (office.city, office.site) == ("Mojokerto", "")


def test_the_region_that_the_files_come_with_leaves_them_as_they_are(tmp_path: Path) -> None:
    write_office("Kota Mojokerto", tmp_path)
    for name in NAMING_THE_REGION:
        assert (tmp_path / name).read_bytes() == (CONFIG / name).read_bytes()


@pytest.mark.parametrize("region", ["", "Mojokerto", "kota mojokerto", 'Kota "X"', "Kota X\ny"])
def test_what_is_no_region_is_refused(region: str, tmp_path: Path) -> None:
    with pytest.raises(WrongAnswer):
        write_office(region, tmp_path)
    assert _files(tmp_path) == []


def test_the_package_is_told_which_question_to_ask_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("public_url=ftp://x\n"))
    assert main("settings", folder) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("public_url: ")
