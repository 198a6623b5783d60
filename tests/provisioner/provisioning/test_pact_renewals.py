"""A new revision, or a pact that comes to its end: operators sign anew, the section head follows, the late are out."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from provisioner.bootstrap import build
from provisioner.errors import ConfigurationError
from provisioner.provisioning.pact_renewals import Signing
from provisioner.provisioning.wet_ink import SEEN
from provisioner.settings.signing import BsreSettings
from provisioner.signing.way import SigningWay
from provisioner.store.tables import AccountRow, PactRow
from tests.office import CHEAP, Applicant, MovableClock, RealOffice, own_password
from tests.pdf_pages import one_page
from tests.provisioner.provisioning.refusal import code_of
from tests.servers.bsre import bsre_server

Walked = tuple[Path, MovableClock, list[Applicant]]
OWN = "kuda laut menyapu halaman 7"
TABLE = {
    "kind": "table",
    "label": "Basis data akun",
    "sign_in": True,
    "settings": {"url": "sqlite:///{data_dir}/accounts.db", "create_tables": True, **CHEAP},
}
CONFIG = Path(__file__).parents[3] / "config"
APPROVED = """
[approval]
by = "Kepala Dinas"
order = "188/1"
on = 2026-06-08
"""


class Pacts:
    """An office whose text of the pact moves on."""

    def __init__(self, office: RealOffice, people: list[Applicant]) -> None:
        self.office, self.people = office, people
        self._versions = 0

    @property
    def core(self) -> Any:
        return self.office.core

    def moved_on(self, revision: str = "2026-2", sign_by: str = "sign_by = 2026-06-22", **settings: Any) -> None:
        """The service starts again with another ``pact.toml``."""
        self._versions += 1
        folder = self.office.folder / f"office-{self._versions}"
        shutil.copytree(CONFIG, folder)
        text = (CONFIG / "pact.toml").read_text().replace('"2026-1"', f'"{revision}"')
        text = text.replace("Memahami bahwa seluruh aktivitas", "Mengetahui bahwa seluruh aktivitas")
        (folder / "pact.toml").write_text(text + APPROVED + (f"[renewal]\n{sign_by}\n" if sign_by else ""))
        self.again(office_dir=folder, **settings)

    def again(self, **changes: Any) -> None:
        """The service starts again."""
        self.office.core.close()
        sections = {
            name: getattr(self.office.settings, name).model_copy(update=more)
            for name, more in changes.items()
            if name != "office_dir"
        }
        if "office_dir" in changes:
            sections["office_dir"] = changes["office_dir"]
        self.office.settings = self.office.settings.model_copy(update=sections)
        self.office.core = build(self.office.settings, self.office.clock)

    def active(self, number: int = 0) -> Applicant:
        """An operator with an own password."""
        if number < len(self.people):
            return self.people[number]
        who = self.office.new("handover", number)
        initial = self.office.open_envelope(who).slips[0].password
        self.core.passwords.change(self.account(who).id, initial, OWN)
        self.core.heart.drain()
        return who

    def account(self, who: Applicant) -> AccountRow:
        with self.core.context.store.read() as session:
            row: AccountRow = session.scalars(select(AccountRow).where(AccountRow.request_id == who.request_id)).one()
            _ = row.links
            return row

    def pacts(self, who: Applicant) -> list[PactRow]:
        with self.core.context.store.read() as session:
            found = select(PactRow).where(PactRow.request_id == who.request_id).order_by(PactRow.prepared_at)
            return list(session.scalars(found))

    def sign(self, who: Applicant, **how: str) -> str:
        number: str = self.core.pact_renewals.sign(self.account(who).id, Signing(**(how or {"password": OWN})))
        return number

    def stage(self, who: Applicant) -> tuple[str, str]:
        """What signing in leads to, and what the session then allows."""
        token, told = self.core.operators.sign_in(self.account(who).username, OWN)
        here = self.core.operators.session(token)
        return told, here.stage if here else ""


@pytest.fixture(scope="module")
def walked(
    tmp_path_factory: pytest.TempPathFactory, prepared_office: Path
) -> tuple[Path, MovableClock, list[Applicant]]:
    """The folder of an office with two operators; tests copy it."""
    office = RealOffice(tmp_path_factory.mktemp("walked"), prepared_office, targets={"sistem": TABLE})
    people = [Pacts(office, []).active(number) for number in (0, 1)]
    office.close()
    return office.folder, office.clock, people


@pytest.fixture
def pacts(tmp_path: Path, walked: Walked) -> Iterator[Pacts]:
    folder, clock, people = walked
    office = RealOffice(tmp_path / "office", folder, MovableClock(clock.now), targets={"sistem": TABLE})
    yield Pacts(office, people)
    office.close()


# -- words -----------------------------------------------------------------------------------------------------------


def test_an_old_pact_is_read_in_its_own_words_after_the_text_has_moved_on(pacts: Pacts) -> None:
    who = pacts.office.new("pact-applicant", 2)
    pacts.moved_on(sign_by="")
    _, words = pacts.core.pacts.own_text(who.request_id)
    assert (words.revision, words.approval) == ("2026-1", None)
    assert any("Memahami bahwa seluruh aktivitas" in clause for clause in words.clauses)
    pacts.office.bring(who, "creation", start="pact-applicant")
    _, pdf = pacts.core.pacts.own_document(who.request_id)
    assert pacts.core.verification.by_upload(pdf).verdict.genuine


def test_other_words_under_the_name_of_a_revision_that_was_used_are_refused_at_start(pacts: Pacts) -> None:
    pacts.moved_on(sign_by="sign_by = 2026-07-01")
    pacts.sign(pacts.active())
    pacts.moved_on(sign_by="sign_by = 2026-08-01")  # Another day is no other word.
    text = pacts.office.settings.office_dir / "pact.toml"
    text.write_text(text.read_text().replace("Mengganti kata sandi", "Mengubah kata sandi"))
    with pytest.raises(ConfigurationError, match="new revision"):
        build(pacts.office.settings, pacts.office.clock)


# -- signing anew ------------------------------------------------------------------------------------------------------


def test_a_new_revision_is_asked_for_at_sign_in_can_wait_until_its_last_day_and_then_comes_first(pacts: Pacts) -> None:
    who = pacts.active()
    assert pacts.stage(who) == ("full", "full")
    pacts.moved_on()
    assert pacts.stage(who) == ("pact", "full")
    pacts.office.clock.move(days=14)
    assert pacts.stage(who) == ("pact", "full")
    pacts.office.clock.move(days=1)
    pacts.core.heart.drain()
    assert pacts.account(who).state == "active"  # No setting says that the late are suspended.
    assert pacts.stage(who) == ("pact", "pact")
    pacts.sign(who)
    assert pacts.stage(who) == ("full", "full")
    assert code_of(lambda: pacts.sign(who)) == "pact-not-due"
    kinds = [row.kind for row in pacts.office.events()]
    assert kinds.count("pact-reminded") == 2  # At first sight, and on the last day.


def test_the_operator_signs_with_the_password_and_the_section_head_signs_many_in_one_go(pacts: Pacts) -> None:
    people = [pacts.active(0), pacts.active(1)]
    pacts.moved_on()
    for who in people:
        pacts.sign(who)
        assert pacts.core.pact_renewals.asked(pacts.account(who).id) is None
        assert pacts.account(who).pact_id == pacts.pacts(who)[0].id
    head = pacts.office.actor("section_head")
    waiting = pacts.core.pacts.to_sign(head)
    assert [each.renews for each in waiting] == [True, True]
    results = pacts.core.signatures.sign(head, [each.id for each in waiting], own_password("section_head"))
    assert [each.error for each in results] == [None, None]
    for who in people:
        old, new = pacts.pacts(who)
        assert (pacts.account(who).pact_id, old.state, new.state) == (new.id, "signed", "signed")
        verified = pacts.core.verification.by_upload(pacts.core.pacts.own_document(who.request_id)[1])
        assert verified.verdict.genuine
        assert "(Operator (kata sandi akun))" in verified.verdict.signatures[0].holder
        assert verified.office.official.startswith("Pejabat Section Head, ")
        assert pacts.core.verification.by_number(old.number).replaced_by == new.number
        facts, _ = pacts.core.pacts.own_text(who.request_id)
        assert (facts.official.rank, facts.official.name) == ("Pembina (IV/a)", "Pejabat Section Head")
    assert pacts.core.pacts.to_sign(head) == []


def test_where_bsre_signs_for_the_section_head_operators_still_sign_anew_and_are_countersigned_here(
    pacts: Pacts, tmp_path: Path
) -> None:
    who = pacts.active()
    with bsre_server(tmp_path) as server:
        chosen = BsreSettings.model_validate(server.settings())
        pacts.moved_on(signing={"way": SigningWay.BSRE, "bsre": chosen})
        pacts.sign(who)
        head = pacts.office.actor("section_head")
        (waiting,) = pacts.core.pacts.to_sign(head)
        (result,) = pacts.core.signatures.sign(head, [waiting.id], own_password("section_head"))
        assert (result.error, server.asked) == (None, [])
    verified = pacts.core.verification.by_upload(pacts.core.pacts.own_document(who.request_id)[1])
    assert (verified.verdict.genuine, verified.office.way) == (True, "built-in")


def test_the_operator_signs_with_the_ticket_where_it_is_still_there(pacts: Pacts) -> None:
    who, other = pacts.active(0), pacts.active(1)
    pacts.moved_on()
    assert code_of(lambda: pacts.sign(who, ticket=other.ticket)) == "ticket-wrong"
    pacts.sign(who, ticket=who.ticket)
    new = pacts.pacts(who)[-1]
    assert (new.signed_with, new.state, new.text_revision) == ("ticket", "applicant-signed", "2026-2")


def test_a_wrong_password_signs_nothing_and_is_counted(pacts: Pacts) -> None:
    who = pacts.active()
    pacts.moved_on()
    for _ in range(5):
        assert code_of(lambda: pacts.sign(who, password="salah sekali")) == "sign-in-failed"
    assert code_of(lambda: pacts.sign(who)) == "locked-out"
    assert len(pacts.pacts(who)) == 1


def test_a_second_new_revision_voids_what_no_section_head_has_signed(pacts: Pacts) -> None:
    who = pacts.active()
    pacts.moved_on()
    pacts.sign(who)
    pacts.moved_on("2026-3")
    pacts.sign(who)
    assert [each.state for each in pacts.pacts(who)] == ["signed", "void", "applicant-signed"]


def test_a_new_ticket_does_not_void_what_an_operator_has_signed_anew(pacts: Pacts) -> None:
    who = pacts.active()
    pacts.moved_on()
    pacts.sign(who)
    adb, it = pacts.office.actor("adb"), pacts.office.actor("it")
    pacts.core.accounts.reset(adb, pacts.account(who).id, person_check="KTP dilihat")
    pacts.core.enrolment.ask(adb, who.request_id, "lost", "KTP dilihat")
    (line,) = pacts.core.enrolment.waiting(it)
    pacts.core.enrolment.exchange(pacts.core.enrolment.agree(it, line.id), address="192.0.2.3")
    assert pacts.pacts(who)[-1].state == "applicant-signed"


def test_where_the_office_signs_in_ink_the_section_head_makes_the_new_pact_and_confirms_its_scan(pacts: Pacts) -> None:
    who, head = pacts.active(), pacts.office.actor("section_head")
    pacts.moved_on(signing={"way": SigningWay.WET_INK})
    account = pacts.account(who)
    assert code_of(lambda: pacts.sign(who)) == "pact-in-ink"
    made = pacts.core.pact_renewals.print_anew(head, account.id)
    pacts.core.wet_ink.bring(pacts.office.actor("secretary"), made, [("pakta.pdf", one_page())])
    pacts.core.wet_ink.scan(head, made)
    scan = pacts.core.wet_ink.of(head, made).scan_sha256
    pacts.core.wet_ink.confirm(head, made, scan, SEEN, own_password("section_head"))
    account, new = pacts.account(who), pacts.pacts(who)[-1]
    assert (account.pact_id, account.pact_revision, new.state) == (made, "2026-2", "signed")
    facts, _ = pacts.core.pacts.own_text(who.request_id)
    frozen = (facts.official.rank, facts.official.position, facts.signed_with, facts.authentication)
    assert frozen == ("Pembina (IV/a)", "Kepala Seksi", "ink", "password")


# -- the late ----------------------------------------------------------------------------------------------------------


def late(pacts: Pacts) -> Applicant:
    """An operator who let the last day pass where a setting suspends for it."""
    who = pacts.active()
    pacts.moved_on(pact={"suspend_unsigned": True})
    pacts.office.clock.move(days=15)
    pacts.core.heart.drain()
    return who


def test_after_the_last_day_a_setting_suspends_those_who_did_not_sign(pacts: Pacts) -> None:
    who = late(pacts)
    account = pacts.account(who)
    assert (account.state, account.state_reason) == ("suspended", "pact-not-renewed")
    (entry,) = pacts.core.targets["sistem"].connector.find(account.id)
    assert not entry.enabled
    assert code_of(lambda: pacts.stage(who)) == "sign-in-failed"
    assert code_of(lambda: pacts.core.accounts.reactivate(pacts.office.actor("adb"), account.id)) == (
        "suspended-for-pact"
    )


def test_a_suspension_by_an_official_stays(pacts: Pacts) -> None:
    who = pacts.active()
    pacts.core.accounts.suspend_now(pacts.office.actor("it"), pacts.account(who).id)
    pacts.moved_on(pact={"suspend_unsigned": True})
    pacts.office.clock.move(days=15)
    pacts.core.heart.drain()
    pacts.sign(who, ticket=who.ticket)
    assert (pacts.account(who).state, pacts.account(who).state_reason) == ("suspended", "")


def test_an_official_gives_time_so_that_the_operator_can_sign_in_and_sign(pacts: Pacts) -> None:
    who = late(pacts)
    account, give = pacts.account(who), pacts.core.pact_deadlines.give_time
    head, today = pacts.office.actor("section_head"), pacts.core.context.today()
    assert code_of(lambda: give(pacts.office.actor("auditor"), account.id, today)) == "not-your-post"
    assert code_of(lambda: give(head, account.id, today - timedelta(days=1))) == "invalid-input"
    give(head, account.id, today + timedelta(days=2))
    pacts.core.heart.drain()
    assert pacts.stage(who) == ("pact", "full")
    pacts.office.clock.move(days=3)
    pacts.core.heart.drain()
    assert pacts.account(who).state == "suspended"


def test_a_last_day_that_is_moved_lifts_the_suspension(pacts: Pacts) -> None:
    who = late(pacts)
    pacts.moved_on(sign_by="sign_by = 2026-08-01")
    pacts.core.heart.drain()
    assert pacts.account(who).state == "active"


# -- validity ----------------------------------------------------------------------------------------------------------


def test_a_pact_ends_after_reminders_and_the_ticket_lifts_that_and_begins_another_term(
    pacts: Pacts,
) -> None:
    pacts.again(pact={"validity_months": 12})
    who = pacts.active(2)
    assert pacts.pacts(who)[0].lapses_on == pacts.account(who).pact_lapses_on == date(2027, 6, 8)
    assert pacts.stage(who) == ("full", "full")
    pacts.office.clock.move(days=340)
    assert pacts.stage(who) == ("pact", "full")
    pacts.office.clock.move(days=26)
    pacts.core.heart.drain()
    assert (pacts.account(who).state, pacts.account(who).state_reason) == ("suspended", "pact-lapsed")
    pacts.sign(who, ticket=who.ticket)
    assert pacts.account(who).pact_lapses_on == date(2028, 6, 9)
    pacts.core.heart.drain()
    assert (pacts.account(who).state, pacts.stage(who)) == ("active", ("full", "full"))


def test_a_pact_from_before_the_setting_has_no_end(pacts: Pacts) -> None:
    who = pacts.active()
    pacts.again(pact={"validity_months": 1})
    pacts.office.clock.move(days=60)
    pacts.core.heart.drain()
    assert pacts.account(who).state == "active"
