"""Two people press at the same instant, each through a process of their own: one does it, the other is told why not."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from provisioner.audit import Subjects
from provisioner.audit.entry import Actor as TrailActor
from provisioner.bootstrap import Provisioner, build
from provisioner.errors import LockedOut, ProvisionerError, StoreUnavailable
from provisioner.store.tables import AccountRow, LetterRow, PactRow, RegisterEntryRow, RequestRow, UsernameRow
from tests.faults.at_once import at_once
from tests.office import Applicant, RealOffice, own_password

PEOPLE = 4


@pytest.fixture
def others(office: RealOffice) -> Iterator[Sequence[Provisioner]]:
    """The same office, opened by other processes: nothing is shared but the store."""
    with ExitStack() as closing:
        cores = [build(office.settings, office.clock) for _ in range(PEOPLE)]
        for core in cores:
            closing.callback(core.close)
        yield cores


def refusals(answers: Sequence[Any]) -> list[str]:
    """The codes of those who were told no."""
    return [answer.code for answer in answers if isinstance(answer, ProvisionerError)]


def count(office: RealOffice, row: Any) -> int:
    with office.core.context.store.read() as session:
        return session.scalar(select(func.count()).select_from(row)) or 0


def chain_is_whole(office: RealOffice) -> None:
    """Every number once, and each event follows the one before it."""
    rows = office.events()
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert all(later.previous == earlier.hash for earlier, later in pairwise(rows))


def test_a_letter_is_disposed_of_once(office: RealOffice, others: Sequence[Provisioner]) -> None:
    who = office.new("sent")
    letter, head = office.letter(who), office.actor("head")
    answers = at_once(*(partial(core.desks.forward, head, letter.id, letter.revision) for core in others))
    assert len(refusals(answers)) == PEOPLE - 1
    assert set(refusals(answers)) == {"not-your-post"}  # It lies on the next desk by then.
    assert len(office.events("letter-forwarded")) == 1
    assert office.letter(who).step == 3
    chain_is_whole(office)


def test_forwarding_and_rejecting_do_not_both_happen(office: RealOffice, others: Sequence[Provisioner]) -> None:
    who = office.new("sent")
    letter, head = office.letter(who), office.actor("head")
    acts = [
        partial(others[0].desks.forward, head, letter.id, letter.revision),
        partial(others[1].desks.reject, head, letter.id, letter.revision, "Bukan kewenangan kami"),
    ]
    answers = at_once(*acts)
    assert len(refusals(answers)) == 1
    assert len(office.events("letter-forwarded")) + len(office.events("letter-rejected")) == 1


def test_letters_sent_at_once_get_numbers_without_gap_or_double(
    office: RealOffice, others: Sequence[Provisioner]
) -> None:
    people = [office.new("draft", number) for number in range(PEOPLE)]
    acts = [partial(core.drafting.submit, who.request_id) for core, who in zip(others, people, strict=True)]
    assert refusals(at_once(*acts)) == []
    with office.core.context.store.read() as session:
        sequences = sorted(session.scalars(select(RegisterEntryRow.sequence)))
    assert sequences == list(range(1, PEOPLE + 1))
    numbers = sorted(str(office.request(who).number) for who in people)
    assert [number.partition("/")[0].lstrip("0") for number in numbers] == [str(each + 1) for each in range(PEOPLE)]
    chain_is_whole(office)


def test_a_user_name_is_reserved_for_one(office: RealOffice, others: Sequence[Provisioner]) -> None:
    people = [office.new("review", number) for number in range(2)]
    approvals = [office.approval(who, "dewi.lestari") for who in people]
    head = office.actor("section_head")
    acts = [
        partial(core.pacts.approve, head, who.request_id, office.request(who).revision, approval)
        for core, who, approval in zip(others[:2], people, approvals, strict=True)
    ]
    assert refusals(at_once(*acts)) == ["username-taken"]
    assert (count(office, UsernameRow), count(office, PactRow)) == (1, 1)
    chain_is_whole(office)


def test_one_person_is_approved_once_though_they_asked_twice(office: RealOffice, others: Sequence[Provisioner]) -> None:
    first, second = office.new("review", 0), office.new("division", 1)
    _is_same_person(office, second, first)
    office.forward(second, "division_head")
    head = office.actor("section_head")
    acts = [
        partial(
            core.pacts.approve,
            head,
            who.request_id,
            office.request(who).revision,
            office.approval(who, name),
        )
        for core, who, name in zip(others[:2], (first, second), ("dewi.satu", "dewi.dua"), strict=True)
    ]
    told = refusals(at_once(*acts))
    assert told.count("person-has-request") >= 1
    assert count(office, PactRow) <= 1


def test_a_pact_is_signed_once_and_makes_one_account(office: RealOffice, others: Sequence[Provisioner]) -> None:
    who = office.new("pact-official")
    head, pact = office.actor("section_head"), office.pact(who)
    office.core.pacts.document(head, pact.id)
    acts = [partial(core.signatures.sign, head, [pact.id], own_password("section_head")) for core in others]
    answers = [answer[0].error for answer in at_once(*acts)]
    assert len([error for error in answers if error is None]) == 1
    assert (count(office, AccountRow), len(office.events("pact-signed"))) == (1, 1)
    chain_is_whole(office)


def test_an_act_is_taken_back_once(office: RealOffice, others: Sequence[Provisioner]) -> None:
    who = office.new("sent")
    office.forward(who, "head")
    act, head = office.last_act(who, "forward"), office.actor("head")
    answers = at_once(*(partial(core.desks.undo, head, act) for core in others))
    assert len(refusals(answers)) == PEOPLE - 1
    assert len(office.events("act-undone")) == 1


def test_wrong_passwords_at_once_are_all_counted(office: RealOffice, others: Sequence[Provisioner]) -> None:
    """Or somebody who tries many at once has as many tries as processes."""
    limit = office.settings.lockout.max_failures
    acts = [partial(core.sign_in.sign_in, "head", "salah") for core in others]
    for _ in range(limit // PEOPLE + 1):
        at_once(*acts)
    with pytest.raises(LockedOut):
        office.core.sign_in.sign_in("head", own_password("head"))


def test_events_of_many_writers_stand_in_one_chain(office: RealOffice, others: Sequence[Provisioner]) -> None:
    who = office.letter(office.new("sent"))
    before = len(office.events())

    def write(core: Provisioner) -> None:
        for _ in range(5):
            with core.context.store.begin() as session:
                core.context.trail.record(
                    session, "draft-begun", actor=TrailActor.visitor(), subjects=Subjects(letter=who.id)
                )

    assert refusals(at_once(*(partial(write, core) for core in others))) == []
    assert len(office.events()) == before + 5 * PEOPLE
    chain_is_whole(office)


def test_two_who_wait_for_each_other_are_told_apart_and_nothing_is_half_done(
    office: RealOffice, others: Sequence[Provisioner], store_kind: str
) -> None:
    """Which of them gives way is the database's choice; on SQLite they simply take turns."""
    letters = [office.letter(office.new("sent", number)).id for number in range(2)]
    met = Barrier(2, timeout=60)

    def change(core: Provisioner, first: str, second: str) -> None:
        with core.context.store.begin() as session:
            session.get_one(LetterRow, first).sender = first
            session.flush()
            if store_kind == "postgresql":
                met.wait()
            session.get_one(LetterRow, second).sender = first

    answers = at_once(partial(change, others[0], *letters), partial(change, others[1], *reversed(letters)))
    told = [answer for answer in answers if isinstance(answer, ProvisionerError)]
    assert all(isinstance(error, StoreUnavailable) and error.code == "store-busy" for error in told)
    assert len(told) == (1 if store_kind == "postgresql" else 0)
    with office.core.context.store.read() as session:
        assert len({session.get_one(LetterRow, each).sender for each in letters}) == 1


def _is_same_person(office: RealOffice, who: Applicant, other: Applicant) -> None:
    """Somebody who filled in their form late, with the number of a person who has asked before."""
    known = office.request(other).person_key
    with office.core.context.store.begin() as session:
        session.get_one(RequestRow, who.request_id).person_key = known
