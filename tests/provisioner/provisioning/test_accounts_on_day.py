"""What an account was on a day is answered from what was written down then, not from what it is today."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from provisioner.errors import InvalidInput, NotAllowed
from provisioner.provisioning.accounts_on_day import AccountThen
from provisioner.store.tables import AccountHistoryRow, AccountRow
from tests.office import POSTS, Applicant, RealOffice, person
from tests.provisioner.provisioning.first_day import FirstDay, row

DAY = timedelta(days=1)


def on(office: RealOffice, day: date, text: str = "", word: str = "") -> list[AccountThen]:
    return list(office.core.accounts_on_day.page(office.actor("auditor"), day, text, word).rows)


def one(office: RealOffice, day: date) -> AccountThen:
    (found,) = on(office, day)
    return found


def account(office: RealOffice, who: Applicant) -> str:
    return office.request(who).account_id or ""


def test_every_day_in_between_has_its_own_answer(office: RealOffice) -> None:
    core, it, start = office.core, office.actor("it"), office.core.context.today()
    who = office.new("handover")
    office.clock.move(days=1)
    (slip,) = office.open_envelope(who).slips
    core.passwords.change(account(office, who), slip.password, "operator menyapu halaman 7")
    office.clock.move(days=1)
    core.accounts.suspend_now(it, account(office, who), "dipinjamkan")
    office.clock.move(days=1)
    core.accounts.reactivate(it, account(office, who))
    office.clock.move(days=1)
    with core.context.store.begin() as session:
        row = session.get_one(AccountRow, account(office, who))
        before, row.role, row.username = row.username, "VERIFIKATOR", "dewi.baru"
    office.clock.move(days=1)
    core.accounts.extend(it, account(office, who), start + 300 * DAY)
    office.clock.move(days=1)
    core.accounts.revoke(it, account(office, who), "transfer")
    office.clock.move(days=1)
    assert on(office, start - DAY) == []
    words = [one(office, start + number * DAY).word for number in range(7)]
    assert words == ["pending-activation", "active", "suspended", "active", "active", "active", "revoked"]
    changed = [(each.role, each.username) for each in (one(office, start + number * DAY) for number in (3, 4))]
    assert changed == [("OPERATOR_KELURAHAN", before), ("VERIFIKATOR", "dewi.baru")]
    assert [one(office, start + number * DAY).valid_until for number in (4, 5)] == [None, start + 300 * DAY]
    assert one(office, start + 6 * DAY).reason == "transfer"
    assert all(one(office, start + number * DAY).agrees for number in range(7))


def test_pact_basis_and_approver_are_told_and_taking_them_out_is_the_auditors_alone(office: RealOffice) -> None:
    who = office.new("handover")
    found, today = one(office, office.core.context.today()), office.core.context.today()
    pact, request, letter = office.pact(who), office.request(who), office.letter(who)
    assert (found.pact_number, found.request_number) == (pact.number, request.number)
    assert (found.letter_number, found.letter_date) == (letter.number, letter.letter_date)
    assert found.approver == "Kepala Seksi, Pejabat Section Head"
    assert found.acting_for == ""
    assert found.staff_number == "199507012020122001"
    assert found.systems == {"sistem": "open"}
    assert found.staff_number not in repr(found)
    (event,) = [each for each in office.events("account-approved") if each.seq == found.seq]
    assert event.at.date() == today
    taken = office.core.accounts_on_day.take_out(office.actor("auditor"), today)
    assert list(taken.rows) == [found]
    (event,) = office.events("accounts-on-day-exported")
    assert event.seq == taken.head.seq + 1
    for post in POSTS:
        if post != "auditor":
            with pytest.raises(NotAllowed):
                office.core.accounts_on_day.take_out(office.actor(post), today)
    # A history that somebody changed does not agree with the trail.
    with office.core.context.store.begin() as session:
        session.execute(update(AccountHistoryRow).values(state="revoked"))
    assert not one(office, today).agrees


def test_the_day_ends_at_midnight_in_the_office(office: RealOffice) -> None:
    who, today = office.new("handover"), office.core.context.today()
    office.clock.now = office.clock.now.replace(hour=16, minute=59)
    office.core.accounts.suspend_now(office.actor("it"), account(office, who))
    office.clock.move(minutes=2)
    office.core.accounts.reactivate(office.actor("it"), account(office, who))
    assert [one(office, today + number * DAY).word for number in (0, 1)] == ["suspended", "pending-activation"]


def test_recorded_accounts_count_until_they_are_signed_for_or_taken_off(office: RealOffice) -> None:
    for name in ("dewi.lama", "agus.lama"):
        office.core.targets["sistem"].connector.add_stranger(name)  # type: ignore[attr-defined]
    day, start = FirstDay(office), office.core.context.today()
    kept = day.record(row("dewi.lama", 0), row("agus.lama", 1))
    office.clock.move(days=1)
    day.decided(kept.list_id)
    day.signs(day.comes("dewi.lama", 0))
    office.core.heart.drain()
    office.clock.move(days=1)
    office.core.recorded_lists.remove(day.kasi, day.row("agus.lama").id, "sudah pensiun")
    seen = [[(each.username, each.word) for each in on(office, start + number * DAY)] for number in range(3)]
    assert seen[0] == [("agus.lama", "recorded"), ("dewi.lama", "recorded")]
    assert seen[1] == [("dewi.lama", "active"), ("agus.lama", "recorded")]
    assert seen[2] == [("dewi.lama", "active")]
    assert on(office, start + DAY)[0].systems == {"sistem": "open"}


def test_counts_search_and_pages_are_of_the_day(office: RealOffice) -> None:
    for number in range(2):
        office.new("handover", number)
    today, auditor = office.core.context.today(), office.actor("auditor")
    asked = office.core.accounts_on_day
    assert asked.page(auditor, today).counts["pending-activation"] == 2
    assert [each.display_name for each in on(office, today, text="agus")] == ["Agus Lestari Handayani, A.Md."]
    assert [each.display_name for each in on(office, today, text=person(0)["staff_number"])] == [
        "Dewi Lestari Handayani, A.Md."
    ]
    assert on(office, today, word="revoked") == []
    pages = [asked.page(auditor, today, page=number, per_page=1).rows for number in (1, 2, 3)]
    assert [len(rows) for rows in pages] == [1, 1, 0]


def test_a_day_to_come_is_refused(office: RealOffice) -> None:
    with pytest.raises(InvalidInput) as refusal:
        on(office, office.core.context.today() + DAY)
    assert refusal.value.fields == {"day": ["day-to-come"]}
