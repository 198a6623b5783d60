"""Papers of finished cases are made in the background, a few at a time, and nobody waits for them."""

import pytest
from sqlalchemy import select, update

from provisioner.paper import PaperKind
from provisioner.provisioning import outgoing
from provisioner.provisioning.paper_rounds import PaperRounds
from provisioner.store.tables import CounterRow, LinkRow, PaperRow
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice, person

OF_A_DONE_CASE = {"request-letter", "disposition-sheet", "bio-form", "answer", "handover-receipt"}


@pytest.fixture
def rounds(office: RealOffice) -> PaperRounds:
    return rounds_of(office)


def rounds_of(office: RealOffice) -> PaperRounds:
    return PaperRounds(office.core.context, office.core.papers)


def kept(office: RealOffice) -> list[str]:
    with office.core.context.store.read() as session:
        return list(session.scalars(select(PaperRow.kind).order_by(PaperRow.made_at)))


def until_nothing_is_left(rounds: PaperRounds) -> None:
    for _ in range(20):
        rounds.make_some()


def rejected(office: RealOffice, number: int, **letter: str) -> Applicant:
    who = office.bring(office.draft(person(number), **letter), "review")
    actor = office.actor("section_head")
    office.core.review.open(actor, who.request_id)
    office.core.review.reject(actor, who.request_id, office.request(who).revision, "Belum lengkap.")
    return who


def test_a_case_that_ended_an_hour_ago_gets_its_papers_three_at_a_time(office: RealOffice, rounds: PaperRounds) -> None:
    office.new("done")
    office.new("review", 1)
    until_nothing_is_left(rounds)
    assert kept(office) == []
    office.clock.move(minutes=61)
    counts = []
    for _ in range(4):
        rounds.make_some()
        counts.append(len(kept(office)))
    assert counts == [3, 5, 5, 5]
    assert set(kept(office)) == OF_A_DONE_CASE


def test_accounts_that_wait_to_be_made_come_first(office: RealOffice, rounds: PaperRounds) -> None:
    who = office.new("done")
    office.clock.move(minutes=61)
    links = update(LinkRow).where(LinkRow.account_id == office.request(who).account_id)
    with office.core.context.store.begin() as session:
        session.execute(links.values(state="due", next_try_at=office.clock()))
    until_nothing_is_left(rounds)
    assert kept(office) == []
    with office.core.context.store.begin() as session:
        session.execute(links.values(state="done"))
    until_nothing_is_left(rounds)
    assert set(kept(office)) == OF_A_DONE_CASE


def test_what_happens_later_makes_a_newer_paper_also_after_a_restart(office: RealOffice, rounds: PaperRounds) -> None:
    who = office.new("done")
    office.clock.move(minutes=61)
    until_nothing_is_left(rounds)
    account = office.request(who).account_id or ""
    office.core.accounts.revoke(office.actor("section_head"), account, "transfer")
    office.core.heart.drain()
    office.clock.move(minutes=61)
    until_nothing_is_left(rounds_of(office))
    assert sorted(kept(office)) == sorted([*OF_A_DONE_CASE, "revocation-report"])


def test_a_paper_that_cannot_be_made_stops_no_other_and_is_told_once(
    office: RealOffice, rounds: PaperRounds, caplog: pytest.LogCaptureFixture
) -> None:
    broken = rejected(office, 0, subject="Permohonan 李")
    for number in range(1, 3):
        rejected(office, number, subject="Permohonan 李")
    rejected(office, 3)
    office.clock.move(minutes=61)
    until_nothing_is_left(rounds)
    assert kept(office).count("bio-form") == 4
    assert kept(office).count("answer") == 1
    told = len(office.events("paper-not-made"))
    assert told == 9
    with office.core.context.store.begin() as session:
        session.execute(update(CounterRow).where(CounterRow.name == "papers-followed").values(value=0))
    until_nothing_is_left(rounds)
    assert len(office.events("paper-not-made")) == told
    assert "cannot be made: unprintable-text" in caplog.text
    letter = office.letter(broken).id
    (offered,) = office.core.papers.offered(office.actor("section_head"), (PaperKind.REQUEST_LETTER, letter))
    assert offered.refused is not None
    assert offered.refused.characters == "U+674E"


def test_a_letter_whose_number_somebody_types_is_not_made_before(make_office: MakeOffice) -> None:
    office = make_office(register_book={"numbers": "typed"})
    who, rounds = rejected(office, 0), rounds_of(office)
    office.clock.move(minutes=61)
    until_nothing_is_left(rounds)
    assert set(kept(office)) == {"request-letter", "disposition-sheet", "bio-form"}
    with office.core.context.store.begin() as session:
        outgoing.assign(
            session,
            office.core.context,
            kind="answer",
            letter_id=office.letter(who).id,
            request_id=who.request_id,
            day=office.core.context.today(),
            subject="Jawaban",
            addressee="Kelurahan Gedongan",
            typed="400.12/9/2026",
        )
    office.clock.move(minutes=61)
    until_nothing_is_left(rounds)
    with office.core.context.store.read() as session:
        assert session.scalars(select(PaperRow.number).where(PaperRow.kind == "answer")).all() == ["400.12/9/2026"]
