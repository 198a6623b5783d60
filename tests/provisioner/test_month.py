"""What is to be done this month: what the machine, the store and the files say, and how it is kept."""

import shutil
import sys
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from provisioner.audit import AnchorBook
from provisioner.backup.making import make_backup
from provisioner.errors import NotAllowed
from provisioner.month import english, machine
from provisioner.month.keeping import backup_points, release_points
from provisioner.month.point import Point, Subject, Urgency, by_urgency, urgency_of
from provisioner.provisioning.officials import OfficialProfile
from provisioner.provisioning.processes import Processes
from provisioner.store.tables import AccountRow, MonthCheckRow, ProcessRow
from tests.conftest import MakeOffice
from tests.office import RealOffice

TODAY = date(2026, 6, 8)


def look(office: RealOffice, subject: Subject, about: str = "") -> Point | None:
    """The point of the one look that nothing slow takes part in."""
    sources = office.core.month._sources
    quick = {name: source for name, source in sources.items() if name not in ("machine", "files")}
    office.core.month.asks(**quick)
    found = [each for each in office.core.month.look().points if (each.subject, each.about) == (subject, about)]
    office.core.month.asks(**sources)
    return found[0] if found else None


def urgency(office: RealOffice, subject: Subject, about: str = "") -> Urgency | None:
    found = look(office, subject, about)
    return found.urgency if found else None


def certificate(file: Path, office: RealOffice, days: int) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), office.core.context.clock()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "siak.example.go.id")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 7)
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def test_the_nearer_the_last_day_the_more_urgent_it_is() -> None:
    days = {-1: Urgency.NOW, 6: Urgency.NOW, 7: Urgency.MONTH, 31: Urgency.MONTH, 32: Urgency.GOOD}
    assert {left: urgency_of(TODAY + timedelta(days=left), TODAY) for left in days} == days
    late, soon, unknown = (
        Point(Subject.AUTHORITY, Urgency.NOW, TODAY),
        Point(Subject.BACKUP, Urgency.MONTH),
        Point(Subject.DISK, Urgency.UNKNOWN),
    )
    assert by_urgency([unknown, soon, late]) == [late, soon, unknown]


def test_the_days_of_the_sites_certificate_are_read_from_its_file(make_office: MakeOffice, tmp_path: Path) -> None:
    file = tmp_path / "situs.pem"
    office = make_office(upkeep={"certificate": file})
    assert urgency(office, Subject.SITE_CERTIFICATE) is Urgency.UNKNOWN
    certificate(file, office, 20)
    found = look(office, Subject.SITE_CERTIFICATE)
    assert found == Point(Subject.SITE_CERTIFICATE, Urgency.MONTH, office.core.context.today() + timedelta(days=20))
    office.clock.move(days=15)
    assert urgency(office, Subject.SITE_CERTIFICATE) is Urgency.NOW


def test_keys_and_anchors_are_asked_after(office: RealOffice) -> None:
    assert urgency(office, Subject.SECOND_COPY) is Urgency.NOW
    office.core.key_copies.confirm("typed", "Brankas")
    assert urgency(office, Subject.SECOND_COPY) is Urgency.GOOD
    office.clock.move(days=office.core.settings.keys.rehearsal_days + 1)
    assert urgency(office, Subject.SECOND_COPY) is Urgency.MONTH
    assert urgency(office, Subject.ANCHORS_HERE) is Urgency.MONTH
    assert urgency(office, Subject.ANCHORS) is Urgency.MONTH
    folder = office.settings.path(office.settings.audit.anchor_dir)
    folder.mkdir(exist_ok=True)
    with office.core.context.store.read() as session:
        AnchorBook(folder).write(office.core.context.trail.head(session), office.clock())
    assert urgency(office, Subject.ANCHORS) is Urgency.GOOD
    office.clock.move(days=4)
    assert urgency(office, Subject.ANCHORS) is Urgency.NOW


def test_officials_without_second_factor_unused_envelopes_and_ends_are_listed(make_office: MakeOffice) -> None:
    office = make_office(totp={"mandatory_for": ["it"]})
    found = look(office, Subject.SECOND_FACTOR)
    assert found is not None
    assert found.facts == {"count": 1, "names": "it"}
    end = office.core.context.today() + timedelta(days=40)
    office.core.officials.add(OfficialProfile("magang", "Budi Santoso", ("adb",), expires_on=end))
    assert urgency(office, Subject.OFFICIAL_ENDS, "magang") is None
    office.clock.move(days=30)
    found = look(office, Subject.OFFICIAL_ENDS, "magang")
    assert found is not None
    assert (found.urgency, found.due) == (Urgency.MONTH, end)
    found = look(office, Subject.FIRST_PASSWORD)
    assert found is not None
    assert "magang" in str(found.facts["names"])
    office.clock.move(days=11)
    assert urgency(office, Subject.OFFICIAL_OVER, "magang") is Urgency.MONTH


def test_accounts_and_pacts_that_end_within_the_month_are_counted(office: RealOffice) -> None:
    office.new("done")
    assert urgency(office, Subject.ACCOUNTS_END) is Urgency.GOOD
    with office.core.context.store.begin() as session:
        account = session.scalars(select(AccountRow)).one()
        account.valid_until = office.core.context.today() + timedelta(days=20)
        account.pact_lapses_on = office.core.context.today() + timedelta(days=31)
    found = look(office, Subject.ACCOUNTS_END)
    assert found is not None
    assert (found.urgency, found.facts["count"]) == (Urgency.MONTH, 1)
    assert urgency(office, Subject.PACTS_LAPSE) is Urgency.MONTH


