"""Cards of systems that only people operate: kinds, deadlines, what shows them done, and what is still undone."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from provisioner.errors import InvalidInput, NotAllowed, NotFound
from provisioner.provisioning.cards import Card
from provisioner.store.tables import AccountRow, AuditRow, TaskCardRow
from tests.house import House, Someone, manual, memory
from tests.provisioner.test_cards import GIVEN, card_of, changed

pytestmark = pytest.mark.usefixtures("store_kind")

SEEN = "Layar SIAK: status nonaktif"


def house_with(folder: Path, **settings: Any) -> House:
    siak = manual()
    more = siak.model_copy(update={"settings": {**siak.settings, **settings}})
    return House(folder, {"akun": memory(sign_in=True), "siak": more})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = house_with(tmp_path, duty_officer="Piket SIAK", duty_phone="0812-3456-7890")
    built.still.move(days=1)  # The house stands still on a holiday.
    yield built
    built.close()


@pytest.fixture
def someone(house: House) -> Someone:
    """The account is there, under a name of that system's own."""
    found = house.approved()
    house.heart.drain()
    house.heart.cards.confirm_created(house.official("adb"), card_of(house).id, "3576-DEWI", GIVEN)
    house.heart.drain()
    return found


def picture() -> tuple[str, bytes]:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "PNG")
    return "layar.png", out.getvalue()


def another_role(house: House, someone: Someone) -> None:
    with house.store.begin() as session:
        session.get_one(AccountRow, someone.account_id).region = "35.76.03"
    changed(house, someone)
    house.heart.drain()


def shut(house: House, someone: Someone, reason: str = "") -> Card:
    official = house.official("it")
    if reason:
        house.heart.accounts.revoke(official, someone.account_id, reason)
    else:
        house.heart.accounts.suspend_now(official, someone.account_id)
    house.heart.drain()
    return card_of(house)


def test_a_change_of_region_shows_what_stands_there_and_what_shall(house: House, someone: Someone) -> None:
    another_role(house, someone)
    card = card_of(house)
    assert (card.action, card.username_there) == ("update", "3576-DEWI")
    assert card.former == {"Wilayah": "35.76.02"}
    assert dict(card.fields)["Wilayah"] == "35.76.03"
    house.heart.cards.confirm_done(house.official("adb"), card.id)
    house.heart.drain()
    assert house.words(someone)["siak"] == "done"
    assert house.entry("siak", someone).profile["region"] == "35.76.03"


@pytest.mark.parametrize(
    ("reason", "action", "cause", "urgent"),
    [
        ("", "suspend", "suspended", True),
        ("data_leak", "revoke", "revoked", True),
        ("transfer", "revoke", "revoked", False),
    ],
)
def test_whoever_is_shut_out_for_cause_is_urgent(
    house: House, someone: Someone, reason: str, action: str, cause: str, urgent: bool
) -> None:
    card = shut(house, someone, reason)
    assert (card.action, card.cause, card.reason_code, card.urgent) == (action, cause, reason, urgent)
    assert card.due_at - card.asked_at == (timedelta(minutes=30) if urgent else timedelta(minutes=120))


def test_a_password_that_is_being_replaced_is_shut_without_haste(house: House, someone: Someone) -> None:
    house.open(someone)
    house.heart.accounts.reset(house.official("adb"), someone.account_id)
    house.heart.drain()
    card = card_of(house)
    assert (card.action, card.cause, card.urgent) == ("suspend", "reset", False)


def test_time_for_what_can_wait_is_working_time_and_for_what_cannot_the_clock(house: House) -> None:
    house.still.move(hours=11)
    someone = house.approved()
    house.heart.drain()
    card = card_of(house)
    assert card.asked_at.hour == 13, "20.00 in Mojokerto, on a Tuesday"
    assert (card.due_at - card.asked_at) > timedelta(hours=12), "the next working day"
    urgent = shut(house, someone)
    assert urgent.due_at - urgent.asked_at == timedelta(minutes=30)


def test_a_door_that_stands_open_gets_no_new_time_for_another_reason(house: House, someone: Someone) -> None:
    first = shut(house, someone)
    house.still.move(minutes=20)
    second = shut(house, someone, "data_leak")
    assert second.id != first.id
    assert second.due_at == first.due_at
    house.still.move(minutes=11)
    assert card_of(house).overdue


def test_only_the_newest_of_what_is_asked_for_an_account_is_open(house: House, someone: Someone) -> None:
    another_role(house, someone)
    shut(house, someone)
    house.heart.accounts.reactivate(house.official("it"), someone.account_id)
    house.heart.drain()
    card = card_of(house)
    assert card.action == "resume"
    with house.store.read() as session:
        states = list(session.scalars(select(TaskCardRow.state).order_by(TaskCardRow.asked_at)))
    assert sorted(states) == ["done", "open", "superseded", "superseded"]


