"""The letter's states: the table is the law, in both directions."""

from itertools import product

import pytest

from provisioner.errors import WrongState
from provisioner.letter import OPEN, TRANSITIONS, WITH_APPLICANT, LetterAct, LetterState, after

FORBIDDEN = [pair for pair in product(LetterState, LetterAct) if pair not in TRANSITIONS]


@pytest.mark.parametrize(("pair", "state"), TRANSITIONS.items(), ids=lambda value: str(value))
def test_every_transition_leads_where_the_table_says(pair: tuple[LetterState, LetterAct], state: LetterState) -> None:
    assert after(*pair) is state


@pytest.mark.parametrize(("state", "act"), FORBIDDEN)
def test_every_other_pair_is_refused_and_says_what_is_the_case(state: LetterState, act: LetterAct) -> None:
    with pytest.raises(WrongState) as refused:
        after(state, act)
    assert refused.value.code == "letter-wrong-state"
    assert refused.value.data == {"state": state.value, "act": act.value}


def test_a_withdrawn_letter_stays_withdrawn() -> None:
    assert not [act for act in LetterAct if (LetterState.WITHDRAWN, act) in TRANSITIONS]


def test_a_rejection_can_only_be_taken_back() -> None:
    assert [act for act in LetterAct if (LetterState.REJECTED, act) in TRANSITIONS] == [LetterAct.UNDO]


def test_only_what_lies_on_a_desk_can_be_decided() -> None:
    deciding = (LetterAct.FORWARD, LetterAct.ASSIGN, LetterAct.RETURN, LetterAct.REJECT)
    assert {state for state, act in TRANSITIONS if act in deciding} == {LetterState.DISPOSING}


def test_what_is_with_the_applicant_is_open() -> None:
    assert WITH_APPLICANT < OPEN


def test_every_state_can_be_reached_from_a_draft() -> None:
    reached = {LetterState.DRAFT}
    for _ in LetterState:
        reached |= {target for (state, _), target in TRANSITIONS.items() if state in reached}
    assert reached == set(LetterState)
