"""The bio form as it was typed, made readable: for papers, which say the same for ever.

Today's rules are not asked again: a form that was right when it was frozen may name an end that has passed since.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from provisioner.documents.words import long_date
from provisioner.errors import InvalidInput
from provisioner.keyring import Keyring
from provisioner.person import Nik, StaffNumber, StaffNumberKind
from provisioner.phone import Phone
from provisioner.provisioning.bio import BIO_PURPOSE
from provisioner.store.tables import RequestRow


@dataclass(frozen=True, repr=False)
class BioText:
    """Texts by the form's field names; what was left empty is empty. Its representation shows nothing of it."""

    typed: Mapping[str, str]

    @classmethod
    def of(cls, request: RequestRow, keyring: Keyring) -> "BioText":
        """What was typed for this request; everything empty where nothing was."""
        return cls(json.loads(keyring.open(BIO_PURPOSE, request.bio)) if request.bio else {})

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "").strip()

    def __repr__(self) -> str:
        return "BioText(…)"

    def day(self, name: str) -> str:
        """A date as papers write it."""
        text = self[name]
        for pattern in ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d %m %Y"):
            try:
                found: date = datetime.strptime(text, pattern).date()  # noqa: DTZ007
            except ValueError:
                continue
            return long_date(found)
        return text

    @property
    def staff_number(self) -> str:
        """Grouped for reading."""
        digits = "".join(self["staff_number"].split())
        return StaffNumber(StaffNumberKind.NIP, digits).display() if len(digits) == 18 else digits

    @property
    def nik(self) -> str:
        """The whole number, in fours."""
        try:
            digits = Nik.parse(self["nik"]).digits
        except InvalidInput:
            return self["nik"]
        return " ".join(digits[start : start + 4] for start in range(0, 16, 4))

    @property
    def phone(self) -> str:
        """As people read it."""
        try:
            return Phone.parse(self["phone"]).display()
        except InvalidInput:
            return self["phone"]
