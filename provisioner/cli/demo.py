"""The demonstration office: its people, so that a newcomer can walk the SOP at once. They are data, not persons."""

from dataclasses import dataclass, replace

import click
from sqlalchemy import select, update

from provisioner.bootstrap import build
from provisioner.initial_password import initial_password
from provisioner.preparation import prepare
from provisioner.provisioning.official_terms import latest_end
from provisioner.provisioning.officials import OfficialProfile
from provisioner.settings import Settings
from provisioner.store.tables import OfficialRow

PEOPLE = (
    OfficialProfile(
        "kadis",
        "Sulaksono Hadi",
        ("head",),
        "Drs.",
        "M.Si.",
        "197001011995031001",
        rank="Pembina Utama Muda (IV/c)",
        position="Kepala Dinas",
    ),
    OfficialProfile(
        "kabid",
        "Endang Purwanti",
        ("division_head",),
        "",
        "S.Sos.",
        "197502022000032002",
        rank="Pembina (IV/a)",
        position="Kepala Bidang PIAK dan Pemanfaatan Data",
    ),
    OfficialProfile(
        "kasi",
        "Rina Wijayanti",
        ("section_head",),
        "",
        "S.Kom.",
        "198003032005042003",
        rank="Penata Tingkat I (III/d)",
        position="Kepala Seksi Sistem Informasi Administrasi Kependudukan",
    ),
    OfficialProfile(
        "adb",
        "Bagus Setiawan",
        ("adb",),
        "",
        "S.T.",
        "198804042012061004",
        rank="Penata (III/c)",
        position="Administrator Database Kependudukan",
    ),
    OfficialProfile(
        "ti",
        "Taufik Hidayatullah",
        ("it",),
        "",
        "A.Md.",
        "199005052015071005",
        rank="Pengatur Tingkat I (II/d)",
        position="Pranata Komputer",
    ),
    OfficialProfile(
        "sekretaris",
        "Sri Wahyuni",
        ("secretary",),
        "",
        "",
        "198506062010082006",
        rank="Penata Muda (III/a)",
        position="Petugas Agenda Surat",
    ),
    OfficialProfile(
        "auditor",
        "Hendra Gunawan",
        ("auditor",),
        "",
        "S.E.",
        "197807072003091007",
        rank="Pembina (IV/a)",
        position="Auditor Inspektorat",
    ),
)


def open_office(settings: Settings) -> None:
    """Prepare an office and let its people in. Safe to run again.

    :raises ConfigurationError: a file or setting is wrong.
    """
    prepare(settings)
    DemoOffice(settings).open()


@dataclass(frozen=True)
class DemoOffice:
    """The office for trying out."""

    settings: Settings

    def open(self) -> None:
        """Add the people who are missing and print their first passwords, once.

        They need not be changed here at the first sign-in, and no second factor is asked: it is for trying out.
        """
        provisioner = build(self.settings)
        try:
            with provisioner.context.store.read() as session:
                known = set(session.scalars(select(OfficialRow.username)))
            missing = [person for person in PEOPLE if person.username not in known]
            until = latest_end(provisioner.context)
            ending = [replace(each, expires_on=until) if "auditor" in each.posts else each for each in missing]
            made = [(person, provisioner.officials.add(person, password=initial_password())) for person in ending]
            with provisioner.context.store.begin() as session:
                ids = [official_id for _, (official_id, _) in made]
                session.execute(update(OfficialRow).where(OfficialRow.id.in_(ids)).values(must_change=False))
        finally:
            provisioner.close()
        self._print([(person, password) for person, (_, password) in made])

    def _print(self, made: list[tuple[OfficialProfile, str]]) -> None:
        address = self.settings.web.address
        click.echo()
        click.echo(
            "  Demonstration office: no real people, second factor switched off, first passwords need no change."
        )
        click.echo()
        click.echo(f"  Applicants and operators   {address}/")
        click.echo(f"  Officials                  {address}/masuk")
        click.echo()
        if not made:
            click.echo("  The people exist already; their passwords were printed at the first start.")
            click.echo("  A new one: provisioner official reset NAME --show-password")
        for person, password in made:
            click.echo(f"  {person.position[:44]:44}  {person.username:10}  {password}")
        click.echo()
