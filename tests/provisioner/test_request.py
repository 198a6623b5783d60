"""The request's states: the table is the law, in both directions."""

from itertools import product

import pytest

from provisioner.errors import WrongState
from provisioner.request import OPEN, PACT_OPEN, TRANSITIONS, WITH_APPLICANT, RequestAct, RequestState, after

FORBIDDEN = [pair for pair in product(RequestState, RequestAct) if pair not in TRANSITIONS]


@pytest.mark.parametrize(("pair", "state"), TRANSITIONS.items(), ids=lambda value: str(value))
def test_every_transition_leads_where_the_table_says(
    pair: tuple[RequestState, RequestAct], state: RequestState
) -> None:
    assert after(*pair) is state


@pytest.mark.parametrize(("state", "act"), FORBIDDEN)
def test_every_other_pair_is_refused_and_says_what_is_the_case(state: RequestState, act: RequestAct) -> None:
    with pytest.raises(WrongState) as refused:
        after(state, act)
    assert refused.value.code == "request-wrong-state"
    assert refused.value.data == {"state": state.value, "act": act.value}


@pytest.mark.parametrize("state", [RequestState.DONE, RequestState.WITHDRAWN, RequestState.REVOKED])
def test_what_is_over_stays_over(state: RequestState) -> None:
    assert not [act for act in RequestAct if (state, act) in TRANSITIONS]


def test_a_rejection_can_only_be_taken_back() -> None:
    acts = {act for act in RequestAct if (RequestState.REJECTED, act) in TRANSITIONS}
    assert acts == {RequestAct.UNDO_REJECT, RequestAct.REOPEN}


def test_step_5_begins_with_the_second_signature_only() -> None:
    leading = {pair for pair, target in TRANSITIONS.items() if target is RequestState.CREATION}
    assert leading == {(RequestState.PACT_OFFICIAL, RequestAct.SIGN)}


def test_the_second_signature_needs_the_first() -> None:
    leading = {pair for pair, target in TRANSITIONS.items() if target is RequestState.PACT_OFFICIAL}
    assert leading == {(RequestState.PACT_APPLICANT, RequestAct.SIGN_AS_APPLICANT)}


@pytest.mark.parametrize("state", [RequestState.CREATION, RequestState.HANDOVER])
def test_nothing_is_withdrawn_once_the_account_is_being_made(state: RequestState) -> None:
    with pytest.raises(WrongState):
        after(state, RequestAct.WITHDRAW)


def test_the_sets_of_states_agree() -> None:
    assert WITH_APPLICANT < OPEN
    assert PACT_OPEN < OPEN


def test_every_state_can_be_reached_from_the_letter() -> None:
    reached = {RequestState.WITH_LETTER}
    for _ in RequestState:
        reached |= {target for (state, _), target in TRANSITIONS.items() if state in reached}
    assert reached == set(RequestState)
