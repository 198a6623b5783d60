"""The bio form of a request: kept sealed as typed, checked, and read as what pacts and targets need of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.bio_form import LIMITS, BioForm
from provisioner.connector import Profile
from provisioner.errors import InvalidInput
from provisioner.office import find
from provisioner.pact import PactApplicant
from provisioner.provisioning.context import Context
from provisioner.store.tables import RequestRow

BIO_PURPOSE = "bio-form"
_ROOM = 4
"""Text longer than this many times a field's limit is not even kept as a draft."""


@dataclass(frozen=True)
class Checked:
    """A bio form as typed, and what is wrong with it (``errors`` forbid sending, ``warnings`` do not)."""

    typed: Mapping[str, str]
    form: BioForm | None
    errors: Mapping[str, list[str]]
    warnings: Mapping[str, list[str]]

    @property
    def empty(self) -> bool:
        """Nothing was typed yet."""
        return not any(self.typed.values())


class BioForms:
    """Reads and writes the bio forms of requests."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def keep(self, request: RequestRow, typed: Mapping[str, str]) -> Checked:
        """Keep what was typed, right or not, and fill the columns that lists and searches use.

        :raises InvalidInput: a text is far too long to be meant.
        """
        known = {name: typed.get(name, "") for name in LIMITS}
        far_too_long = {name: ["too-long"] for name, text in known.items() if len(text) > LIMITS[name] * _ROOM}
        if far_too_long:
            raise InvalidInput("bio-too-long", fields=far_too_long)
        checked = self._check(known)
        request.bio = self._context.keyring.seal(BIO_PURPOSE, json.dumps(known).encode())
        request.bio_complete = checked.form is not None
        if checked.form is not None:
            self._fill(request, checked.form)
        return checked

    def checked(self, request: RequestRow) -> Checked:
        """The form as it stands, checked against today's rules."""
        if request.bio is None:
            return Checked({}, None, self._check({}).errors, {})
        return self._check(json.loads(self._context.keyring.open(BIO_PURPOSE, request.bio)))

    def refuse_wrong(self, request: RequestRow, *, must_be_there: bool) -> None:
        """:raises InvalidInput: ``bio-incomplete``, with the fields; an empty form is fine unless it must be there."""
        checked = self.checked(request)
        if checked.empty and not must_be_there:
            return
        if checked.errors:
            raise InvalidInput("bio-incomplete", fields=checked.errors, request=request.id)

    def form(self, request: RequestRow) -> BioForm:
        """The complete form.

        :raises InvalidInput: it is not complete.
        """
        checked = self.checked(request)
        if checked.form is None:
            raise InvalidInput("bio-incomplete", fields=checked.errors, request=request.id)
        return checked.form

    def identity(self, request: RequestRow) -> bytes | None:
        """Keyed digest of person, role and region; None while the form is empty or incomplete."""
        form = self.checked(request).form
        return self._context.keyring.mac("identity", form.identity().encode()) if form else None

    def profile(self, request: RequestRow) -> Profile:
        """What targets are told about the person."""
        form, office = self.form(request), self._context.office
        role, region = office.role(form.role), office.regions.get(form.region_scope)
        return Profile(
            full_name=form.name.full_name,
            display_name=form.name.display(),
            role=form.role,
            region=form.region_scope,
            org_unit=form.org_unit,
            position=form.position,
            mail=form.mail,
            phone=form.phone.e164 if form.phone else "",
            staff_number=form.staff_number.digits if form.staff_number else "",
            valid_until=request.valid_until.isoformat() if request.valid_until else "",
            role_name=role.label.id if role else form.role,
            region_name=region.full_title if region else form.region_scope,
        )

    def pact_applicant(self, request: RequestRow) -> PactApplicant:
        """The person as the pact names them. The NIK is masked: the pact never holds the whole number."""
        form = self.form(request)
        status = find(self._context.office.employment_statuses, form.employment_status)
        return PactApplicant(
            name=form.name.display(),
            nik=form.nik.masked(),
            employment=status.label.id if status else form.employment_status,
            position=form.position,
            unit=form.org_unit,
            staff_number=form.staff_number.display() if form.staff_number else "",
            staff_number_label=status.staff_number_label if status and status.staff_number_label else "NIP",
            rank=form.rank,
        )

    def _check(self, typed: Mapping[str, str]) -> Checked:
        found = BioForm.validate(typed, self._context.office, self._context.today())
        return Checked(typed, found.form, found.errors, found.warnings)

    def _fill(self, request: RequestRow, form: BioForm) -> None:
        keyring = self._context.keyring
        request.full_name, request.display_name = form.name.full_name, form.name.display()
        request.person_key = keyring.lookup("nik", form.nik.digits)
        request.staff_key = keyring.lookup("staff", form.staff_number.digits) if form.staff_number else None
        request.role, request.region, request.org_unit = form.role, form.region_scope, form.org_unit
        request.valid_until = form.valid_until
        request.replaces_username = form.replaces_username
