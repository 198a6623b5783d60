"""Telephone numbers, kept in E.164 form."""

import re
from dataclasses import dataclass
from typing import Self

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from provisioner.errors import InvalidInput

_COUNTRY = "ID"
_LONGEST_TYPED = 40


@dataclass(frozen=True, repr=False)
class Phone:
    """A valid number, mobile or fixed, e.g. ``+6281234567890``."""

    e164: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number as typed; without a country code it is one of Indonesia.

        :raises InvalidInput: ``phone-invalid``.
        """
        if len(text) > _LONGEST_TYPED:
            raise InvalidInput("phone-invalid")
        typed = re.sub(r"[\s().\-]", "", text)
        # "62812..." without the plus is otherwise read as a fixed line of area 62.
        typed = re.sub(r"^(?:00)?62", "+62", typed)
        try:
            number = phonenumbers.parse(typed, _COUNTRY)
        except phonenumbers.NumberParseException:
            raise InvalidInput("phone-invalid") from None
        if not re.fullmatch(r"\+?[0-9]+", typed) or not phonenumbers.is_valid_number(number):
            raise InvalidInput("phone-invalid")
        return cls(phonenumbers.format_number(number, PhoneNumberFormat.E164))

    def __repr__(self) -> str:
        return f"Phone({self.masked()})"

    def __str__(self) -> str:
        return self.masked()

    def masked(self) -> str:
        """Only the last three digits."""
        return "•" * (len(self.e164) - 3) + self.e164[-3:]

    def display(self) -> str:
        """As people in Indonesia write it, e.g. ``0812-3456-7890``; with the country code where it is another one."""
        number = phonenumbers.parse(self.e164)
        at_home = phonenumbers.region_code_for_number(number) == _COUNTRY
        return phonenumbers.format_number(
            number, PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
        )

    @property
    def is_mobile(self) -> bool:
        """Whether it can be a mobile number."""
        mobile = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
        return phonenumbers.number_type(phonenumbers.parse(self.e164)) in mobile

    @property
    def whatsapp(self) -> str | None:
        """The number as ``https://wa.me/`` wants it, digits only; None for a fixed line."""
        return self.e164.lstrip("+") if self.is_mobile else None
