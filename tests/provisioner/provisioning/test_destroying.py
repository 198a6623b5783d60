"""Destroying case files: what goes, what stays, and that nothing of what went is left anywhere."""

import io
import json
import os
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from provisioner.audit.chain import MAC_PURPOSE
from provisioner.audit.export import export
from provisioner.audit.verify import verify
from provisioner.errors import WrongState
from provisioner.paper import CASE_KINDS, PaperKind
from provisioner.provisioning.verification_answer import Standing
from provisioner.retention import DestructionState, Outcome
from provisioner.store.tables import AccountRow, AttachmentRow, AuditPersonalRow, Model, PactRow, PaperRow
from tests.office import Applicant, RealOffice, person
from tests.pdf_pages import one_page
from tests.provisioner.documents.poppler import text_of
from tests.provisioner.provisioning.destroyable import BASIS, approve, approved, ended, over, proposed, years_later
from tests.stores import SQLITE, current

CANARY = "Kenanga Wulandari Puspitasari"


def sealed_pieces(office: RealOffice, who: Applicant) -> list[bytes]:
    """A piece of everything that lies sealed about somebody, as it stands in the file."""
    request = office.request(who)
    with office.core.context.store.read() as session:
        account = session.get_one(AccountRow, request.account_id)
        found = [request.bio, account.contact]
        for paper in session.scalars(select(PaperRow).where(PaperRow.subject.in_((request.id, account.id)))):
            found += [paper.facts, paper.document]
        for pact in session.scalars(select(PactRow).where(PactRow.request_id == request.id)):
            found += [pact.facts, pact.document]
        found += list(session.scalars(select(AttachmentRow.content).where(AttachmentRow.request_id == request.id)))
        personal = select(AuditPersonalRow.sealed).where(AuditPersonalRow.field == "applicant_name")
        found += list(session.scalars(personal))
    pieces = [each[20:52] for each in found if each]
    assert len(pieces) > 15
    return pieces


def lying_there(folder: Path) -> bytes:
    """The store's files with what nobody asks for any more; of a server's, which keeps them, every row."""
    if current().kind == SQLITE:
        return b"".join(file.read_bytes() for file in folder.glob("*.db*"))
    return current().content(folder)


def case_of_canary(office: RealOffice) -> Applicant:
    who = office.draft(person(0, full_name=CANARY, org_unit="Kelurahan Kenanga"), sender="Kenanga Wulandari, Lurah")
    office.core.attachments.add(who.request_id, "id-card", [("ktp.pdf", one_page())])
    office.bring(who, "done")
    for kind in CASE_KINDS:
        subject = {"letter": office.letter(who).id, "request": who.request_id}.get(kind.subject.value)
        if subject:
            office.core.papers.make(kind, subject)
    return ended(office, who)


def test_nothing_of_the_person_is_left_in_any_row_in_the_file_or_in_its_log(office: RealOffice) -> None:
    who = case_of_canary(office)
    account = office.request(who).account_id or ""
    office.core.papers.make(PaperKind.REVOCATION_REPORT, account)
    years_later(office)
    pieces = sealed_pieces(office, who)
    before = lying_there(office.folder)
    assert all(piece in before for piece in (*pieces, CANARY.encode()))
    approved(office, who)
    office.core.heart.drain()
    keyring = office.core.context.keyring
    with office.core.context.store.read() as session:
        for table in Model.metadata.sorted_tables:
            for row in session.execute(select(table)):
                assert "Kenanga" not in str(tuple(row)), table.name
        for value in session.scalars(select(AuditPersonalRow.sealed)):
            assert "Kenanga" not in keyring.open("audit-personal", value).decode()
    left = lying_there(office.folder)
    assert not [piece for piece in (*pieces, b"Kenanga") if piece in left]


def test_the_chain_stays_whole_and_tells_how_much_was_destroyed_on_whose_word(office: RealOffice) -> None:
    who = over(office)
    years_later(office)
    destruction = approved(office, who)
    office.core.heart.drain()
    context = office.core.context
    with context.store.read() as session:
        report = verify(
            export(session, context.trail, personal=True), mac=lambda data: context.keyring.mac(MAC_PURPOSE, data)
        )
    assert report.sound
    view = office.core.destructions.view(office.actor("head"), destruction)
    (event,), (agreed,) = office.events("case-destroyed"), office.events("destruction-approved")
    told = json.loads(event.fields)
    assert (event.request_id, told["paper_number"]) == (who.request_id, view.number)
    assert told["count"] >= 1
    assert told["erased"] > 5
    assert json.loads(agreed.fields)["sha256"] == view.fingerprint
    assert view.state == DestructionState.DONE


def test_the_user_name_is_never_given_again_and_the_shell_keeps_numbers_and_states(office: RealOffice) -> None:
    same_name, who = office.new("review", 8), over(office)
    before, pact = office.request(who), office.pact(who)
    years_later(office)
    approved(office, who)
    office.core.heart.drain()
    after = office.request(who)
    assert (after.number, after.state, after.username) == (before.number, before.state, before.username)
    office.core.review.open(office.actor("section_head"), same_name.request_id)
    checked = office.core.usernames.check(office.actor("section_head"), same_name.request_id, before.username or "")
    assert not checked.usable
    page = office.core.accounts_on_day.page(office.actor("head"), before.finished_at.date())  # type: ignore[union-attr]
    assert [(row.username, row.display_name, row.pact_number) for row in page.rows] == [
        (before.username, "", pact.number)
    ]


