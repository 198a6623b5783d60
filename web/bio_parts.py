"""The Form Isian Bio Data Operator in four parts: which fields stand together, and what they are called."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask_babel import LazyString

from provisioner.bio_form import LIMITS, REQUIRED
from provisioner.office import Office, find
from provisioner.region import Level
from web.catalog import gettext, later

Options = Sequence[tuple[str, object]]


@dataclass(frozen=True)
class Field:
    """One field. ``kind``: ``text``, ``date``, ``textarea``, ``select`` or ``choices``."""

    name: str
    label: LazyString
    hint: LazyString | str = ""
    kind: str = "text"
    width: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def optional(self) -> bool:
        return self.name not in REQUIRED

    @property
    def attrs(self) -> dict[str, str]:
        """Attributes of the control; room for what people type between digits is left to the core."""
        length = {} if self.kind in ("select", "choices", "date") else {"maxlength": str(LIMITS[self.name])}
        return {**length, **self.attributes}


@dataclass(frozen=True)
class Part:
    """One page of the form."""

    title: LazyString
    lead: LazyString | str
    fields: tuple[Field, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields)


_DIGITS = {"inputmode": "numeric", "autocomplete": "off"}

PARTS: tuple[Part, ...] = (
    Part(
        later("Identitas"),
        later("Seperti tertulis di KTP. Nama boleh satu kata; gelar ditulis pada isiannya sendiri."),
        (
            Field("title_prefix", later("Gelar depan"), later("Contoh: Drs."), width="short"),
            Field("full_name", later("Nama lengkap"), attributes={"autocomplete": "name"}),
            Field("title_suffix", later("Gelar belakang"), later("Contoh: S.Kom., M.Si."), width="short"),
            Field("nik", later("NIK"), later("16 angka; boleh berspasi."), width="mid", attributes=_DIGITS),
            Field("birth_place", later("Tempat lahir"), width="mid"),
            Field(
                "birth_date",
                later("Tanggal lahir"),
                later("Hari, bulan, tahun. Contoh: 17-08-1990."),
                width="mid",
                attributes={"autocomplete": "bday", "placeholder": "17-08-1990"},
            ),
            Field("sex", later("Jenis kelamin"), kind="choices"),
        ),
    ),
    Part(
        later("Kepegawaian"),
        later("Siapkan SK atau surat tugas Anda."),
        (
            Field("employment_status", later("Status kepegawaian"), kind="select", width="mid"),
            Field(
                "staff_number",
                later("NIP atau NI PPPK"),
                later("18 angka; boleh berspasi. Kosongkan bila Non-ASN."),
                width="mid",
                attributes=_DIGITS,
            ),
            Field("rank", later("Pangkat/Golongan"), later("Contoh: Penata Muda (III/a)."), width="mid"),
            Field("position", later("Jabatan"), attributes={"autocomplete": "organization-title"}),
            Field(
                "org_unit", later("Unit kerja"), later("Contoh: Kelurahan Wates."), attributes={"autocomplete": "off"}
            ),
            Field("org_unit_region", later("Letak unit kerja"), kind="select"),
            Field("education", later("Pendidikan terakhir"), width="mid"),
            Field("supervisor", later("Atasan langsung"), later("Nama atasan yang mengetahui permohonan ini.")),
            Field("assignment_order", later("Nomor SK atau surat tugas"), width="mid"),
            Field("assignment_order_date", later("Tanggal SK atau surat tugas"), kind="date", width="short"),
        ),
    ),
    Part(
        later("Alamat dan kontak"),
        later("Petugas menghubungi Anda lewat nomor ini bila ada yang perlu diperbaiki."),
        (
            Field("address", later("Alamat"), kind="textarea", attributes={"autocomplete": "street-address"}),
            Field(
                "phone",
                later("Nomor HP/WA"),
                later("Contoh: 0812 3456 7890."),
                width="mid",
                attributes={"inputmode": "tel", "autocomplete": "tel"},
            ),
            Field(
                "mail",
                later("E-mail dinas"),
                later("Contoh: nama@mojokertokota.go.id."),
                attributes={"inputmode": "email", "autocomplete": "email", "autocapitalize": "none"},
            ),
        ),
    ),
    Part(
        later("Akses yang diminta"),
        later("Satu permohonan untuk satu peran dan satu wilayah."),
        (
            Field("role", later("Peran"), later("Dalam kurung: wilayah yang dapat dipilih untuk peran itu."), "select"),
            Field("region_scope", later("Wilayah akses"), kind="select"),
            Field("reason", later("Alasan"), later("Untuk tugas apa akses ini diperlukan."), "textarea"),
            Field(
                "valid_until",
                later("Berlaku sampai"),
                later("Hari terakhir akses diperlukan, misalnya akhir masa tugas."),
                "date",
                "short",
            ),
            Field(
                "replaces_username",
                later("Menggantikan operator"),
                later("Nama pengguna operator yang Anda gantikan. Aksesnya akan diusulkan untuk dicabut."),
                width="mid",
                attributes={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"},
            ),
        ),
    ),
)


def part_of(name: str) -> int:
    """The number (from 1) of the part in which a field stands."""
    return next(number for number, part in enumerate(PARTS, start=1) if name in part.names)


def options(office: Office, language: str) -> dict[str, Options]:
    """What the lists of the form offer."""
    roles = [
        (role.code, f"{role.label.text(language)} ({', '.join(level.value for level in role.levels)})")
        for role in office.roles
    ]
    return {
        "sex": [("male", gettext("Laki-laki")), ("female", gettext("Perempuan"))],
        "employment_status": [(each.code, each.label.text(language)) for each in office.employment_statuses],
        "org_unit_region": list(_regions(office)),
        "role": roles,
        "region_scope": list(_regions(office)),
    }


def _regions(office: Office) -> Iterator[tuple[str, object]]:
    """The city, then each district with its wards as a group."""
    city = office.regions.city
    yield city.code, gettext("Seluruh %(name)s", name=city.title)
    for district in office.regions.of_level(Level.KECAMATAN):
        wards = [
            (ward.code, ward.title)
            for ward in office.regions.of_level(Level.KELURAHAN)
            if ward.parent is not None and ward.parent.code == district.code
        ]
        yield district.title, [(district.code, gettext("Seluruh %(name)s", name=district.title)), *wards]


def shown(name: str, typed: Mapping[str, str], office: Office, language: str) -> str | date:
    """A value as the summary shows it: codes by their names, days as days, the rest as it was typed."""
    text = typed.get(name, "")
    if name == "role" and (role := office.role(text)):
        return role.label.text(language)
    if name in ("region_scope", "org_unit_region") and (region := office.regions.get(text)):
        return region.full_title
    if name == "employment_status" and (status := find(office.employment_statuses, text)):
        return status.label.text(language)
    if name == "sex" and text:
        return dict(options(office, language)["sex"]).get(text, text)  # type: ignore[return-value]
    try:
        return date.fromisoformat(text) if text[4:5] == "-" else text
    except ValueError:
        return text


def summary(typed: Mapping[str, str], office: Office, language: str) -> list[tuple[Part, list[tuple[Field, object]]]]:
    """Every part with its filled fields, for reading over."""
    return [
        (part, [(each, shown(each.name, typed, office, language)) for each in part.fields if typed.get(each.name)])
        for part in PARTS
    ]
