"""What officials decide about accounts, and what they see."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from provisioner.audit import Filters
from provisioner.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from provisioner.store.tables import ActRow, DeskVisitRow, RequestRow
from tests.house import House, memory

pytestmark = pytest.mark.usefixtures("store_kind")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, {"akun": memory(sign_in=True), "arsip": memory()})
    yield built
    built.close()


def test_a_user_name_is_never_given_twice(house: House) -> None:
    someone = house.approved("dewi.lestari")
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
    with pytest.raises(Conflict) as refusal:
        house.approved("Dewi.Lestari")
    assert refusal.value.code == "username-taken"


def test_a_refused_creation_leaves_nothing_behind(house: House) -> None:
    house.approved("dewi.lestari")
    with pytest.raises(Conflict):
        house.approved("dewi.lestari")
    assert house.heart.accounts.search(house.official("it")).total == 1
    assert house.events().count("account-approved") == 1


@pytest.mark.parametrize("post", ["head", "division_head", "auditor", "secretary"])
def test_other_posts_decide_nothing_about_accounts(house: House, post: str) -> None:
    someone, actor = house.approved(), house.official(post)
    accounts = house.heart.accounts
    acts = (
        lambda: accounts.suspend_now(actor, someone.account_id),
        lambda: accounts.reactivate(actor, someone.account_id),
        lambda: accounts.revoke(actor, someone.account_id, "transfer"),
        lambda: accounts.reset(actor, someone.account_id),
        lambda: accounts.extend(actor, someone.account_id, None),
        lambda: accounts.annotate(actor, someone.account_id, "transfer"),
        lambda: house.heart.account_systems.rename(actor, someone.account_id, "dewi.handayani"),
        lambda: house.heart.account_systems.retry_now(actor, house.link(someone, "akun").id),
        lambda: house.heart.account_systems.leave_out(actor, house.link(someone, "akun").id),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    assert house.account(someone).desired_version == 1


def test_nobody_opens_or_renews_an_account_of_their_own(house: House) -> None:
    someone, accounts = house.active(), house.heart.accounts
    oneself = house.official_who_is(someone, "adb")
    house.heart.help_cards.ask("dewi.lestari")
    (card,) = house.heart.help_answers.waiting(oneself)
    acts: tuple[Callable[[], object], ...] = (
        lambda: accounts.reset(oneself, someone.account_id),
        lambda: accounts.extend(oneself, someone.account_id, None),
        lambda: accounts.revoke(oneself, someone.account_id, "transfer"),
        lambda: house.heart.help_answers.answer(oneself, card.id, "KTP", reset=True),
        lambda: house.heart.help_answers.answer(oneself, card.id, "KTP", reset=False),
    )
    for act in acts:
        with pytest.raises(NotAllowed) as refusal:
            act()
        assert refusal.value.code == "own-account"
    accounts.suspend_now(oneself, someone.account_id)
    with pytest.raises(NotAllowed):
        accounts.reactivate(oneself, someone.account_id)
    assert house.account(someone).state == "suspended"


def test_revoking_an_account_that_nobody_received_ends_its_request(house: House) -> None:
    someone, official = house.approved(), house.official("it")
    house.heart.drain()
    house.heart.accounts.revoke(official, someone.account_id, "transfer")
    house.heart.drain()
    assert house.request_state(someone) == "revoked"
    with house.store.read() as session:
        request = session.get_one(RequestRow, someone.request_id)
        assert request.finished_at == house.clock()
        visits = select(DeskVisitRow).where(DeskVisitRow.request_id == request.id, DeskVisitRow.left_at.is_(None))
        assert session.scalars(visits).all() == []
        act = session.scalars(select(ActRow).where(ActRow.kind == "revoke")).one()
    assert (act.official_id, act.state_before, act.state_after) == (official.official_id, "handover", "revoked")


def test_revoking_an_account_that_was_received_leaves_its_request_as_it_is(house: House) -> None:
    someone, _ = house.received()
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
    assert house.request_state(someone) == "done"


@pytest.mark.parametrize("opened_first", [False, True])
def test_the_request_goes_on_when_the_last_system_it_waited_for_is_left_out(tmp_path: Path, opened_first: bool) -> None:
    house = House(tmp_path, {"akun": memory(sign_in=True), "arsip": memory(credential="arsip")})
    house.connector("arsip").add_stranger("dewi.lestari")
    someone = house.approved()
    house.heart.drain()
    if opened_first:
        house.open(someone)
    assert house.request_state(someone) == "creation"
    house.heart.account_systems.leave_out(house.official("section_head"), house.link(someone, "arsip").id)
    assert house.request_state(someone) == ("done" if opened_first else "handover")
    if not opened_first:
        house.open(someone)
        assert house.request_state(someone) == "done"
    house.close()


def test_why_an_account_was_opened_again_or_extended_stands_in_the_trail(house: House) -> None:
    someone, official = house.active(), house.official("it")
    house.heart.accounts.suspend_now(official, someone.account_id)
    house.heart.accounts.reactivate(official, someone.account_id, reason="salah orang")
    house.heart.accounts.extend(official, someone.account_id, None, reason="kontrak baru")
    with house.store.read() as session:
        kinds = ("account-reactivated", "account-extended")
        found = house.trail.search(session, Filters(kinds=kinds, account=someone.account_id))
    assert {each.fields["reason"] for each in found.entries} == {"salah orang", "kontrak baru"}


def test_the_secretary_does_not_see_accounts(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.heart.accounts.search(house.official("secretary"))


def test_suspending_asks_no_reason_and_takes_it_later(house: House) -> None:
    someone, official = house.active(), house.official("it")
    house.heart.accounts.suspend_now(official, someone.account_id)
    house.heart.accounts.annotate(official, someone.account_id, "data_leak", "laporan 12")
    detail = house.heart.accounts.detail(official, someone.account_id)
    assert (detail.state_reason, detail.state_note) == ("data_leak", "laporan 12")


def test_a_step_out_of_order_is_refused_and_changes_nothing(house: House) -> None:
    someone, official = house.active(), house.official("it")
    version = house.account(someone).desired_version
    with pytest.raises(WrongState):
        house.heart.accounts.reactivate(official, someone.account_id)
    house.heart.accounts.revoke(official, someone.account_id, "transfer")
    with pytest.raises(WrongState):
        house.heart.accounts.suspend_now(official, someone.account_id)
    assert house.account(someone).desired_version == version + 1


def test_unknown_reasons_accounts_and_links_are_told(house: House) -> None:
    someone, official = house.approved(), house.official("it")
    with pytest.raises(InvalidInput):
        house.heart.accounts.revoke(official, someone.account_id, "because")
    with pytest.raises(NotFound):
        house.heart.accounts.suspend_now(official, "nobody")
    with pytest.raises(NotFound):
        house.heart.account_systems.retry_now(official, "nothing")


def test_search_filters_and_pages(house: House) -> None:
    for number in range(7):
        house.approved(f"orang{number}")
    official = house.official("auditor")
    page = house.heart.accounts.search(official, "ORANG", page=2, per_page=3)
    assert (len(page.rows), page.total, page.pages) == (3, 7, 3)
    assert house.heart.accounts.search(official, "100%").total == 0
    assert house.heart.accounts.search(official, state="active").total == 0
    assert house.heart.accounts.search(official, role="OPERATOR_DAFDUK", region="35.76.02").total == 7


def test_an_expired_account_needs_a_new_end_to_come_back(house: House) -> None:
    someone = house.approved(valid_until="2026-06-02")
    official = house.official("it")
    house.still.move(days=5)
    house.heart.drain()
    with pytest.raises(InvalidInput):
        house.heart.accounts.reactivate(official, someone.account_id)
    house.heart.accounts.reactivate(official, someone.account_id, date(2027, 1, 1))
    assert house.account(someone).state == "pending-activation"


def test_an_extended_account_does_not_expire(house: House) -> None:
    someone = house.approved(valid_until="2026-06-02")
    house.heart.accounts.extend(house.official("it"), someone.account_id, date(2026, 12, 31))
    house.still.move(days=5)
    house.heart.drain()
    assert house.account(someone).state == "pending-activation"
    assert house.entry("akun", someone).profile["valid_until"] == "2026-12-31"


def test_the_queue_names_what_fails_and_why_and_a_retry_finishes_it(house: House) -> None:
    connector = house.connector("arsip")
    stranger = connector.add_stranger("dewi.lestari")
    someone, official = house.approved(), house.official("adb")
    house.heart.drain()
    (item,) = house.heart.queue.waiting(official)
    assert item.progress is not None
    assert (item.kind, item.progress.target, item.progress.reason) == ("link", "arsip", "AccountExists")
    assert house.heart.accounts.search(official).rows[0].trouble
    del connector._entries._by_id[stranger.remote_id]
    house.heart.account_systems.retry_now(official, item.progress.link_id)
    house.heart.drain()
    assert house.heart.queue.waiting(official) == []
    assert house.words(someone) == {"akun": "done", "arsip": "done"}


def test_a_replacement_is_proposed_and_never_done_by_itself(house: House) -> None:
    old = house.active("sari.dewi")
    house.approved("dewi.lestari", replaces="Sari.Dewi")
    house.heart.drain()
    (item,) = house.heart.queue.waiting(house.official("it"))
    assert (item.kind, item.predecessor_id) == ("replacement", old.account_id)
    assert house.account(old).state == "active"
    house.heart.accounts.revoke(house.official("it"), old.account_id, "replaced")
    house.heart.drain()
    assert house.heart.queue.waiting(house.official("it")) == []
