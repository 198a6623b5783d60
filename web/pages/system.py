"""Pengaturan: is everything as it must be, how it is set, and how many are signed in. Shows no secret."""

from collections.abc import Iterable

from flask import render_template

from provisioner.backup.last import last_backup
from provisioner.checking import Checked, check_everything
from provisioner.connector import Severity
from provisioner.release import release
from provisioner.settings.access import Network
from web.area import Area, Subject
from web.catalog import gettext
from web.current import core, office, settings
from web.finding_words import FoundLine, found_lines, place_text
from web.identity import signed_in
from web.labels import post_text

subject = Subject("system", __name__, Area.IT, "/pengaturan")


@subject.get("")
@signed_in("it")
def index() -> str:
    """Settings; nothing is asked of any system until somebody wants it."""
    return _page(None)


@subject.post("/periksa")
@signed_in("it")
def check() -> str:
    """What ``provisioner check`` says. It changes nothing, so the answer is the page itself."""
    return _page(check_everything(core()))


# -- the pieces --------------------------------------------------------------------------------------------------------


def _page(found: list[Checked] | None) -> str:
    people = core().official_views.everybody()
    worst = [each.finding.severity for each in found or []]
    return render_template(
        "system/index.html",
        found=_by_place(found) if found is not None else None,
        errors=worst.count(Severity.ERROR),
        warnings=worst.count(Severity.WARNING),
        office_facts=_office_facts(),
        access_facts=_access_facts(),
        broken_letters=[str(each) for each in core().letters.wrong()],
        targets=settings().targets,
        signed_in=[each for each in people if each.live_sessions],
        operators=core().sessions.count("operator"),
        backup=last_backup(core().context),
        now=core().context.clock(),
    )


def _by_place(found: list[Checked]) -> list[tuple[str, list[FoundLine]]]:
    places: dict[str, list[Checked]] = {}
    for each in found:
        places.setdefault(place_text(each), []).append(each)
    return [(place, found_lines(here)) for place, here in places.items()]


def _office_facts() -> list[tuple[str, str]]:
    made_by = {
        "system": gettext("oleh aplikasi, atas keputusan Kepala Seksi"),
        "button": gettext("dengan tombol, oleh ADB atau Kepala Seksi"),
    }
    return [
        (gettext("Kantor"), office().name),
        (gettext("SOP"), core().procedure.number),
        (gettext("Alamat halaman"), settings().web.address),
        (gettext("Akun dibuat"), made_by[settings().procedure.step_5]),
        (gettext("Satu orang, dua langkah"), _yes(settings().procedure.allow_two_steps)),
        (gettext("Versi aplikasi"), release()),
    ]


def _access_facts() -> list[tuple[str, str]]:
    web, lockout, envelope = settings().web, settings().lockout, settings().envelope
    mandatory = ", ".join(post_text(post.value) for post in settings().totp.mandatory_for)
    return [
        (gettext("Verifikasi dua langkah wajib bagi"), mandatory or gettext("tidak seorang pun")),
        (gettext("Panjang kata sandi"), gettext("sedikitnya %(count)s tanda", count=settings().passwords.min_length)),
        (
            gettext("Terkunci"),
            gettext(
                "sesudah %(count)s kali salah, selama %(minutes)s menit",
                count=lockout.max_failures,
                minutes=lockout.minutes,
            ),
        ),
        (
            gettext("Sesi berakhir"),
            gettext(
                "sesudah %(idle)s menit tanpa kegiatan, paling lama %(hours)s jam",
                idle=web.session_idle_minutes,
                hours=web.session_hours,
            ),
        ),
        (gettext("Amplop dapat dibuka"), gettext("selama %(days)s hari", days=envelope.open_days)),
        (gettext("Kode pengganti berlaku"), gettext("selama %(days)s hari", days=envelope.enrolment_days)),
        (
            gettext("Akun yang dicabut dihapus"),
            gettext("sesudah %(days)s hari", days=settings().runner.quarantine_days),
        ),
        *_networks(),
    ]


def _networks() -> list[tuple[str, str]]:
    where = settings().web.networks
    areas = [
        (gettext("Jaringan: pemohon"), where.public),
        (gettext("Jaringan: pejabat"), where.officials),
        (gettext("Jaringan: TI"), where.it),
        (gettext("Jaringan: operator"), where.operators),
    ]
    return [(name, _from_where(networks)) for name, networks in areas]


def _from_where(networks: Iterable[Network]) -> str:
    """From which networks an area may be reached. One without a prefix is the whole world of its kind of address."""
    listed = list(networks)
    if any(network.prefixlen == 0 for network in listed):
        return gettext("dari mana saja")
    return ", ".join(str(network) for network in listed) or gettext("tertutup")


def _yes(value: bool) -> str:
    return gettext("boleh") if value else gettext("tidak boleh")
