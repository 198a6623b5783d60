"""The first day: accounts that a system has already are listed, decided about once, and come under management."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from provisioner.errors import Conflict, InvalidInput, NotAllowed, WrongState
from provisioner.provisioning.recording import Verdict
from provisioner.reconciliation.finding import Kind
from provisioner.request import RequestState
from provisioner.store.tables import AccountRow, LinkRow, RecordedAccountRow, RecordedListRow
from tests.conftest import MakeOffice
from tests.office import MEMORY, Applicant, RealOffice, person
from tests.provisioner.provisioning.first_day import FirstDay, listing, row

SIAK = {
    "kind": "manual",
    "label": "SIAK Terpusat",
    "settings": {
        "system": "SIAK",
        "fields": [["Nama pengguna", "{username}"], ["Nama lengkap", "{full_name}"], ["Peran", "{role}"]],
    },
}
OLD = ("dewi.lama", "agus.lama", "budi.lama")


@pytest.fixture
def day(office: RealOffice) -> FirstDay:
    """A system in which three people have accounts already."""
    for name in OLD:
        office.core.targets["sistem"].connector.add_stranger(name)  # type: ignore[attr-defined]
    return FirstDay(office)


def three() -> list[str]:
    return [row(name, number) for number, name in enumerate(OLD)]


def count(day: FirstDay, table: type[RecordedAccountRow | RecordedListRow | LinkRow | AccountRow]) -> int:
    with day.core.context.store.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


# -- reading in ----------------------------------------------------------------------------------------------------


def test_a_preview_tells_of_every_row_and_keeps_nothing(day: FirstDay) -> None:
    day.record(row("budi.lama", 2))
    day.office.new("done", 7)
    rows = (*three()[:2], "salah;;;;;;", row("tidak.ada", 3), three()[2], row("Fitri.Baru", 7))
    found = day.core.recording.preview(day.adb, "sistem", listing(*rows))
    verdicts = [line.verdict for line in found.lines]
    assert verdicts == [Verdict.GOOD, Verdict.GOOD, Verdict.WRONG, Verdict.ABSENT, Verdict.KNOWN, Verdict.KNOWN]
    assert [line.known_as for line in found.lines[4:]] == ["recorded", "person"]
    assert count(day, RecordedAccountRow) == 1


def test_nothing_is_kept_of_a_list_with_a_wrong_row_unless_that_is_wanted(day: FirstDay) -> None:
    rows = (*three(), row("tidak.ada", 3))
    with pytest.raises(InvalidInput) as refusal:
        day.record(*rows)
    assert (refusal.value.code, refusal.value.data["count"]) == ("list-rows-wrong", 1)
    assert count(day, RecordedListRow) == 0
    assert day.record(*rows, only_good=True).count == 3


def test_reading_the_same_list_in_twice_records_nothing_twice(day: FirstDay) -> None:
    assert day.record(*three()).count == 3
    again = day.record(*three())
    assert (again.count, again.list_id) == (0, "")
    assert (count(day, RecordedAccountRow), count(day, RecordedListRow)) == (3, 1)
    assert len(day.office.events("accounts-recorded")) == 1


@pytest.mark.parametrize("post", ["head", "division_head", "secretary", "auditor"])
def test_only_who_looks_after_accounts_reads_lists_in(day: FirstDay, post: str) -> None:
    actor, text = day.office.actor(post), listing(*three())
    with pytest.raises(NotAllowed):
        day.core.recording.preview(actor, "sistem", text)
    with pytest.raises(NotAllowed):
        day.core.recording.record(actor, "sistem", text, day.day)


def test_a_recorded_name_is_offered_to_nobody_else(day: FirstDay) -> None:
    name = day.core.usernames.offer(day.kasi, day.office.new("review", 5).request_id).username
    day.core.targets["sistem"].connector.add_stranger(name)  # type: ignore[attr-defined]
    day.record(row(name, 6))
    assert day.core.usernames.suggest(day.office.new("review", 5).request_id) != name


# -- a list that nobody has decided about ----------------------------------------------------------------------------


def test_recorded_accounts_are_listed_with_those_first_who_have_least_time(day: FirstDay) -> None:
    day.record(*three())
    views, rows = day.core.recorded_views, day.core.recorded_lists
    rows.extend(day.kasi, day.row("dewi.lama").id, day.day + timedelta(days=9))
    assert [line.username for line in views.search(day.adb).rows] == ["agus.lama", "budi.lama", "dewi.lama"]
    assert [line.username for line in views.search(day.adb, "agus").rows] == ["agus.lama"]
    day.office.clock.move(days=32)
    assert views.counts(day.adb) == {"recorded": 3, "asked": 0, "overdue": 2, "managed": 0, "removed": 0}
    assert [line.username for line in views.search(day.adb, word="overdue").rows] == ["agus.lama", "budi.lama"]


def test_a_list_that_was_read_in_by_mistake_is_taken_back_without_a_trace_of_the_people(day: FirstDay) -> None:
    kept = day.record(*three())
    assert day.core.recorded_views.list_of(day.adb, kept.list_id).can_take_back
    assert day.core.recorded_lists.take_back(day.adb, kept.list_id) == 3
    assert count(day, RecordedAccountRow) == 0
    assert day.core.recorded_views.list_of(day.adb, kept.list_id).taken_back_at is not None
    assert day.record(*three()).count == 3


def test_a_list_on_the_heads_desk_is_taken_back_with_its_letter_until_somebody_decides(day: FirstDay) -> None:
    first = day.record(three()[0])
    letter = day.core.recorded_lists.ask_decision(day.adb, first.list_id, "800/1/2026")
    who = Applicant(day.row("dewi.lama").request_id or "", "", "", "", {})
    day.core.recorded_lists.take_back(day.adb, first.list_id)
    assert day.office.state(who) == ("withdrawn", RequestState.WITHDRAWN)
    assert letter not in {each.id for each in day.core.inboxes.of(day.office.actor("head")).letters}
    second = day.record(three()[0])
    day.core.recorded_lists.ask_decision(day.adb, second.list_id, "800/2/2026")
    day.office.forward(Applicant(day.row("dewi.lama").request_id or "", "", "", "", {}), "head")
    with pytest.raises(WrongState) as refusal:
        day.core.recorded_lists.take_back(day.adb, second.list_id)
    assert refusal.value.code == "recorded-list-decided"


# -- one decision, then a pact per person ----------------------------------------------------------------------------


def test_one_letter_carries_everybody_and_each_signs_a_pact_of_their_own(day: FirstDay) -> None:
    system = day.core.targets["sistem"].connector
    before = system.get("dewi.lama")
    assert before is not None
    day.decided(day.record(*three()).list_id)
    assert {day.line(name).request_state for name in OLD} == {"bio-form"}
    who = day.comes("dewi.lama")
    assert day.core.usernames.offer(day.kasi, who.request_id).username == "dewi.lama"
    day.signs(who)
    assert system.get("dewi.lama") == before
    day.core.heart.drain()
    after = system.get("dewi.lama")
    assert after is not None
    assert after.remote_id == before.remote_id
    assert after.marker is not None
    assert after.marker.account_id == day.row("dewi.lama").account_id
    assert after.enabled
    assert day.office.request(who).state == RequestState.DONE
    assert day.line("dewi.lama").word == "managed"
    assert len(day.office.events("account-adopted-in-target")) == 1


def test_an_account_under_management_is_active_without_an_envelope_and_can_be_reset(day: FirstDay) -> None:
    day.decided(day.record(three()[0]).list_id)
    who = day.comes("dewi.lama")
    day.signs(who)
    day.core.heart.drain()
    account_id = day.row("dewi.lama").account_id or ""
    detail = day.core.accounts.detail(day.adb, account_id)
    assert (detail.summary.state, [each.word for each in detail.links]) == ("active", ["done"])
    assert day.office.events("envelope-sealed") == []
    day.core.accounts.reset(day.adb, account_id)
    day.core.heart.drain()
    assert day.office.open_envelope(who).slips[0].username == "dewi.lama"


def test_with_step_5_by_button_nothing_has_to_be_made_by_anybody(make_office: MakeOffice) -> None:
    office = make_office(procedure={"step_5": "button"})
    office.core.targets["sistem"].connector.add_stranger("dewi.lama")  # type: ignore[attr-defined]
    day = FirstDay(office)
    day.decided(day.record(three()[0]).list_id)
    day.signs(who := day.comes("dewi.lama"))
    day.core.heart.drain()
    assert office.request(who).state == RequestState.DONE


def test_a_pact_is_refused_for_another_name_another_person_or_an_entry_that_is_gone(day: FirstDay) -> None:
    day.decided(day.record(*three()).list_id)
    dewi, agus = day.comes("dewi.lama"), day.comes("agus.lama", 6)
    with pytest.raises(InvalidInput):
        day.office.approve(dewi, "dewi.baru")
    with pytest.raises(Conflict) as other:
        day.office.approve(agus)
    assert other.value.code == "recorded-other-person"
    entries = day.core.targets["sistem"].connector._entries  # type: ignore[attr-defined]
    entries.remove(entries.named("dewi.lama"))
    day.core.targets["sistem"].connector.add_stranger("dewi.lama")  # type: ignore[attr-defined]
    with pytest.raises(Conflict) as gone:
        day.office.approve(dewi)
    assert gone.value.code == "recorded-entry-gone"


def test_a_recorded_person_does_not_get_a_second_account_by_a_letter_of_their_own(day: FirstDay) -> None:
    day.record(three()[0])
    who = day.office.new("review", 0)
    with pytest.raises(Conflict) as refusal:
        day.office.approve(who)
    assert refusal.value.code == "person-recorded"


def test_an_entry_that_changed_hands_after_the_signature_is_not_taken(day: FirstDay) -> None:
    day.decided(day.record(three()[0]).list_id)
    day.signs(day.comes("dewi.lama"))
    connector = day.core.targets["sistem"].connector
    entries = connector._entries  # type: ignore[attr-defined]
    entries.remove(entries.named("dewi.lama"))
    day.core.heart.drain()
    account_id = day.row("dewi.lama").account_id or ""
    (link,) = [each for each in day.core.accounts.detail(day.adb, account_id).links if each.target == "sistem"]
    assert (link.word, link.reason) == ("failed", "NothingToAdopt")
    assert connector.get("dewi.lama") is None
    day.office.clock.move(hours=1)
    run = day.core.reconciliations.run(day.office.actor("it"), "sistem")
    (missing,) = day.core.reconciliations.findings(day.adb, run.id, Kind.MISSING).rows
    assert (run.state, missing.username, missing.repairable) == ("finished", "dewi.lama", False)
    successor = connector.add_stranger("dewi.lama")  # type: ignore[attr-defined]
    day.core.account_systems.retry_now(day.adb, link.link_id)
    day.core.heart.drain()
    (link,) = [each for each in day.core.accounts.detail(day.adb, account_id).links if each.target == "sistem"]
    assert (link.word, link.reason) == ("failed", "AccountExists")
    assert connector.get("dewi.lama") == successor


def test_revoking_an_account_whose_entry_is_gone_makes_none(day: FirstDay) -> None:
    day.decided(day.record(three()[0]).list_id)
    day.signs(day.comes("dewi.lama"))
    connector = day.core.targets["sistem"].connector
    entries = connector._entries  # type: ignore[attr-defined]
    entries.remove(entries.named("dewi.lama"))
    account_id = day.row("dewi.lama").account_id or ""
    day.core.accounts.revoke(day.adb, account_id, day.core.office.revocation_reasons[0].code)
    day.core.heart.drain()
    (link,) = [each for each in day.core.accounts.detail(day.adb, account_id).links if each.target == "sistem"]
    assert (link.word, connector.get("dewi.lama")) == ("done", None)


# -- who does not sign -----------------------------------------------------------------------------------------------


def test_who_does_not_sign_is_reminded_gets_more_time_or_leaves_the_list(day: FirstDay) -> None:
    day.decided(day.record(*three()).list_id)
    day.office.clock.move(days=31)
    lists, dewi = day.core.recorded_lists, day.row("dewi.lama").id
    assert day.line("dewi.lama").overdue
    lists.remind(day.kasi, dewi)
    assert day.line("dewi.lama").reminded_at is not None
    lists.extend(day.kasi, dewi, day.day + timedelta(days=14), "Cuti")
    assert not day.line("dewi.lama").overdue
    with pytest.raises(InvalidInput):
        lists.extend(day.kasi, dewi, day.day - timedelta(days=40))
    with pytest.raises(InvalidInput):
        lists.remove(day.kasi, dewi, " ")
    before = day.core.targets["sistem"].connector.get("dewi.lama")
    lists.remove(day.kasi, dewi, "Pindah dinas")
    day.core.heart.drain()
    assert day.core.targets["sistem"].connector.get("dewi.lama") == before
    assert day.office.request(Applicant(day.row("dewi.lama").request_id or "", "", "", "", {})).state == "withdrawn"
    run = day.core.reconciliations.run(day.office.actor("it"), "sistem")
    assert (run.recorded, run.unmanaged) == (2, 1)


@pytest.mark.parametrize("post", ["head", "division_head", "secretary", "auditor", "it"])
def test_only_section_head_and_administrator_follow_up(day: FirstDay, post: str) -> None:
    day.record(three()[0])
    actor, dewi, lists = day.office.actor(post), day.row("dewi.lama").id, day.core.recorded_lists
    for call in (
        lambda: lists.remind(actor, dewi),
        lambda: lists.extend(actor, dewi, day.day),
        lambda: lists.remove(actor, dewi, "x"),
        lambda: lists.ask_decision(actor, day.row("dewi.lama").list_id, "1"),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_whoever_was_refused_is_asked_about_again_in_another_letter(day: FirstDay) -> None:
    kept = day.record(*three())
    day.decided(kept.list_id)
    who = day.comes("dewi.lama")
    day.core.review.open(day.kasi, who.request_id)
    day.core.review.reject(day.kasi, who.request_id, day.office.request(who).revision, "Belum lengkap")
    assert day.line("dewi.lama").word == "recorded"
    day.decided(kept.list_id)
    assert day.row("dewi.lama").request_id != who.request_id
    with pytest.raises(WrongState) as refusal:
        day.core.recorded_lists.ask_decision(day.adb, kept.list_id, "800/9/2026")
    assert refusal.value.code == "recorded-list-empty"


def test_a_stranger_that_is_on_no_list_stays_unmanaged(day: FirstDay) -> None:
    day.record(three()[0])
    it = day.office.actor("it")
    run = day.core.reconciliations.run(it, "sistem")
    assert (run.recorded, run.unmanaged, run.found_anything) == (1, 2, False)
    (line,) = day.core.reconciliations.findings(it, run.id, Kind.RECORDED).rows
    assert (line.username, line.repairable, line.closable) == ("dewi.lama", False, False)
    assert person()["nik"] not in repr(line)


def test_an_account_of_a_system_that_only_people_operate_is_asked_for_as_it_was_decided(
    make_office: MakeOffice,
) -> None:
    office = make_office(targets={"sistem": MEMORY, "siak": SIAK})
    day = FirstDay(office, "siak")
    cards = day.core.cards
    day.decided(day.record(*three()).list_id)
    shown = day.core.reconciliations.compare(day.adb, "siak", "dewi.lama\nagus.lama\nadmin")
    assert (shown.recorded, shown.unmanaged) == (2, 1)
    who = day.comes("dewi.lama")
    day.signs(who)
    day.core.heart.drain()
    (card,) = cards.open(day.adb)
    assert (card.action, card.target, dict(card.fields)["Nama pengguna"]) == ("update", "siak", "dewi.lama")
    assert dict(card.fields)["Nama lengkap"] == person(0)["full_name"]
    assert day.office.request(who).state != RequestState.DONE, "nobody has looked yet whether it is there"
    assert day.core.reconciliations.compare(day.adb, "siak", "dewi.lama\nagus.lama").pending == 1
    cards.confirm_done(day.adb, card.id)
    day.core.heart.drain()
    assert cards.open(day.adb) == []
    assert day.office.request(who).state == RequestState.DONE
    assert day.core.reconciliations.compare(day.adb, "siak", "dewi.lama\nagus.lama").in_order == 1
    account_id = day.row("dewi.lama").account_id or ""
    day.core.accounts.suspend_now(office.actor("it"), account_id)
    day.core.heart.drain()
    (card,) = cards.open(day.adb)
    assert (card.action, card.username) == ("suspend", "dewi.lama")
