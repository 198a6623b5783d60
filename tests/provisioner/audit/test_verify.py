"""Breaking an export in every way and asking the verifier, who has neither the database nor (mostly) the keys."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text, update

from provisioner.audit import Anchor, AuditTrail
from provisioner.audit.chain import GENESIS, ChainRow
from provisioner.audit.findings import MEANINGS, Report
from provisioner.audit.verify import verify
from provisioner.keyring import Keyring
from provisioner.store import Store
from provisioner.store.tables import AuditHeadRow, AuditPersonalRow, AuditRow

Row = dict[str, Any]
HEADER, TEN = 1, 10


@pytest.fixture
def lines(forward: Callable[..., None], exported: Callable[..., list[str]]) -> list[str]:
    """An export of ten rows: header, rows 1 to 10, closing line."""
    forward(TEN)
    return exported()


def kinds(report: Report) -> list[tuple[str, int, int]]:
    return [(found.kind, found.first, found.last) for found in report.findings]


def anchor(lines: list[str], seq: int) -> Anchor:
    return Anchor(seq, json.loads(lines[seq])["hash"])


def rehashed(rows: list[Row], previous: str = GENESIS, first: int = 1) -> list[Row]:
    """The rows numbered and chained anew by somebody who has no keys: every hash right, every MAC the old one."""
    done = []
    for seq, row in enumerate(rows, start=first):
        fresh = {**row, "seq": seq, "previous": previous}
        previous = ChainRow.from_content(fresh).hash()
        done.append({**fresh, "hash": previous})
    return done


def forged(rows: list[Row]) -> list[str]:
    """Lines of an export of these rows, chained anew, with a fitting closing line."""
    chained = rehashed(rows)
    head = {"head": {"seq": len(chained), "hash": chained[-1]["hash"]}}
    return [json.dumps(line) for line in [*chained, head]]


def test_an_untouched_export_is_sound(lines: list[str], keyring: Keyring) -> None:
    report = verify(lines, [anchor(lines, 7)], mac=lambda data: keyring.mac("audit-row", data))
    assert (report.sound, report.rows, report.first, report.last) == (True, 10, 1, 10)
    assert (report.last_anchored, report.unanchored, report.anchors_matched, report.macs_checked) == (7, 3, 1, True)
    assert report.head == json.loads(lines[10])["hash"]


def test_an_empty_trail_is_sound(exported: Callable[..., list[str]]) -> None:
    report = verify(exported())
    assert (report.sound, report.rows, report.head) == (True, 0, GENESIS)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("at", "2020-01-01T00:00:00.000000+00:00"),
        ("kind", "letter-rejected"),
        ("actor", {"kind": "official", "id": "official-2", "label": "Kepala Dinas"}),
        ("subjects", {"letter": "letter-2"}),
        ("fields", {"letter_number": "800/4", "to": "Kepala Seksi"}),
        ("fields", {"letter_number": "800/4", "to": "Kepala Bidang", "step": 2}),
        ("fields", {"letter_number": "\ud800"}),
        ("fields", {"letter_number": float("nan")}),
        ("commitments", {}),
        ("hash", "f" * 64),
        ("previously_unknown", "added"),
    ],
)
def test_a_changed_part_is_noticed(lines: list[str], part: str, value: object) -> None:
    lines[5] = json.dumps({**json.loads(lines[5]), part: value})
    assert ("changed", 5, 5) in kinds(verify(lines))


def test_a_part_that_stands_twice_is_not_read(lines: list[str]) -> None:
    lines[5] = lines[5].replace('{"seq":5', '{"kind":"letter-rejected","seq":5')
    assert ("unreadable", 6, 6) in kinds(verify(lines))


def test_two_swapped_rows_are_noticed(lines: list[str]) -> None:
    lines[4], lines[5] = lines[5], lines[4]
    assert kinds(verify(lines)) == [("reordered", 4, 4)]


def test_two_rows_that_exchanged_their_numbers_are_noticed(lines: list[str]) -> None:
    fourth, fifth = json.loads(lines[4]), json.loads(lines[5])
    lines[4], lines[5] = json.dumps({**fifth, "seq": 4}), json.dumps({**fourth, "seq": 5})
    assert ("changed", 4, 5) in kinds(verify(lines))


def test_rows_deleted_in_the_middle_are_noticed(lines: list[str]) -> None:
    assert kinds(verify(lines[:4] + lines[6:])) == [("missing", 4, 5)]


def test_rows_deleted_at_the_beginning_are_noticed(lines: list[str]) -> None:
    assert kinds(verify(lines[:1] + lines[3:])) == [("beginning-missing", 1, 2)]


def test_a_row_that_stands_twice_is_noticed(lines: list[str]) -> None:
    assert kinds(verify([*lines[:6], *lines[5:]])) == [("inserted", 5, 5)]


def test_a_foreign_row_in_the_place_of_another_is_noticed(lines: list[str]) -> None:
    row = json.loads(lines[5])
    row["fields"]["to"] = "Kepala Seksi"
    lines[5] = json.dumps({**row, "hash": ChainRow.from_content(row).hash()})
    assert kinds(verify(lines)) == [("link-broken", 6, 6)]


def test_a_foreign_row_that_was_also_moved_is_noticed(lines: list[str]) -> None:
    row = json.loads(lines[5])
    row["fields"]["to"] = "Kepala Seksi"
    lines[5], lines[6] = lines[6], json.dumps({**row, "hash": ChainRow.from_content(row).hash()})
    assert kinds(verify(lines)) == [("reordered", 5, 5), ("link-broken", 6, 6)]


def test_a_cut_off_end_is_noticed_up_to_the_last_anchor(lines: list[str]) -> None:
    ninth = json.loads(lines[9])
    cut = [*lines[:10], json.dumps({"head": {"seq": 9, "hash": ninth["hash"]}})]
    assert verify(cut, [anchor(lines, 9)]).sound
    assert kinds(verify(cut, [anchor(lines, 9), anchor(lines, 10)])) == [("cut-off", 10, 10)]


def test_an_export_cut_off_carelessly_contradicts_its_closing_line(lines: list[str]) -> None:
    assert kinds(verify([*lines[:8], lines[-1]])) == [("head-mismatch", 7, 7)]


def test_an_export_that_broke_off_is_noticed(lines: list[str]) -> None:
    assert kinds(verify(lines[:8])) == [("incomplete", 7, 7)]


def test_a_trail_hashed_anew_without_the_keys_is_betrayed_by_its_macs(lines: list[str], keyring: Keyring) -> None:
    rows = [json.loads(line) for line in lines[1:11]]
    rows[3]["fields"]["to"] = "Kepala Seksi"
    false = forged(rows)
    assert verify(false).sound, "without keys or anchors nobody can tell"
    assert kinds(verify(false, mac=lambda data: keyring.mac("audit-row", data))) == [("forged", 4, 10)]


def test_a_trail_hashed_anew_without_the_keys_is_betrayed_by_any_later_anchor(lines: list[str]) -> None:
    rows = [json.loads(line) for line in lines[1:11]]
    del rows[3]
    report = verify(forged(rows), [anchor(lines, 2), anchor(lines, 8)])
    assert kinds(report) == [("anchor-mismatch", 8, 8)]
    assert report.last_anchored == 2


def test_another_offices_mac_is_not_accepted(lines: list[str]) -> None:
    stranger = Keyring.generate()
    assert kinds(verify(lines, mac=lambda data: stranger.mac("audit-row", data))) == [("forged", 1, 10)]


def test_an_anchor_from_paper_vouches_by_its_first_80_bits(lines: list[str]) -> None:
    digits = json.loads(lines[6])["hash"]
    paper = Anchor.parse(f"6-{digits[:5]}-{digits[5:10]}-{digits[10:15]}-{digits[15:20]}".upper())
    assert verify(lines, [paper]).last_anchored == 6


def test_an_anchor_with_too_few_digits_vouches_for_nothing(lines: list[str]) -> None:
    digits = json.loads(lines[6])["hash"]
    assert kinds(verify(lines, [Anchor(6, digits[:15])])) == [("anchor-mismatch", 6, 6)]


def test_the_later_part_of_a_trail_needs_an_anchor_of_the_row_before(
    lines: list[str], exported: Callable[..., list[str]]
) -> None:
    part = exported(after=6)
    assert kinds(verify(part)) == [("beginning-missing", 1, 6)]
    report = verify(part, [anchor(lines, 6)])
    assert (report.sound, report.first, report.last_anchored) == (True, 7, 6)


@pytest.mark.parametrize(
    "line",
    [
        "rubbish",
        "[]",
        "7",
        '{"seq":1}',
        '{"head":7}',
        '{"head":{}}',
        "[" * 100_000,
        '{"seq":' + "9" * 5000 + "}",
        "\x00",
    ],
)
def test_what_cannot_be_read_is_a_finding_not_a_failure(lines: list[str], line: str) -> None:
    lines.insert(3, line)
    assert kinds(verify(lines)) == [("unreadable", 4, 4)]


@pytest.mark.parametrize("seq", [0, -1, True, 1.0, "1", None])
def test_a_row_number_that_is_none_is_not_read(lines: list[str], seq: object) -> None:
    lines[1] = json.dumps({**json.loads(lines[1]), "seq": seq})
    assert ("unreadable", 2, 2) in kinds(verify(lines))


def test_a_row_number_far_out_costs_neither_time_nor_memory(lines: list[str]) -> None:
    lines.insert(-1, json.dumps({**json.loads(lines[10]), "seq": 10**18}))
    assert ("missing", 11, 10**18 - 1) in kinds(verify(lines))


def test_personal_values_in_an_export_are_held_against_their_commitments(
    lines: list[str], exported: Callable[..., list[str]]
) -> None:
    with_values = exported(personal=True)
    assert verify(with_values).personal_checked == 20
    assert "Siti" not in "".join(lines), "an export holds no personal values unless asked for"
    row = json.loads(with_values[4])
    row["personal"]["instruction"]["value"] = "Ditolak saja"
    row["personal"]["added"] = {"salt": "00", "value": "x"}
    with_values[4] = json.dumps(row)
    assert kinds(verify(with_values)) == [("personal-changed", 4, 4), ("personal-changed", 4, 4)]


def test_a_report_is_json_with_a_sentence_for_every_finding(lines: list[str]) -> None:
    report = verify(lines[:4] + lines[6:]).to_dict()
    assert json.loads(json.dumps(report))["findings"][0]["text"] == f"rows 4 to 5: {MEANINGS['missing']}"


@given(st.data())
@settings(max_examples=150)
def test_no_single_edit_of_the_text_goes_unnoticed(data: st.DataObject) -> None:
    """Whatever one character of a row is changed to: the row reads the same, or the verifier complains."""
    lines = _static_lines()
    number = data.draw(st.integers(1, len(lines) - 2))
    place = data.draw(st.integers(0, len(lines[number]) - 2))
    character = data.draw(st.characters(codec="utf-8", exclude_characters="\n"))
    edited = lines[number][:place] + character + lines[number][place + 1 :]
    keyring = Keyring.parse(_STATIC_KEYS)
    report = verify([*lines[:number], edited, *lines[number + 1 :]], mac=lambda data: keyring.mac("audit-row", data))
    assert report.sound == (_read(edited) == _read(lines[number]))


def test_no_shuffle_goes_unnoticed(lines: list[str]) -> None:
    dice = random.Random(35)  # noqa: S311  (a repeatable shuffle, not a secret)
    for _ in range(100):
        rows = lines[1:11]
        dice.shuffle(rows)
        if rows != lines[1:11]:
            assert not verify([lines[0], *rows, lines[11]]).sound


TAMPERING = {
    "field": (
        "UPDATE audit SET fields = replace(fields, 'Kepala Bidang', 'Kepala Seksi') WHERE seq = 5",
        ("changed", 5, 5),
    ),
    "actor": ("UPDATE audit SET actor_id = 'official-2' WHERE seq = 5", ("changed", 5, 5)),
    "moment": ("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE seq = 5", ("changed", 5, 5)),
    "subject": ("UPDATE audit SET letter_id = NULL WHERE seq = 5", ("changed", 5, 5)),
    "spelling": ("UPDATE audit SET fields = 'rubbish' WHERE seq = 5", ("unreadable", 6, 6)),
    "middle": ("DELETE FROM audit WHERE seq = 5", ("missing", 5, 5)),
    "end": ("DELETE FROM audit WHERE seq > 8", ("head-mismatch", 8, 8)),
    "head": ("UPDATE audit_head SET seq = 8", ("head-mismatch", 10, 10)),
    "all": ("DELETE FROM audit", ("head-mismatch", 0, 0)),
}


@pytest.mark.parametrize("case", TAMPERING)
def test_whatever_is_done_to_the_table_shows_in_the_next_export(
    store: Store, forward: Callable[..., None], exported: Callable[..., list[str]], case: str
) -> None:
    statement, finding = TAMPERING[case]
    forward(TEN)
    with store.begin() as session:
        session.execute(delete(AuditPersonalRow))  # A foreign key would hold rows back.
        session.execute(text(statement))
    assert finding in kinds(verify(exported()))


def test_an_end_cut_off_with_its_head_shows_only_against_an_anchor(
    store: Store, trail: AuditTrail, forward: Callable[..., None], exported: Callable[..., list[str]]
) -> None:
    forward(TEN)
    with store.begin() as session:
        noted = trail.head(session)
        session.execute(delete(AuditPersonalRow))
        eighth = session.get_one(AuditRow, 8)
        session.execute(update(AuditHeadRow).values(seq=8, hash=eighth.hash))
        session.execute(delete(AuditRow).where(AuditRow.seq > 8))
    assert verify(exported()).sound
    assert kinds(verify(exported(), [Anchor.parse(str(noted))])) == [("cut-off", 9, 10)]
    assert kinds(verify(exported(), [Anchor.parse(noted.short)])) == [("cut-off", 9, 10)]
    forward(3)
    assert kinds(verify(exported(), [Anchor.parse(noted.short)])) == [("anchor-mismatch", 10, 10)]


def _read(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


_STATIC_KEYS = Keyring.generate().to_text()


def _static_lines() -> list[str]:
    keyring = Keyring.parse(_STATIC_KEYS)
    rows = rehashed(
        [
            {
                "at": "2026-11-02T01:00:00.000000+00:00",
                "kind": "letter-forwarded",
                "actor": {"kind": "official", "id": "1", "label": "Kepala Dinas"},
                "subjects": {"letter": "1"},
                "fields": {"letter_number": f"800/{number}", "to": "Kepala Bidang", "step": 2},
                "commitments": {"reason": "ab" * 32},
            }
            for number in range(3)
        ]
    )
    signed = [{**row, "mac": keyring.mac("audit-row", bytes.fromhex(row["hash"])).hex()} for row in rows]
    closing = {"head": {"seq": len(rows), "hash": rows[-1]["hash"]}}
    return [
        json.dumps({"format": "siak-provisioner-audit", "version": 1}),
        *map(json.dumps, signed),
        json.dumps(closing),
    ]
