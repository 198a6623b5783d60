"""Destroying case files: what goes, what stays, and that nothing of what went is left anywhere."""

import io
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from provisioner.audit.chain import MAC_PURPOSE
from provisioner.audit.export import export
from provisioner.audit.verify import verify
from provisioner.errors import Conflict, WrongState
from provisioner.paper import CASE_KINDS, PaperKind
from provisioner.retention import DestructionState
from provisioner.store.tables import (
    AccountRow,
    AttachmentRow,
    AuditPersonalRow,
    LetterRow,
    Model,
    PactRow,
    PaperRow,
    RequestRow,
)
from tests.pdf_pages import one_page
from tests.office import Applicant, RealOffice, person
from tests.provisioner.provisioning.destroyable import approved, ended, over, years_later

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


def in_files(folder: Path, piece: bytes) -> bool:
    return any(piece in file.read_bytes() for file in folder.glob("*.db*"))


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
    assert all(in_files(office.folder, piece) for piece in (*pieces, CANARY.encode()))
    approved(office, who)
    office.core.heart.drain()
    keyring = office.core.context.keyring
    with office.core.context.store.read() as session:
        for table in Model.metadata.sorted_tables:
            for row in session.execute(select(table)):
                assert "Kenanga" not in str(tuple(row)), table.name
        for value in session.scalars(select(AuditPersonalRow.sealed)):
            assert "Kenanga" not in keyring.open("audit-personal", value).decode()
    assert not [piece for piece in pieces if in_files(office.folder, piece)]
    assert not in_files(office.folder, b"Kenanga")
