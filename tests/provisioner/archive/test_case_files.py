"""An archive of case files, and the script in it: run alone on ZIP and unpacked folder, as an inspector would."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from provisioner.archive import case_record
from provisioner.archive.extract import link
from provisioner.errors import InvalidInput, NotAllowed, NotFound, WrongState
from tests.office import POSTS, Applicant, RealOffice, person
from tests.pdf_pages import one_page

Unpacked = dict[str, bytes]
CLEAN = {"PATH": "/usr/bin:/bin"}


def archive_of(office: RealOffice, *people: Applicant, by: str = "auditor") -> bytes:
    out = io.BytesIO()
    office.core.case_files.write_zip(office.actor(by), [who.request_id for who in people], out)
    return out.getvalue()


def unpacked(archive: bytes) -> Unpacked:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed(files: Unpacked) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in files.items():
            target.writestr(name, content)
    return out.getvalue()


def verify(place: Path, *more: str) -> tuple[int, str]:
    """The script of the archive itself, isolated: no package of ours, nobody's settings."""
    script = place / "verify.py" if place.is_dir() else place.with_name("verify.py")
    if not place.is_dir():
        script.write_bytes(zipfile.ZipFile(place).read("verify.py"))
    ran = subprocess.run(
        [sys.executable, "-I", "-S", script, place, *more],
        env=CLEAN,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    return ran.returncode, ran.stdout


def verified(folder: Path, files: Unpacked, *more: str) -> tuple[int, str]:
    file = folder / "arsip.zip"
    file.write_bytes(packed(files))
    return verify(file, *more)


def one(files: Unpacked, end: str) -> str:
    (found,) = [name for name in files if name.endswith(end)]
    return found


def case(files: Unpacked) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files[one(files, "data.json")])
    return found


