"""What somebody typed, and what is to be said about each field. The core decides what is acceptable, not this file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flask import request
from werkzeug.datastructures import MultiDict

from provisioner.errors import InvalidInput
from web.errors import field_text

PASSWORDS = frozenset({"password", "old", "new", "again", "passphrase"})
"""Names that our forms give to fields of passwords."""


@dataclass
class Form:
    """A form as it stands: the values, errors that stop it, warnings that do not."""

    values: MultiDict[str, str] = field(default_factory=MultiDict, repr=False)
    errors: dict[str, list[str]] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    @classmethod
    def empty(cls, **values: str | None) -> "Form":
        """A form nobody has sent, with what it starts with."""
        return cls(MultiDict({name: value for name, value in values.items() if value is not None}))

    @classmethod
    def sent(cls) -> "Form":
        """The form of this request. Blanks around values are dropped, but never those of a password."""
        pairs = request.form.items(multi=True)
        return cls(MultiDict((name, value if name in PASSWORDS else value.strip()) for name, value in pairs))

    def value(self, name: str) -> str:
        """The (first) value; empty if there is none."""
        return self.values.get(name, "")

    def all(self, name: str) -> list[str]:
        """Every value, for check boxes."""
        return self.values.getlist(name)

    def number(self, name: str) -> int:
        """A value that our own pages send along, such as a revision; -1 for what no page of ours sends."""
        text = self.value(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1

    def refuse(self, error: InvalidInput, **names: str) -> "Form":
        """Take over what the core says is wrong. An error without fields stands at the top, under no field.

        ``names``: what this page calls a field of the core, where two of its forms would have the same one.
        """
        for name, codes in error.fields.items():
            self.errors.setdefault(names.get(name, name), []).extend(field_text(code) for code in codes)
        if not error.fields:
            self.errors.setdefault("isi", []).append(field_text(error.code, error.data))
        return self

    def warn(self, fields: Mapping[str, Sequence[str]]) -> "Form":
        """Take over what the core finds odd; it does not stop anything."""
        for name, codes in fields.items():
            self.warnings.setdefault(name, []).extend(field_text(code) for code in codes)
        return self

    def learn(self, name: str, label: str) -> str:
        """The templates tell each field's label as they draw it, so that the summary can name it. Answers nothing."""
        self.labels[name] = str(label)
        return ""

    def problems(self) -> Iterator[tuple[str, str, str]]:
        """(field, label, text) of every error, in the order of the fields; the label is empty for no field."""
        order = {name: place for place, name in enumerate(self.labels)}
        for name in sorted(self.errors, key=lambda name: order.get(name, -1)):
            for text in self.errors[name]:
                yield name, self.labels.get(name, ""), text
