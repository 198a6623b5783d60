"""Masa simpan: what is due, what is not, and who may propose and approve."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from provisioner.errors import AuthenticationFailed, Conflict, InvalidInput, NotAllowed, WrongState
from provisioner.retention import DestructionState, Hold, over_before
from provisioner.store.tables import EnvelopeAlarmRow, OfficialRow
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice, own_password
from tests.provisioner.provisioning.destroyable import BASIS, approve, over, proposed, years_later

ZONE = ZoneInfo("Asia/Jakarta")


def due(office: RealOffice, text: str = "") -> dict[str, tuple[Hold, ...]]:
    page = office.core.retention.page(office.actor("secretary"), text)
    return {row.request_id: row.holds for row in page.rows}


@pytest.mark.parametrize(
    ("today", "first_kept"),
    [
        (date(2036, 6, 9), date(2026, 6, 9)),
        (date(2028, 2, 29), date(2018, 2, 28)),
        (date(2028, 3, 1), date(2018, 3, 1)),
    ],
)
def test_full_years_are_counted_by_the_offices_own_calendar(today: date, first_kept: date) -> None:
    assert over_before(today, 10, ZONE) == datetime(first_kept.year, first_kept.month, first_kept.day, tzinfo=ZONE)
    assert over_before(today, 10, ZONE) < datetime.combine(first_kept, datetime.max.time(), UTC)


def test_due_is_what_ended_long_ago_and_neither_what_is_open_nor_a_living_account(office: RealOffice) -> None:
    gone, _living, _waiting = over(office), office.new("done", 1), office.new("review", 2)
    rejected = office.new("review", 3)
    office.core.review.open(office.actor("section_head"), rejected.request_id)
    revision = office.request(rejected).revision
    office.core.review.reject(office.actor("section_head"), rejected.request_id, revision, "Bukan pegawai.")
    assert due(office) == {}
    years_later(office)
    assert due(office) == {gone.request_id: (), rejected.request_id: ()}
    assert due(office, office.request(gone).number or "") == {gone.request_id: ()}


def test_an_account_counts_from_its_own_end(office: RealOffice) -> None:
    who = office.new("done")
    years_later(office)
    office.core.accounts.revoke(office.actor("it"), office.request(who).account_id or "", "transfer")
    office.core.heart.drain()
    office.clock.move(days=office.settings.runner.quarantine_days)
    office.core.heart.drain()
    assert due(office) == {}
    years_later(office)
    assert due(office) == {who.request_id: ()}


def test_without_years_nothing_is_ever_due(office: RealOffice, make_office: MakeOffice) -> None:
    words = (office.settings.office_dir / "office.toml").read_text(encoding="utf-8")
    begins, ends = words.index("[retention]"), words.index("[[revocation_reasons]]")
    folder = office.folder / "kantor"
    for file in office.settings.office_dir.iterdir():
        if file.is_file():
            (folder / file.name).parent.mkdir(exist_ok=True)
            (folder / file.name).write_bytes(file.read_bytes())
    (folder / "office.toml").write_text(words[:begins] + words[ends:], encoding="utf-8")
    without = make_office(office_dir=folder)
    over(without)
    years_later(without, 80)
    page = without.core.retention.page(without.actor("secretary"))
    assert (page.years, page.rows, page.due) == (None, (), 0)
    with pytest.raises(InvalidInput):
        without.core.destructions.propose(without.actor("secretary"), [], BASIS, everything="")


def test_an_alarm_that_nobody_examined_and_an_entry_that_is_still_there_hold_a_case(office: RealOffice) -> None:
    who, other = over(office), office.new("done", 1)
    office.core.accounts.revoke(office.actor("it"), office.request(other).account_id or "", "transfer")
    at = office.clock()
    with office.core.context.store.begin() as session:
        session.add(EnvelopeAlarmRow(account_id=office.request(who).account_id, opened_at=at, raised_at=at, last_at=at))
    years_later(office)
    assert due(office) == {who.request_id: (Hold.ALARM,), other.request_id: (Hold.STILL_THERE,)}
    for held in (who, other):
        with pytest.raises(Conflict) as refused:
            proposed(office, held)
        assert refused.value.code == "destruction-not-due"


@pytest.fixture
def case(office: RealOffice) -> Applicant:
    who = over(office)
    years_later(office)
    return who


def test_only_the_secretary_proposes_with_a_basis_and_no_case_twice(office: RealOffice, case: Applicant) -> None:
    for post in ("head", "section_head", "adb"):
        with pytest.raises(NotAllowed):
            office.core.destructions.propose(office.actor(post), [], BASIS)
    with pytest.raises(InvalidInput) as refused:
        office.core.destructions.propose(office.actor("secretary"), [case.request_id], "  ")
    assert refused.value.fields == {"basis": ["required"]}
    proposed(office, case)
    assert due(office) == {case.request_id: (Hold.PROPOSED,)}
    with pytest.raises(Conflict):
        proposed(office, case)


def test_a_proposal_taken_back_leaves_everything_as_it_was(office: RealOffice, case: Applicant) -> None:
    destruction = proposed(office, case)
    office.core.destructions.withdraw(office.actor("secretary"), destruction)
    with pytest.raises(WrongState):
        approve(office, destruction)
    office.core.heart.drain()
    assert office.request(case).full_name
    assert due(office) == {case.request_id: ()}
    assert [len(office.events(f"destruction-{word}")) for word in ("proposed", "withdrawn", "approved")] == [1, 1, 0]


def test_nobody_approves_their_own_proposal_not_even_as_another_official(office: RealOffice, case: Applicant) -> None:
    both = office.add_official("ratna", "secretary", "head", nik="3576010101800099")
    own = office.core.destructions.propose(both, [case.request_id], BASIS)
    seen = office.core.destructions.view(both, own).fingerprint
    with pytest.raises(NotAllowed) as refused:
        office.core.destructions.approve(both, own, seen, own_password("ratna"))
    assert refused.value.code == "own-proposal"
    with office.core.context.store.begin() as session:
        head = session.get_one(OfficialRow, office.actor("head").official_id)
        head.person_key = both.person_key
    with pytest.raises(NotAllowed):
        office.core.destructions.approve(office.actor("head"), own, seen, own_password("head"))


def test_the_head_approves_what_they_saw_with_their_password(office: RealOffice, case: Applicant) -> None:
    destruction, head = proposed(office, case), office.actor("head")
    seen = office.core.destructions.view(head, destruction)
    with pytest.raises(AuthenticationFailed):
        office.core.destructions.approve(head, destruction, seen.fingerprint, "salah")
    with pytest.raises(Conflict):
        office.core.destructions.approve(head, destruction, "0" * 64, own_password("head"))
    with pytest.raises(NotAllowed):
        office.core.destructions.approve(
            office.actor("secretary"), destruction, seen.fingerprint, own_password("secretary")
        )
    assert office.core.destructions.waiting(head) == 1
    approve(office, destruction)
    after = office.core.destructions.view(head, destruction)
    assert (after.state, bool(after.number)) == (DestructionState.APPROVED, True)
    assert office.core.destructions.waiting(head) == 0


def test_what_became_not_due_after_the_proposal_is_not_approved_and_not_destroyed(
    office: RealOffice, case: Applicant
) -> None:
    at, account = office.clock(), office.request(case).account_id

    def alarm(examined: datetime | None) -> None:
        with office.core.context.store.begin() as session:
            session.merge(
                EnvelopeAlarmRow(
                    id="a" * 32, account_id=account, opened_at=at, raised_at=at, last_at=at, examined_at=examined
                )
            )

    destruction = proposed(office, case)
    alarm(None)
    with pytest.raises(Conflict):
        approve(office, destruction)
    alarm(at)
    approve(office, destruction)
    alarm(None)
    office.core.heart.drain()
    view = office.core.destructions.view(office.actor("head"), destruction)
    assert (view.state, view.destroyed, view.left_out) == (DestructionState.DONE, 0, 1)
    assert office.request(case).full_name
