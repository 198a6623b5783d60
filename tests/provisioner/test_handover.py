"""Opening the envelope: once, by the ticket, and never to a password that does not work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from provisioner.connector import Outcome
from provisioner.errors import InvalidInput, NotFound, WrongState
from provisioner.store.tables import AccountRow, RequestRow
from provisioner.store.tables.audit import AuditRow
from provisioner.ticket import Ticket
from tests.house import OWN, House, Someone, memory

pytestmark = pytest.mark.usefixtures("store_kind")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, {"akun": memory(sign_in=True), "arsip": memory()})
    yield built
    built.close()


def refused(house: House, someone: Someone, session_id: str = "browser") -> WrongState:
    with pytest.raises(WrongState) as refusal:
        house.open(someone, session_id)
    return refusal.value


def test_the_ticket_opens_the_envelope_to_a_password_that_works_everywhere(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    assert house.heart.handover.status(someone.account_id).can_open
    opening = house.open(someone)
    (slip,) = opening.slips
    assert slip.username == "dewi.lestari"
    assert slip.labels == ("Sistem", "Sistem")
    for target in ("akun", "arsip"):
        assert house.connector(target).authenticate(slip.username, slip.password).outcome is Outcome.MUST_CHANGE
    assert slip.password not in repr(opening)


def test_who_opens_it_while_a_worker_notes_something_about_the_account_has_it_open(house: House) -> None:
    someone = house.approved()
    house.heart.drain()

    times: list[None] = []

    def noted_by_another(session: Session, *_: object) -> None:
        if not times and any(isinstance(row, AccountRow | RequestRow) for row in session.dirty):
            times.append(None)
            for row in (AccountRow, RequestRow):
                session.connection().execute(update(row).values(revision=row.revision + 1))

    event.listen(Session, "before_flush", noted_by_another)
    try:
        assert len(house.open(someone).slips) == 1
    finally:
        event.remove(Session, "before_flush", noted_by_another)
    assert (len(times), house.events().count("envelope-opened")) == (1, 1)


def test_it_is_not_ready_before_every_system_has_the_password(house: House) -> None:
    house.connector("arsip").add_stranger("dewi.lestari")
    someone = house.approved()
    house.heart.drain()
    assert refused(house, someone).code == "envelope-not-ready"
    assert not house.heart.handover.status(someone.account_id).can_open


def test_the_same_browser_may_see_it_again_for_ten_minutes(house: House) -> None:
    someone, password = house.received()
    house.still.move(minutes=9)
    assert house.open(someone).slips[0].password == password
    assert "envelope-shown-again" in house.events()
    house.still.move(minutes=2)
    assert refused(house, someone).code == "envelope-opened-before"
    assert "envelope-foreign-attempt" not in house.events()


def test_a_try_from_elsewhere_says_when_it_was_opened_and_raises_an_alarm(house: House) -> None:
    someone, _ = house.received()
    refusal = refused(house, someone, "another browser")
    assert refusal.code == "envelope-opened-before"
    assert refusal.data["at"] == house.clock()
    assert "envelope-foreign-attempt" in house.events()


def test_after_ten_minutes_the_slip_is_destroyed_and_the_password_still_works(house: House) -> None:
    someone, password = house.received()
    house.still.move(minutes=11)
    house.heart.drain()
    assert [each.slip for each in house.generations(someone)] == [None]
    assert house.connector("akun").authenticate("dewi.lestari", password).outcome is Outcome.MUST_CHANGE
    assert "envelope-destroyed" in house.events()


def test_opening_erases_the_verifiers(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    assert house.generations(someone)[0].verifiers is not None
    house.open(someone)
    assert house.generations(someone)[0].verifiers is None


def test_the_first_change_destroys_the_slip(house: House) -> None:
    someone, password = house.received()
    house.heart.passwords.change(someone.account_id, password, OWN)
    assert house.generations(someone)[0].slip is None
    assert refused(house, someone).code == "envelope-used"


def test_an_envelope_nobody_opens_lapses_and_locks_the_account(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    house.still.move(days=house.settings.envelope.open_days, seconds=1)
    house.heart.drain()
    assert house.account(someone).state == "locked"
    assert not house.entry("akun", someone).enabled
    assert refused(house, someone).code == "envelope-lapsed"
    (generation,) = house.generations(someone)
    assert (generation.slip, generation.verifiers, generation.state) == (None, None, "lapsed")


def test_an_envelope_whose_time_is_over_stays_closed_though_no_runner_came_by(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    house.still.move(days=house.settings.envelope.open_days)
    assert not house.heart.handover.status(someone.account_id).can_open
    with pytest.raises(WrongState) as refusal:
        house.open(someone)
    assert refusal.value.code == "envelope-lapsed"


def test_a_lapsed_envelope_needs_a_reset_and_a_new_ticket(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    house.still.move(days=8)
    house.heart.drain()
    assert house.heart.accounts.reset(house.official("adb"), someone.account_id)
    house.heart.drain()
    assert refused(house, someone).code == "envelope-not-ready"
    house.new_ticket(someone)
    house.heart.drain()
    password = house.open(someone).slips[0].password
    assert house.connector("arsip").authenticate("dewi.lestari", password).outcome is Outcome.MUST_CHANGE


def test_a_reset_before_opening_takes_the_unspent_ticket(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    assert not house.heart.accounts.reset(house.official("adb"), someone.account_id)
    house.heart.drain()
    password = house.open(someone).slips[0].password
    assert house.connector("akun").authenticate("dewi.lestari", password).outcome is Outcome.MUST_CHANGE


def test_a_reset_closes_the_old_password_at_once_and_takes_the_groups(house: House) -> None:
    someone = house.active()
    assert house.heart.accounts.reset(house.official("adb"), someone.account_id)
    house.heart.drain()
    assert house.connector("arsip").authenticate("dewi.lestari", OWN).outcome is Outcome.LOCKED
    assert house.entry("arsip", someone).entitlements == frozenset()
    assert house.account(someone).state == "pending-activation"


def test_a_reset_voids_what_is_shown(house: House) -> None:
    someone, _ = house.received()
    house.heart.accounts.reset(house.official("it"), someone.account_id)
    assert refused(house, someone).code == "envelope-not-ready"
    assert house.generations(someone)[0].slip is None


def test_a_new_ticket_voids_slips_sealed_to_the_old_one(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    old = someone.ticket
    house.new_ticket(someone)
    house.heart.drain()
    with pytest.raises(NotFound):
        house.heart.handover.open(old.text(), "browser", "")
    assert house.open(someone).slips[0].password


def test_a_suspended_account_keeps_its_envelope_closed(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    assert refused(house, someone).code == "account-not-open"
    house.heart.accounts.reactivate(house.official("it"), someone.account_id)
    house.heart.drain()
    password = house.open(someone).slips[0].password
    assert house.connector("akun").authenticate("dewi.lestari", password).outcome is Outcome.MUST_CHANGE


def test_an_unknown_or_mistyped_ticket_is_told_apart(house: House) -> None:
    with pytest.raises(NotFound):
        house.heart.handover.open(Ticket.new().text(), "browser", "")
    with pytest.raises(InvalidInput):
        house.heart.handover.open("not a ticket", "browser", "")


def test_nothing_is_issued_twice_for_the_same_order(house: House) -> None:
    someone = house.approved()
    (credential,) = house.account(someone).credentials
    assert house.heart.issuer.due() == [credential.id]
    assert house.heart.issuer.issue(credential.id)
    assert not house.heart.issuer.issue(credential.id)
    assert len(house.generations(someone)) == 1


def test_the_initial_password_is_in_no_file_and_no_event(house: House) -> None:
    _, password = house.received()
    bare = password.replace("-", "")
    for file in house.folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            for text in (password, bare):
                assert text.encode() not in content
                assert text.encode("utf-16-le") not in content
                assert text.encode().hex().encode() not in content
    with house.store.read() as session:
        assert all(password not in fields for fields in session.scalars(select(AuditRow.fields)))


def test_a_withheld_system_lets_nobody_in_before_the_first_change(tmp_path: Path) -> None:
    targets = {"akun": memory(sign_in=True), "arsip": memory(enforces_first_change=False)}
    house = House(tmp_path, targets)
    someone, password = house.received()
    assert not house.entry("arsip", someone).enabled
    assert house.connector("arsip").authenticate("dewi.lestari", password).outcome is Outcome.REJECTED
    house.heart.passwords.change(someone.account_id, password, OWN)
    house.heart.drain()
    assert house.connector("arsip").authenticate("dewi.lestari", OWN).outcome is Outcome.ACCEPTED
    house.close()
