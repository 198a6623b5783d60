"""What officials decide about accounts, and what they see."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from provisioner.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from tests.house import House, memory


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
    with house.store.read() as session:
        assert not house.heart.lifecycle.is_free(session, "DEWI.LESTARI")
        assert house.heart.lifecycle.is_free(session, "sari")


def test_a_refused_creation_leaves_nothing_behind(house: House) -> None:
    house.approved("dewi.lestari")
    with pytest.raises(Conflict):
        house.approved("dewi.lestari")
    assert house.heart.accounts.search(house.official("it")).total == 1
    assert house.events().count("account-approved") == 1


def test_the_targets_are_asked_whether_a_name_is_free(house: House) -> None:
    house.connector("arsip").add_stranger("sari")
    assert house.heart.lifecycle.free_in_targets("sari") == {"akun": True, "arsip": False}


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
        lambda: accounts.change_role(actor, someone.account_id, "VERIFIKATOR", "35.76"),
        lambda: accounts.annotate(actor, someone.account_id, "transfer"),
        lambda: accounts.rename(actor, someone.account_id, "x"),
        lambda: accounts.retry_now(actor, house.link(someone, "akun").id),
        lambda: accounts.leave_out(actor, house.link(someone, "akun").id),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    assert house.account(someone).desired_version == 1


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
        house.heart.accounts.retry_now(official, "nothing")


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
    (item,) = house.heart.accounts.queue(official)
    assert item.progress is not None
    assert (item.kind, item.progress.target, item.progress.reason) == ("link", "arsip", "AccountExists")
    assert house.heart.accounts.search(official).rows[0].trouble
    del connector._entries._by_id[stranger.remote_id]
    house.heart.accounts.retry_now(official, item.progress.link_id)
    house.heart.drain()
    assert house.heart.accounts.queue(official) == []
    assert house.words(someone) == {"akun": "done", "arsip": "done"}


def test_a_replacement_is_proposed_and_never_done_by_itself(house: House) -> None:
    old = house.active("sari.dewi")
    house.approved("dewi.lestari", replaces="Sari.Dewi")
    house.heart.drain()
    (item,) = house.heart.accounts.queue(house.official("it"))
    assert (item.kind, item.predecessor_id) == ("replacement", old.account_id)
    assert house.account(old).state == "active"
    house.heart.accounts.revoke(house.official("it"), old.account_id, "replaced")
    house.heart.drain()
    assert house.heart.accounts.queue(house.official("it")) == []
