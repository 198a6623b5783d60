"""init, check, keys, request, account, official: what they print and how they end."""

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from provisioner.audit import Filters
from provisioner.bootstrap import build
from provisioner.settings import load_settings
from provisioner.store.tables import AuthorityRow
from provisioner.store.tables.audit import AuditRow
from tests.office import person
from tests.provisioner.cli.command_line import SETTINGS, CommandLine

pytestmark = pytest.mark.usefixtures("store_kind")

COMMANDS = ["init", "serve", "check", "walk", "request", "account", "official", "reconcile", "audit", "keys"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command_line: CommandLine, command: str) -> None:
    assert command_line.ok(command, "--help").startswith("Usage:")
    assert command in command_line.ok("--help")


# -- init ------------------------------------------------------------------------------------------------------------


def test_init_prepares_an_office_that_only_its_owner_can_read(unprepared: CommandLine) -> None:
    said = unprepared.ok("init")
    assert "Keys made" in said
    keys = unprepared.data / "keys" / "keyring.json"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert stat.S_IMODE(unprepared.data.stat().st_mode) == 0o700


def test_init_run_again_changes_nothing(command_line: CommandLine) -> None:
    keys = (command_line.data / "keys" / "keyring.json").read_bytes()
    with command_line.behind() as session:
        before = session.scalars(select(AuthorityRow.certificate)).all()
    said = command_line.ok("init")
    assert "made" not in said
    with command_line.behind() as session:
        assert session.scalars(select(AuthorityRow.certificate)).all() == before
    assert (command_line.data / "keys" / "keyring.json").read_bytes() == keys


# -- exit codes ------------------------------------------------------------------------------------------------------


def test_a_refusal_ends_with_1_and_a_sentence(command_line: CommandLine) -> None:
    result = command_line.type("official", "reset", "hantu")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "official unknown" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("words", [["nonsense"], ["official", "add"], ["request", "list", "--page", "0"]])
def test_wrong_words_end_with_2(command_line: CommandLine, words: list[str]) -> None:
    assert command_line.type(*words).exit_code == 2


@pytest.mark.parametrize("words", [["check"], ["official", "list"], ["walk"], ["account", "list"], ["keys", "show"]])
def test_an_office_that_was_not_prepared_ends_with_3(unprepared: CommandLine, words: list[str]) -> None:
    result = unprepared.type(*words)
    assert result.exit_code == 3
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("wrong", "told"),
    [("[web]\nport = 99999999\n", "port"), ("nonsense = 1\n", "nonsense"), ("[broken\n", ":")],
)
def test_a_wrong_setting_ends_with_3_and_its_place(unprepared: CommandLine, wrong: str, told: str) -> None:
    unprepared.file.write_text(wrong)
    result = unprepared.type("init")
    assert result.exit_code == 3
    assert told in result.stderr
    assert "provisioner.toml" in result.stderr


# -- check -----------------------------------------------------------------------------------------------------------


def test_check_ends_with_0_when_there_are_only_warnings(command_line: CommandLine) -> None:
    found = command_line.lines("check", "--json")
    assert {each["severity"] for each in found} == {"ok", "warning"}
    assert {"office", "keys", "store", "letters", "signing", "akun"} <= {each["where"] for each in found}
    second_copy = next(each for each in found if each["subject"] == "second-copy")
    assert second_copy["severity"] == "warning"
    assert "akun" in command_line.ok("check")


def test_check_ends_with_1_when_a_target_cannot_be_used(tmp_path: Path) -> None:
    command_line = CommandLine(tmp_path, SETTINGS.replace("data/accounts.db", "no/such/folder.db"))
    command_line.ok("init")
    result = command_line.type("check", "--json")
    assert result.exit_code == 1
    errors = [json.loads(line) for line in result.stdout.splitlines() if '"error"' in line]
    assert {each["where"] for each in errors} == {"akun"}


@pytest.mark.parametrize("place", ["data/accounts.db", "no/such/folder.db"])
def test_every_morning_the_months_list_is_looked_at_whatever_was_found_before(tmp_path: Path, place: str) -> None:
    command_line = CommandLine(tmp_path, SETTINGS.replace("data/accounts.db", place))
    command_line.ok("init")
    result = command_line.type("check", "--morning")
    assert result.exit_code == 1
    assert ("ERROR    akun" in result.stdout) is (place != "data/accounts.db")
    assert "NOW      second copy of the keys" in result.stdout


def test_check_names_the_desks_that_nobody_holds(command_line: CommandLine) -> None:
    assert "nobody holds" in command_line.ok("check")
    for post in ("head", "division_head", "section_head", "adb"):
        command_line.ok("official", "add", post, "--name", f"Nama {post}", "--post", post)
    assert "nobody holds" not in command_line.ok("check")


# -- keys ------------------------------------------------------------------------------------------------------------


def test_rotated_keys_still_open_what_older_ones_sealed(command_line: CommandLine) -> None:
    settings = load_settings(command_line.file)
    before = build(settings)
    begun = before.drafting.begin()
    row = before.tracking.own(begun.request_id)
    before.drafting.save_bio(begun.request_id, row.revision, person(0))
    before.close()
    said = command_line.ok("keys", "rotate")
    shown = command_line.ok("keys", "show").splitlines()
    assert len(shown) == 2
    assert shown[0].split()[0] in said
    assert shown[0].endswith("(seals)")
    assert "keys reseal" in said
    after = build(settings)
    assert after.drafting.with_ticket(begun.ticket)[0] == begun.request_id
    assert after.tracking.by_code(begun.tracking_code).state == "with-letter"
    assert after.tracking.own(begun.request_id).bio.typed["nik"] == person(0)["nik"]
    second = after.drafting.begin()
    row = after.tracking.own(second.request_id)
    after.drafting.save_bio(second.request_id, row.revision, person(1))
    with after.context.store.read() as session:
        assert len(after.context.trail.search(session, Filters(kinds=("keys-rotated",))).entries) == 1
    after.close()
    assert "error" not in command_line.ok("check", "--json")
    keyring = (command_line.data / "keys" / "keyring.json").read_text()
    assert not any(len(word) > 16 and word in said for word in keyring.replace('"', " ").split())