def test_what_shuts_somebody_out_is_not_done_without_a_sentence_or_a_picture(house: House, someone: Someone) -> None:
    card, adb = shut(house, someone), house.official("adb")
    assert card.needs_evidence
    with pytest.raises(InvalidInput) as refusal:
        house.heart.cards.confirm_done(adb, card.id, "  ")
    assert refusal.value.fields == {"evidence": ["evidence-required"]}
    assert card_of(house).id == card.id
    house.heart.cards.confirm_done(adb, card.id, files=[picture()])
    assert house.heart.cards.open(adb) == []


def test_a_picture_is_sealed_and_its_hash_stands_in_the_trail(house: House, someone: Someone) -> None:
    card, adb = shut(house, someone), house.official("adb")
    house.heart.cards.confirm_done(adb, card.id, SEEN, [picture()])
    done = house.heart.cards.get(adb, card.id)
    assert done.picture is not None
    assert (done.state, done.evidence, done.picture.file_name) == ("done", SEEN, "layar.pdf")
    content = house.heart.cards.picture(house.official("auditor"), card.id)
    assert content.startswith(b"%PDF-")
    for file in house.folder.rglob("*"):
        assert not file.is_file() or content not in file.read_bytes()
    told = [row for row in events(house) if row[0] in ("card-done", "card-evidence-read")]
    assert [(kind, fields["sha256"]) for kind, fields in told[-2:]] == [
        ("card-done", done.picture.sha256),
        ("card-evidence-read", done.picture.sha256),
    ]


def test_a_file_that_is_no_picture_is_refused_and_the_card_stays(house: House, someone: Someone) -> None:
    card = shut(house, someone)
    with pytest.raises(InvalidInput) as refusal:
        house.heart.cards.confirm_done(house.official("adb"), card.id, SEEN, [("layar.png", b"MZ not a picture")])
    assert refusal.value.code == "attachment-type"
    assert card_of(house).id == card.id


def test_the_duty_officer_is_known_by_name_and_number(house: House, someone: Someone) -> None:
    duty = shut(house, someone).duty
    assert duty is not None
    assert (duty.name, duty.phone, duty.whatsapp) == ("Piket SIAK", "+6281234567890", "6281234567890")
    assert "0812" not in repr(duty)
    assert "+62" not in repr(duty)


@pytest.mark.parametrize(("phone", "called"), [("123 45", "12345"), ("(0321) 392020", "+62321392020")])
def test_a_number_without_whatsapp_can_be_called(tmp_path: Path, phone: str, called: str) -> None:
    if phone.startswith("("):
        phone = phone.replace("(", "").replace(")", "")
    house = house_with(tmp_path, duty_officer="Piket", duty_phone=phone)
    house.approved()
    house.heart.drain()
    duty = card_of(house).duty
    assert duty is not None
    assert (duty.phone, duty.whatsapp) == (called, "")
    house.close()


def test_what_is_undone_is_listed_by_system_with_the_urgent_first(house: House, someone: Someone) -> None:
    other = house.approved("sari.wulan")
    house.heart.drain()
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.drain()
    (system,) = house.heart.cards.undone(house.official("auditor"))
    assert [(card.username, card.action) for card in system.cards] == [
        (someone.username, "suspend"),
        (other.username, "create"),
    ]
    assert (system.target, system.label, system.urgent, system.overdue) == ("siak", "SIAK Terpusat", 1, 0)
    house.still.move(days=3)
    (system,) = house.heart.cards.undone(house.official("adb"))
    assert system.overdue == 2


def test_a_system_without_cards_is_listed_as_empty(house: House) -> None:
    adb = house.official("adb")
    assert [(each.target, each.cards) for each in house.heart.cards.undone(adb, "siak")] == [("siak", ())]
    for wrong in ("akun", "tidak-ada"):
        with pytest.raises(NotFound):
            house.heart.cards.undone(adb, wrong)


def test_those_who_watch_see_cards_and_do_not_confirm_them(house: House, someone: Someone) -> None:
    card = shut(house, someone)
    for post in ("auditor",):
        assert house.heart.cards.get(house.official(post), card.id).id == card.id
        with pytest.raises(NotAllowed):
            house.heart.cards.confirm_done(house.official(post), card.id, SEEN)
    for post in ("head", "section_head", "secretary"):
        with pytest.raises(NotAllowed):
            house.heart.cards.undone(house.official(post))
        with pytest.raises(NotAllowed):
            house.heart.cards.picture(house.official(post), card.id)


def events(house: House) -> list[tuple[str, dict[str, Any]]]:
    with house.store.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.seq))
        return [(row.kind, json.loads(row.fields)) for row in rows]
