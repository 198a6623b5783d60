"""Systems that only a person can operate: asked and done are different."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.connector import NewAccount, Outcome, RemoteAccount
from provisioner.convergence.worklist import due_now
from provisioner.errors import Conflict, InvalidInput, NotAllowed, WrongState
from provisioner.provisioning.cards import Card
from provisioner.store.tables import AccountRow
from tests.house import OWN, House, Someone, manual, memory

pytestmark = pytest.mark.usefixtures("store_kind")

GIVEN = "Awal-1234-sekali"
SEEN = "Layar SIAK: status nonaktif"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, {"akun": memory(sign_in=True), "siak": manual()})
    yield built
    built.close()


def card_of(house: House) -> Card:
    (card,) = house.heart.cards.open(house.official("adb"))
    return card


def confirmed(house: House) -> Someone:
    someone = house.approved()
    house.heart.drain()
    house.heart.cards.confirm_created(house.official("adb"), card_of(house).id, "3576-DEWI", GIVEN, "layar SIAK")
    house.heart.drain()
    return someone


def changed(house: House, someone: Someone) -> None:
    """Something else about the account has changed: every system is looked at again."""
    with house.store.begin() as session:
        account = session.get_one(AccountRow, someone.account_id)
        account.desired_version += 1
        for link in account.links:
            due_now(link, account.desired_version, house.clock())


def test_the_card_has_the_fields_in_the_order_of_that_screen(house: House) -> None:
    house.approved()
    house.heart.drain()
    card = card_of(house)
    assert card.action == "create"
    assert [label for label, _ in card.fields] == ["Nama Pengguna", "Nama Lengkap", "Wilayah"]
    assert card.needs_password
    assert card.ticket_ready


def test_asked_is_not_done_and_the_request_waits_for_the_person(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    assert house.words(someone) == {"akun": "done", "siak": "asked"}
    assert house.request_state(someone) == "creation"


def test_confirming_seals_the_password_into_the_envelope(house: House) -> None:
    someone = confirmed(house)
    assert house.words(someone) == {"akun": "done", "siak": "done"}
    assert house.request_state(someone) == "handover"
    slips = {slip.targets: slip for slip in house.open(someone).slips}
    assert slips["siak",].username == "3576-DEWI"
    assert slips["siak",].password == GIVEN
    assert slips["siak",].change_at == ("ganti kata sandi di SIAK",)
    assert slips["akun",].change_at == ()
    assert house.request_state(someone) == "done"


def test_the_password_typed_in_is_kept_nowhere(house: House) -> None:
    confirmed(house)
    for file in house.folder.rglob("*"):
        if file.is_file():
            assert GIVEN.encode() not in file.read_bytes()


def test_what_is_ready_can_be_opened_before_the_person_is_done(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    (first,) = house.open(someone).slips
    assert first.targets == ("akun",)
    house.heart.cards.confirm_created(house.official("adb"), card_of(house).id, "3576-DEWI", GIVEN)
    house.heart.drain()
    house.still.move(hours=1)
    house.heart.drain()
    (second,) = house.open(someone).slips
    assert second.targets == ("siak",)
    assert house.request_state(someone) == "done"


def test_a_change_of_password_elsewhere_asks_nobody_anything(house: House) -> None:
    someone = confirmed(house)
    initial = next(slip.password for slip in house.open(someone).slips if slip.targets == ("akun",))
    house.heart.passwords.change(someone.account_id, initial, OWN)
    house.heart.drain()
    assert house.heart.cards.open(house.official("adb")) == []
    assert house.words(someone) == {"akun": "done", "siak": "done"}


def test_an_open_card_survives_changes_that_do_not_concern_it(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    card = card_of(house)
    initial = house.open(someone).slips[0].password
    house.heart.passwords.change(someone.account_id, initial, OWN)
    house.heart.drain()
    assert card_of(house).id == card.id
    house.heart.cards.confirm_created(house.official("adb"), card.id, "3576-DEWI", GIVEN)
    house.heart.drain()
    assert house.words(someone)["siak"] == "done"


def test_suspending_stays_red_until_the_person_confirms(house: House) -> None:
    someone = confirmed(house)
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.drain()
    card = card_of(house)
    assert card.action == "suspend"
    assert house.words(someone) == {"akun": "done", "siak": "asked"}
    house.heart.cards.confirm_done(house.official("adb"), card.id, SEEN)
    house.heart.drain()
    assert house.words(someone)["siak"] == "done"


def test_a_card_gives_way_only_to_one_that_asks_for_what_is_wanted_now(house: House) -> None:
    someone = confirmed(house)
    official, adb = house.official("it"), house.official("adb")
    house.heart.accounts.suspend_now(official, someone.account_id)
    house.heart.drain()
    card = card_of(house)
    house.heart.accounts.reactivate(official, someone.account_id)
    house.heart.drain()
    with pytest.raises(WrongState) as refusal:
        house.heart.cards.confirm_done(adb, card.id, SEEN)
    assert refusal.value.code == "card-superseded"
    # They may have suspended it there without saying so yet.
    assert card_of(house).action == "resume"
    assert house.words(someone)["siak"] == "asked"
    house.heart.cards.confirm_done(adb, card_of(house).id, SEEN)
    house.heart.drain()
    assert house.words(someone)["siak"] == "done"
    assert house.heart.cards.open(adb) == []


def test_what_may_have_been_opened_unsaid_is_closed_and_stays_red_until_a_person_says_so(house: House) -> None:
    someone = confirmed(house)
    official, adb = house.official("it"), house.official("adb")
    house.heart.accounts.suspend_now(official, someone.account_id)
    house.heart.drain()
    house.heart.cards.confirm_done(adb, card_of(house).id, SEEN)
    house.heart.drain()
    house.heart.accounts.reactivate(official, someone.account_id)
    house.heart.drain()
    assert card_of(house).action == "resume"
    for revoked in (False, True):
        if revoked:
            house.heart.accounts.revoke(official, someone.account_id, "transfer")
        else:
            house.heart.accounts.suspend_now(official, someone.account_id)
        house.heart.drain()
        assert card_of(house).action == ("revoke" if revoked else "suspend")
        assert house.words(someone)["siak"] == "asked"
    house.heart.cards.confirm_done(adb, card_of(house).id, SEEN)
    house.heart.drain()
    assert house.words(someone)["siak"] == "done"


def test_an_account_that_nobody_confirmed_is_still_asked_for_after_the_quarantine(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
    house.heart.drain()
    house.still.move(days=91)
    house.heart.account_systems.retry_now(house.official("it"), house.link(someone, "siak").id)
    house.heart.drain()
    assert card_of(house).action == "revoke"
    assert house.words(someone)["siak"] == "asked"


def test_revoking_while_the_card_is_open_asks_to_make_sure_of_it(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
    house.heart.drain()
    card = card_of(house)
    assert card.action == "revoke"
    house.heart.cards.confirm_done(house.official("adb"), card.id, SEEN)
    house.heart.drain()
    house.still.move(days=91)
    house.heart.drain()
    assert card_of(house).action == "delete"
    house.heart.cards.confirm_done(house.official("adb"), card_of(house).id, SEEN)
    house.heart.drain()
    assert house.words(someone)["siak"] == "gone"


def test_revoking_before_anybody_was_asked_asks_nobody(house: House) -> None:
    someone = house.approved()
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
    house.heart.drain()
    assert house.heart.cards.open(house.official("adb")) == []
    assert house.words(someone)["siak"] == "done"


@pytest.mark.parametrize("closed_in_time", [True, False])
def test_a_reset_closes_the_account_there_until_the_new_ticket_allows_a_new_password(
    house: House, closed_in_time: bool
) -> None:
    someone = confirmed(house)
    house.open(someone)
    assert house.heart.accounts.reset(house.official("adb"), someone.account_id)
    house.heart.drain()
    assert card_of(house).action == "suspend"
    assert house.words(someone)["siak"] == "asked"
    if closed_in_time:
        house.heart.cards.confirm_done(house.official("adb"), card_of(house).id, SEEN)
    house.new_ticket(someone)
    house.heart.drain()
    card = card_of(house)
    assert card.action == "reset"
    with pytest.raises(WrongState):
        house.heart.cards.confirm_done(house.official("adb"), card.id, SEEN)
    house.heart.cards.confirm_created(house.official("adb"), card.id, "3576-DEWI", "Lain-5678-lagi")
    house.heart.drain()
    assert house.words(someone)["siak"] == "done"
    assert house.entry("siak", someone).enabled
    passwords = {slip.targets: slip.password for slip in house.open(someone).slips}
    assert passwords["siak",] == "Lain-5678-lagi"
    assert house.connector("akun").authenticate("dewi.lestari", passwords["akun",]).outcome is Outcome.MUST_CHANGE


def test_a_card_is_done_once(house: House) -> None:
    house.approved()
    house.heart.drain()
    card = card_of(house)
    official = house.official("adb")
    house.heart.cards.confirm_created(official, card.id, "3576-DEWI", GIVEN)
    with pytest.raises(WrongState) as refusal:
        house.heart.cards.confirm_created(official, card.id, "3576-DEWI", GIVEN)
    assert refusal.value.code == "card-done"


def test_user_name_and_password_must_be_given(house: House) -> None:
    house.approved()
    house.heart.drain()
    with pytest.raises(InvalidInput) as refusal:
        house.heart.cards.confirm_created(house.official("adb"), card_of(house).id, " ", "")
    assert set(refusal.value.fields) == {"username", "initial_password"}


def test_two_people_never_have_one_name_in_that_system(house: House) -> None:
    confirmed(house)
    house.approved("sari.dewi")
    house.heart.drain()
    with pytest.raises(Conflict) as refusal:
        house.heart.cards.confirm_created(house.official("adb"), card_of(house).id, "3576-dewi", GIVEN)
    assert refusal.value.code == "username-taken-in-target"
    assert refusal.value.data == {"username": "3576-dewi", "target": "SIAK Terpusat"}
    assert card_of(house).action == "create"


def test_only_the_adb_and_it_see_cards(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.heart.cards.open(house.official("head"))


def test_a_card_confirmed_while_the_runner_looks_at_the_system_is_done_for_good(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runner read that a person is still asked; the person confirms before it looks what is there."""
    someone = confirmed(house)
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.drain()
    card, siak = card_of(house), house.connector("siak")
    find = siak.find

    def confirm_and_find(account_id: str) -> list[RemoteAccount]:
        monkeypatch.setattr(siak, "find", find)
        house.heart.cards.confirm_done(house.official("adb"), card.id, "layar SIAK")
        return list(find(account_id))

    monkeypatch.setattr(siak, "find", confirm_and_find)
    changed(house, someone)
    house.heart.drain()
    assert house.words(someone)["siak"] == "done"
    assert house.heart.cards.open(house.official("adb")) == []


def test_a_card_confirmed_while_the_runner_asks_for_it_once_more_is_done_for_good(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person confirms after the runner has asked and before it has written down that it did."""
    someone = house.approved()
    house.heart.drain()
    card, siak = card_of(house), house.connector("siak")
    create = siak.create

    def create_and_confirm(new: NewAccount) -> RemoteAccount:
        asked: RemoteAccount = create(new)
        monkeypatch.setattr(siak, "create", create)
        house.heart.cards.confirm_created(house.official("adb"), card.id, "3576-DEWI", GIVEN, "layar SIAK")
        return asked

    monkeypatch.setattr(siak, "create", create_and_confirm)
    changed(house, someone)
    house.heart.drain()
    assert house.words(someone) == {"akun": "done", "siak": "done"}
    assert house.heart.cards.open(house.official("adb")) == []
