"""Attribute templates of the settings: ``"{full_name}, {position}"`` is text with fields of a person's profile."""

from collections.abc import Mapping, Set
from dataclasses import fields
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator

from provisioner.connector import Profile

PROFILE_FIELDS = frozenset(each.name for each in fields(Profile))


class Template:
    """One template. Values are put in as they are: nothing in a person's data is ever read as template text.

    :raises ValueError: a brace is unmatched, a field is unknown, or a field carries an index, conversion or format.
    """

    def __init__(self, text: str, known: Set[str] = PROFILE_FIELDS) -> None:
        self._parts: list[tuple[str, str | None]] = []
        for literal, name, form, conversion in Formatter().parse(text):
            if name is not None and (name not in known or form or conversion):
                raise ValueError(f"unknown field in template {text!r}; known are {', '.join(sorted(known))}")
            self._parts.append((literal, name))
        self.fields = frozenset(name for _, name in self._parts if name is not None)
        alone = len(self._parts) == 1 and not self._parts[0][0]
        self.sole_field = self._parts[0][1] if alone else None
        """The field when the template is nothing but that field, so that a stored value can be read back as it."""

    def render(self, values: Mapping[str, str]) -> str:
        """Put the values in.

        :raises KeyError: a field of the template has no value.
        """
        return "".join(literal + (values[name] if name is not None else "") for literal, name in self._parts)


def _checked(text: str) -> str:
    Template(text)
    return text


TemplateText = Annotated[str, AfterValidator(_checked)]
"""A setting that holds a template of profile fields."""
