"""The audit trail forgets persons when the office says so, and nothing else."""

import json
from collections.abc import Iterator

from sqlalchemy import func, select

from provisioner.audit import AuditEntry, Filters
from provisioner.audit.chain import MAC_PURPOSE
from provisioner.audit.erasure import erase_before
from provisioner.audit.export import export
from provisioner.audit.verify import verify
from provisioner.store.tables import AuditPersonalRow, AuditRow
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice, own_password

DAYS = 400


def entries(office: RealOffice) -> list[AuditEntry]:
    with office.core.context.store.read() as session:
        return list(office.core.context.trail.search(session, Filters(), limit=500).entries)


def kept(office: RealOffice, who: Applicant) -> Iterator[str]:
    """Names and texts that the trail still has of somebody, but for those of officials."""
    for each in entries(office):
        if each.subjects.request == who.request_id:
            yield from (
                str(value) for name, value in each.fields.items() if name in ("applicant_name", "username", "nik")
            )


def origins(office: RealOffice) -> int:
    """How many network addresses and devices the trail still has."""
    with office.core.context.store.read() as session:
        query = select(func.count()).where(AuditPersonalRow.field.in_(("address", "device")))
        return session.scalar(query) or 0


def revoked(office: RealOffice, number: int = 0) -> Applicant:
    who = office.new("done", number)
    account = office.request(who).account_id
    assert account is not None
    office.core.accounts.revoke(office.actor("it"), account, "transfer")
    deleted(office)
    return who


def deleted(office: RealOffice) -> None:
    """Let the quarantine end: what is said of the deletion in the system is the last of an account."""
    office.core.heart.drain()
    office.clock.move(days=office.settings.runner.quarantine_days)
    office.core.heart.drain()


def test_without_a_word_of_the_office_nothing_is_erased(office: RealOffice) -> None:
    who = revoked(office)
    before = list(kept(office, who))
    office.clock.move(days=20_000)
    office.core.heart.drain()
    assert list(kept(office, who)) == before
    assert before
    assert office.events("personal-data-erased") == []


def test_names_go_when_request_and_account_are_over_and_stay_until_then(make_office: MakeOffice) -> None:
    office = make_office(audit={"personal_days": DAYS})
    office.core.sign_in.sign_in("head", own_password("head"), address="192.0.2.7")
    gone, living, waiting = revoked(office), office.new("done", 1), office.new("review", 2)
    already = office.settings.runner.quarantine_days
    office.clock.move(days=DAYS - 1 - already)
    office.core.heart.drain()
    assert office.events("personal-data-erased") == []
    assert all(list(kept(office, who)) for who in (gone, living, waiting))
    assert origins(office) > 0
    office.clock.move(days=2 + already)
    office.core.heart.drain()
    assert list(kept(office, gone)) == []
    assert "Dewi Lestari Handayani, A.Md." not in str([each.fields for each in entries(office)])
    assert list(kept(office, living))
    assert list(kept(office, waiting))
    assert origins(office) == 0


def test_an_account_that_is_revoked_later_is_forgotten_then(make_office: MakeOffice) -> None:
    office = make_office(audit={"personal_days": DAYS})
    who = office.new("done")
    office.clock.move(days=DAYS + 1)
    office.core.heart.drain()
    assert list(kept(office, who))
    office.core.accounts.revoke(office.actor("it"), office.request(who).account_id or "", "transfer")
    deleted(office)
    # What is said of the revocation itself is young.
    assert set(kept(office, who)) == {office.request(who).username}
    office.clock.move(days=DAYS + 1)
    office.core.heart.drain()
    assert list(kept(office, who)) == []


def test_the_chain_stays_whole_and_what_was_erased_is_counted(make_office: MakeOffice) -> None:
    office = make_office(audit={"personal_days": DAYS})
    revoked(office)
    with office.core.context.store.read() as session:
        before = session.scalar(select(func.count()).select_from(AuditPersonalRow)) or 0
    office.clock.move(days=DAYS + 1)
    office.core.heart.drain()
    context = office.core.context
    (event,) = office.events("personal-data-erased")
    with context.store.read() as session:
        after = session.scalar(select(func.count()).select_from(AuditPersonalRow)) or 0
        report = verify(
            export(session, context.trail, personal=True), mac=lambda data: context.keyring.mac(MAC_PURPOSE, data)
        )
    assert report.sound
    assert json.loads(event.fields)["count"] == before - after > 0
    office.core.heart.drain()
    assert len(office.events("personal-data-erased")) == 1
    assert any(each.hidden for each in entries(office))


def test_it_is_done_in_steps_from_the_oldest(office: RealOffice) -> None:
    for number in range(4):
        office.core.sign_in.sign_in("head", own_password("head"), address=f"192.0.2.{number}")
    with office.core.context.store.begin() as session:
        erased = erase_before(session, office.clock(), AuditRow.seq < 0, 3)
        left = session.scalars(select(AuditPersonalRow.seq).where(AuditPersonalRow.field == "address")).all()
    assert erased == 3
    assert len(left) == 1
    assert left[0] == max(each.seq for each in office.events("official-signed-in"))
