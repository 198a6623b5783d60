"""``provisioner walk``, and the commands that look at what it leaves: request, account."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from provisioner.bootstrap import build
from provisioner.settings import load_settings
from provisioner.store.tables import LinkRow
from tests.office import person
from tests.provisioner.cli.command_line import SETTINGS, CommandLine

pytestmark = pytest.mark.usefixtures("store_kind")

STAGES = ["submitted", "disposed", "disposed", "pact-signed", "created", "received"]


def rows(command_line: CommandLine) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(command_line.data / "accounts.db")) as database:
        return database.execute("SELECT username, enabled FROM accounts").fetchall()


def test_walk_takes_the_six_steps_and_the_first_login_and_cleans_up(command_line: CommandLine) -> None:
    stages = command_line.lines("walk", "--json")
    assert [each["stage"] for each in stages] == [*STAGES, "first-login", "in", "cleaned-up"]
    assert [each["step"] for each in stages] == [1, 2, 3, 4, 5, 6, 0, 0, 0]
    assert all(each["output"] and each["seconds"] >= 0 for each in stages)
    assert stages[5]["output"] == "Hak Akses SIAK"
    assert rows(command_line) == []
    assert all(each["disabled"] for each in command_line.lines("official", "list", "--json"))
    (account,) = command_line.lines("account", "list", "--json")
    assert account["state"] == "revoked"


def test_walk_keep_stops_before_the_first_change_and_tells_the_password_on_standard_output_only(
    command_line: CommandLine,
) -> None:
    result = command_line.type("walk", "--json", "--keep")
    assert result.exit_code == 0
    stages = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["stage"] for each in stages] == STAGES
    username, password = stages[-1]["username"], stages[-1]["initial_password"]
    assert password not in result.stderr
    assert rows(command_line) == [(username, 1)]
    core = build(load_settings(command_line.file))
    assert core.operators.sign_in(username, password)[1] == "change"
    core.close()
    assert not any(password.encode() in file.read_bytes() for file in command_line.folder.rglob("*") if file.is_file())
    assert password not in command_line.ok("account", "show", username, "--json")


def test_walk_without_json_is_for_eyes(command_line: CommandLine) -> None:
    said = command_line.ok("walk")
    assert "Pakta Integritas" in said
    assert len(said.splitlines()) == 9


def test_walk_takes_the_applicant_from_a_file(command_line: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "applicant.json"
    file.write_text(json.dumps(person(0)))
    stages = command_line.lines("walk", "--json", "--keep", "--applicant", str(file))
    assert stages[-1]["username"] == "dewi.handayani"
    again = command_line.type("walk", "--json", "--applicant", str(file))
    assert again.exit_code == 1
    assert json.loads(again.stdout.splitlines()[-1]) == {"stage": "refused", "code": "person-has-account"}
    (found,) = command_line.lines("request", "list", "--json", "--state", "withdrawn")
    assert found["number"].startswith("0002/")


@pytest.mark.parametrize("content", ["", "[]", '{"nik": 1}', "{broken", '"text"'])
def test_a_file_that_names_no_applicant_is_refused(command_line: CommandLine, tmp_path: Path, content: str) -> None:
    file = tmp_path / "applicant.json"
    file.write_text(content)
    result = command_line.type("walk", "--applicant", str(file))
    assert result.exit_code == 1
    assert "applicant.json" in result.stderr
    assert command_line.type("walk", "--applicant", str(tmp_path / "none.json")).exit_code == 2


def test_an_applicant_with_a_wrong_form_stops_the_walk_and_nothing_is_left(
    command_line: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "applicant.json"
    file.write_text(json.dumps(person(0, nik="123")))
    result = command_line.type("walk", "--json", "--applicant", str(file))
    assert (result.exit_code, json.loads(result.stdout)["code"]) == (1, "bio-incomplete")
    assert command_line.lines("request", "list", "--json") == []


def test_walk_presses_the_button_where_the_office_wants_one(tmp_path: Path) -> None:
    command_line = CommandLine(tmp_path, SETTINGS + '[procedure]\nstep_5 = "button"\n')
    command_line.ok("init")
    assert command_line.lines("walk", "--json")[-1]["stage"] == "cleaned-up"


# -- looking at what is there ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, store_kind: str) -> CommandLine:  # noqa: ARG001
    """An office with one account; the tests below only look, or act on it in the order of the file."""
    command_line = CommandLine(tmp_path_factory.mktemp("walked"))
    command_line.ok("init")
    file = command_line.folder / "applicant.json"
    file.write_text(json.dumps(person(0)))
    command_line.ok("walk", "--keep", "--applicant", str(file))
    return command_line


def test_requests_are_listed_and_shown(walked: CommandLine) -> None:
    (line,) = walked.lines("request", "list", "--json")
    assert (line["state"], line["step"]) == ("done", 6)
    assert "1 in all" in walked.ok("request", "list", "--text", "dewi")
    assert walked.lines("request", "list", "--json", "--state", "open") == []
    (shown,) = walked.lines("request", "show", line["number"], "--json")
    assert [(each["step"], each["state"], each["standard"]) for each in shown["steps"]] == [
        (number, "done", minutes) for number, minutes in enumerate((15, 30, 15, 10, 10, 10), start=1)
    ]
    assert "30 minutes" in walked.ok("request", "show", line["id"])
    assert walked.type("request", "show", "9999").exit_code == 1


def test_accounts_are_listed_and_shown(walked: CommandLine) -> None:
    (line,) = walked.lines("account", "list", "--json")
    assert line["username"] == "dewi.handayani"
    (shown,) = walked.lines("account", "show", "dewi.handayani", "--json")
    assert shown["targets"] == [{"target": "akun", "state": "done", "reason": ""}]
    assert "akun" in walked.ok("account", "show", "dewi.handayani")
    assert walked.type("account", "show", "hantu").exit_code == 1


def test_a_system_that_failed_is_tried_again(walked: CommandLine) -> None:
    assert "nothing to try again" in walked.ok("account", "retry", "dewi.handayani")
    with walked.behind() as session:
        session.execute(update(LinkRow).values(state="failed", error="PermissionDenied", next_try_at=None))
    assert "tries again: akun." in walked.ok("account", "retry", "dewi.handayani")
    assert walked.lines("account", "show", "dewi.handayani", "--json")[0]["targets"][0]["state"] != "failed"
    assert "tries again: akun." in walked.ok("account", "retry", "dewi.handayani", "--target", "akun")
    assert walked.ok("audit", "export").count('"retry-asked"') == 2
    assert walked.type("account", "retry", "dewi.handayani", "--target", "lain").exit_code == 1
    assert walked.type("account", "retry", "hantu").exit_code == 1
    with walked.behind() as session:
        session.execute(update(LinkRow).values(state="done", error="", next_try_at=None))


def test_nothing_that_is_listed_shows_a_nik(walked: CommandLine) -> None:
    said = walked.ok("request", "list") + walked.ok("account", "show", "dewi.handayani") + walked.ok("account", "list")
    assert person(0)["nik"] not in said


def test_the_machines_own_user_acts_as_it_does_and_is_named_in_the_trail(walked: CommandLine) -> None:
    walked.ok("account", "suspend", "dewi.handayani", "--reason", "laporan")
    assert walked.lines("account", "list", "--json")[0]["state"] == "suspended"
    assert walked.type("account", "suspend", "dewi.handayani").exit_code == 1
    walked.ok("account", "reactivate", "dewi.handayani")
    assert walked.type("account", "revoke", "dewi.handayani", "--reason", "because").exit_code == 1
    walked.ok("account", "revoke", "dewi.handayani", "--reason", "transfer", "--note", "mutasi")
    assert walked.type("account", "reactivate", "dewi.handayani").exit_code == 1
    trail = walked.ok("audit", "export")
    actors = {
        json.loads(line).get("actor", {}).get("kind", "") for line in trail.splitlines() if "account-revoked" in line
    }
    assert actors == {"command"}
