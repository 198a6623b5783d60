"""The account's states, and what should be at a target."""

from dataclasses import replace
from itertools import product

import pytest

from provisioner.account import (
    TRANSITIONS,
    Account,
    AccountAct,
    AccountState,
    Credential,
    Password,
    Presence,
    Traits,
    after,
    desired,
)
from provisioner.connector import Profile, Verifier
from provisioner.errors import WrongState

PROFILE = Profile("Dewi", "Dewi, A.Md.", "OPERATOR_DAFDUK", "35.76.02")
ACCOUNT = Account("a1", "dewi", 3, AccountState.PENDING_ACTIVATION, PROFILE, password_changed=False)
INITIAL = Password(1, own=False, verifier=Verifier("argon2id", "x"))
OWN = Password(2, own=True, verifier=Verifier("argon2id", "y"))
SEALED = Credential(stands=True, own=False, password=INITIAL)
CHOSEN = Credential(stands=True, own=True, password=OWN)
WANTED = Credential(stands=False, own=False)
WITHHELD = Traits(enforces_first_change=False)
FORBIDDEN = [pair for pair in product(AccountState, AccountAct) if pair not in TRANSITIONS]


@pytest.mark.parametrize(("pair", "state"), TRANSITIONS.items(), ids=lambda value: str(value))
def test_every_transition_leads_where_the_table_says(
    pair: tuple[AccountState, AccountAct], state: AccountState
) -> None:
    assert after(*pair) is state


@pytest.mark.parametrize(("state", "act"), FORBIDDEN)
def test_every_other_act_is_refused_with_state_and_act(state: AccountState, act: AccountAct) -> None:
    with pytest.raises(WrongState) as refusal:
        after(state, act)
    assert refusal.value.code == "account-wrong-state"
    assert refusal.value.data == {"state": state.value, "act": act.value}


def test_a_revoked_account_never_comes_back() -> None:
    assert not [act for act in AccountAct if (AccountState.REVOKED, act) in TRANSITIONS]


def test_a_sealed_initial_password_is_written_and_opens_the_entry_without_any_group() -> None:
    wanted = desired(ACCOUNT, SEALED, Traits())
    assert wanted.presence is Presence.PRESENT
    assert wanted.enabled
    assert wanted.password == INITIAL
    assert not wanted.entitled


def test_groups_come_only_after_the_first_change() -> None:
    active = replace(ACCOUNT, state=AccountState.ACTIVE)
    assert not desired(active, CHOSEN, Traits()).entitled
    assert desired(replace(active, password_changed=True), CHOSEN, Traits()).entitled


def test_nobody_gets_in_while_a_new_password_is_wanted() -> None:
    wanted = desired(ACCOUNT, WANTED, Traits())
    assert not wanted.enabled
    assert wanted.password is None


def test_a_withheld_target_counts_the_initial_password_and_gets_nothing_usable() -> None:
    wanted = desired(ACCOUNT, SEALED, WITHHELD)
    assert wanted.password == Password(1, own=False, verifier=None)
    assert not wanted.enabled


def test_a_withheld_target_gets_the_operators_own_password() -> None:
    active = replace(ACCOUNT, state=AccountState.ACTIVE, password_changed=True)
    wanted = desired(active, CHOSEN, WITHHELD)
    assert wanted.enabled
    assert wanted.entitled
    assert wanted.password == OWN


def test_an_enforcing_target_without_a_verifier_gets_no_password_at_all() -> None:
    bare = Credential(stands=True, own=False, password=Password(1, own=False, verifier=None))
    assert desired(ACCOUNT, bare, Traits()).password is None


@pytest.mark.parametrize("state", [AccountState.SUSPENDED, AccountState.LOCKED, AccountState.EXPIRED])
def test_a_closed_account_is_disabled_everywhere_and_no_password_is_written(state: AccountState) -> None:
    for traits in (Traits(), WITHHELD, Traits(takes_verifiers=False, asks_people=True)):
        wanted = desired(replace(ACCOUNT, state=state, password_changed=True), CHOSEN, traits)
        assert wanted.presence is Presence.PRESENT
        assert not wanted.enabled
        assert not wanted.entitled
        assert wanted.password is None


def test_a_revoked_account_is_a_tombstone_until_the_quarantine_is_over() -> None:
    revoked = replace(ACCOUNT, state=AccountState.REVOKED)
    assert desired(revoked, CHOSEN, Traits()).presence is Presence.TOMBSTONE
    assert desired(replace(revoked, deletion_due=True), CHOSEN, Traits()).presence is Presence.ABSENT


def test_a_person_is_asked_for_a_new_password_once_there_is_a_ticket_for_it() -> None:
    people = Traits(takes_verifiers=False, asks_people=True)
    wanted = Credential(stands=False, own=False, wanted_now=True)
    assert desired(ACCOUNT, wanted, people).reset_asked
    assert desired(ACCOUNT, wanted, people).enabled
    assert not desired(ACCOUNT, replace(wanted, wanted_now=False), people).reset_asked
