"""The papers of the SOP: made once, kept with their bytes, made anew when what they tell has changed."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, update

from provisioner.documents.made_up import MADE_UP
from provisioner.errors import NotAllowed, NotFound, WrongState
from provisioner.paper import CASE_KINDS, PaperKind
from provisioner.provisioning.kept_papers import FACTS_PURPOSE, PaperView
from provisioner.store.tables import ActRow, MandateRow, OfficialRow, PaperRow
from tests.office import Applicant, RealOffice, person
from tests.pdf_pages import one_page
from tests.provisioner.documents.poppler import pages_of, text_of

LONGEST = "Raden Ajeng Kusumawardhaningrum Sastrodiprodjo Hadiningratan"
TITLES = {"title_prefix": "Prof. Dr. Ir. Hj.", "title_suffix": "S.Kom., M.Si., M.A.P., Ph.D."}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def _text(office: RealOffice, kind: PaperKind, subject: str, folder: Path) -> str:
    return text_of(office.core.papers.bytes_of(office.core.papers.make(kind, subject)), folder)


def _facts(office: RealOffice, paper: PaperView) -> dict[str, object]:
    with office.core.context.store.read() as session:
        sealed = session.get_one(PaperRow, paper.id).facts
    found: dict[str, object] = json.loads(office.core.context.keyring.open(FACTS_PURPOSE, sealed))
    return found


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in value.items()}
    return [_shape(each) for each in value[:1]] if isinstance(value, list) else ""


def _stand_in(office: RealOffice, username: str, post: str, kind: str) -> None:
    """An official acts for a post from now on."""
    with office.core.context.store.begin() as session:
        session.add(
            MandateRow(
                official_id=office.actor(username).official_id,
                post=post,
                kind=kind,
                order_number="821.2/417/2026",
                order_date=date(2026, 6, 1),
                starts_on=date(2026, 6, 1),
                ends_on=date(2026, 12, 1),
                created_at=office.clock(),
            )
        )


def _reject(office: RealOffice, who: Applicant, reason: str) -> None:
    actor = office.actor("section_head")
    office.core.review.open(actor, who.request_id)
    office.core.review.reject(actor, who.request_id, office.request(who).revision, reason)


def test_a_paper_is_made_once_and_kept_with_its_bytes(office: RealOffice, folder: Path) -> None:
    letter = office.letter(office.new("sent")).id
    paper = office.core.papers.make(PaperKind.REQUEST_LETTER, letter)
    again = office.core.papers.make(PaperKind.REQUEST_LETTER, letter)
    assert again == paper
    assert (paper.revision, paper.replaced) == (1, False)
    _, document = office.core.papers.read(office.actor("section_head"), paper.id)
    assert len(document) == paper.length
    text = text_of(document, folder)
    for part in ("800/112", "Mojokerto, 5 Juni 2026", "Yth. Kepala Dinas Kependudukan", "19950701 202012 2 001"):
        assert part in text
    assert "PEMERINTAH KOTA MOJOKERTO" not in text


def test_what_was_not_sent_yet_is_no_paper(office: RealOffice) -> None:
    who = office.new("draft")
    with pytest.raises(WrongState, match="not sent yet"):
        office.core.papers.make(PaperKind.REQUEST_LETTER, office.letter(who).id)
    assert office.core.papers.own_offered(who.request_id) == []


def test_a_letter_is_printed_to_be_signed_before_it_is_sent(office: RealOffice, folder: Path) -> None:
    who = office.new("draft")
    text = text_of(office.core.papers.letter_to_sign(who.request_id), folder)
    assert "Kelurahan Gedongan" in text
    assert "Dewi Lestari Handayani" in text
    for ours in ("Keaslian", "diterima dinas", "/v/"):
        assert ours not in text
    with office.core.context.store.read() as session:
        assert session.scalars(select(PaperRow)).all() == []
    office.bring(who, "sent")
    with pytest.raises(WrongState, match="sent already"):
        office.core.papers.letter_to_sign(who.request_id)


def test_where_the_letter_was_scanned_the_scan_is_the_paper(office: RealOffice) -> None:
    who = office.new("draft")
    office.core.attachments.add(who.request_id, "letter", [("surat.pdf", one_page())])
    office.bring(who, "sent")
    with pytest.raises(WrongState, match="scan is the paper"):
        office.core.papers.make(PaperKind.REQUEST_LETTER, office.letter(who).id)


def test_the_disposition_sheet_grows_with_each_disposition(office: RealOffice, folder: Path) -> None:
    who = office.new("sent")
    letter = office.letter(who).id
    first = office.core.papers.make(PaperKind.DISPOSITION_SHEET, letter)
    assert [each["by"] for each in _facts(office, first)["open"]] == ["Kepala Dinas", "Kepala Bidang"]  # type: ignore[attr-defined]
    office.forward(who, "head", requested_action="process", note="Tindaklanjuti.")
    office.forward(who, "division_head")
    second = office.core.papers.make(PaperKind.DISPOSITION_SHEET, letter)
    assert (second.revision, second.code != first.code) == (2, True)
    text = _text(office, PaperKind.DISPOSITION_SHEET, letter, folder)
    for part in ("Tindaklanjuti.", "Pejabat Head", "NIP 19700101 199503 1 000", "Pejabat Division Head"):
        assert part in text


def test_a_paper_says_who_somebody_was_when_they_acted(office: RealOffice, folder: Path) -> None:
    who = office.new("sent")
    letter = office.letter(who).id
    office.forward(who, "head")
    before = office.core.papers.make(PaperKind.DISPOSITION_SHEET, letter)
    with office.core.context.store.begin() as session:
        session.execute(update(OfficialRow).values(full_name="Orang Lain", staff_number="1" * 18, rank="Lain"))
    assert office.core.papers.make(PaperKind.DISPOSITION_SHEET, letter) == before
    with office.core.context.store.begin() as session:
        session.execute(update(ActRow).values(signed_as=None))
    assert "Pejabat Head" in _text(office, PaperKind.DISPOSITION_SHEET, letter, folder)


def test_the_bio_form_shows_the_whole_nik_to_those_who_tell_people_apart(office: RealOffice, folder: Path) -> None:
    who = office.new("review")
    assert "3576 0241 0795 0001" in _text(office, PaperKind.BIO_FORM, who.request_id, folder)
    papers = office.core.papers
    paper, _ = papers.show(office.actor("section_head"), PaperKind.BIO_FORM, who.request_id)
    for post in ("auditor", "it", "secretary"):
        with pytest.raises(NotAllowed):
            papers.read(office.actor(post), paper.id)
        asked = (PaperKind.BIO_FORM, who.request_id)
        assert papers.offered(office.actor(post), asked) == []
    assert [row.kind for row in office.events("paper-read")] == ["paper-read"]


def test_an_answer_takes_one_number_and_keeps_it_over_its_revisions(office: RealOffice, folder: Path) -> None:
    who, other = office.new("pact-applicant"), office.new("review", 1)
    first = office.core.papers.make(PaperKind.ANSWER, who.request_id)
    assert (first.number, first.revision) == ("001/SIAK/VI/2026", 1)
    assert "disetujui" in _text(office, PaperKind.ANSWER, who.request_id, folder)
    office.core.review.undo(office.actor("section_head"), office.last_act(who, "approve"))
    with pytest.raises(WrongState, match="not decided yet"):
        office.core.papers.make(PaperKind.ANSWER, who.request_id)
    office.clock.move(days=1)
    _reject(office, who, "Surat tugas sudah berakhir.")
    second = office.core.papers.make(PaperKind.ANSWER, who.request_id)
    assert (second.number, second.revision) == (first.number, 2)
    assert _facts(office, second)["date"] == "9 Juni 2026"
    assert "Surat tugas sudah berakhir." in _text(office, PaperKind.ANSWER, who.request_id, folder)
    _reject(office, other, "Tidak lengkap.")
    assert office.core.papers.make(PaperKind.ANSWER, other.request_id).number == "002/SIAK/VI/2026"


def test_answers_made_at_the_same_instant_take_numbers_without_a_gap(office: RealOffice) -> None:
    people = [office.new("review", number) for number in range(4)]
    for who in people:
        _reject(office, who, "Tidak lengkap.")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda who: office.core.papers.make(PaperKind.ANSWER, who.request_id), people * 2))
    assert sorted({paper.number for paper in made}) == [f"00{number}/SIAK/VI/2026" for number in (1, 2, 3, 4)]
    assert {paper.revision for paper in made} == {1}


def test_who_acts_for_a_post_signs_as_such(office: RealOffice, folder: Path) -> None:
    _stand_in(office, "auditor", "section_head", "PLH")
    who = office.new("review")
    office.approve(who, by="auditor")
    text = _text(office, PaperKind.ANSWER, who.request_id, folder)
    for part in ("Plh. Kepala Seksi", "Auditor,", "NIP 19700101 199503 1 005", "Surat perintah 821.2/417/2026, 1 Juni"):
        assert part in text


def test_a_letter_refused_by_the_head_is_answered_by_the_head(office: RealOffice, folder: Path) -> None:
    who = office.new("sent")
    letter = office.letter(who)
    office.core.desks.reject(office.actor("head"), letter.id, letter.revision, "Surat tidak ditandatangani.")
    text = _text(office, PaperKind.ANSWER, who.request_id, folder)
    assert "Surat tidak ditandatangani." in text
    assert "Pejabat Head" in text


def test_the_hand_over_is_receipted_without_anything_secret(office: RealOffice, folder: Path) -> None:
    who = office.new("handover")
    with pytest.raises(WrongState, match="nothing handed over"):
        office.core.papers.make(PaperKind.HANDOVER_RECEIPT, who.request_id)
    opening = office.open_envelope(who)
    code = office.request(who).check_code or ""
    text = _text(office, PaperKind.HANDOVER_RECEIPT, who.request_id, folder)
    for part in ("dewi.handayani", "Sistem", code, "8 Juni 2026", "Dewi Lestari Handayani", "Pejabat Section Head"):
        assert part in text
    assert opening.slips[0].password not in text
    kinds = [paper.kind for paper in office.core.papers.own_offered(who.request_id)]
    assert kinds == [
        PaperKind.REQUEST_LETTER,
        PaperKind.BIO_FORM,
        PaperKind.ANSWER,
        PaperKind.HANDOVER_RECEIPT,
    ]
    _, document = office.core.papers.show_own(who.request_id, PaperKind.HANDOVER_RECEIPT)
    assert document.startswith(b"%PDF")
    with pytest.raises(NotFound):
        office.core.papers.show_own(who.request_id, PaperKind.DISPOSITION_SHEET)


def test_the_minutes_of_a_revocation_follow_the_systems(office: RealOffice, folder: Path) -> None:
    who = office.new("done")
    account = office.request(who).account_id or ""
    with pytest.raises(WrongState):
        office.core.papers.make(PaperKind.REVOCATION_REPORT, account)
    office.core.accounts.revoke(office.actor("section_head"), account, "transfer", "Pindah ke kecamatan.")
    assert "belum terlaksana" in _text(office, PaperKind.REVOCATION_REPORT, account, folder)
    office.clock.move(minutes=5)
    office.core.heart.drain()
    done = office.core.papers.make(PaperKind.REVOCATION_REPORT, account)
    text = _text(office, PaperKind.REVOCATION_REPORT, account, folder)
    for part in ("Pada hari Senin, tanggal 8 Juni 2026", "Mutasi", "09.05 WIB", "Pejabat Section Head"):
        assert part in text
    office.clock.move(days=400)
    office.core.heart.drain()
    assert office.core.papers.make(PaperKind.REVOCATION_REPORT, account) == done


def test_the_longest_names_break_no_paper(office: RealOffice, folder: Path) -> None:
    with office.core.context.store.begin() as session:
        session.execute(update(OfficialRow).values(full_name=LONGEST, **TITLES))
    who = office.bring(office.draft(person(0, full_name=LONGEST, **TITLES)), "done")
    account = office.request(who).account_id or ""
    office.core.accounts.revoke(office.actor("section_head"), account, "lost_trust")
    letter, request = office.letter(who).id, who.request_id
    name = "".join(f"{TITLES['title_prefix']} {LONGEST}, {TITLES['title_suffix']}".split())
    for kind, subject in [
        (PaperKind.REQUEST_LETTER, letter),
        (PaperKind.DISPOSITION_SHEET, letter),
        (PaperKind.BIO_FORM, request),
        (PaperKind.ANSWER, request),
        (PaperKind.HANDOVER_RECEIPT, request),
        (PaperKind.REVOCATION_REPORT, account),
    ]:
        pdf = office.core.papers.bytes_of(office.core.papers.make(kind, subject))
        assert pages_of(pdf, folder) == 1, kind
        if kind is PaperKind.REQUEST_LETTER:
            assert name in "".join(text_of(pdf, folder).split())


def test_the_data_of_a_trial_have_the_shape_of_the_real_ones(office: RealOffice) -> None:
    who = office.new("done", valid_until="2027-12-31")
    letter, account = office.letter(who).id, office.request(who).account_id or ""
    office.core.accounts.revoke(office.actor("section_head"), account, "transfer")
    for kind in CASE_KINDS:
        subject = {"letter": letter, "request": who.request_id, "account": account}[kind.subject]
        samples = [sample["paper"] for sample in MADE_UP[kind.template]]
        real = _shape(_facts(office, office.core.papers.make(kind, subject)))
        assert any(_shape(sample) == real for sample in samples), kind


def test_every_letter_of_the_office_has_data_for_a_trial() -> None:
    letters = Path(__file__).parents[3] / "config" / "letters"
    assert {file.stem for file in letters.glob("[!_]*.typ")} == set(MADE_UP)


def test_several_people_on_one_letter_stand_in_a_table(office: RealOffice, folder: Path) -> None:
    who = office.draft(person(0), person(1), {})
    office.bring(who, "sent")
    text = _text(office, PaperKind.REQUEST_LETTER, office.letter(who).id, folder)
    for part in ("bagi 3 pegawai", "Dewi Lestari Handayani", "Agus Lestari Handayani", "bio data menyusul"):
        assert part in text
    with office.core.context.store.read() as session:
        assert len(session.scalars(select(PaperRow)).all()) == 1
