"""The operator bio form ("Form Isian Bio Data Operator"): what the office must know to give a person access.

:meth:`BioForm.validate` tells errors, which keep the form from being submitted, apart from warnings, which the section
head sees beside the field. Nothing it returns about a field contains what was typed.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, NamedTuple, Self

from provisioner.bio_reading import LIMITS, REQUIRED, Reading
from provisioner.office import Office
from provisioner.person import Nik, Sex, StaffNumber, StaffNumberKind
from provisioner.person_name import PersonName
from provisioner.phone import Phone

__all__ = ["LIMITS", "REQUIRED", "BioCheck", "BioForm"]

_YOUNGEST = 17


@dataclass(frozen=True, kw_only=True, repr=False)
class BioForm:
    """A form without errors. Texts are in NFC; optional ones may be empty. Its representation shows nothing of it."""

    title_prefix: str = ""
    full_name: str
    title_suffix: str = ""
    nik: Nik
    employment_status: str
    """Code from the office's list."""
    staff_number: StaffNumber | None = None
    """None where the employment status brings none."""
    rank: str = ""
    birth_place: str
    birth_date: date
    sex: Sex
    position: str
    org_unit: str
    org_unit_region: str = ""
    """Code of the district or ward the work unit lies in."""
    address: str
    phone: Phone
    mail: str = ""
    education: str = ""
    assignment_order: str
    """Number of the assignment order (surat tugas, SK)."""
    assignment_order_date: date
    role: str
    """Code from the office's role catalogue."""
    region_scope: str
    """Code from the office's regions."""
    reason: str
    supervisor: str
    """Name of the direct superior."""
    valid_until: date | None = None
    """Last day of access asked for."""
    replaces_username: str = ""
    """User name of the operator whose place this one takes."""

    @classmethod
    def validate(cls, data: Mapping[str, str], office: Office, today: date) -> "BioCheck":
        """Read the form as typed. Missing keys count as empty, unknown ones are ignored."""
        reading = Reading(data, office, today)
        values = _read_all(reading)
        warnings = _warnings(reading, values, office, today)
        form = cls(**values) if not reading.errors else None
        return BioCheck(form, reading.errors, warnings)

    def __repr__(self) -> str:
        return "BioForm(…)"

    @property
    def name(self) -> PersonName:
        """The name with its titles."""
        return PersonName(self.full_name, self.title_prefix, self.title_suffix)

    def identity(self) -> str:
        """Person, role and region as one text: what the head disposed of. Titles, case and punctuation are no part."""
        return json.dumps([self.nik.digits, self.name.match_key(), self.role, self.region_scope])

    def changed_identity(self, other: "BioForm") -> bool:
        """Whether person, role or region differ, so that the request starts again at the head."""
        return self.identity() != other.identity()

    def to_json(self) -> str:
        """For storing under seal: holds the numbers whole."""
        return json.dumps({name: _plain(value) for name, value in self._values().items()}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`to_json` wrote. The office's lists may have changed since; they are not asked again."""
        values: dict[str, Any] = json.loads(text)
        number = values["staff_number"]
        values["staff_number"] = StaffNumber(StaffNumberKind(number["kind"]), number["digits"]) if number else None
        values["nik"], values["phone"], values["sex"] = Nik(values["nik"]), Phone(values["phone"]), Sex(values["sex"])
        for name in ("birth_date", "assignment_order_date", "valid_until"):
            values[name] = date.fromisoformat(values[name]) if values[name] else None
        return cls(**values)

    def _values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


class BioCheck(NamedTuple):
    """What validation found: by field, codes in the order they were noticed."""

    form: BioForm | None
    """None as long as there are errors."""
    errors: dict[str, list[str]]
    warnings: dict[str, list[str]]


def _plain(value: object) -> object:
    if isinstance(value, Nik):
        return value.digits
    if isinstance(value, Phone):
        return value.e164
    if isinstance(value, StaffNumber):
        return asdict(value)
    return value.isoformat() if isinstance(value, date) else value


def _read_all(reading: Reading) -> dict[str, Any]:
    return {
        "title_prefix": reading.title("title_prefix"),
        "full_name": reading.full_name("full_name"),
        "title_suffix": reading.title("title_suffix"),
        "nik": reading.nik("nik"),
        "employment_status": reading.employment_status("employment_status"),
        "staff_number": reading.staff_number("staff_number", "employment_status"),
        "rank": reading.line("rank"),
        "birth_place": reading.line("birth_place"),
        "birth_date": reading.past_date("birth_date"),
        "sex": reading.sex("sex"),
        "position": reading.line("position"),
        "org_unit": reading.line("org_unit"),
        "org_unit_region": reading.region("org_unit_region"),
        "address": reading.lines("address"),
        "phone": reading.phone("phone"),
        "mail": reading.mail("mail"),
        "education": reading.line("education"),
        "assignment_order": reading.line("assignment_order"),
        "assignment_order_date": reading.past_date("assignment_order_date"),
        "role": reading.role("role"),
        "region_scope": reading.region_scope("region_scope", "role"),
        "reason": reading.lines("reason"),
        "supervisor": reading.line("supervisor"),
        "valid_until": reading.future_date("valid_until"),
        "replaces_username": reading.line("replaces_username"),
    }


def _warnings(reading: Reading, values: Mapping[str, Any], office: Office, today: date) -> dict[str, list[str]]:
    born, sex = values["birth_date"], values["sex"]
    nik: Nik | None = values["nik"]
    number: StaffNumber | None = values["staff_number"]
    mail: str = values["mail"] or ""
    too_young = born is not None and born > date(today.year - _YOUNGEST, today.month, min(today.day, 28))
    found = {
        "full_name": PersonName(values["full_name"] or "").warnings(),
        "nik": nik.warnings(born, sex, office.regions.city.code) if nik else [],
        "staff_number": (number.warnings(born, sex) if number else []) + reading.ignored("staff_number"),
        "birth_date": ["birth-date-too-young"] if too_young else [],
        "mail": ["mail-not-official"] if mail and not re.search(r"\.go\.id$", mail) else [],
    }
    return {field: codes for field, codes in found.items() if codes}
