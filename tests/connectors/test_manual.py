"""A system that only people operate: asked and done are different."""

from dataclasses import replace

import pytest

from connectors.contract import DEWI, cheap_argon2id
from connectors.manual import ManualConnector
from provisioner.connector import (
    AccountExists,
    AsksPeople,
    Changes,
    ConnectorContext,
    InvalidAttribute,
    Marker,
    NewAccount,
    PermissionDenied,
    RemoteAccount,
    StaleVersion,
    Task,
)
from tests.connectors.task_board import USERNAME_LABEL, DeskBoard

SETTINGS = {
    "system": "SIAK",
    "fields": [
        ("NIP / NI PPPK", "{staff_number}"),
        ("Nama Lengkap", "{full_name}"),
        (USERNAME_LABEL, "{username}"),
        ("Jabatan dan Unit", "{position}, {org_unit}"),
    ],
}
NEW = NewAccount("dewi.lestari", Marker("akun-1", 1), DEWI)


@pytest.fixture
def board() -> DeskBoard:
    """Nobody has looked at it yet."""
    return DeskBoard(diligent=False)


@pytest.fixture
def connector(board: DeskBoard) -> ManualConnector:
    """SIAK, operated by people."""
    return ManualConnector.from_settings(SETTINGS, ConnectorContext("siak", board=board))


def _confirmed(connector: ManualConnector, board: DeskBoard) -> RemoteAccount:
    board.confirm_all()
    (account,) = connector.find("akun-1")
    return account


def test_an_account_that_was_asked_for_is_not_there_yet(connector: ManualConnector, board: DeskBoard) -> None:
    asked = connector.create(NEW)
    assert asked.pending
    assert connector.get("dewi.lestari") is None
    assert connector.find("akun-1") == []
    assert list(connector.search()) == []
    done = _confirmed(connector, board)
    assert not done.pending
    assert done.remote_id == asked.remote_id
    assert connector.get("DEWI.lestari") == done


def test_a_card_has_the_fields_in_the_order_of_that_systems_screen(
    connector: ManualConnector, board: DeskBoard
) -> None:
    connector.create(NEW)
    assert board.open_cards() == [
        Task(
            target="siak",
            account_id="akun-1",
            version=1,
            action="create",
            fields=(
                ("NIP / NI PPPK", "199203152019032004"),
                ("Nama Lengkap", "Dewi Lestari Handayani"),
                (USERNAME_LABEL, "dewi.lestari"),
                ("Jabatan dan Unit", "Operator SIAK, Kelurahan Gedongan"),
            ),
        )
    ]


def test_asking_again_before_anybody_looked_pins_one_card(connector: ManualConnector, board: DeskBoard) -> None:
    connector.create(NEW)
    connector.create(NEW)
    assert len(board.open_cards()) == 1


@pytest.mark.parametrize(
    ("changes", "action"),
    [
        (Changes(enabled=False), "suspend"),
        (Changes(enabled=False, must_change=True, profile=DEWI), "suspend"),
        (Changes(must_change=True), "reset"),
        (Changes(enabled=True, must_change=True), "reset"),
        (Changes(enabled=True), "resume"),
        (Changes(profile=DEWI), "update"),
        (Changes(username="dewi.putri"), "update"),
        (Changes(), "update"),
    ],
)
def test_the_strictest_change_names_the_card(
    connector: ManualConnector, board: DeskBoard, changes: Changes, action: str
) -> None:
    connector.create(NEW)
    done = _confirmed(connector, board)
    assert connector.update(done, changes, Marker("akun-1", 2)).pending
    (card,) = board.open_cards()
    assert (card.action, card.version) == (action, 2)
    assert dict(card.fields)[USERNAME_LABEL] == (changes.username or "dewi.lestari")


def test_what_was_confirmed_stays_true_until_the_next_card_is_done(
    connector: ManualConnector, board: DeskBoard
) -> None:
    connector.create(NEW)
    done = _confirmed(connector, board)
    connector.update(done, Changes(enabled=False), Marker("akun-1", 2))
    (still,) = connector.find("akun-1")
    assert still.enabled
    assert still.pending
    assert replace(still, pending=False) == done
    suspended = _confirmed(connector, board)
    assert (suspended.enabled, suspended.pending, suspended.marker) == (False, False, Marker("akun-1", 2))