def test_after_a_rotation_the_old_key_is_used_up_and_retired(command_line: CommandLine) -> None:
    old = command_line.ok("keys", "show").split()[0]
    new = command_line.ok("keys", "rotate").split()[2].rstrip(".")
    refused = command_line.type("keys", "retire", old)
    assert refused.exit_code == 1
    assert "key still seals" in refused.stderr
    (found,) = [each for each in command_line.lines("check", "--json") if each["subject"] == "in-use"]
    assert (found["severity"], found["remedy"]) == ("warning", "run provisioner keys reseal")
    before = {line["key"]: line["values"] for line in command_line.lines("keys", "show", "--json")}
    (resealed,) = command_line.lines("keys", "reseal", "--json")
    assert resealed == {"key": new, "resealed": before[old], "still_used": []}
    assert before[old] > 0
    assert "0 values" in command_line.ok("keys", "reseal")
    too_new = command_line.type("keys", "retire", old)
    assert "key too new" in too_new.stderr
    with command_line.behind() as session:
        # What a test may do and nobody else: let the rotation be an hour ago.
        rotated = AuditRow.kind == "keys-rotated"
        at = session.scalars(select(AuditRow.at).where(rotated)).one()
        session.execute(update(AuditRow).where(rotated).values(at=at - timedelta(hours=1)))
    assert "is retired" in command_line.ok("keys", "retire", old)
    assert [line.split()[0] for line in command_line.ok("keys", "show").splitlines()] == [new]
    assert "error" not in command_line.ok("check", "--json")


def test_a_key_that_is_missing_is_an_error_that_says_which(command_line: CommandLine) -> None:
    old = command_line.ok("keys", "show").split()[0]
    command_line.ok("keys", "rotate")
    command_line.ok("official", "add", "kasi", "--name", "Rina", "--post", "section_head")
    file = command_line.data / "keys" / "keyring.json"
    keys = json.loads(file.read_text())
    newest = keys["keys"].pop()
    file.write_text(json.dumps(keys))
    assert newest["id"] != old
    result = command_line.type("check", "--json")
    assert result.exit_code == 1
    assert newest["id"] in result.stdout
    assert "MISSING" in command_line.ok("keys", "show")


@pytest.mark.parametrize("words", [["keys", "rotate"], ["keys", "retire", "00000000"]])
def test_keys_of_the_environment_are_not_changed_here(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("OFFICE_KEYS", (command_line.data / "keys" / "keyring.json").read_text())
    monkeypatch.setenv("PROVISIONER_KEYS__ENV", "OFFICE_KEYS")
    assert command_line.type(*words).exit_code == 3
    assert "0 values" in command_line.ok("keys", "reseal")


def test_a_second_copy_of_the_keys_is_noted(command_line: CommandLine) -> None:
    assert "Noted" in command_line.ok("keys", "confirm-copy", "--place", "Brankas")
    found = command_line.lines("check", "--json")
    assert next(each for each in found if each["subject"] == "second-copy")["severity"] == "ok"


# -- officials -------------------------------------------------------------------------------------------------------


def test_an_official_is_added_listed_disabled_enabled_and_reset(command_line: CommandLine) -> None:
    (added,) = command_line.lines(
        "official", "add", "kasi", "--name", "Rina Wijayanti", "--post", "section_head", "--post", "adb",
        "--nip", "19800303 200504 2 003", "--nik", person(0)["nik"], "--show-password", "--json",
    )  # fmt: skip
    assert len(added["first_password"]) >= 20
    (listed,) = command_line.lines("official", "list", "--json")
    assert (listed["username"], listed["posts"], listed["disabled"]) == ("kasi", ["section_head", "adb"], False)
    core = build(load_settings(command_line.file))
    assert core.sign_in.sign_in("kasi", added["first_password"]).stage == "change"
    command_line.ok("official", "disable", "KASI", "--reason", "cuti")
    assert command_line.lines("official", "list", "--json")[0]["disabled"]
    assert "(disabled)" in command_line.ok("official", "list")
    command_line.ok("official", "enable", "kasi")
    (reset,) = command_line.lines("official", "reset", "kasi", "--show-password", "--json")
    assert reset["first_password"] != added["first_password"]
    assert core.sign_in.sign_in("kasi", reset["first_password"]).stage == "change"
    core.close()
    again = command_line.type("official", "add", "Kasi", "--name", "X", "--post", "adb")
    assert again.exit_code == 1
    assert "official exists" in again.stderr


@pytest.mark.parametrize("words", [["--post", "walikota"], ["--post", "adb", "--expires", "kemarin"]])
def test_an_official_with_an_unknown_post_or_day_is_refused(command_line: CommandLine, words: list[str]) -> None:
    assert command_line.type("official", "add", "x", "--name", "X", *words).exit_code == 2
    assert command_line.lines("official", "list", "--json") == []