def with_true_manifest(files: Unpacked) -> Unpacked:
    """What somebody would do who changes a file and knows that there is a manifest."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"sha256": sha256(content).hexdigest(), "length": len(content)}
        for name, content in files.items()
        if name != "manifest.json"
    }
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def rows(files: Unpacked) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files["audit.jsonl"].decode().splitlines()]


def with_rows(files: Unpacked, lines: list[dict[str, Any]]) -> Unpacked:
    text = "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines)
    return with_true_manifest({**files, "audit.jsonl": text.encode()})


@pytest.fixture(scope="module")
def kept() -> dict[str, bytes]:
    """The archive of one finished case, made once for all tests that only change copies of it."""
    return {}


@pytest.fixture
def files(kept: dict[str, bytes], make_office: Callable[..., RealOffice]) -> Unpacked:
    if not kept:
        office = make_office()
        who = office.draft(person(0))
        office.core.attachments.add(who.request_id, "id-card", [("ktp.pdf", one_page())])
        office.bring(who, "done")
        office.new("sent", 1)
        kept["zip"] = archive_of(office, who)
    return unpacked(kept["zip"])


def test_an_inspector_verifies_an_archive_without_anything_of_ours(files: Unpacked, tmp_path: Path) -> None:
    code, said = verified(tmp_path, files)
    assert (code, said.splitlines()[-1]) == (0, "UTUH / OK"), said
    folder = tmp_path / "unpacked"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    assert verify(folder)[0] == 0


def test_it_holds_the_papers_in_the_order_of_the_sop_and_the_pact_byte_for_byte(files: Unpacked) -> None:
    names = [name.partition("/")[2] for name in files if "/" in name]
    assert names[:5] == [
        "naskah/01-surat-permohonan-1.pdf",
        "naskah/02-lembar-disposisi-1.pdf",
        "naskah/03-form-bio-data-1.pdf",
        "naskah/04-surat-jawaban-1.pdf",
        "naskah/05-pakta-integritas-0001-PI-SIAK-VI-2026.pdf",
    ]
    assert [name.partition("/")[0] for name in names[5:]] == [
        "tanda-tangan",
        "tanda-tangan",
        "naskah",
        "lampiran",
        "data.json",
    ]
    pact = case(files)["pacts"][0]
    assert sha256(files[one(files, pact["file"])]).hexdigest() == pact["sha256"]


def test_its_data_have_the_form_that_its_schema_describes(files: Unpacked) -> None:
    record = case_record.read(files[one(files, "data.json")])
    assert json.loads(files["data.schema.json"])["properties"].keys() == case(files).keys()
    assert record.request.applicant == "Dewi Lestari Handayani, A.Md."
    assert record.bio_form["nik"] != person(0)["nik"]
    assert (record.pacts[0].validation, len(record.pacts[0].signatures)) == ("genuine", 2)
    assert record.account is not None
    assert [each.reason for each in record.left_out] != []


def test_no_value_of_other_people_is_in_it_and_no_whole_nik(files: Unpacked) -> None:
    everything = b"".join(content for name, content in files.items() if not name.endswith(".pdf"))
    assert b"Agus" not in everything
    assert person(0)["nik"].encode() not in everything


def changed_byte(files: Unpacked) -> tuple[Unpacked, str]:
    name = one(files, "id-card.pdf")
    return {**files, name: files[name][:-1] + b"!"}, f"{name}: isinya berubah"


def removed_paper(files: Unpacked) -> tuple[Unpacked, str]:
    name = one(files, "surat-permohonan-1.pdf")
    return {each: content for each, content in files.items() if each != name}, f"{name}: hilang"


def removed_paper_with_its_line(files: Unpacked) -> tuple[Unpacked, str]:
    left, _ = removed_paper(files)
    return with_true_manifest(left), f"{one(files, 'surat-permohonan-1.pdf')}: bukan naskah yang disebut"


def added_file(files: Unpacked) -> tuple[Unpacked, str]:
    return {**files, "catatan.txt": b"halo"}, "catatan.txt: tidak ada dalam manifest"


def added_paper(files: Unpacked) -> tuple[Unpacked, str]:
    name = one(files, "id-card.pdf").replace("id-card", "surat-lain")
    return with_true_manifest({**files, name: one_page()}), f"{name}: tidak disebut dalam"


def swapped_pact(files: Unpacked) -> tuple[Unpacked, str]:
    """With manifest and data made to fit: only the trail still knows which pact it was."""
    name, data = one(files, "pakta-integritas-0001-PI-SIAK-VI-2026.pdf"), case(files)
    other = files[name] + b"\n"
    data["pacts"][0].update(sha256=sha256(other).hexdigest(), length=len(other))
    changed = {**files, name: other, one(files, "data.json"): json.dumps(data).encode()}
    return with_true_manifest(changed), f"{name}: sidiknya tidak ada dalam jejak audit"


def changed_row(files: Unpacked) -> tuple[Unpacked, str]:
    lines = rows(files)
    row = next(line for line in lines if line.get("kind") == "request-approved")
    row["fields"]["role"] = "ADB"
    return with_rows(files, lines), f"baris/row {row['seq']}: isinya berubah"


def changed_name(files: Unpacked) -> tuple[Unpacked, str]:
    lines = rows(files)
    row = next(line for line in lines if line.get("kind") == "request-approved")
    row["personal"]["actor_name"]["value"] = "Orang Lain"
    return with_rows(files, lines), f"baris/row {row['seq']}: nilai pribadi berubah"


def hashed_anew(files: Unpacked) -> tuple[Unpacked, str]:
    """A row changed and its own hash made right: the next row does not follow from it."""
    lines = rows(files)
    place = next(number for number, line in enumerate(lines) if line.get("kind") == "request-approved")
    lines[place]["fields"]["role"] = "ADB"
    parts = ("seq", "at", "kind", "actor", "subjects", "fields", "commitments", "previous")
    content = {part: lines[place][part] for part in parts}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    lines[place]["hash"] = sha256(b"siak-provisioner audit 1\n" + text.encode()).hexdigest()
    return with_rows(files, lines), f"baris/row {lines[place + 1]['seq']}: tidak bersambung"


def reordered(files: Unpacked) -> tuple[Unpacked, str]:
    lines = rows(files)
    lines[2], lines[3] = lines[3], lines[2]
    return with_rows(files, lines), f"baris/row {lines[2]['seq']}: tidak pada urutannya"


def removed_row(files: Unpacked) -> tuple[Unpacked, str]:
    lines = rows(files)
    gone = lines.pop(4)
    return with_rows(files, lines), f"baris/row {gone['seq'] + 1}: tidak pada urutannya"


def cut_off(files: Unpacked) -> tuple[Unpacked, str]:
    lines = rows(files)
    del lines[-2]
    return with_rows(files, lines), "audit.jsonl: ujungnya bukan baris terakhir"


def changed_link(files: Unpacked) -> tuple[Unpacked, str]:
    lines = rows(files)
    row = next(line for line in lines if "rest" in line)
    row["state"] = "00" * 32
    return with_rows(files, lines), f"baris/row {row['seq']}: isinya berubah"


def hidden_row(files: Unpacked) -> tuple[Unpacked, str]:
    """A row about the case shown like one about others."""
    lines = rows(files)
    place = next(number for number, line in enumerate(lines) if line.get("kind") == "request-approved")
    parts = ("seq", "at", "kind", "actor", "subjects", "fields", "commitments", "previous")
    lines[place] = link({part: lines[place][part] for part in parts}, lines[place]["hash"])
    return with_rows(files, lines), f"baris/row {lines[place]['seq']}: tentang perkara ini, tetapi ditutup"


def unreadable(files: Unpacked) -> tuple[Unpacked, str]:
    return with_true_manifest({**files, "audit.jsonl": b"{"}), "tidak dapat dibaca"


TAMPERED = (
    changed_byte,
    removed_paper,
    removed_paper_with_its_line,
    added_file,
    added_paper,
    swapped_pact,
    changed_row,
    changed_name,
    hashed_anew,
    reordered,
    removed_row,
    cut_off,
    changed_link,
    hidden_row,
    unreadable,
)


@pytest.mark.parametrize("tamper", TAMPERED, ids=[each.__name__ for each in TAMPERED])
def test_the_script_names_what_was_tampered_with(
    tamper: Callable[[Unpacked], tuple[Unpacked, str]], files: Unpacked, tmp_path: Path
) -> None:
    changed, expected = tamper(files)
    code, said = verified(tmp_path, changed)
    assert code == 1
    assert expected in said
    assert said.splitlines()[-1] == "RUSAK / NOT INTACT"


def test_a_bit_that_tipped_inside_the_zip_is_named(kept: dict[str, bytes], files: Unpacked, tmp_path: Path) -> None:
    name = one(files, "id-card.pdf")
    place = kept["zip"].index(files[name]) + 50
    broken = kept["zip"][:place] + bytes([kept["zip"][place] ^ 1]) + kept["zip"][place + 1 :]
    (tmp_path / "arsip.zip").write_bytes(broken)
    code, said = verify(tmp_path / "arsip.zip")
    assert code == 1
    assert f"{name}: isinya berubah" in said


def test_a_head_noted_elsewhere_tells_whether_the_trail_was_replaced(files: Unpacked, tmp_path: Path) -> None:
    noted = rows(files)[6]
    code, said = verified(tmp_path, files, "--anchor", f"{noted['seq']}:{noted['hash']}")
    assert code == 0
    assert f"jangkar/anchor {noted['seq']}:{noted['hash']}: cocok" in said
    code, said = verified(tmp_path, files, "--anchor", f"{noted['seq']}-{'0' * 20}")
    assert code == 1
    assert "jejak audit diganti" in said


def test_two_cases_share_one_extract_and_one_manifest(office: RealOffice, tmp_path: Path) -> None:
    first, second = office.new("sent", 0), office.new("review", 1)
    files = unpacked(archive_of(office, first, second, first))
    numbers = [(office.request(who).number or "").replace("/", "-") for who in (first, second)]
    assert [name for name in files if name.endswith("data.json")] == [f"{number}/data.json" for number in numbers]
    assert verified(tmp_path, files)[0] == 0


def test_the_scan_of_a_letter_that_another_applicant_brought_is_proven_too(office: RealOffice, tmp_path: Path) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    office.core.attachments.add(first.request_id, "letter", [("surat.pdf", one_page())])
    office.core.attachments.add(first.request_id, "id-card", [("ktp.pdf", one_page())])
    office.bring(first, "sent")
    files = unpacked(archive_of(office, second))
    assert [each["kind"] for each in case(files)["attachments"]] == ["letter"]
    code, said = verified(tmp_path, files)
    assert code == 0, said
    added = [row["fields"]["document"] for row in rows(files) if row.get("kind") == "attachment-added"]
    assert added == ["letter"]


def test_a_request_that_started_again_on_a_copy_of_its_letter_is_proven_from_its_first_round(
    office: RealOffice, tmp_path: Path
) -> None:
    first, second = office.draft_of_all(person(0), person(1))
    office.core.attachments.add(first.request_id, "letter", [("surat.pdf", one_page())])
    office.bring(first, "review")
    row = office.request(second)
    office.core.review.return_for_repair(office.actor("section_head"), row.id, row.revision, "perbaiki")
    office.fill(second, person(1, region_scope="35.76.02.1003"))
    assert office.core.repair.resubmit(second.request_id).restarted
    files = unpacked(archive_of(office, second))
    data = case(files)
    assert data["earlier_letters"] == [office.letter(first).id]
    assert [each["kind"] for each in data["attachments"]] == ["letter"]
    code, said = verified(tmp_path, files)
    assert code == 0, said


def test_taking_a_case_file_out_is_an_event_and_so_is_the_whole_archive(office: RealOffice) -> None:
    files = unpacked(archive_of(office, office.new("sent"), by="section_head"))
    (read,) = office.events("case-file-read")
    (exported,) = office.events("case-files-exported")
    assert (read.actor_label, json.loads(read.fields)["form"]) == ("Kepala Seksi", "zip")
    assert json.loads(exported.fields)["sha256"] == sha256(files["manifest.json"]).hexdigest()


@pytest.mark.parametrize("post", sorted({*POSTS} - {"head", "section_head", "auditor"}))
def test_other_posts_get_no_case_files(post: str, office: RealOffice) -> None:
    who = office.new("sent")
    with pytest.raises(NotAllowed):
        archive_of(office, who, by=post)
    assert office.events("case-file-read") == []


def test_what_is_no_case_is_refused_before_anything_is_written(office: RealOffice) -> None:
    draft = office.new("draft")
    with pytest.raises(WrongState, match="not sent yet"):
        archive_of(office, draft)
    with pytest.raises(NotFound):
        archive_of(office, Applicant("0" * 32, "", "", "", {}))
    with pytest.raises(InvalidInput):
        archive_of(office)


def test_the_same_case_gives_the_same_papers_and_data(office: RealOffice) -> None:
    who = office.new("sent")
    first, second = (unpacked(archive_of(office, who)) for _ in range(2))
    assert {name for name in first if first[name] != second[name]} == {"audit.jsonl", "manifest.json"}