def test_a_newer_card_takes_the_place_of_one_that_nobody_did(connector: ManualConnector, board: DeskBoard) -> None:
    connector.create(NEW)
    done = _confirmed(connector, board)
    connector.update(done, Changes(profile=DEWI), Marker("akun-1", 2))
    connector.update(done, Changes(enabled=False), Marker("akun-1", 3))
    (card,) = board.open_cards()
    assert (card.action, card.version) == ("suspend", 3)


def test_a_worker_that_slept_does_not_take_a_newer_card_down(connector: ManualConnector, board: DeskBoard) -> None:
    connector.create(NEW)
    done = _confirmed(connector, board)
    connector.update(done, Changes(enabled=False), Marker("akun-1", 3))
    with pytest.raises(StaleVersion):
        connector.update(done, Changes(profile=DEWI), Marker("akun-1", 2))
    with pytest.raises(StaleVersion):
        connector.update(replace(done, marker=Marker("akun-1", 2)), Changes(), Marker("akun-1", 4))
    (card,) = board.open_cards()
    assert card.action == "suspend"


def test_a_late_create_does_not_take_a_suspension_down(connector: ManualConnector, board: DeskBoard) -> None:
    connector.create(NEW)
    connector.create(replace(NEW, marker=Marker("akun-1", 2), enabled=False))
    with pytest.raises(StaleVersion):
        connector.create(NEW)
    (card,) = board.open_cards()
    assert card.action == "suspend"


def test_a_confirmed_name_is_taken(connector: ManualConnector, board: DeskBoard) -> None:
    connector.create(NEW)
    _confirmed(connector, board)
    with pytest.raises(AccountExists) as refusal:
        connector.create(replace(NEW, marker=Marker("akun-2", 1)))
    assert refusal.value.marker == Marker("akun-1", 1)


def test_an_account_confirmed_under_another_name_is_not_asked_for_again(
    connector: ManualConnector, board: DeskBoard
) -> None:
    connector.create(NEW)
    _confirmed(connector, board)
    with pytest.raises(AccountExists) as refusal:
        connector.create(replace(NEW, username="dewi.putri"))
    assert refusal.value.marker is not None
    assert board.open_cards() == []


def test_a_removal_is_asked_for_too(connector: ManualConnector, board: DeskBoard) -> None:
    connector.create(NEW)
    done = _confirmed(connector, board)
    connector.delete(done)
    assert len(connector.find("akun-1")) == 1
    (card,) = board.open_cards()
    assert card.action == "delete"
    board.confirm_all()
    assert connector.find("akun-1") == []


def test_an_account_nobody_asked_for_needs_no_removal(connector: ManualConnector, board: DeskBoard) -> None:
    connector.delete(RemoteAccount("akun-9", "x", Marker("akun-9", 1), enabled=True, must_change=None))
    assert board.open_cards() == []


def test_an_account_without_our_marker_is_not_touched(connector: ManualConnector, board: DeskBoard) -> None:
    stranger = RemoteAccount("1", "tamu", None, enabled=True, must_change=None)
    with pytest.raises(PermissionDenied):
        connector.update(stranger, Changes(enabled=False), Marker("akun-1", 1))
    with pytest.raises(PermissionDenied):
        connector.delete(stranger)
    assert board.open_cards() == []


def test_nobody_is_asked_to_type_a_verifier(connector: ManualConnector, board: DeskBoard) -> None:
    assert connector.limits.verifier_schemes == ()
    with pytest.raises(InvalidAttribute):
        connector.create(replace(NEW, verifier=cheap_argon2id("wengi-lunga-telas-42")))
    assert board.open_cards() == []


def test_the_hint_says_where_the_first_change_is_made(board: DeskBoard) -> None:
    context = ConnectorContext("siak", board=board)
    connector = ManualConnector.from_settings(SETTINGS, context)
    assert isinstance(connector, AsksPeople)
    assert connector.first_change_hint() == "ganti kata sandi di SIAK"
    other = ManualConnector.from_settings({**SETTINGS, "first_change_hint": "menu Profil > Sandi"}, context)
    assert other.first_change_hint() == "menu Profil > Sandi"


def test_without_a_board_there_is_nobody_to_ask() -> None:
    with pytest.raises(ValueError, match="task board"):
        ManualConnector.from_settings(SETTINGS, ConnectorContext("siak"))


@pytest.mark.parametrize("wrong", [{"system": ""}, {"fields": []}, {"fields": [("NIK", "{nik}")]}, {"url": "x"}])
def test_a_wrong_setting_is_refused(wrong: dict[str, object], board: DeskBoard) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ManualConnector.from_settings({**SETTINGS, **wrong}, ConnectorContext("siak", board=board))
