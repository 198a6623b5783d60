"""The small office that every release leaves behind for its successors: something of everything, nobody real.

It is walked by the release itself (see :mod:`tests.releases.make`), so it uses nothing but the use cases.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from provisioner.errors import WrongState
from provisioner.preparation import prepare
from provisioner.provisioning.official_terms import latest_end
from tests.office import MONDAY, POSTS, Applicant, MovableClock, RealOffice, own_password, person, settings_of
from tests.pdf_pages import one_page

OWN = "Perahu-Kertas-di-Brantas-1928"
TARGETS: Mapping[str, Any] = {
    "akun": {
        "kind": "table",
        "label": "Basis data akun",
        "sign_in": True,
        "settings": {"url": "sqlite:///{data_dir}/accounts.db", "create_tables": True},
    },
    "siak": {
        "kind": "manual",
        "label": "SIAK Terpusat",
        "settings": {"system": "SIAK", "fields": [["Nama pengguna", "{username}"]]},
    },
}
_LONG_AGO = timedelta(days=11 * 366)
"""Longer than the office keeps anything."""
_HEADER = "Nama pengguna;Nama;NIK;Unit kerja;Peran;Wilayah;Nomor HP"


@dataclass(frozen=True)
class Facts:
    """What somebody has to know to go on with the office: everything else stands in its store."""

    now: str
    passwords: Mapping[str, str]
    """Of officials, by user name."""
    operator: tuple[str, str]
    """User name and password of somebody who works."""
    sealed_ticket: str
    """Opens an envelope that nobody has opened."""
    pact: str
    """Number of a signed pact."""


def walk_office(folder: Path, **settings: Any) -> Facts:
    """Prepare an office in ``folder`` and let half a year of its life happen."""
    office = _opened(folder, **settings)
    try:
        _officials(office)
        _somebody_long_ago(office)
        working = _somebody_who_works(office)
        _counter(office)
        _lists(office)
        _on_the_way(office)
        sealed = office.new("creation", 5)
        _carry_out(office)
        _tries(office)
        facts = Facts(
            office.clock.now.isoformat(),
            {post: own_password(post) for post in POSTS},
            (str(office.request(working).username), OWN),
            sealed.ticket,
            office.pact(working).number,
        )
        (folder / "facts.json").write_text(json.dumps(asdict(facts), indent=1) + "\n")
        return facts
    finally:
        office.close()


def open_office(folder: Path, facts: Facts, **settings: Any) -> RealOffice:
    """The office of a folder that was walked, at the moment where it was left."""
    empty = folder / "nothing"
    empty.mkdir(exist_ok=True)
    clock = MovableClock()
    clock.now = clock.now.fromisoformat(facts.now)
    return RealOffice(folder, empty, clock, targets=TARGETS, **settings)


def _opened(folder: Path, **settings: Any) -> RealOffice:
    empty = folder / "nothing"
    empty.mkdir(parents=True)
    clock = MovableClock(MONDAY - _LONG_AGO)
    prepare(settings_of(folder, targets=TARGETS, **settings), clock)
    return RealOffice(folder, empty, clock, targets=TARGETS, **settings)


def _officials(office: RealOffice) -> None:
    for number, post in enumerate(POSTS):
        more: dict[str, Any] = {"expires_on": latest_end(office.core.context)} if post == "auditor" else {}
        office.add_official(post, post, staff_number=f"19700101199503100{number}", rank="Pembina (IV/a)", **more)
    day = office.core.context.today()
    office.core.mandates.add("division_head", "head", "PLH", ("800/9", day), (day, day), office.actor("it"))


def _carry_out(office: RealOffice) -> None:
    """The runner, and the administrator who works on the cards of the system that only people operate."""
    office.core.heart.drain()
    office.core.systems.check(office.actor("it"), "akun")
    adb = office.actor("adb")
    for card in office.core.cards.open(adb):
        if card.needs_password:
            office.core.cards.confirm_created(adb, card.id, f"SIAK-{card.id[:6]}", "Awal-1234-sekali", "layar SIAK")
        else:
            office.core.cards.confirm_done(adb, card.id, "Layar SIAK: status nonaktif")
    office.core.heart.drain()


def _received(office: RealOffice, who: Applicant) -> None:
    _carry_out(office)
    opened = office.open_envelope(who)
    initial = next(slip.password for slip in opened.slips if "Basis data akun" in str(slip) or "akun" in slip.targets)
    office.core.heart.passwords.change(office.request(who).account_id or "", initial, OWN)
    _carry_out(office)


def _somebody_who_works(office: RealOffice) -> Applicant:
    who = office.new("creation", 0)
    _received(office, who)
    office.core.boxes.file(office.actor("secretary"), who.request_id, "2026/A-01", "Rak 3")
    with suppress(WrongState):
        office.core.handover.open(who.ticket, "another-browser", "192.0.2.77")
    office.core.help_cards.ask(str(office.request(who).username), address="192.0.2.50")
    return who


def _somebody_long_ago(office: RealOffice) -> None:
    """Refused, kept for as long as the office keeps it, and destroyed."""
    then = "2015-01-05"
    who = office.bring(office.draft(person(1, assignment_order_date=then), letter_date=then), "review")
    office.core.review.open(office.actor("section_head"), who.request_id)
    office.core.review.reject(
        office.actor("section_head"), who.request_id, office.request(who).revision, "Bukan pegawai"
    )
    office.clock.move(days=_LONG_AGO.days)
    proposed = office.core.destructions.propose(office.actor("secretary"), [who.request_id], "Persetujuan 045/12")
    head = office.actor("head")
    seen = office.core.destructions.view(head, proposed).fingerprint
    office.core.destructions.approve(head, proposed, seen, own_password("head"))
    office.core.heart.drain()


def _counter(office: RealOffice) -> None:
    secretary = office.actor("secretary")
    letter = {"number": "800/200", "letter_date": "2026-06-05", "sender": "Kelurahan Wates", "urgency": "ordinary"}
    letter_id = office.core.registering.register(secretary, letter, applicants=1)
    (line,) = office.core.reading.letter(secretary, letter_id).requests
    office.core.drafting.save_bio(
        line.id, office.core.reading.request(secretary, line.id).revision, person(2), secretary
    )
    office.core.drafting.submit(line.id, secretary)
    office.core.enrolment.ask(secretary, line.id, "counter", "KTP-el diperiksa")


def _lists(office: RealOffice) -> None:
    bio = person(7)
    row = ";".join(
        ["gita.lama", *(bio[cell] for cell in ("full_name", "nik", "org_unit", "role", "region_scope", "phone"))]
    )
    day = office.core.context.today() + timedelta(days=30)
    kept = office.core.recording.record(office.actor("adb"), "siak", f"{_HEADER}\n{row}", day)
    office.core.recorded_lists.ask_decision(office.actor("adb"), kept.list_id, "800/1/2026")
    office.core.reconciliations.run(office.actor("it"), "akun")
    office.core.pact_checks.run()


def _on_the_way(office: RealOffice) -> None:
    """One at each desk."""
    for number, state in enumerate(("draft", "sent", "division", "review"), 10):
        office.new(state, number)
    who = office.draft(person(20))
    office.core.attachments.add(who.request_id, "decree", [("sk.pdf", one_page())])
    letter = office.letter(office.bring(who, "sent"))
    office.core.desks.open(office.actor("head"), letter.id)
    office.core.desks.return_for_repair(office.actor("head"), letter.id, letter.revision, "Lampiran kurang")


def _tries(office: RealOffice) -> None:
    office.core.sign_in.sign_in("it", own_password("it"), address="192.0.2.60", agent="Firefox")
    office.clock.move(minutes=1)