def test_a_system_that_was_paused_or_never_checked_is_told_of(office: RealOffice) -> None:
    (label,) = (each.label for each in office.core.systems.all(office.actor("it")))
    (name,) = office.settings.targets
    assert urgency(office, Subject.TARGET_UNCHECKED, label) is Urgency.UNKNOWN
    office.core.systems.check(office.actor("it"), name)
    assert urgency(office, Subject.TARGET_UNCHECKED, label) is None
    office.core.systems.pause(office.actor("it"), name, "pindah server")
    assert urgency(office, Subject.TARGET_PAUSED, label) is Urgency.MONTH


def test_a_source_that_fails_hides_no_other_and_names_no_value(office: RealOffice) -> None:
    def broken() -> list[Point]:
        raise RuntimeError("nik 3576024107950001")

    office.core.month.asks(broken=broken, whole=lambda: [Point(Subject.RESTART, Urgency.MONTH)])
    found = office.core.month.look()
    assert [each.subject for each in found.points] == [Subject.RESTART, Subject.CHECK]
    assert "3576024107950001" not in repr(found)


def test_only_it_looks_and_one_look_is_enough(office: RealOffice) -> None:
    may_end, began = threading.Event(), threading.Event()

    def slow() -> list[Point]:
        began.set()
        may_end.wait(20)
        return []

    office.core.month.asks(slow=slow)
    with pytest.raises(NotAllowed):
        office.core.month.look_now(office.actor("head"), 0)
    with pytest.raises(NotAllowed):
        office.core.month.kept(office.actor("adb"))
    assert not office.core.month.look_now(office.actor("it"), 0)
    assert began.wait(20)
    assert not office.core.month.look_now(office.actor("it"), 0)
    assert office.core.month.kept(office.actor("it")).running
    may_end.set()
    for thread in threading.enumerate():
        if thread.name == "month-check":
            thread.join(20)
    assert office.core.month.kept(office.actor("it")).checked_at is not None


def test_the_duty_looks_once_a_day(office: RealOffice) -> None:
    office.core.month.asks(one=lambda: [Point(Subject.RESTART, Urgency.MONTH)])

    def duty() -> None:
        office.core.month._look_at = 0.0  # It waits some minutes between two questions to the store.
        office.core.month.look_if_due()
        for thread in threading.enumerate():
            if thread.name == "month-check":
                thread.join(20)

    def checked() -> object:
        with office.core.context.store.read() as session:
            row = session.get(MonthCheckRow, 1)
            return row.checked_at if row else None

    duty()
    first = checked()
    duty()
    assert first is not None
    assert checked() == first
    office.clock.move(hours=25)
    duty()
    assert checked() != first


def test_a_backup_that_is_missing_or_old_is_for_now(office: RealOffice, tmp_path: Path) -> None:
    context = office.core.context
    (never,) = backup_points(context)
    make_backup(context, tmp_path / "cadangan", None)
    (fresh,) = backup_points(context)
    office.clock.move(days=9)
    (old,) = backup_points(context)
    assert [each.urgency for each in (never, fresh, old)] == [Urgency.NOW, Urgency.GOOD, Urgency.NOW]
    assert old.facts["days"] == 9


def test_processes_of_another_release_are_named(office: RealOffice) -> None:
    context = office.core.context
    process = Processes(context.store).enter("serve", "embedded")
    assert list(release_points(context)) == []
    with context.store.begin() as session:
        session.get_one(ProcessRow, process).release = "0.0.9"
    (point,) = release_points(context)
    assert str(point.facts["others"]).startswith("0.0.9 (serve on ")


def test_the_disk_and_memory_are_read(tmp_path: Path) -> None:
    found = machine.disk_point(tmp_path)
    assert found.facts["percent"] == shutil.disk_usage(tmp_path).free * 100 // shutil.disk_usage(tmp_path).total
    assert machine.disk_point(tmp_path / "tidak-ada").urgency is Urgency.UNKNOWN
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:  1000 kB\nMemFree:  10 kB\nMemAvailable:  50 kB\n")
    assert machine.memory_point(meminfo) == Point(Subject.MEMORY, Urgency.MONTH, facts={"percent": 5})
    assert machine.memory_point(tmp_path / "tidak-ada") is None


def test_how_long_the_release_is_installed_is_told_by_dpkg_where_it_came_as_a_package() -> None:
    listed = machine.written_when_installed(Path("/usr/lib/siak-provisioner"))
    assert listed == Path("/var/lib/dpkg/info/siak-provisioner.list")
    assert machine.written_when_installed(Path(sys.prefix)).name == "METADATA"


def test_updates_are_counted_and_those_for_security_told_apart() -> None:
    simulated = (
        "Inst unzip [6.0-28] (6.0-28+deb12u1 Debian-Security:12/oldstable-security [amd64])\n"
        "Inst python3-xmltodict [0.13] (0.13.0-1.1~deb12u1 Debian:12.15/oldstable [all])\n"
        "Conf unzip (6.0-28+deb12u1 Debian-Security:12/oldstable-security [amd64])\n"
    )
    assert machine.count_upgrades(simulated) == (2, 1)
    assert machine.count_upgrades("0 upgraded, 0 newly installed, 0 to remove.\n") == (0, 0)


def test_every_point_is_said_in_english_whatever_is_known() -> None:
    facts: dict[str, str | int] = dict.fromkeys(
        ("days", "percent", "gib", "count", "security", "seconds", "folder", "file", "names", "what", "others", "day"),
        7,
    )
    facts |= {"message": "text", "remedy": "text"}
    for subject in Subject:
        for each in Urgency:
            for given in (facts, {**facts, "days": "", "day": ""}):
                point = Point(subject, each, TODAY, "ti", given)
                said = (english.title_of(point), english.remedy_of(point), english.found_of(point))
                assert all(said[:2])
                assert "{" not in "".join(said)
