"""``check``: every part is looked at, nothing is changed, nothing stops it."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text, update

from provisioner.backup.encryption import new_identity
from provisioner.backup.making import make_backup
from provisioner.checking import Checked, check_everything
from provisioner.connector import Severity
from provisioner.store.tables import AuthorityRow, OfficialRow, RestorationRow
from tests.conftest import MakeOffice
from tests.office import MEMORY, RealOffice
from tests.provisioner.documents.samples import CONFIG
from tests.provisioner.provisioning.refusal import code_of

DOWN = {"kind": "table", "label": "Mati", "settings": {"url": "sqlite:////no/such/folder/x.db"}}


def found(office: RealOffice, where: str, subject: str) -> Checked:
    return next(
        each for each in check_everything(office.core) if (each.where, each.finding.subject) == (where, subject)
    )


def test_a_well_prepared_office_has_no_errors(make_office: MakeOffice) -> None:
    _, public = new_identity()
    office = make_office(keys={"second_copy_confirmed": True}, backup={"recipients": [public]})
    make_backup(office.core.context, office.folder / "backups", None)
    severities = {each.finding.severity for each in check_everything(office.core) if each.where != "letters"}
    assert severities == {Severity.OK}


def test_a_draft_of_the_pacts_text_is_warned_of(office: RealOffice) -> None:
    finding = found(office, "letters", "pact").finding
    assert finding.severity is Severity.WARNING
    assert finding.remedy


def test_a_broken_letter_is_an_error_with_file_and_line(make_office: MakeOffice, tmp_path: Path) -> None:
    office = make_office(office_dir=shutil.copytree(CONFIG, tmp_path / "files"))
    assert found(office, "letters", "templates").finding.severity is Severity.OK
    broken = tmp_path / "files" / "letters" / "tanda-terima.typ"
    broken.write_text("\n\n#no-such-word\n")
    finding = found(office, "letters", "templates").finding
    assert finding.severity is Severity.ERROR
    assert f"{broken}:3: unknown variable" in finding.message


def test_every_error_says_what_to_do(make_office: MakeOffice) -> None:
    office = make_office(targets={"mati": DOWN})
    wrong = [each for each in check_everything(office.core) if each.finding.severity is Severity.ERROR]
    assert {each.where for each in wrong} == {"mati", "targets"}
    assert found(office, "targets", "sign-in").finding.remedy


def test_a_target_that_is_down_does_not_hide_the_others(make_office: MakeOffice) -> None:
    office = make_office(targets={"mati": DOWN, "sistem": MEMORY})
    assert found(office, "sistem", "reachable").finding.severity is Severity.OK


@pytest.mark.parametrize("settings", [{"targets": {}}])
def test_no_target_at_all_is_an_error(make_office: MakeOffice, settings: Mapping[str, Any]) -> None:
    assert found(make_office(**settings), "targets", "configured").finding.severity is Severity.ERROR


def test_an_old_schema_is_an_error(office: RealOffice) -> None:
    with office.core.context.store.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0016'"))
    assert found(office, "store", "schema").finding.severity is Severity.ERROR


def test_a_missing_authority_is_an_error(office: RealOffice) -> None:
    with office.core.context.store.begin() as session:
        session.execute(delete(AuthorityRow))
    assert found(office, "signing", "authority").finding.severity is Severity.ERROR


def test_an_authority_is_warned_of_before_it_can_sign_no_more(office: RealOffice) -> None:
    who = office.new("pact-applicant")
    office.clock.move(days=365 * office.settings.signing.certificate_years - 30)
    assert found(office, "signing", "authority").finding.severity is Severity.WARNING
    office.clock.move(days=31)
    assert found(office, "signing", "authority").finding.severity is Severity.ERROR
    sign = office.core.signatures.sign_as_applicant
    assert code_of(lambda: sign(who.request_id, who.ticket)) == "authority-expired"


def test_a_desk_that_only_a_suspended_official_holds_is_empty(office: RealOffice) -> None:
    with office.core.context.store.begin() as session:
        suspended = update(OfficialRow).where(OfficialRow.username == "head").values(suspended_at=office.clock())
        session.execute(suspended)
    finding = found(office, "office", "officials").finding
    assert finding.severity is Severity.WARNING
    assert "head" in finding.message


def test_checking_writes_nothing(office: RealOffice) -> None:
    before = len(office.events())
    check_everything(office.core)
    assert len(office.events()) == before


def test_a_backup_that_is_missing_old_or_readable_is_warned_of(make_office: MakeOffice) -> None:
    office = make_office()
    assert "no backup" in found(office, "store", "backup").finding.message
    make_backup(office.core.context, office.folder / "backups", None)
    assert "not encrypted" in found(office, "store", "backup").finding.message
    office.clock.move(hours=27)
    late = found(office, "store", "backup").finding
    assert late.severity is Severity.WARNING
    assert "27 hours ago" in late.message


def test_a_restoration_that_waits_is_an_error_until_it_is_confirmed(office: RealOffice) -> None:
    with office.core.context.store.begin() as session:
        at = office.core.context.clock()
        counts = {"envelopes_void": 0, "tickets_void": 0, "codes_void": 0, "sessions_ended": 0}
        session.add(
            RestorationRow(
                restored_at=at,
                restored_by="x",
                backup_made_at=at,
                backup_release="0",
                backup_seq=1,
                backup_hash="0" * 64,
                **counts,
            )
        )
    assert found(office, "store", "restored").finding.severity is Severity.ERROR