def test_nobody_reads_what_was_destroyed_and_everybody_is_told_when_and_by_which_minutes(office: RealOffice) -> None:
    who = over(office)
    paper = office.core.papers.make(PaperKind.ANSWER, who.request_id)
    document, pact = office.core.papers.bytes_of(paper), office.pact(who)
    _, signed = office.core.pacts.document(office.actor("head"), pact.id)
    account = office.request(who).account_id or ""
    years_later(office)
    destruction = approved(office, who)
    office.core.heart.drain()
    core, head = office.core, office.actor("head")
    number = core.destructions.view(head, destruction).number
    told = [
        core.reading.request(head, who.request_id).destroyed,
        core.reading.letter(head, office.letter(who).id).destroyed,
        core.accounts.detail(head, account).destroyed,
        (core.verification.by_code(paper.code) or pytest.fail()).destroyed,
        (core.verification.by_number(pact.number) or pytest.fail()).destroyed,
    ]
    assert [each.number if each else None for each in told] == [number] * 5
    for upload in (document, signed, document + b"\n% more", signed + b"\n% more"):
        assert core.verification.by_upload(upload).standing is Standing.DESTROYED
    for read in (
        lambda: core.papers.show(head, PaperKind.ANSWER, who.request_id),
        lambda: core.papers.show(head, PaperKind.REQUEST_LETTER, office.letter(who).id),
        lambda: core.papers.read(head, paper.id),
        lambda: core.pacts.document(head, pact.id),
        lambda: core.case_files.zip(head, [who.request_id]),
        lambda: core.case_files.pdf(head, who.request_id),
    ):
        with pytest.raises(WrongState) as refused:
            read()
        assert refused.value.code == "archive-destroyed"
    assert core.papers.offered(head, *((kind, who.request_id) for kind in CASE_KINDS)) == []
    assert core.case_files.years(head) == []


def test_a_letter_goes_with_the_last_of_those_on_it(office: RealOffice) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    for state in ("sent", "division", "review"):
        office.bring(first, state, start={"sent": "draft", "division": "sent", "review": "division"}[state])
    for who in (first, second):
        office.core.review.open(office.actor("section_head"), who.request_id)
        revision = office.request(who).revision
        office.core.review.reject(office.actor("section_head"), who.request_id, revision, "Tidak perlu.")
    letter = office.core.papers.make(PaperKind.REQUEST_LETTER, office.letter(first).id)
    years_later(office)
    approved(office, first)
    office.core.heart.drain()
    assert not office.request(first).full_name
    assert office.core.reading.letter(office.actor("head"), office.letter(second).id).destroyed is None
    assert office.core.papers.bytes_of(letter)
    assert office.letter(second).sender
    approved(office, second)
    office.core.heart.drain()
    assert not office.letter(second).sender
    with pytest.raises(WrongState):
        office.core.papers.read(office.actor("head"), letter.id)


def test_the_archive_taken_out_before_is_named_in_the_minutes(office: RealOffice) -> None:
    who = over(office)
    office.core.boxes.file(office.actor("secretary"), who.request_id, "A-01", "Rak 3")
    years_later(office)
    destruction, head = proposed(office, who), office.actor("head")
    archive = io.BytesIO(b"".join(piece.data for piece in office.core.destructions.archive(head, destruction)))
    manifest = sha256(zipfile.ZipFile(archive).read("manifest.json")).hexdigest()
    number, pact = office.request(who).number or "", office.pact(who)
    approve(office, destruction)
    office.core.heart.drain()
    _, pdf = office.core.papers.show(office.actor("secretary"), PaperKind.DESTRUCTION_RECORD, destruction)
    text = "".join(text_of(pdf, office.folder).split())
    for told in (
        manifest,
        number,
        pact.number,
        pact.sha256,
        "A-01",
        "Rak 3",
        BASIS,
        "Pejabat Head",
        "Pejabat Secretary",
    ):
        assert "".join(told.split()) in text
    assert office.core.verification.by_upload(pdf).standing is Standing.VALID
    with pytest.raises(WrongState):
        office.core.destructions.archive(head, destruction)


def test_killed_in_the_middle_each_case_is_whole_or_gone_and_the_next_run_goes_on(office: RealOffice) -> None:
    first, second = over(office), over(office, 1)
    years_later(office)
    destruction, head = approved(office, first, second), office.actor("head")
    arguments = ["-m", "tests.provisioner.provisioning.half_way", str(office.folder), office.clock().isoformat()]
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PROVISIONER_STORE__URL": office.settings.store_url}
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, cwd=root, env=environment) as running:
        assert running.stdout is not None
        assert running.stdout.readline().strip() == b"half way"
        running.kill()
    view = office.core.destructions.view(head, destruction)
    assert [case.outcome for case in view.cases] == [Outcome.DESTROYED, Outcome.WAITING]
    assert view.state == DestructionState.APPROVED
    gone, whole = ([office.request(who).full_name, office.pact(who).facts] for who in (first, second))
    assert not any(gone)
    assert all(whole)
    assert len(office.events("case-destroyed")) == 1
    office.core.heart.drain()
    view = office.core.destructions.view(head, destruction)
    assert (view.state, view.destroyed) == (DestructionState.DONE, 2)
    assert not office.request(second).full_name
    assert [len(office.events(kind)) for kind in ("case-destroyed", "destruction-finished")] == [2, 1]
    assert office.core.papers.show(head, PaperKind.DESTRUCTION_RECORD, destruction)[1].startswith(b"%PDF-")
