"""The keys as people copy them from paper."""

import pytest

from provisioner import key_paper
from provisioner.errors import InvalidInput
from provisioner.key_paper import PaperSecret
from provisioner.keyring import Keyring

KEYRING = Keyring.generate().rotated().rotated()
PAPER = key_paper.on_paper(KEYRING)
MARK = key_paper.mark_of(KEYRING)


def codes() -> list[str]:
    return [key_paper.qr_text(each, place, len(PAPER), MARK) for place, each in enumerate(PAPER, start=1)]


def code_of(found: list[PaperSecret], mark: str = MARK) -> str:
    with pytest.raises(InvalidInput) as refused:
        key_paper.from_paper(found, mark)
    return refused.value.code


def test_what_is_typed_from_paper_is_the_same_keyring() -> None:
    typed = [PaperSecret(each.label, tuple(row.lower().replace("-", " ") for row in each.rows)) for each in PAPER]
    assert key_paper.from_paper(typed, MARK.lower()).to_text() == KEYRING.to_text()


def test_the_codes_give_the_same_keyring_in_any_order_and_beside_others() -> None:
    assert key_paper.from_codes([*reversed(codes()), "https://example.go.id/lacak"]).to_text() == KEYRING.to_text()


@pytest.mark.parametrize("row", range(key_paper.ROWS))
def test_every_single_wrong_letter_in_a_row_is_noticed(row: int) -> None:
    label, printed = PAPER[1].label, PAPER[1].rows[row]
    row_format = key_paper.row_format(label, row + 1)
    for place, letter in enumerate(printed):
        if letter == "-":
            continue
        wrong = printed[:place] + ("0" if letter != "0" else "1") + printed[place + 1 :]
        with pytest.raises(InvalidInput):
            row_format.decode(wrong)


def test_a_row_in_the_place_of_another_is_noticed() -> None:
    first, second = PAPER[1], PAPER[2]
    assert code_of([PAPER[0], PaperSecret(first.label, first.rows[::-1])]) == "code-checksum"
    assert code_of([PAPER[0], PaperSecret(first.label, second.rows)]) == "code-checksum"


def test_a_missing_doubled_or_exchanged_key_is_noticed() -> None:
    assert code_of([*PAPER[:-1]]) == "key-paper-mark"
    assert code_of([PAPER[0], PAPER[2], PAPER[1], PAPER[3]]) == "key-paper-mark"
    assert code_of([*PAPER[1:]]) == "key-paper-incomplete"
    assert code_of([PAPER[0]]) == "key-paper-incomplete"
    assert code_of([*PAPER], "0000-0000-0000") == "key-paper-mark"
    assert code_of([PAPER[0], PaperSecret("kunci", PAPER[1].rows)]) == "key-paper-label"


def test_codes_that_were_not_read_are_named_and_two_papers_are_not_mixed() -> None:
    with pytest.raises(InvalidInput) as refused:
        key_paper.from_codes([codes()[0], codes()[2]])
    assert (refused.value.code, refused.value.data["codes"]) == ("key-paper-missing", "2, 4")
    other = Keyring.generate()
    stranger = key_paper.qr_text(key_paper.on_paper(other)[0], 1, 2, key_paper.mark_of(other))
    for texts, code in (([*codes(), stranger], "key-paper-mixed"), (["hello"], "key-paper-none")):
        with pytest.raises(InvalidInput) as refused:
            key_paper.from_codes(texts)
        assert refused.value.code == code


def test_a_rehearsal_asks_for_one_row_of_every_secret_and_knows_other_keys() -> None:
    asked = key_paper.asked_in_rehearsal(KEYRING)
    assert [each.label for each in asked] == [each.label for each in PAPER]
    for each, secret in zip(asked, PAPER, strict=True):
        key_paper.check_row(KEYRING, each, secret.rows[each.row - 1])
    foreign = key_paper.row_format(asked[0].label, asked[0].row).encode(bytes(16))
    with pytest.raises(InvalidInput, match="key paper other"):
        key_paper.check_row(KEYRING, asked[0], foreign)


def test_no_part_of_a_key_shows_in_a_repr_or_a_refusal() -> None:
    shown = repr(PAPER)
    with pytest.raises(InvalidInput) as refused:
        key_paper.row_format(PAPER[1].label, 1).decode(PAPER[1].rows[1])
    assert not any(
        group in shown + str(refused.value) for each in PAPER for row in each.rows for group in row.split("-")
    )
